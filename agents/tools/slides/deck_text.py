"""Reads decks as text, including those made by people."""

from collections.abc import Iterator
from typing import Any

from agents.tool import clipped
from agents.tools.slides.shapes import flat, furniture, said
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_LONGEST_CELL, _MOST_ROWS = 300, 60


def deck_text(deck: Any, path: str, first: int, last: int | None) -> str:
    """Returns the slides from `first` to `last` with all their text. Raises ToolFailed if there is no such slide."""
    count = len(deck.slides)
    if count and not 1 <= first <= count:
        raise ToolFailed(f"{path!r} has {counted(count, 'slide')}; there's no slide {first}.")
    wide, high = deck.slide_width / 914_400, deck.slide_height / 914_400
    layouts = ", ".join(repr(layout.name) for layout in deck.slide_layouts)
    head = f"{path}: {counted(count, 'slide')}, {wide:.2f} x {high:.2f} in. Layouts: {layouts}."
    chosen = [(n, s) for n, s in enumerate(deck.slides, 1) if first <= n <= (last or count)]
    return clipped("\n\n".join([head, *("\n".join(_slide(n, s)) for n, s in chosen)]))


def _slide(number: int, slide: Any) -> Iterator[str]:
    hidden = ", hidden" if slide._element.get("show") == "0" else ""
    yield f"[slide {number}, layout {slide.slide_layout.name!r}{hidden}]"
    for shape in (piece.shape for piece in flat(slide.shapes) if not furniture(piece.shape)):
        yield from _shape(shape)
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None and frame.text.strip():
        yield f"Notes: {frame.text.strip()}"


def _shape(shape: Any) -> Iterator[str]:
    alt = shape._element.xpath(".//p:cNvPr/@descr")
    if getattr(shape, "has_table", False) and shape.has_table:
        rows = list(shape.table.rows)
        for row in rows[:_MOST_ROWS]:
            yield "| " + " | ".join(_cell(c) for c in row.cells) + " |"
        if len(rows) > _MOST_ROWS:
            yield f"… and {counted(len(rows) - _MOST_ROWS, 'more row')}"
    elif getattr(shape, "has_chart", False) and shape.has_chart:
        yield from _chart(shape.chart)
    elif shape.shape_type is not None and "PICTURE" in str(shape.shape_type) and not shape.has_text_frame:
        yield f"[picture: {alt[0] if alt else 'no description'}]"
    elif shape.has_text_frame:
        for paragraph in shape.text_frame.paragraphs:
            if text := said(paragraph, marks=True):
                title = shape.is_placeholder and "TITLE" in str(shape.placeholder_format.type)
                yield f"# {text}" if title else f"{'  ' * paragraph.level}- {text}"


def _cell(cell: Any) -> str:
    return " ".join(said(p, marks=True) for p in cell.text_frame.paragraphs)[:_LONGEST_CELL]


def _chart(chart: Any) -> Iterator[str]:
    try:
        kind = chart.chart_type
        labels = [str(c) for c in chart.plots[0].categories]
        rows = [(s.name, list(s.values)) for plot in chart.plots for s in plot.series]
    except (NotImplementedError, ValueError, IndexError, AttributeError) as error:
        yield f"[unreadable chart: {error}]"
        return
    yield f"[chart {getattr(kind, 'name', kind)}]"
    yield "| | " + " | ".join(name for name, _ in rows) + " |"
    for n, label in enumerate(labels[:_MOST_ROWS]):
        values = ["" if n >= len(v) or v[n] is None else f"{v[n]:g}" for _, v in rows]
        yield f"| {label} | " + " | ".join(values) + " |"
