"""Writes sources on slides: a line at the bottom, a Sources slide at the end, and numbers that follow when slides
move."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pptx.util import Emu, Pt

from agents.tools.office import provenance_file
from agents.tools.office.inspect.contrast import contrast
from agents.tools.office.sheets.sources_sheet import value_words
from agents.tools.slides import deck as decks
from agents.tools.slides.background_colour import ground
from agents.tools.slides.footer import footing
from agents.tools.slides.layout_match import EMU, Area, Slots, box, choose, floor, free_area
from agents.tools.slides.tables import ShownCell, column_widths, put_table, row_height
from agents.tools.slides.text_measurement import words_width
from agents.tools.slides.text_writer import SlideWriting, tint
from orchestrator.domain.deliverables import Provenance
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId

LINE = "Source line"
_ABOVE_FLOOR, _LINE_HIGH, _LINE_SIZE, _POINT = EMU * 45 // 100, EMU * 3 // 10, 10, 12_700
_MARK = re.compile(r"\d+(,\d+)*")
_PLACE = re.compile(r"Slide (\d+) > ")
_ROW_SIZE, _LONGEST = 12, 150


def numbered(ids: Iterable[FindingId]) -> dict[FindingId, int]:
    """Each finding's number, in this order."""
    return {i: n for n, i in enumerate(dict.fromkeys(ids), 1)}


def line_top(deck: Any, layout: Any) -> int:
    """Returns where the slide's source line starts, in EMU; content ends above it."""
    return floor(deck, layout) - _ABOVE_FLOOR


def put_line(pen: SlideWriting, slide: Any, findings: Sequence[Finding]) -> None:
    """Writes the small line that names a slide's sources, shortened to numbers if the names don't fit."""
    for shape in [s for s in slide.shapes if s.name == LINE]:
        shape._element.getparent().remove(shape._element)
    if not findings:
        return
    slots = Slots.of(slide.slide_layout, pen.deck.slide_width)
    area = free_area(pen.deck, slots, slide.slide_layout)
    left = box(slots.title).left if slots.title is not None else area.left
    width = max(area.right, left + area.width) - left
    text = _line(pen, findings, width / _POINT)
    shape = slide.shapes.add_textbox(
        Emu(left), Emu(line_top(pen.deck, slide.slide_layout)), Emu(width), Emu(_LINE_HIGH)
    )
    shape.name = LINE
    frame = shape.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.word_wrap = True
    run = frame.paragraphs[0].add_run()
    run.text = text
    run.font.size = Pt(_LINE_SIZE)
    behind = ground(slide, pen.theme) or pen.theme.named("bg1")
    dark = contrast(pen.theme.named("tx1"), behind) >= contrast(pen.theme.named("bg1"), behind)
    tint(run, "TEXT_1" if dark else "BACKGROUND_1")


def _line(pen: SlideWriting, findings: Sequence[Finding], width: float) -> str:
    named = sorted((pen.numbers[f.id], _short(f)) for f in findings)
    groups: dict[str, list[int]] = {}
    for number, words in named:
        groups.setdefault(words, []).append(number)
    full = " · ".join(f"{','.join(map(str, ns))} {words}" for words, ns in groups.items())
    text = f"{'Source' if len(groups) == 1 else 'Sources'}: {full}"
    if words_width(text, _LINE_SIZE, pen.theme.minor) <= width:
        return text
    return f"Sources: {', '.join(str(n) for n, _ in named)} on the last slide"


def _short(finding: Finding) -> str:
    if finding.source is None:
        return "agent's own estimate"
    return (urlsplit(finding.source.url).hostname if finding.source.url else None) or finding.source.where


