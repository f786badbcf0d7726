"""The import contracts hold, and each of them really fails when it is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).parent / "lint-imports"
CRIMES = {
    "The head knows nobody": ("orchestrator/gate.py", "import bot.cards.card"),
    "Bot and agents meet only in bootstrap": ("bot/cards/project.py", "import agents.conversation.news"),
    "Agents see domain, ports and errors only": ("agents/conversation/news.py", "import orchestrator.task_logs"),
    "Bot sees desk, domain, ports and errors only": ("bot/config/hub_lock.py", "import orchestrator.flows.task"),
    "What decides is pure": ("orchestrator/domain/fold.py", "import asyncio"),
    "Ledgers are strangers to each other": ("orchestrator/ledger/memory.py", "import orchestrator.ledger.sqlite"),
    "Tools are strangers to each other": ("agents/tools/files/tools.py", "import agents.tools.shell.tools"),
    "Searches are strangers to each other": ("agents/search/brave.py", "import agents.search.tavily"),
    "Models are strangers to each other": ("agents/models/vendor.py", "import agents.models.rehearsal.model"),
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


@pytest.mark.parametrize("contract", list(CRIMES))
def test_a_broken_arrow_is_seen(contract: str, copy: Path) -> None:
    name, line = CRIMES[contract]
    file = copy / name
    before = file.read_text()
    try:
        file.write_text(f"{before}\n{line}\n")
        found = lint(copy)
        assert found.returncode == 1
        assert f"{contract} BROKEN" in found.stdout
    finally:
        file.write_text(before)
