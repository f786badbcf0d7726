"""Runs the checks of a deck at hand-in, and traces its figures."""

from collections.abc import Iterator, Sequence
from typing import Any

from agents.tools.office import content_checks as common
from agents.tools.office.inline_markup import plain
from agents.tools.office.inspect import link_spelling
from agents.tools.office.inspect.check_and_trace import Examined
from agents.tools.office.inspect.run_checks import Examiner
from agents.tools.office.provenance import trace_figures
from agents.tools.office.provenance_file import Sidecar
from agents.tools.office.word.blocks import Named, letters
from agents.tools.slides import checks
from agents.tools.slides.deck import open_deck, sources_slides
from agents.tools.slides.rendered_heights import heights, loosened
from agents.tools.slides.shapes import flat, furniture, said
from agents.tools.slides.slide_sources import LINE
from orchestrator.domain.deliverables import Check, Provenance
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed


def look(content: bytes, path: str, sidecar: Sidecar, laid: bytes | None = None) -> Examined:
    """Runs a deck's checks; `laid`: what LibreOffice made of its loosened copy."""
    kind = common.office_package(content, path, ".pptx")
    if not kind.ok:
        return Examined([kind], (sidecar.places, ()))
    try:
        deck = open_deck(content, path)
    except ToolFailed as error:
        return Examined([Check(name="opens", ok=False, words=str(error))], (sidecar.places, ()))
    count = len(deck.slides)
    opens = Check(
        name="opens", ok=count > 0, words=f"opens, {counted(count, 'slide')}" if count else "it has no slides"
    )
    words = list(_words(deck))
    left = common.left_over([*((w.place, w.text) for w in words), *_notes(deck)])
    found = checks.every(deck, heights(deck, laid))
    return Examined([opens, left, _links(deck), *found], (sidecar.places, _unsourced(deck, words, sidecar)))


LOOK = Examiner(look, loosened)


def _words(deck: Any) -> Iterator[Named]:
    """Returns every stretch of text, under the names slides_write gives to cells of tables and charts."""
    for n, slide in enumerate(deck.slides, 1):
        for shape in (p.shape for p in flat(slide.shapes) if p.shape.name != LINE and not furniture(p.shape)):
            if getattr(shape, "has_table", False):
                for r, row in enumerate(shape.table.rows, 1):
                    for c, cell in enumerate(row.cells):
                        text = " ".join(said(p) for p in cell.text_frame.paragraphs)
                        yield Named(f"Slide {n} > table {letters(c)}{r}", text)
            elif getattr(shape, "has_chart", False):
                for c, series in enumerate(_series(shape.chart), 1):
                    for r, value in enumerate(series, 2):
                        yield Named(f"Slide {n} > chart {letters(c)}{r}", "" if value is None else f"{value:g}")
            elif shape.has_text_frame:
                for paragraph in shape.text_frame.paragraphs:
                    yield Named(f"Slide {n} > {shape.name}", said(paragraph))


def _links(deck: Any) -> Check:
    """Checks for malformed addresses."""
    found = [
        f"slide {n}: {words}"
        for n, slide in enumerate(deck.slides, 1)
        for relation in slide.part.rels.values()
        if relation.is_external and (words := link_spelling.wrong(str(relation.target_ref)))
    ]
    return Check(name="links", ok=not found, words=common.listed(found) or "every link is well-formed")


def _notes(deck: Any) -> Iterator[tuple[str, str]]:
    for n, slide in enumerate(deck.slides, 1):
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            yield f"Slide {n} > notes", slide.notes_slide.notes_text_frame.text


def _series(chart: Any) -> list[Sequence[float | None]]:
    try:
        return [list(series.values) for plot in chart.plots for series in plot.series]
    except (NotImplementedError, ValueError, AttributeError):
        return []


def _unsourced(deck: Any, words: Sequence[Named], sidecar: Sidecar) -> tuple[Provenance, ...]:
    """Returns words with digits that no traced place of their slide shows; Sources slides don't count."""
    own = {f"Slide {n}" for n in sources_slides(deck)}
    shown = {(_slide(place.place), _bare(plain(str(place.shows)))) for place in sidecar.places}
    said = [Named(place, text) for place, text in _notes(deck)]
    rest = [w for w in (*words, *said) if _slide(w.place) not in own and (_slide(w.place), _bare(w.text)) not in shown]
    return trace_figures.of_document(rest, sidecar)[1]


def _slide(place: str) -> str:
    return place.split(" > ", 1)[0]


def _bare(text: str) -> str:
    return "".join(text.strip("“”").split())