def put_sources(pen: SlideWriting, findings: Sequence[Finding]) -> None:
    """Rebuilds the Sources slides at the end of the deck; none if nothing is traced."""
    for number in reversed(decks.sources_slides(pen.deck)):
        decks.drop(pen.deck, number)
    rest = [_row(n, f) for n, f in enumerate(findings, 1)]
    page = 0
    while rest:
        stage = choose(pen.deck, "table", aside=False)
        slide = pen.deck.slides.add_slide(stage.layout)
        decks.mark_sources(slide)
        slots = Slots.of(slide, pen.deck.slide_width)
        page += 1
        slots.title.text_frame.text = "Sources" if page == 1 else f"Sources ({page})"
        area = free_area(pen.deck, stage.slots, stage.layout)
        for shape in (slots.subtitle, *slots.bodies, *slots.headings):
            if shape is not None:
                shape._element.getparent().remove(shape._element)
        taken = _page(pen, area, rest)
        frame = put_table(
            pen._replace(slide="The Sources slide"),
            slide,
            area,
            [_HEAD, *rest[:taken]],
            sizes=(_ROW_SIZE,),
            strong=False,
        )
        frame._element.nvGraphicFramePr.cNvPr.set("descr", "The sources for this deck, by number")
        footing(slide, pen.deck.core_properties.title or "")
        rest = rest[taken:]


_HEAD = [ShownCell("No."), ShownCell("What"), ShownCell("Source"), ShownCell("Quote")]


def _page(pen: SlideWriting, area: Area, rows: Sequence[Sequence[ShownCell]]) -> int:
    """Returns how many rows fit on one slide; at least one."""
    family = pen.theme.minor
    for count in range(len(rows), 1, -1):
        shown = [_HEAD, *rows[:count]]
        widths = column_widths(shown, _ROW_SIZE, family, area.width / _POINT, strong=False)
        if sum(row_height(r, widths, _ROW_SIZE, family) for r in shown) <= area.height / _POINT:
            return count
    return 1


def _row(number: int, finding: Finding) -> list[ShownCell]:
    what = f"{finding.kind}: {_cut(str(value_words(finding.value)), 60)}"
    if finding.source is None:
        return [ShownCell(str(number)), ShownCell(what), ShownCell("The agent's own statement"), ShownCell("")]
    source = finding.source
    url = source.url if source.url and source.url.startswith(("http://", "https://")) else None
    where = _cut(re.sub(r"^https?://", "", source.where), 70)
    seen = f", seen {source.seen_at:%Y-%m-%d}" if source.seen_at else ""
    seen += ", not checked" if source.unchecked else ""
    quote = f"“{_cut(source.quote, _LONGEST)}”{seen}" if source.quote else seen.removeprefix(", ")
    return [ShownCell(str(number)), ShownCell(what), ShownCell(where, url=url), ShownCell(quote)]


def _cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def renumber(slides: Iterable[Any], old: Sequence[FindingId], new: Mapping[FindingId, int]) -> None:
    """Updates the raised numbers on slides after findings were added or removed."""
    changed = {n: new[i] for n, i in enumerate(old, 1) if i in new}
    for slide in slides:
        for run in slide._element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}r"):
            if run.rPr is not None and run.rPr.get("baseline") == "30000" and _MARK.fullmatch(run.t.text or ""):
                numbers = [changed.get(int(n)) for n in run.t.text.split(",")]
                run.t.text = ",".join(map(str, sorted(n for n in numbers if n is not None)))


def moved(
    sidecar: provenance_file.Sidecar, order: Sequence[int | None], new: Sequence[Provenance], found: Sequence[Finding]
) -> provenance_file.Sidecar:
    """Returns the sidecar after slides moved: `order` has each slide's previous number, None for a new one."""
    places: list[Provenance] = list(new)
    for now, before in enumerate(order, 1):
        head = f"Slide {before} > "
        places += [
            place.model_copy(update={"place": f"Slide {now} > {place.place.removeprefix(head)}"})
            for place in sidecar.places
            if place.place.startswith(head)
        ]
    places.sort(key=lambda p: int(match[1]) if (match := _PLACE.match(p.place)) else 0)
    known = {f.id: f for f in sidecar.findings} | {f.id: f for f in found}
    used = dict.fromkeys(i for p in places for i in p.findings)
    return sidecar.model_copy(update={"places": tuple(places), "findings": tuple(known[i] for i in used)})


def of_slide(sidecar: provenance_file.Sidecar, number: int) -> list[Finding]:
    """Returns the findings that one slide is based on."""
    head = f"Slide {number} > "
    ids = {i for p in sidecar.places if p.place.startswith(head) for i in p.findings}
    return [f for f in sidecar.findings if f.id in ids]
