"""Defines a deck's content: one value per slide, as an agent writes it."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from agents.tools.office.cell_input import Cell, Traced
from agents.tools.office.provenance.check_figures import backed
from agents.tools.office.provenance_file import NOTES
from agents.tools.office.word.blocks import Named, cell_findings, cell_text, decimals, letters
from orchestrator.domain.deliverables import Provenance
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

Kind = Literal["title", "agenda", "section", "text", "columns", "table", "chart", "picture", "quote", "closing"]
Drawing = Literal["column", "bar", "line", "pie"]
MOST_ROWS, MOST_COLUMNS, MOST_POINTS, MOST_SERIES = 11, 7, 24, 6
_NEED = {
    "agenda": ("points",),
    "text": ("points",),
    "columns": ("left", "right"),
    "table": ("rows",),
    "chart": ("rows", "chart"),
    "picture": ("path", "alt"),
    "quote": ("quote",),
}


class Point(BaseModel):
    """One line of a list, with the findings behind it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    level: Annotated[int, Field(ge=1, le=2, description="2 indents it under the previous line")] = 1
    findings: list[str] = []


class Column(BaseModel):
    """One of two columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    heading: str = ""
    points: Annotated[list[str | Point], Field(min_length=1)]


class Slide(BaseModel):
    """One slide. The title states the message in a short sentence; figures cite their findings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layout: Kind
    title: Annotated[str, Field(description="on every slide except a quote")] = ""
    subtitle: Annotated[str, Field(description="one line under the title, e.g. the unit of a chart")] = ""
    points: Annotated[
        list[str | Point], Field(description="for text and agenda; next to a chart or picture: what it means")
    ] = []
    left: Column | None = None
    right: Column | None = None
    rows: Annotated[
        list[list[Cell]],
        Field(
            description="for a table or chart; the first row is its header. Chart: labels in the first column, "
            'one series per other column. A cell may be {"value": 49, "finding": "f1", "format": "currency"}'
        ),
    ] = []
    chart: Annotated[Drawing | None, Field(description="chart type")] = None
    path: Annotated[str, Field(description="a picture in the workspace: png or jpg")] = ""
    alt: Annotated[str, Field(description="alternative text")] = ""
    quote: str = ""
    who: Annotated[str, Field(description="who said the quote")] = ""
    notes: Annotated[str, Field(description="what the speaker says")] = ""
    findings: Annotated[list[str], Field(description="findings behind the title, subtitle, quote, or picture")] = []


class SlideText(NamedTuple):
    """A stretch of one slide: its name there, its text, its findings."""

    name: str
    text: str
    findings: tuple[FindingId, ...]


def lines(points: Sequence[str | Point]) -> list[Point]:
    return [Point(text=p) if isinstance(p, str) else p for p in points]


def checked(slides: Sequence[Slide]) -> None:
    """Raises ToolFailed naming the first slide that lacks what its layout needs, or has more than people can read."""
    if not slides:
        raise ToolFailed("The deck has no slides. Add at least one.")
    for n, slide in enumerate(slides, 1):
        _checked(slide, f"Slide {n} ({slide.layout})")


def _checked(slide: Slide, name: str) -> None:
    for field in _NEED.get(slide.layout, ()):
        if not getattr(slide, field):
            raise ToolFailed(f"{name} has no {field!r}. Add it, or choose another layout.")
    if slide.layout != "quote" and not slide.title.strip():
        raise ToolFailed(f"{name} has no title. State its message in one short sentence.")
    if not slide.rows:
        return
    high, wide = len(slide.rows), max(map(len, slide.rows))
    if len({len(row) for row in slide.rows}) > 1 or high < 2:
        raise ToolFailed(f"{name} needs a header and rows of equal length. Fill gaps with null.")
    if slide.layout == "table" and (high > MOST_ROWS or wide > MOST_COLUMNS):
        raise ToolFailed(
            f"{name} has {counted(high - 1, 'row')} and {counted(wide, 'column')}; at most {MOST_ROWS - 1} by "
            f"{MOST_COLUMNS} are readable. Show the rows that matter, split the slide, or use a workbook for all of it."
        )
    if slide.layout == "chart":
        _charted(slide, name, high - 1, wide - 1)


def _charted(slide: Slide, name: str, points: int, series: int) -> None:
    if not 1 <= series <= MOST_SERIES or points > MOST_POINTS or (slide.chart == "pie" and (series > 1 or points > 6)):
        limit = "one series with at most 6 slices" if slide.chart == "pie" else "1 to 6 series with at most 24 labels"
        raise ToolFailed(
            f"{name} has {series} series with {counted(points, 'label')}; a {slide.chart} chart takes {limit}."
        )
    for r, row in enumerate(slide.rows[1:], 2):
        for c, cell in enumerate(row[1:], 1):
            value = cell.value if isinstance(cell, Traced) else cell
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
                raise ToolFailed(f"{name}: {letters(c)}{r} is {value!r}. A chart needs numbers or null.")


def parts(slide: Slide) -> Iterator[SlideText]:
    """Yields every stretch with text, under the name people find it by."""
    own = _ids(slide.findings)
    for name, text in (("title", slide.title), ("subtitle", slide.subtitle), ("quote", slide.quote)):
        if text:
            yield SlideText(name, text, own)
    yield from _points("point", slide.points)
    for name, column in (("left", slide.left), ("right", slide.right)):
        if column:
            yield from _points(f"{name} point", column.points)
    if slide.path:
        yield SlideText("picture", slide.alt, own)
    kind = slide.layout if slide.layout in ("table", "chart") else "table"
    for r, row in enumerate(slide.rows, 1):
        for c, cell in enumerate(row):
            yield SlideText(f"{kind} {letters(c)}{r}", cell_text(cell, decimals(slide.rows, c)), cell_findings(cell))


def traced(slide: Slide, number: int) -> list[Provenance]:
    """Returns the places of a slide that are based on findings."""
    return [
        Provenance(place=f"Slide {number} > {p.name}", shows=p.text[:500], findings=p.findings)
        for p in parts(slide)
        if p.findings
    ]


def noted(slide: Slide, number: int, found: Sequence[Finding]) -> list[Provenance]:
    """Returns the speaker's notes, in which each figure comes from one of the slide's findings."""
    mine = [f for f in found if f.id in used(slide)]
    ids = backed(slide.notes, mine)
    return [Provenance(place=f"Slide {number} > {NOTES}", shows=slide.notes[:500], findings=ids)] if ids else []


def used(slide: Slide) -> list[FindingId]:
    """Returns the findings of a slide in the order people meet them."""
    return list(dict.fromkeys([*(i for p in parts(slide) for i in p.findings), *_ids(slide.findings)]))


def named(number: int, name: str, text: str) -> Named:
    return Named(f"Slide {number} > {name}", text)


def _points(name: str, points: Sequence[str | Point]) -> Iterator[SlideText]:
    for n, point in enumerate(lines(points), 1):
        yield SlideText(f"{name} {n}", point.text, _ids(point.findings))


def _ids(ids: Sequence[str]) -> tuple[FindingId, ...]:
    return tuple(FindingId(i) for i in dict.fromkeys(ids))
