"""A browser that is installed and doesn't start: what is missing is named, and `doctor` finds it too."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import missing_browser_libraries
from agents.browser_start_failures import because
from agents.tools.browser.chromium import Chromium
from bot.doctor import program_checks
from bot.platforms import load
from orchestrator.errors import ToolFailed
from tests.host_fixtures import open_folder
from tests.world.machines.troubles import trouble

SAID = {
    "node: error while loading shared libraries: libatomic.so.1: cannot open shared object file": "Install libatomic1.",
    "[pid=9][err] chrome: error while loading shared libraries: libnss3.so: cannot open": "chromium-headless-shell.",
    "Target page has been closed\nBrowser logs:\nChromium sandboxing failed!\n": "Install chromium-sandbox",
    "BrowserType.launch: Executable doesn't exist at /root/.cache/x": "it isn't installed",
    "BrowserType.launch: Failed to launch chromium because executable doesn't exist at /x": "it isn't installed",
    "BrowserType.launch: ENOENT: no such file or directory, mkdtemp '/x/playwright-artifacts'": "missing or isn't writ",
    "BrowserType.launch: ENOSPC: no space left on device, mkdtemp '/x/playwright-artifacts'": "is full. Free some",
    "BrowserType.launch: EROFS: read-only file system, mkdtemp '/x/playwright-artifacts'": "isn't writable",
    "BrowserType.launch: spawn /opt/chrome EACCES": "may not run the browser",
}
LACKING = "#!/bin/sh\necho 'x: error while loading shared libraries: libatomic.so.1: cannot open' >&2\nexit 127\n"
SENTENCE = "The browser couldn't be started: the library 'libatomic.so.1' is missing. Install libatomic1."


@pytest.mark.parametrize("said", SAID)
@trouble("a part needs a part that nobody named")
def test_the_reason_and_the_next_step_are_in_one_sentence(said: str) -> None:
    words = because(said)
    assert SAID[said] in words
    assert words.count(". ") == 1 and words.endswith(".")


@trouble("a kernel's rule forbids what another machine allows")
def test_ubuntus_rule_is_named_with_the_command_for_this_very_browser() -> None:
    said = "closed\nCall log:\n  - <launching> /opt/ours/chrome --headless\n  - [err] No usable sandbox! If you are"
    words = because(said, apparmor=True)
    assert "profile threadwork-browser /opt/ours/chrome flags=(unconfined) { userns, }" in words
    assert words.endswith("sudo apparmor_parser -r /etc/apparmor.d/threadwork-browser`.")
    assert "Install chromium-sandbox" in because(said)


@trouble("a part needs a part that nobody named")
def test_nothing_is_claimed_about_a_browser_that_nobody_understands() -> None:
    assert because("BrowserType.launch: Timeout 180000ms exceeded.") == ""


@pytest.fixture
def program() -> Iterator[Path]:
    with open_folder() as folder:
        program = folder / "lacking"
        program.write_text(LACKING)
        program.chmod(0o755)
        yield program


@pytest.mark.parametrize("lacking", ["driver", "browser"])
@trouble("a part needs a part that nobody named")
async def test_a_library_that_is_missing_is_named_by_the_tool(
    program: Path, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    if lacking == "driver":
        monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(program))
    browser = Chromium(str(program), as_root=os.geteuid() == 0)
    try:
        with pytest.raises(ToolFailed) as failed:
            await browser.get()
    finally:
        await browser.close()
    assert str(failed.value) == SENTENCE


@trouble("a part needs a part that nobody named")
def test_a_missing_library_is_noticed_without_starting_anything() -> None:
    assert missing_browser_libraries.missing_packages({"libc.so.6": "libc6", "libnever.so.1": "libnever1"}) == (
        "libnever1",
    )


@trouble("a trial with other options than the real run proves nothing")
def test_doctor_starts_the_browser_as_the_agent_host_does(program: Path) -> None:
    """It used to start it alone: as root, without the driver, and without the browser's own sandbox."""
    settings = load(environment={"THREADWORK_BROWSER__PATH": str(program)}, home=program.parent / "home")
    row = program_checks.browser(settings)
    assert (row.level, row.words) == ("fail", f"{program}: {SENTENCE}")
