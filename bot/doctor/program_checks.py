"""Checks the optional programs by starting each, as the agent host would."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bot.bootstrap import libreoffice_detection, missing_browser_libraries, tesseract_detection
from bot.config.health_check import HealthCheck
from bot.config.settings import Settings
from bot.doctor.optional_parts import FONTS, find_browser, lacking, listed, missing_fonts

_AS_HOST = "import sys; sys.path.append(sys.argv[1]); from agents.host.host_user_check import run; "
BATTERY = f"{_AS_HOST}run('agents.sandbox.__main__')"
_BROWSER = f"{_AS_HOST}run('agents.tools.browser.start_check', sys.argv[2], browser=sys.argv[2])"
_PACKAGES = Path(__file__).resolve().parents[2]


def browser(settings: Settings) -> HealthCheck:
    """Starts it with its driver, as the user that the agent host would be."""
    program = find_browser(settings)
    if program is None:
        then = "Install chromium-headless-shell (Debian) or Chrome, or set THREADWORK_BROWSER__PATH."
        if packages := missing_browser_libraries.missing_packages():
            then += f" The browser also needs {listed(packages)}."
        return HealthCheck("browser", "warn", "No browser was found, so agents can't read pages.", then)
    problem = _problem([sys.executable, "-I", "-c", _BROWSER, _PACKAGES, program], seconds=120)
    if problem:
        return HealthCheck("browser", "fail", f"{program}: {problem}")
    return HealthCheck("browser", "ok", f"{program} starts")


def office() -> HealthCheck:
    """Starts LibreOffice and looks for each of its parts, and for poppler."""
    program = libreoffice_detection.soffice()
    poppler = [] if shutil.which("pdftoppm") else ["poppler-utils"]
    if program is None:
        words = "LibreOffice is missing, so agents can't see the pages of documents, and formulas aren't computed."
        parts = (*libreoffice_detection.KINDS, libreoffice_detection.BRIDGE)
        return HealthCheck("office", "warn", words, _installing(parts, poppler))
    problem = _problem([program, "--version"], seconds=60)
    if problem:
        return HealthCheck("office", "fail", f"{program} doesn't start: {problem}")
    absent = [*libreoffice_detection.missing_kinds(program)]
    if _problem([libreoffice_detection.python_of(program), "-I", "-c", "import uno"], seconds=20):
        absent.append(libreoffice_detection.BRIDGE)
    if absent:
        return HealthCheck("office", "warn", f"{program} lacks {lacking(absent)}.", _installing(absent, poppler))
    if poppler:
        words = "pdftoppm is missing, so agents can't see the pages of documents."
        return HealthCheck("office", "warn", words, _installing((), poppler))
    return HealthCheck("office", "ok", f"{program} starts and stays running")


def _installing(parts: Sequence[libreoffice_detection.LibreOfficePart], others: Sequence[str]) -> str:
    return f"Install {listed([*(part.package for part in parts), *others])}."


def scans(settings: Settings) -> HealthCheck:
    """Looks for Tesseract and the languages that scans are read in."""
    program = tesseract_detection.tesseract()
    if program is None:
        words = f"Tesseract is missing; it reads {tesseract_detection.ADDS}."
        return HealthCheck("scans", "warn", words, f"Install {tesseract_detection.PACKAGE}.")
    there = tesseract_detection.installed_languages(program)
    absent = [name for name in settings.host.scan_languages if name not in there]
    if absent or not there:
        packages = [f"tesseract-ocr-{name.replace('_', '-')}" for name in absent or ("eng",)]
        words = f"{program} lacks the languages {listed(absent)}." if absent else f"{program} has no languages."
        return HealthCheck("scans", "warn", words, f"Install {listed(packages)}.")
    return HealthCheck("scans", "ok", f"{program} reads {listed(settings.host.scan_languages or there)}")


def sandbox() -> HealthCheck:
    """Tries to escape from it, with the host's own options and as the user that the agent host would be.

    An escape is a failure, because the host would still run code.
    """
    program = shutil.which("bwrap")
    refused = "so Python and shell commands are refused"
    if program is None:
        return HealthCheck("sandbox", "warn", f"bubblewrap is missing, {refused}.", "Install the package bubblewrap.")
    problem, said = _ran([sys.executable, "-I", "-c", BATTERY, _PACKAGES], seconds=120)
    if problem:
        return HealthCheck("sandbox", "warn", f"{program}: the escape attempts couldn't run: {problem}")
    found = json.loads(said)
    alone = ", as an unprivileged user, because root proves nothing" if os.geteuid() == 0 else ""
    took = f"({found['seconds']} s{alone})"
    words = f"{program}: of {found['tried']} escape attempts,"
    if found["out"]:
        then = "Stop threadwork, update bubblewrap, and run doctor again. Until then, don't let agents run code here."
        return HealthCheck("sandbox", "fail", f"{words} these succeeded {took}: {found['out']}", then)
    return HealthCheck("sandbox", "ok", f"{words} none succeeded {took}")


def fonts() -> HealthCheck:
    """Looks for the fonts that documents are shown with."""
    missing = missing_fonts()
    if missing:
        return HealthCheck("fonts", "warn", "Pictures of documents use other fonts.", f"Install {listed(missing)}.")
    return HealthCheck("fonts", "ok", ", ".join(FONTS))


def git() -> HealthCheck:
    program = shutil.which("git")
    if program is None:
        return HealthCheck("git", "warn", "git is missing, so agents can't work with repositories.", "Install git.")
    return HealthCheck("git", "ok", program)


class _Ran(NamedTuple):
    """Returns what went wrong with a program, from its last output (empty if it ended well), and all it printed."""

    problem: str
    said: str = ""


def _problem(command: Sequence[str | Path], *, seconds: float) -> str:
    return _ran(command, seconds=seconds).problem


def _ran(command: Sequence[str | Path], *, seconds: float) -> _Ran:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, cwd="/", check=False
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return _Ran(f"no response within {seconds:.0f} s")
    except OSError as error:
        return _Ran(error.strerror or str(error))
    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
    problem = "" if done.returncode == 0 else last[0] if last else f"exit code {done.returncode}"
    return _Ran(problem, done.stdout.decode(errors="replace").strip())
