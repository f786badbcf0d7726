"""Lists which optional parts this machine lacks, and what each would add. Fast: starts nothing that takes long."""

import shutil
import subprocess
import sys
from collections.abc import Sequence

from bot.bootstrap import libreoffice_detection, missing_browser_libraries, tesseract_detection
from bot.config.command_name import next_step
from bot.config.settings import Settings, browser_names

FONTS = {
    "Carlito": "fonts-crosextra-carlito",
    "Caladea": "fonts-crosextra-caladea",
    "Liberation": "fonts-liberation",
    "DejaVu": "fonts-dejavu-core",
}
"""What documents are shown with. DejaVu replaces every font that isn't installed; without it, another of these would,
and nobody could tell which font was missing."""


def optional(settings: Settings) -> tuple[str, ...]:
    """Lists what is missing and what it would add; fast enough for every start. Blocks."""
    fonts = missing_fonts()
    missing = (
        (settings.models.chosen is None, "No model is set, so the rehearsal is used. For real work, run "
         f"`{next_step('init')}`, or set OPENAI_API_KEY or ANTHROPIC_API_KEY."),
        *((True, words) for words in browser_hints(settings)),
        *((True, words) for words in office_hints()),
        (tesseract_detection.tesseract() is None,
         f"Tesseract is missing. It reads {tesseract_detection.ADDS}: install {tesseract_detection.PACKAGE} and the "
         "packages for your languages, e.g. tesseract-ocr-deu."),
        (settings.search.chosen is None, settings.search.problem or "No web search is set up. To let agents find "
         "pages on their own, set SEARXNG_URL, BRAVE_API_KEY, or TAVILY_API_KEY."),
        (sys.platform == "linux" and shutil.which("bwrap") is None, "bubblewrap is missing. Agents need it to run "
         "Python and shell commands in a sandbox: install bubblewrap."),
        (shutil.which("git") is None, "git is missing. Agents need it to work with repositories: install git."),
        (bool(fonts), f"Fonts are missing, so pictures of documents use others: install {listed(fonts)}."),
    )  # fmt: skip
    return tuple(words for lacks, words in missing if lacks)


def find_browser(settings: Settings) -> str | None:
    """Returns the browser to use: the setting, else the first one on the PATH."""
    if settings.browser.path is not None:
        return str(settings.browser.path)
    return next((found for name in browser_names() if (found := shutil.which(name))), None)


def browser_hints(settings: Settings) -> list[str]:
    """Says in one line what must be installed before the browser can start; fast."""
    packages = missing_browser_libraries.missing_packages()
    if find_browser(settings) is None:
        names = listed(["chromium or chromium-headless-shell", *packages])
        return [f"No browser was found. Agents need one to read web pages: install {names}."]
    return [f"The browser can't start without a library: install {listed(packages)}."] if packages else []


def office_hints() -> list[str]:
    """Lists the missing parts of LibreOffice and poppler, and what each would add; fast."""
    program = libreoffice_detection.soffice()
    absent = (
        (*libreoffice_detection.KINDS, libreoffice_detection.BRIDGE)
        if program is None
        else libreoffice_detection.missing_files(program) or ()
    )
    packages = listed([part.package for part in absent])
    hints: list[str] = []
    if program is None:
        hints.append("LibreOffice is missing. Agents need it to check documents, compute formulas, and show pages: "
                     f"install {packages}.")  # fmt: skip
    elif absent:
        hints.append(f"LibreOffice lacks {lacking(absent)}: install {packages}.")
    if shutil.which("pdftoppm") is None:
        hints.append("pdftoppm is missing. Agents need it to turn documents into pictures: install poppler-utils.")
    return hints


def missing_fonts() -> list[str]:
    """Returns the packages of the fonts that aren't installed; all of them if nothing can tell."""
    program = shutil.which("fc-list")
    if program is None:
        return ["fontconfig", *FONTS.values()]
    command = [program, ":", "family"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [package for family, package in FONTS.items() if family not in told]


def listed(parts: Sequence[str]) -> str:
    """Returns them as words; empty if there are none."""
    *first, last = parts or ("",)
    return f"{', '.join(first)} and {last}" if first else last


def lacking(parts: Sequence[libreoffice_detection.LibreOfficePart]) -> str:
    """Describes the parts and what each is for."""
    return listed([f"{part.name} (for {part.purpose})" for part in parts])
