"""Places one slide's content on the best layout."""

import copy
import io
from collections.abc import Sequence
from typing import Any

from PIL import Image, UnidentifiedImageError
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Pt

from agents.tool import Workspace
from agents.tools.office.cell_input import Cell, Traced
from agents.tools.office.inline_markup import plain
from agents.tools.office.word.blocks import cell_findings, cell_text, decimals, numeric
from agents.tools.slides import charts, slide_sources, text_styles, text_writer, title_sizes
from agents.tools.slides.footer import footing
from agents.tools.slides.layout_match import EMU, Area, Slots, Stage, box, choose, free_area
from agents.tools.slides.spec import Column, Point, Slide, lines, used
from agents.tools.slides.tables import ShownCell, put_table
from orchestrator.errors import ToolFailed

_GAP, _LINE = EMU * 4 // 10, EMU * 36 // 100
COVERS = ("title", "section", "closing")
_PICTURES = ("PNG", "JPEG", "GIF")


def compose(pen: text_writer.SlideWriting, workspace: Workspace, given: Slide, title: str) -> Any:
    """Adds the slide at the end of the pen's deck; `title` is the deck's, for the footer."""
    aside = bool(given.points) and given.layout in ("table", "chart", "picture")
    stage = choose(pen.deck, given.layout, aside=aside)
    slide = pen.deck.slides.add_slide(stage.layout)
    slots = Slots.of(slide, pen.deck.slide_width)
    pen = pen._replace(slide=f"{pen.slide} ({given.layout})")
    if used(given):
        _above_the_line(pen, slots, slide_sources.line_top(pen.deck, stage.layout))
    _head(pen, slide, slots, given)
    _body(pen, workspace, slide, stage, slots, given)
    for shape in list(slide.placeholders):
        if shape.has_text_frame and not shape.text_frame.text.strip():
            shape._element.getparent().remove(shape._element)
    if given.layout not in COVERS:
        footing(slide, title)
    if given.notes:
        _note(slide, given.notes)
    return slide


def _above_the_line(pen: text_writer.SlideWriting, slots: Slots, top: int) -> None:
    for shape in (slots.subtitle, *slots.bodies):
        if shape is not None and box(shape).bottom > top > box(shape).top:
            area = box(shape)
            shape.left, shape.top, shape.width, shape.height = area.left, area.top, area.width, top - area.top


def _head(pen: text_writer.SlideWriting, slide: Any, slots: Slots, given: Slide) -> None:
    own = given.findings if given.layout in COVERS and not given.subtitle else []
    if given.title and slots.title is not None:
        text_writer.write(pen, slots.title, [Point(text=given.title, findings=own)], "title", least=24)
        title_sizes.unbroken(pen, slots.title)
    place = slots.subtitle
    if place is None and given.layout in COVERS:
        place = next(iter((*slots.bodies, *slots.headings)), None)
    if given.subtitle and place is not None:
        text_writer.write(pen, place, [Point(text=given.subtitle, findings=given.findings)], "subtitle", plain=True)


def _under(pen: text_writer.SlideWriting, slide: Any, slots: Slots, area: Area, given: Slide) -> Area:
    """Writes the subtitle on its own line if the layout has no place for it; returns the remaining area."""
    if not given.subtitle or slots.subtitle is not None or given.layout in COVERS:
        return area
    moved = [*slots.headings, *slots.bodies] if given.layout == "columns" else slots.bodies
    top = min((box(shape).top for shape in moved), default=area.top)
    place = slide.shapes.add_textbox(Emu(area.left), Emu(top), Emu(area.width), Emu(_LINE))
    place.text_frame.word_wrap = True
    _plain_edges(place)
    text_writer.write(pen, place, [Point(text=given.subtitle, findings=given.findings)], "subtitle", plain=True)
    for run in place.text_frame.paragraphs[0].runs:
        run.font.size = Pt(16)
    if slots.title is not None and text_styles.centred(slots.title, pen.deck):
        place.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER
    down = _LINE + _GAP // 4
    for shape in moved:
        own = box(shape)
        high = own.height - (0 if shape in slots.headings else down)
        shape.left, shape.top, shape.width, shape.height = own.left, own.top + down, own.width, high
    return area._replace(top=area.top + down, height=area.height - down)


