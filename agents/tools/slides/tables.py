"""Draws native tables: fitted widths, light rules, right-aligned figures."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Pt

from agents.tools.slides.font_metrics import face
from agents.tools.slides.layout_match import Area
from agents.tools.slides.text_measurement import lines_of, words_width
from agents.tools.slides.text_writer import SlideWriting, cite, speak, tint
from orchestrator.domain.ids import FindingId
from orchestrator.errors import ToolFailed

_POINT = 12_700
_SIDE, _ABOVE, _LEAD = 8.0, 5.0, 14.0
"""Space around text, in points; `_LEAD` separates text from the figures to its left."""
_AIRY = 1.9
"""A short table is spaced out if there is room, up to this factor."""
_NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
_SIZES = (18, 16, 14, 12)


class ShownCell(NamedTuple):
    """One cell as people see it."""

    text: str
    findings: tuple[FindingId, ...] = ()
    right: bool = False
    url: str | None = None


def put_table(
    pen: SlideWriting,
    slide: Any,
    area: Area,
    rows: Sequence[Sequence[ShownCell]],
    *,
    sizes: Sequence[int] = _SIZES,
    strong: bool = True,
) -> Any:
    """Draws a table in `area`; the first row is its header, and `strong` makes the first column bold.

    Raises ToolFailed if it doesn't fit at the smallest of `sizes`.
    """
    room = area.width / _POINT, area.height / _POINT
    family = pen.theme.minor
    size, widths, heights = _sized(rows, sizes, family, room, strong=strong)
    if sum(heights) > room[1]:
        raise ToolFailed(
            f"{pen.slide}: the table is {(sum(heights) - room[1]) / 72:.1f} in too tall at {size} pt. Shorten the "
            f"cells, drop rows or columns, or split the slide."
        )
    airy = min(_AIRY, room[1] / sum(heights))
    heights = [h * airy for h in heights]
    frame = slide.shapes.add_table(
        len(rows), len(rows[0]), area.left, area.top, round(sum(widths) * _POINT), round(sum(heights) * _POINT)
    )
    table = frame.table
    table._tbl.tblPr.set("bandRow", "0")
    table._tbl.tblPr.find(qn("a:tableStyleId")).text = _NO_STYLE
    for n, width in enumerate(widths):
        table.columns[n].width = round(width * _POINT)
    for r, (row, height) in enumerate(zip(rows, heights, strict=True)):
        table.rows[r].height = round(height * _POINT)
        for c, shown in enumerate(row):
            cell = table.cell(r, c)
            _edges(cell, first=c == 0, lead=c > 0 and row[c - 1].right and not shown.right)
            if shown.right and c == len(row) - 1:
                cell.margin_right = 0  # the figures end where the line ends
            _fill(pen, cell, shown, size, head=r == 0, bold=strong and c == 0)
    return frame


def _sized(
    rows: Sequence[Sequence[ShownCell]], sizes: Sequence[int], family: str, room: tuple[float, float], *, strong: bool
) -> tuple[int, list[float], list[float]]:
    """Returns the largest size at which the table fits, or the last one, with widths and heights."""
    for size in sizes:
        widths = column_widths(rows, size, family, room[0], strong=strong)
        heights = [row_height(row, widths, size, family) for row in rows]
        if sum(heights) <= room[1] or size == sizes[-1]:
            return size, widths, heights
    raise ValueError("no sizes")


def column_widths(
    rows: Sequence[Sequence[ShownCell]], size: float, family: str, room: float, *, strong: bool = True
) -> list[float]:
    """Returns points per column: as wide as its text if there is room; otherwise the widest shrink, never below a
    word."""
    count = len(rows[0])
    cells = [[(row[c], r == 0 or (strong and c == 0)) for r, row in enumerate(rows)] for c in range(count)]
    pad = 2 * _SIDE + 4 + _LEAD
    want = [max(_width(s, size, family, b) for s, b in column) + pad for column in cells]
    least = [
        max((words_width(w, size, family, bold=b) for s, b in column for w in s.text.split()), default=0) + pad
        for column in cells
    ]
    least = [min(w, max(lo, 36.0), room / 2) for lo, w in zip(least, want, strict=True)]
    if sum(want) <= room:
        return [w + (room - sum(want)) * w / sum(want) for w in want]
    free = max(0.0, room - sum(least))
    wish = [w - lo for w, lo in zip(want, least, strict=True)]
    return [
        (lo + free * more / max(1.0, sum(wish))) * min(1.0, room / sum(least))
        for lo, more in zip(least, wish, strict=True)
    ]


def row_height(row: Sequence[ShownCell], widths: Sequence[float], size: float, family: str) -> float:
    """Points."""
    line = face(family).height(size)
    return 2 * _ABOVE + line * max(
        lines_of(s.text + _marks(s), size, family, w - 2 * _SIDE - _LEAD - 2, bold=True)
        for s, w in zip(row, widths, strict=True)
    )


def _width(shown: ShownCell, size: float, family: str, bold: bool) -> float:
    return words_width(shown.text + _marks(shown), size, family, bold=bold)


def _marks(shown: ShownCell) -> str:
    return "00" * bool(shown.findings)


def _edges(cell: Any, *, first: bool, lead: bool) -> None:
    """The first column starts at the title's left edge."""
    cell.margin_left = Pt(0 if first else _SIDE + _LEAD * lead)
    cell.margin_right = Pt(_SIDE)
    cell.margin_top = cell.margin_bottom = Pt(_ABOVE)


def _fill(pen: SlideWriting, cell: Any, shown: ShownCell, size: int, *, head: bool, bold: bool) -> None:
    cell.vertical_anchor = MSO_ANCHOR.BOTTOM if head else MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if shown.right else PP_ALIGN.LEFT
    speak(paragraph, shown.text)
    cite(paragraph, pen.numbers, shown.findings)
    for run in paragraph.runs:
        run.font.size = Pt(size)
        run.font.bold = True if head or bold else run.font.bold
        if shown.url:
            run.hyperlink.address = shown.url
        else:
            tint(run, "ACCENT_1" if head else "TEXT_1")
    _lines_of(cell, head=head)


def _lines_of(cell: Any, *, head: bool) -> None:
    """Draws a strong line under the header, hairlines between rows, and nothing at the sides."""
    properties = cell._tc.get_or_add_tcPr()
    thick, colour = (19_050, "accent1") if head else (6_350, "tx1")
    for side in ("L", "R", "T"):
        edge = properties.makeelement(qn(f"a:ln{side}"), {"w": "0"})
        edge.append(edge.makeelement(qn("a:noFill"), {}))
        properties.append(edge)
    edge = properties.makeelement(qn("a:lnB"), {"w": str(thick)})
    solid = edge.makeelement(qn("a:solidFill"), {})
    named = solid.makeelement(qn("a:schemeClr"), {"val": colour})
    if not head:
        for name, value in (("lumMod", "15000"), ("lumOff", "80000")):
            named.append(named.makeelement(qn(f"a:{name}"), {"val": value}))
    solid.append(named)
    edge.append(solid)
    properties.append(edge)
    properties.append(properties.makeelement(qn("a:noFill"), {}))
