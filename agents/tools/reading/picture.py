"""Describes a picture, and reads the text in it if Tesseract is installed."""

from collections.abc import Sequence

from agents.bounded_read import bounded
from agents.pdf_reading.page_ranges import chosen
from agents.tools.heic_photo import decodable, is_heic
from agents.tools.picture_facts import PictureFacts, picture_facts
from agents.tools.text_recognition.pictures_for_tesseract import picture_scan
from agents.tools.text_recognition.recognize_page_of_file import MISSING, recognized_page
from orchestrator.domain.plural import counted

_MOST_PAGES = 6
"""Pages read per answer; each takes seconds."""


async def text(content: bytes, path: str, pages: str, languages: Sequence[str]) -> str:
    """Returns format and size, no camera metadata, and the text in it. Raises ToolFailed for a damaged picture."""
    heic = is_heic(content)
    content = await decodable(content, path)
    facts = PictureFacts.model_validate_json(await bounded(picture_facts, content, path))
    facts = facts.model_copy(update={"format": "HEIC"}) if heic else facts
    head = _words(facts, path)
    wanted = chosen(pages, facts.frames, path) if pages or not facts.moving else [1]
    parts: list[str] = []
    for number in wanted[:_MOST_PAGES]:
        read = await recognized_page(
            picture_scan, content, path, page=number, languages=languages, how=number == wanted[0]
        )
        if read is None:
            return f"{head} {MISSING}; until then, if you can't see pictures, ask the person what it shows."
        parts.append(f"[page {number}]\n{read.words}" if facts.frames > 1 else read.words)
    left = wanted[_MOST_PAGES:]
    if left:
        parts.append(f"[{counted(len(left), 'more page')}; continue with pages='{left[0]}-{left[-1]}']")
    return "\n\n".join([head, *parts])


def _words(facts: PictureFacts, path: str) -> str:
    several = f", {counted(facts.frames, 'frame' if facts.moving else 'page')}" if facts.frames > 1 else ""
    return (
        f"{path}: {facts.format} picture, {facts.width} x {facts.height} pixels, {'gray' if facts.grey else 'color'}"
        f"{several}. look_at shows it."
    )
