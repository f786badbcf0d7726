"""Each optional part that is missing is one sentence with its package: at the start, in `doctor`, and in the answer."""

import subprocess
from pathlib import Path

import pytest

from agents.tools.git import scripts
from agents.tools.shell.failure_advice import advice
from bot.config.settings import Settings
from bot.doctor import optional_parts, program_checks
from bot.platforms import load
from tests.world.machines.troubles import trouble

PACKAGES = {
    "browser": ["chromium-headless-shell"],
    "office": ["libreoffice-writer", "libreoffice-calc", "libreoffice-impress", "python3-uno"],
    "sandbox": ["bubblewrap"],
    "fonts": ["fontconfig", "fonts-crosextra-carlito", "fonts-crosextra-caladea", "fonts-liberation"],
    "git": ["git"],
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
    }
    row = rows[part]()
    assert (row.name, row.level) == (part, "warn")
    assert [name for name in PACKAGES[part] if name not in row.next] == []


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
