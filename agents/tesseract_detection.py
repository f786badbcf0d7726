"""Finds Tesseract on this machine and the languages that it can read."""

import re
import shutil
import subprocess
from collections.abc import Collection

PACKAGE = "tesseract-ocr"
ADDS = "text and figures, with their positions, from scans and photos"
"""What Tesseract would add, as the end of a sentence."""
_LANGUAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(/[A-Za-z0-9_]+)?")
_SLOWEST = 20


def tesseract() -> str | None:
    """Returns where Tesseract is, or None."""
    return shutil.which("tesseract")


def installed_languages(program: str) -> tuple[str, ...]:
    """Returns the languages that are installed, as Tesseract names them; empty if it doesn't start. Blocks."""
    try:
        told = subprocess.run(
            [program, "--list-langs"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SLOWEST
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    names = (line.strip() for line in (told.stdout + told.stderr).splitlines())
    return tuple(sorted(name for name in names if _LANGUAGE.fullmatch(name) and name not in ("osd", "equ")))


def chosen_languages(installed: Collection[str], wanted: Collection[str]) -> tuple[str, ...]:
    """Returns the wanted languages that are installed, in that order; without any, all installed ones.

    Tesseract trusts the first most. English comes first because it takes no decimal points for commas.
    """
    return tuple(name for name in wanted if name in installed) or tuple(sorted(installed, key=lambda n: n != "eng"))
