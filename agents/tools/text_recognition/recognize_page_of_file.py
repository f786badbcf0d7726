"""Recognizes the text of scanned pages and of photos, or says what that would need."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Concatenate, NamedTuple

from agents.bounded_read import bounded
from agents.tesseract_detection import ADDS, PACKAGE, chosen_languages, installed_languages, tesseract
from agents.tools.text_recognition.recognize_with_tesseract import recognized
from agents.tools.text_recognition.recognized_lines import told

MISSING = (
    f"Tesseract, which isn't installed on this host, would read {ADDS}. The person who runs it can install {PACKAGE} "
    "and the packages for the languages, e.g. tesseract-ocr-deu"
)
"""One sentence without its full stop."""
_HOW = (
    "each line begins with its position, in percent of the width from the left and of the height from the top; check "
    "figures with look_at, and name the place as the locator of what you use"
)


class RecognizedPage(NamedTuple):
    """What to say of a picture's text, and whether it has any."""

    words: str
    found: bool


async def recognized_page(
    draw: Callable[Concatenate[bytes, str, ...], bytes],
    content: bytes,
    path: str,
    *,
    page: int,
    languages: Sequence[str],
    how: bool = True,
) -> RecognizedPage | None:
    """Returns the text of the picture that `draw` makes, labeled as recognized; None without Tesseract.

    `how`: say how to read the lines.
    """
    program = tesseract()
    if program is None:
        return None
    spoken = chosen_languages(await asyncio.to_thread(installed_languages, program), languages)
    text = await recognized(await bounded(draw, content, path, page=page), program=program, languages=spoken)
    if text is None:
        return RecognizedPage("[Tesseract couldn't read the picture; look_at shows it]", found=False)
    if not text.lines:
        return RecognizedPage("[Tesseract found no text in the picture; look_at shows it]", found=False)
    head = f"recognized by Tesseract ({'+'.join(spoken)}), {text.sure}% confidence on average"
    return RecognizedPage(f"[{head}{f'; {_HOW}' if how else ''}]\n{told(text)}", found=True)
