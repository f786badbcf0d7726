"""The import contracts hold, and each of them really fails when it is broken."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Collection, Mapping
from inspect import iscoroutinefunction
from pathlib import Path
from pkgutil import resolve_name

import grimp
import pytest

from agents.host.host_tools import OWN
from bot.terminal.command_table import WORK
from tests.long_tests import sampled

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).parent / "lint-imports"
CRIMES = {
    "The head knows nobody": ("orchestrator/policy_gate.py", "import bot.cards.card"),
    "Bot and agents meet only in bootstrap": (
        "bot/cards/card_projection.py",
        "import agents.conversation.updates_between_turns",
    ),
    "Agents see domain, ports and errors only": (
        "agents/conversation/updates_between_turns.py",
        "import orchestrator.task_event_logs",
    ),
    "Bot sees desk, domain, ports and errors only": ("bot/config/hub_lock.py", "import orchestrator.flows.conductor"),
    "What decides is pure": ("orchestrator/domain/fold.py", "import asyncio"),
    "Ledgers are strangers to each other": ("orchestrator/ledger/memory.py", "import orchestrator.ledger.sqlite"),
    "Tools are strangers to each other": ("agents/tools/files/tools.py", "import agents.tools.shell.tools"),
    "Searches are strangers to each other": ("agents/search/brave.py", "import agents.search.tavily"),
    "Models are strangers to each other": ("agents/models/litellm_model.py", "import agents.models.rehearsal.model"),
    "Platforms are strangers to each other": ("bot/slack/__init__.py", "import bot.web.summaries"),
    "No import cycles": ("orchestrator/ports.py", "import orchestrator.desk"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(LINT), "--config", "pyproject.toml", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in ("bot", "orchestrator", "agents"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_every_arrow_holds(copy: Path) -> None:
    found = lint(copy)
    assert found.returncode == 0, found.stdout[-3000:]


@pytest.mark.parametrize("contract", sampled(list(CRIMES), 6))
def test_a_broken_arrow_is_seen(contract: str, copy: Path) -> None:
    name, line = CRIMES[contract]
    assert_seen(copy, contract, name, line)


PURE = ["orchestrator/domain/next_moves.py", "bot/cards/step_rows.py", "bot/buttons/press.py"]


@pytest.mark.parametrize("package", sampled(PURE, 3))
def test_a_pure_package_that_imports_asyncio_through_another_module_is_seen(package: str, copy: Path) -> None:
    assert "asyncio" in (copy / "orchestrator/task_event_logs.py").read_text()
    assert_seen(copy, "What decides is pure", package, "import orchestrator.task_event_logs")


def test_every_module_that_calls_itself_pure_is_held_to_it() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    held = next(c for c in contracts if c["name"] == "What decides is pure")
    assert held["allow_indirect_imports"] is False
    loose = [
        m for m in calling_themselves_pure() if not any(f"{m}.".startswith(f"{s}.") for s in held["source_modules"])
    ]
    assert loose == []


def calling_themselves_pure() -> list[str]:
    found: list[str] = []
    for package in ("bot", "orchestrator", "agents"):
        for file in (ROOT / package).rglob("*.py"):
            words = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
            if re.search(r"\bpure\b", words, re.IGNORECASE):
                found.append(".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    return found


def assert_seen(copy: Path, contract: str, name: str, line: str) -> None:
    file = copy / name
    before = file.read_text()
    try:
        file.write_text(f"{before}\n{line}\n")
        found = lint(copy)
        assert found.returncode == 1
        assert f"{contract} BROKEN" in found.stdout
    finally:
        file.write_text(before)


MOST_IN_A_CHAIN = 14
BY_NAME = {
    "agents.bounded_read_child": "the function that reads the file, named by the process that started it",
    "agents.connectors.sign_in_and_renewal": "the library of the connectors' protocol, as below",
    "agents.connectors.connectors": "the library of the connectors' protocol, which most hubs don't need",
    "agents.host.host_tools": "tools whose libraries are heavy, and those that the machine's owner names",
    "agents.models.litellm_import": "a heavy library",
    "agents.tools.office.libreoffice.uno_program": "LibreOffice's own library, which only its Python has",
    "agents.search.mcp": "the library of the connectors' protocol, as above",
    "bot.terminal.command_table": "what a command does",
    "bot.mcp_server.http_endpoint": "the library of the protocol, which most hubs don't need",
    "bot.platforms": "a platform's library",
}
"""Modules that load others by name, which no contract sees, and why."""


def test_no_chain_of_imports_is_long() -> None:
    chain = longest_chain(imports())
    assert len(chain) <= MOST_IN_A_CHAIN, " > ".join(chain)


def test_the_longest_chain_is_found() -> None:
    found = longest_chain({"a": ["b", "d"], "b": ["c"], "c": ["e"], "d": ["e"], "e": []})
    assert found == ("a", "b", "c", "e")


def imports() -> Mapping[str, Collection[str]]:
    """What each module of the product imports, in functions too; not what only the type checker reads."""
    graph = grimp.build_graph("bot", "orchestrator", "agents", exclude_type_checking_imports=True)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def longest_chain(imports: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    known: dict[str, tuple[str, ...]] = {}

    def below(module: str) -> tuple[str, ...]:
        if module not in known:
            known[module] = (module, *max((below(other) for other in sorted(imports[module])), key=len, default=()))
        return known[module]

    return max((below(module) for module in sorted(imports)), key=len)


def test_only_these_load_others_by_name() -> None:
    loads = re.compile(r"\b(resolve_name|import_module|__import__)\b")
    files = [file for package in ("bot", "orchestrator", "agents") for file in (ROOT / package).rglob("*.py")]
    found = {file for file in files if loads.search(file.read_text("utf-8"))}
    assert {".".join(file.relative_to(ROOT).with_suffix("").parts) for file in found} == set(BY_NAME)


@pytest.mark.parametrize("where", WORK.values())
def test_what_a_command_does_is_there(where: str) -> None:
    assert iscoroutinefunction(resolve_name(where))


@pytest.mark.parametrize("where", OWN.values())
def test_the_hosts_tools_are_there(where: str) -> None:
    assert resolve_name(where).__name__ == where