def _body(
    pen: text_writer.SlideWriting, workspace: Workspace, slide: Any, stage: Stage, slots: Slots, given: Slide
) -> None:
    area = free_area(pen.deck, slots, stage.layout)
    if used(given):
        top = slide_sources.line_top(pen.deck, stage.layout)
        area = area._replace(height=min(area.bottom, top) - area.top)
    area = _under(pen, slide, slots, area, given)
    bodies = slots.bodies if stage.fits else []
    match given.layout:
        case "agenda" | "text":
            _points(pen, slide, bodies[0] if bodies else area, given.points, "text")
        case "columns":
            _columns(pen, slide, slots if stage.fits else slots._replace(bodies=[]), area, given)
        case "quote":
            _quote(pen, slide, bodies, area, given)
        case "table" | "chart" | "picture":
            _shown(pen, workspace, slide, bodies, area, given)
        case _:
            pass


def _shown(
    pen: text_writer.SlideWriting, workspace: Workspace, slide: Any, bodies: Sequence[Any], area: Area, given: Slide
) -> None:
    """Places a table, chart or picture, with its meaning beside it."""
    slot = bodies[0] if bodies else None
    main = box(slot) if slot is not None else area
    main = main._replace(height=min(main.bottom, area.bottom) - main.top)
    if given.points and len(bodies) > 1:
        _points(pen, slide, bodies[1], given.points, "text beside it")
    elif given.points:
        wide = (main.width - _GAP) * 62 // 100
        side = Area(main.left + wide + _GAP, main.top, main.width - wide - _GAP, main.height)
        _points(pen, slide, side, given.points, "text beside it")
        main, slot = main._replace(width=wide), _gone(slot)
    if given.layout == "table":
        frame = put_table(pen, slide, main, shown_rows(given.rows))
        _described(frame, given.alt or f"Table: {given.title}")
    elif given.layout == "chart":
        frame = charts.put_chart(slide, main, given)
        _described(frame, given.alt or f"{(given.chart or '').capitalize()} chart: {given.title}")
        if slot is not None:
            _linked(frame, slot)
    else:
        frame = _picture(workspace, slide, main, given)
        _described(frame, given.alt)
    _gone(slot)


def shown_rows(rows: Sequence[Sequence[Cell]]) -> list[list[ShownCell]]:
    """Returns the cells as people see them; a column of figures is right-aligned, including its header."""
    table = [list(row) for row in rows]
    right = [any(numeric(row[c]) or _figure(row[c]) for row in table[1:]) for c in range(len(table[0]))]
    places = [decimals(table, c) for c in range(len(table[0]))]
    return [
        [ShownCell(cell_text(cell, places[c]), cell_findings(cell), right=right[c]) for c, cell in enumerate(row)]
        for row in table
    ]


def _figure(cell: Cell) -> bool:
    value = cell.value if isinstance(cell, Traced) else cell
    return isinstance(value, str) and value.strip()[:1] in "$€£+-0123456789" and len(value.strip()) in range(1, 12)


def _points(pen: text_writer.SlideWriting, slide: Any, place: Any, points: Sequence[str | Point], what: str) -> None:
    """Writes points into a placeholder, or into a new box with its own bullets."""
    if isinstance(place, Area):
        place = _listed(slide, place)
    text_writer.write(pen, place, lines(points), what)


