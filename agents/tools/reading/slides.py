"""Reads the text of a presentation, slide by slide."""

import io
import re
from typing import Any
from zipfile import BadZipFile

from pptx import Presentation
from pptx.exc import PythonPptxError

from agents.tools.office import unsafe_files, zip_package
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_TYPES = re.compile(rb"application/[\w.-]+?(?:template|slideshow|macroEnabled)\.main\+xml")
_SLIDES = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"


def text(content: bytes, path: str) -> str:
    """Returns titles as headings, texts, tables as rows, notes. Raises ToolFailed if it isn't a presentation."""
    kind = unsafe_files.looked_at(content, path)
    if "slides" not in kind:
        raise ToolFailed(f"{path!r} isn't a presentation but {kind}. Use the tool for that type.")
    parts = zip_package.parts(content, path)
    kinds = _TYPES.sub(_SLIDES, parts.get("[Content_Types].xml", b""))
    try:
        deck: Any = Presentation(io.BytesIO(zip_package.pack({**parts, "[Content_Types].xml": kinds})))
        pages = [_slide(n, slide) for n, slide in enumerate(deck.slides, 1)]
    except (BadZipFile, PythonPptxError, KeyError, ValueError, SyntaxError, AttributeError) as error:
        raise ToolFailed(f"{path!r} can't be read as a presentation ({error}). Ask for it again.") from error
    return f"{path}: {counted(len(pages), 'slide')}.\n\n" + "\n\n".join(pages)


def _slide(number: int, slide: Any) -> str:
    title = slide.shapes.title
    head = f"## Slide {number}: {' '.join(title.text.split())}" if title is not None else f"## Slide {number}"
    said = [words for shape in slide.shapes if shape != title for words in _shape(shape)]
    notes = slide.notes_slide.notes_text_frame.text.strip() if slide.has_notes_slide else ""
    return "\n".join([head, *said, *([f"[notes] {notes}"] if notes else [])])


def _shape(shape: Any) -> list[str]:
    if shape.shape_type == 6:  # a group
        return [words for inner in shape.shapes for words in _shape(inner)]
    if shape.has_table if hasattr(shape, "has_table") else False:
        return ["| " + " | ".join(" ".join(c.text.split()) for c in row.cells) + " |" for row in shape.table.rows]
    if getattr(shape, "has_chart", False):
        return [f"[chart: {', '.join(str(p.name) for p in shape.chart.series)}]"]
    if not shape.has_text_frame:
        return []
    return [f"{'  ' * p.level}- {p.text.strip()}" for p in shape.text_frame.paragraphs if p.text.strip()]
