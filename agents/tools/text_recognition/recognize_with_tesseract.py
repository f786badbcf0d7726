"""Recognizes the text of pictures with Tesseract."""

import asyncio
import io
import re
from collections.abc import Sequence

from PIL import Image

from agents.tools.run_on_file import run_on_file
from agents.tools.text_recognition.recognized_lines import RecognizedText, recognized_text, recognized_words

_SLOWEST = 30.0
_ONE_THREAD = ("/usr/bin/env", "OMP_THREAD_LIMIT=1")
_ANY_TEXT = "11"
"""Tesseract's mode that finds text anywhere: those that look for columns lose the amounts of a receipt."""
_DOUBTFUL, _FEW = 65, 8
"""Below this, the page may be on its side: percent, and words."""
_TURN = re.compile(r"Rotate: (90|180|270)")


async def recognized(picture: bytes, *, program: str, languages: Sequence[str]) -> RecognizedText | None:
    """Returns the text of a prepared picture; None if Tesseract fails or takes longer than 30 seconds."""
    text, words = await _read(picture, program, languages)
    if text is not None and (text.sure < _DOUBTFUL or words < _FEW):
        turned = await _upright(picture, program)
        if turned is not None:
            again, _ = await _read(turned, program, languages)
            if again is not None and again.sure > text.sure:
                return again
    return text


async def _read(picture: bytes, program: str, languages: Sequence[str]) -> tuple[RecognizedText | None, int]:
    tsv = await _run(picture, program, "-l", "+".join(languages), "--psm", _ANY_TEXT, "tsv", ending=".tsv")
    if tsv is None:
        return None, 0
    words = recognized_words(tsv)
    width, height = await asyncio.to_thread(_size, picture)
    return recognized_text(words, width, height), len(words)


async def _upright(picture: bytes, program: str) -> bytes | None:
    """Returns the picture turned as Tesseract says; None if it's upright or Tesseract can't say."""
    said = await _run(picture, program, "--psm", "0", ending=".osd")
    turn = _TURN.search(said or "")
    return await asyncio.to_thread(_turned, picture, int(turn[1])) if turn else None


async def _run(picture: bytes, program: str, *how: str, ending: str) -> str | None:
    # One thread: several read no faster than one, and agents work in parallel. Tesseract adds the ending itself.
    made = await run_on_file(
        picture,
        (".png", ending),
        lambda source, target: (*_ONE_THREAD, program, str(source), str(target.with_suffix("")), *how),
        limit=_SLOWEST,
    )
    return None if made is None else made.decode("utf-8", "replace")


def _size(picture: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(picture)) as image:
        return image.size


def _turned(picture: bytes, clockwise: int) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.rotate(-clockwise, expand=True).save(out, "PNG", compress_level=1)
    return out.getvalue()
