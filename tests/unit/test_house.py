"""The house itself: locks, names, sizes, and what lies in the environment."""

import ast
import re
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bot.doctor import import_name_conflicts
from orchestrator.errors import BadSettings

TOP = Path(__file__).parents[2]
LONG = {
    "bot/cli.py": "every command with its options, one after the other",
    "orchestrator/domain/events.py": "the closed union of everything that can happen reads in one place",
    "tests/acceptance/test_walk.py": "one walk, from the first word to the last file",
    "tests/discord_server/handlers.py": "one handler per route of the platform",
    "tests/scenarios/test_setup_slack.py": "every token, scope and switch that can be wrong, one after the other",
    "tests/conformance/test_engine.py": "one exam per port, over every implementation",
    "tests/conformance/test_ledger.py": "one exam per port, over every implementation",
    "tests/scenarios/test_discord_client.py": "the stories of one adapter share one strict server",
    "tests/scenarios/test_inbox.py": "the stories of the inbox share one crowd of people",
    "tests/scenarios/test_litellm.py": "every fault of a model server, one after the other",
    "tests/scenarios/test_outbox.py": "the stories of the outbox share one virtual time",
    "tests/scenarios/test_web.py": "the stories of the workspace share one room",
    "tests/scenarios/test_web_access.py": "every way in that must be closed, one after the other",
    "tests/unit/test_card_projection.py": "every state that a person can meet, one after the other",
}
"""Files of more than 300 lines, and why."""
STORIES = {
    "test_a_report_from_mention_to_approved_file": "one story, from top to bottom",
    "test_the_report_job_runs_whole_from_mention_to_file": "one story, from top to bottom",
}
"""Functions of more than sixty lines, and why."""
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-install.lock", "requirements-model.lock")
KNOWN_PTH = {"distutils-precedence.pth", "_virtualenv.pth", "_threadwork.pth", "_editable_impl_threadwork.pth"}


def sources() -> list[Path]:
    return [p for folder in ("bot", "orchestrator", "agents", "deploy", "tests") for p in (TOP / folder).rglob("*.py")]


def test_no_file_is_longer_than_three_hundred_lines_without_a_reason() -> None:
    long = {str(p.relative_to(TOP)) for p in sources() if len(p.read_text().splitlines()) > 300}
    assert long - LONG.keys() == set()


def test_no_function_is_longer_than_sixty_lines() -> None:
    long = [
        f"{path.relative_to(TOP)}:{node.lineno} {node.name}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 60
        and node.name not in STORIES
    ]
    assert long == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_packages_and_hashes_and_no_address(lock: str) -> None:
    lines = (TOP / lock).read_text().splitlines()
    shape = re.compile(r"[a-z0-9][a-z0-9._\[\]-]*==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not shape.fullmatch(line)] == []


def test_what_runs_is_what_the_locks_name() -> None:
    found = {d.metadata["Name"].lower().replace("_", "-"): d.version for d in metadata.distributions()}
    rows = [
        line.removesuffix(" \\") for lock in LOCKS for line in (TOP / lock).read_text().splitlines() if "==" in line
    ]
    wanted = [row for row in map(Requirement, rows) if row.marker is None or row.marker.evaluate()]
    assert [str(row) for row in wanted if row.name in found and found[row.name] not in row.specifier] == []


def test_litellm_is_pinned_to_the_version_that_was_examined() -> None:
    assert "litellm==1.106.2 \\" in (TOP / "requirements.lock").read_text().splitlines()


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="not in an environment of its own")
def test_nothing_in_the_environment_runs_by_itself_at_every_start() -> None:
    site = Path(sysconfig.get_path("purelib"))
    assert {path.name for path in site.glob("*.pth")} - KNOWN_PTH == set()


def test_no_other_package_owns_our_names() -> None:
    assert import_name_conflicts.clashes() == []


def test_a_package_that_owns_one_of_our_names_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "openai_agents-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: openai-agents\nVersion: 1\n")
    (info / "RECORD").write_text("agents/__init__.py,,\nopenai_agents-1.dist-info/METADATA,,\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(BadSettings, match="'openai-agents' also uses the import name 'agents'"):
        import_name_conflicts.check_names()


def test_the_ci_runs_exactly_the_test_command() -> None:
    assert (TOP / ".ci/run").read_text().splitlines()[-1] == "exec timeout 80m ./run test"


def test_an_old_python_can_still_read_the_run_file() -> None:
    ast.parse((TOP / "run").read_text(), feature_version=(3, 6))


def test_the_top_of_the_tree_is_what_a_newcomer_expects() -> None:
    """No package, note, or scratch file that was committed by accident."""
    listed = subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a clone that git reads here")
    assert {name.partition("/")[0] for name in listed.stdout.splitlines() if not name.startswith(".")} == {
        "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "README.md", "agents", "bot", "deploy", "orchestrator",
        "pyproject.toml", "requirements-dev.lock", "requirements-install.lock", "requirements-model.lock",
        "requirements.lock", "run", "skills", "tests",
    }  # fmt: skip