def _columns(pen: text_writer.SlideWriting, slide: Any, slots: Slots, area: Area, given: Slide) -> None:
    columns = [c for c in (given.left, given.right) if c is not None]
    half = (area.width - _GAP) // 2
    for n, column in enumerate(columns):
        heading = slots.headings[n] if len(slots.headings) >= 2 and slots.bodies else None
        points = lines(column.points)
        if column.heading and heading is not None:
            text_writer.write(pen, heading, [Point(text=column.heading)], "column heading", plain=True)
        elif column.heading:
            points = [Point(text=f"**{plain(column.heading)}**"), *points]
        place: Any = (
            slots.bodies[n] if slots.bodies else Area(area.left + n * (half + _GAP), area.top, half, area.height)
        )
        _points(pen, slide, place, points, f"{_side(column, given)} column")


def _side(column: Column, given: Slide) -> str:
    return "left" if column is given.left else "right"


def _quote(pen: text_writer.SlideWriting, slide: Any, bodies: Sequence[Any], area: Area, given: Slide) -> None:
    said = [Point(text=f"“{given.quote.strip().strip('“”')}”", findings=given.findings)]
    if given.who:
        said.append(Point(text=given.who, level=2))
    place = bodies[0] if bodies else slide.shapes.add_textbox(*(Emu(v) for v in area))
    place.text_frame.word_wrap = True
    if text_styles.anchor(place) == "t":
        place.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    text_writer.write(pen, place, said, "quote", least=20, plain=True)
    title_sizes.unbroken(pen, place)


def _listed(slide: Any, area: Area) -> Any:
    shape = slide.shapes.add_textbox(*(Emu(v) for v in area))
    shape.text_frame.word_wrap = True
    _plain_edges(shape)
    body: Any = shape.text_frame._txBody
    style: Any = body.find(qn("a:lstStyle"))
    if style is None:
        style = body.makeelement(qn("a:lstStyle"), {})
        body.insert(1, style)
    for level, (size, margin, sign) in enumerate(((18, 0.26, "•"), (16, 0.55, "–")), 1):
        style.append(
            parse_xml(
                f'<a:lvl{level}pPr {nsdecls("a")} marL="{round(margin * EMU)}" indent="{round(-0.26 * EMU)}"><a:spcBef>'
                f'<a:spcPts val="900"/></a:spcBef><a:buFont typeface="Arial"/><a:buChar char="{sign}"/>'
                f'<a:defRPr sz="{size}00"/></a:lvl{level}pPr>'
            )
        )
    return shape


def _plain_edges(shape: Any) -> None:
    frame = shape.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0


def _picture(workspace: Workspace, slide: Any, area: Area, given: Slide) -> Any:
    content = workspace.read(given.path)
    try:
        with Image.open(io.BytesIO(content)) as image:
            kind, (wide, high) = image.format, image.size
            image.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ToolFailed(f"{given.path!r} isn't a readable picture. Use a png or jpg file.") from error
    if kind not in _PICTURES:
        raise ToolFailed(f"{given.path!r} is {kind}. Use png or jpg.")
    scale = min(area.width / wide, area.height / high)
    size = round(wide * scale), round(high * scale)
    left, top = area.left + (area.width - size[0]) // 2, area.top + (area.height - size[1]) // 2
    return slide.shapes.add_picture(io.BytesIO(content), Emu(left), Emu(top), Emu(size[0]), Emu(size[1]))


def _described(shape: Any, alt: str) -> None:
    next(shape._element.iter(qn("p:cNvPr"))).set("descr", " ".join(alt.split())[:500])


def _linked(frame: Any, slot: Any) -> None:
    """Gives the frame the placeholder's role, so that it follows the layout in PowerPoint."""
    mark = slot._element.find(f".//{qn('p:nvPr')}/{qn('p:ph')}")
    frame._element.find(f".//{qn('p:nvPr')}").append(copy.deepcopy(mark))


def _gone(slot: Any) -> None:
    if slot is not None and slot._element.getparent() is not None:
        slot._element.getparent().remove(slot._element)


def _note(slide: Any, notes: str) -> None:
    frame = slide.notes_slide.notes_text_frame
    if frame is not None:
        frame.text = notes
