"""Builds the provenance of a finished file: traced places, formulas with their inputs, and untraced numbers."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from agents.tools.office import formulas
from agents.tools.office.claims import chart_series
from agents.tools.office.claims.figures_in_text import counted, figures
from agents.tools.office.content_checks import spoken
from agents.tools.office.formulas import At, formula_text
from agents.tools.office.provenance_file import Sidecar
from agents.tools.office.word import find_blocks
from agents.tools.office.word.blocks import Named
from orchestrator.domain.deliverables import Provenance
from orchestrator.domain.ids import FindingId

Traced = tuple[tuple[Provenance, ...], tuple[Provenance, ...]]
"""Places with findings, and places without one that show a number."""


def of_book(book: Any, values: Mapping[At, Any], sidecar: Sidecar, made: Collection[str] = ()) -> Traced:
    """Returns every traced cell, every formula and chart series with the findings of its inputs, and numbers without
    one.

    `made`: cells that a data tool wrote, which need none.
    """
    direct = {p.place: p for p in sidecar.places}
    reading: dict[At, list[At]] = {}
    unsourced: list[Provenance] = []
    for sheet in book.worksheets:
        if sheet.title == sidecar.sources_sheet:
            continue
        for row in sheet.iter_rows():
            for cell in row:
                at = (sheet.title, cell.row, cell.column)
                if formula := formula_text(cell.value):
                    reading[at] = formulas.reads(formula, sheet.title)
                elif _number(cell.value) and spoken(at) not in direct and spoken(at) not in made:
                    unsourced.append(Provenance(place=spoken(at), shows=cell.value, findings=()))
    charts = list(chart_series.series(book))
    known = _named({*reading, *(a for c in charts for a in c.cells)}, reading, direct)
    closed = _closure(reading, {at: direct[spoken(at)].findings for at in known})
    derived = [
        Provenance(place=spoken(at), shows=_shown(values.get(at)), findings=ids)
        for at, ids in closed.items()
        if at in reading and ids
    ]
    drawn = [Provenance(place=c.place, shows=c.name, findings=ids) for c in charts if (ids := c.findings(closed))]
    names = {p.place for p in derived}
    return (*(p for p in sidecar.places if p.place not in names), *derived, *drawn), tuple(unsourced)


def typed(book: Any) -> dict[str, JsonValue]:
    """Returns each cell's content; nothing for formulas, which are computed and not claimed."""
    return {
        f"{sheet.title}!{cell.coordinate}": None if formula_text(cell.value) else _shown(cell.value)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def of_document(places: Sequence[Named], sidecar: Sidecar) -> Traced:
    """Returns the traced places, and the stretches with digits that have no finding."""
    known = {p.place for p in sidecar.places}
    unsourced = [
        Provenance(place=s.place, shows=s.text[:300], findings=())
        for s in places
        if s.place not in known and not s.place.endswith("(heading)") and any(not counted(f) for f in figures(s.text))
    ]
    return sidecar.places, tuple(unsourced)


def docx_stretches(document: Any) -> list[Named]:
    """Returns every stretch of text of a Word file under the names that document_write gives."""
    return [Named(s.place, s.text) for s in find_blocks.named(document)]


def _named(shown: set[At], reading: Mapping[At, list[At]], direct: Mapping[str, Provenance]) -> set[At]:
    return {at for at in {*shown, *(a for read in reading.values() for a in read)} if spoken(at) in direct}


def _closure(reading: Mapping[At, list[At]], start: dict[At, tuple[FindingId, ...]]) -> dict[At, tuple[FindingId, ...]]:
    """Returns the findings behind each cell, directly or through other formulas; circular references are harmless."""
    found: dict[At, dict[FindingId, None]] = {at: dict.fromkeys(ids) for at, ids in start.items()}
    grown = True
    while grown:
        grown = False
        for at, read in reading.items():
            mine = found.setdefault(at, {})
            before = len(mine)
            for other in read:
                mine.update(found.get(other, {}) if other != at else {})
            grown = grown or len(mine) > before
    return {at: tuple(ids) for at, ids in found.items()}


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str | int | float | bool | None:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
