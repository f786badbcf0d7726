"""Writes measured text into shapes; refuses what doesn't fit instead of making it unreadable."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.util import Pt

from agents.tools.office.inline_markup import spans
from agents.tools.slides import text_styles
from agents.tools.slides.spec import Point
from agents.tools.slides.text_measurement import text_size
from agents.tools.slides.theme import Theme
from orchestrator.domain.ids import FindingId
from orchestrator.errors import ToolFailed

_POINT = 12_700
SMALLEST = 12
"""Smallest readable size in points."""


class SlideWriting(NamedTuple):
    """What writing needs to know; `slide` is the slide's name in a refusal."""

    deck: Any
    theme: Theme
    numbers: Mapping[FindingId, int]
    slide: str


def write(
    pen: SlideWriting, shape: Any, points: Sequence[Point], what: str, *, least: int = 14, plain: bool = False
) -> None:
    """Writes the points as paragraphs of `shape`, at its own size or a little smaller.

    `least` is the smallest size of the first level; `plain` is for text without bullets. Raises ToolFailed if they
    don't fit.
    """
    frame = shape.text_frame
    frame.clear()
    for n, point in enumerate(points):
        paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
        paragraph.level = point.level - 1
        if plain:
            _unmarked(paragraph)
        speak(paragraph, point.text)
        cite(paragraph, pen.numbers, [FindingId(i) for i in point.findings])
    _fit(pen, shape, what, least)


def speak(paragraph: Any, text: str) -> None:
    """Text with **bold**, *italic* and links as runs."""
    for span in spans(" ".join(text.split())):
        run = paragraph.add_run()
        run.text = span.text
        run.font.bold = True if span.bold else None
        run.font.italic = True if span.italic else None
        if span.url:
            run.hyperlink.address = span.url


def cite(paragraph: Any, numbers: Mapping[FindingId, int], findings: Sequence[FindingId]) -> None:
    """Writes small raised numbers after the text, which refer to the Sources slide."""
    known = sorted({numbers[i] for i in findings if i in numbers})
    if known:
        run = paragraph.add_run()
        run.text = ",".join(map(str, known))
        run._r.get_or_add_rPr().set("baseline", "30000")


def tint(run: Any, colour: str) -> None:
    """Returns a color by its name in the theme (`ACCENT_1`) or as hex."""
    if colour.isupper() and "_" in colour:
        run.font.color.theme_color = getattr(MSO_THEME_COLOR, colour)
    else:
        run.font.color.rgb = RGBColor(*bytes.fromhex(colour))


def _fit(pen: SlideWriting, shape: Any, what: str, least: int) -> None:
    room = room_of(shape)
    looks = measured(pen, shape)
    natural = max(r.size for p in looks for r in p.runs)
    smallest = min(natural, least)
    size = text_size(looks, room[0])
    for step in range(1, 9):
        if size.height <= room[1] or natural - step * 2 < smallest:
            break
        resize(shape, looks, (natural - step * 2) / natural)
        size = text_size(measured(pen, shape), room[0])
    if size.height > room[1] + 1:
        over = size.height - room[1]
        line = size.height / max(1, size.lines)
        count = max(1, round(over / line + 0.49))
        raise ToolFailed(
            f"{pen.slide}: the {what} is {count} {'line' if count == 1 else 'lines'} too long "
            f"({over / 72:.1f} in). Shorten it, or split it across two slides."
        )


def measured(pen: SlideWriting, shape: Any) -> list[text_styles.Paragraph]:
    return text_styles.paragraphs(shape._element.txBody, text_styles.chain_of(shape, pen.deck), pen.theme)


def room_of(shape: Any) -> tuple[float, float]:
    """Width and height for text, in points."""
    left, top, right, bottom = text_styles.inset(shape)
    return shape.width / _POINT - left - right, shape.height / _POINT - top - bottom


def resize(shape: Any, looks: Sequence[text_styles.Paragraph], share: float) -> None:
    """Scales every run to that share of its size, in whole points, never below what can be read."""
    for paragraph, look in zip(shape.text_frame.paragraphs, looks, strict=True):
        for run, seen in zip(paragraph.runs, look.runs, strict=False):
            run.font.size = Pt(max(SMALLEST, round(seen.size * share)))


def _unmarked(paragraph: Any) -> None:
    """Removes bullet and indent, whatever the placeholder has."""
    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", "0")
    properties.set("indent", "0")
    properties.insert(0, properties.makeelement(f"{{{properties.nsmap['a']}}}buNone", {}))
