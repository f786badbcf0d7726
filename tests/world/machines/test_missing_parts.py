"""Each optional part that is missing is one sentence with its package: at the start, in `doctor`, and in the answer."""

import subprocess
from pathlib import Path

import pytest

from agents.tools.git import scripts
from agents.tools.shell.failure_advice import advice
from bot.bootstrap import missing_browser_libraries
from bot.bootstrap.run_single_tools import OpenTools
from bot.config.settings import Settings
from bot.doctor import optional_parts, program_checks
from bot.platforms import load
from orchestrator.domain.events import ToolReturned
from orchestrator.domain.model_messages import Reply
from orchestrator.errors import NotFound
from orchestrator.ledger.file_shelf import FolderShelf
from tests.memory_hub import ScriptedModel, ToyHost, say, stage
from tests.scenarios.error_fixtures import plan, row
from tests.world.machines.troubles import trouble

PACKAGES = {
    "browser": ["chromium-headless-shell"],
    "office": ["libreoffice-writer", "libreoffice-calc", "libreoffice-impress", "python3-uno"],
    "sandbox": ["bubblewrap"],
    "fonts": [
        "fontconfig",
        "fonts-crosextra-carlito",
        "fonts-crosextra-caladea",
        "fonts-liberation",
        "fonts-dejavu-core",
    ],
    "git": ["git"],
    "scans": ["tesseract-ocr"],
}
GIT = "Git isn't installed"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a machine without any program."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return load(environment={}, home=tmp_path / "home")


@pytest.mark.parametrize("part", PACKAGES)
@trouble("an optional part is missing")
def test_the_start_names_the_package_of_each_part_in_one_line(bare: Settings, part: str) -> None:
    lines = [line for line in optional_parts.optional(bare) if PACKAGES[part][0] in line]
    assert len(lines) == 1
    assert [name for name in PACKAGES[part] if name not in lines[0].partition(": install ")[2]] == []


@pytest.mark.parametrize("part", PACKAGES)
@trouble("an optional part is missing")
def test_doctor_names_all_packages_of_a_part_at_once(bare: Settings, part: str) -> None:
    rows = {
        "browser": lambda: program_checks.browser(bare),
        "office": program_checks.office,
        "sandbox": program_checks.sandbox,
        "fonts": program_checks.fonts,
        "git": program_checks.git,
        "scans": lambda: program_checks.scans(bare),
    }
    row = rows[part]()
    assert (row.name, row.level) == (part, "warn")
    assert [name for name in PACKAGES[part] if name not in row.next] == []


@trouble("an optional part is missing")
def test_all_that_a_browser_needs_is_named_at_once(bare: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """One was named, and after its installation the next one, and reading pages failed in between."""
    monkeypatch.setattr(missing_browser_libraries, "missing_packages", lambda: ("libatomic1",))
    (hint,) = optional_parts.browser_hints(bare)
    assert hint.endswith("install chromium or chromium-headless-shell and libatomic1.")
    assert program_checks.browser(bare).next.endswith("The browser also needs libatomic1.")


@pytest.mark.parametrize(("script", "code"), [("make.sh", scripts.REFUSED), ("check.sh", 0)])
@trouble("an optional part is missing")
def test_a_patch_without_git_is_not_called_a_bad_patch(bare: Settings, script: str, code: int) -> None:
    place = Path(scripts.__file__).with_name(script)
    done = subprocess.run(["/bin/bash", place, ".", "", "a.patch"], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert GIT in done.stdout
    assert done.stdout.count("\n") == 1


@trouble("an optional part is missing")
def test_a_shell_without_git_says_so_instead_of_recommending_it() -> None:
    words = advice("bash: line 1: git: command not found", failed=True, online=False)
    assert words == "git isn't installed on this host. The person who runs it can install git."


REFUSED = "Code can't run: the program 'bwrap' is missing. Install the package 'bubblewrap'."


@trouble("an optional part is missing")
async def test_who_tries_a_tool_that_the_host_lacks_reads_what_it_lacks(tmp_path: Path) -> None:
    shelf = FolderShelf(tmp_path / "shelf")
    tools = OpenTools(ToyHost(shelf, notices=(REFUSED,)), (), shelf, tmp_path)
    with pytest.raises(NotFound) as failed:
        await tools.run("run_shell", {})
    assert f"There's no tool 'run_shell' here. {REFUSED} The tools are" in str(failed.value)


@trouble("an optional part is missing")
async def test_an_agent_that_calls_a_tool_that_the_host_lacks_reads_the_same(tmp_path: Path) -> None:
    lines = [say(run_shell={"command": "ls"}), say(read_findings={}), Reply(text="Nothing to do.")]
    async with stage(tmp_path, ScriptedModel({"plan": [plan(row("a"))], "a": lines})) as on:
        on.host.notices = (REFUSED,)
        task = await on.ask("Look around")
        await on.press_start(task)
        await on.until(task, lambda state: state.phase == "done")
        told = [r.event.result.text for r in await on.desk.records(task) if isinstance(r.event, ToolReturned)]
    assert told[0].startswith(f"There's no tool 'run_shell'. {REFUSED} Available tools: ")
