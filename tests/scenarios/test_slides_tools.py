"""A deck is written, changed, read and handed in, with the house's template and with a team's."""

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pptx
import pytest
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Inches, Pt

from agents.tools.office.libreoffice import convert
from orchestrator.domain.deliverables import Inspection
from orchestrator.errors import ToolFailed
from tests.long_tests import sampled
from tests.office_workspace import Desk
from tests.scenarios import slides_deck

PICTURES = Path(__file__).parents[1] / "output" / "slides"
needs_pages = pytest.mark.skipif(
    convert.soffice() is None or shutil.which("pdftoppm") is None, reason="LibreOffice or pdftoppm is missing"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    slides_deck.prepared(tmp_path)
    return Desk(tmp_path, findings=slides_deck.FINDINGS)


async def written(desk: Desk, slides: list[dict[str, Any]] | None = None, **more: Any) -> Any:
    await desk.call("slides_write", path="a.pptx", slides=slides or slides_deck.SLIDES, title="CRM", **more)
    return deck(desk)


def deck(desk: Desk) -> Any:
    return pptx.Presentation(io.BytesIO(desk.workspace.read("a.pptx")))


def texts(slide: Any) -> str:
    return " / ".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)


def titles(made: Any) -> list[str]:
    return [s.shapes.title.text_frame.text if s.shapes.title is not None else "" for s in made.slides]


def text(title: str, *points: Any, **more: Any) -> dict[str, Any]:
    return {"layout": "text", "title": title, "points": list(points) or ["A point"], **more}


@needs_pages
@pytest.mark.parametrize("template", sampled(["attachments/team.pptx", None], 2))
async def test_ten_slides_pass_every_check_and_are_pictured(desk: Desk, template: str | None) -> None:
    made = await written(desk, template=template)
    answer = await desk.call("inspect_deliverable", path="a.pptx")
    inspection = Inspection.model_validate_json(answer.text)
    assert [c for c in inspection.checks if not c.ok] == []
    assert len(made.slides) == len(inspection.previews) == 11
    assert "How to use" not in " ".join(map(texts, made.slides))
    PICTURES.mkdir(parents=True, exist_ok=True)
    for n, page in enumerate(inspection.previews, 1):
        (PICTURES / f"{'team' if template else 'house'}-{n:02}.png").write_bytes(desk.shelf[page.name])
    traced = json.loads(desk.shelf["a.provenance.json"])
    shown = {p["place"]: (p["shows"], p["findings"]) for p in traced["places"]}
    assert shown["Slide 5 > table C2"] == ("$49", ["price-acme"])
    assert shown["Slide 6 > chart C4"][1] == ["total-borealis"]
    unsourced = {u["place"] for u in traced["unsourced"]}
    assert "Slide 5 > table E2" in unsourced and "Slide 5 > table C2" not in unsourced


def boxed(shape: Any, words: str) -> Any:
    shape.name, shape.text_frame.word_wrap = "Planted", True
    shape.text_frame.text = words
    shape.text_frame.paragraphs[0].font.size = Pt(16)
    shape.text_frame.paragraphs[0].font.color.rgb = RGBColor(0, 0, 0)
    return shape


async def fits(desk: Desk, plant: Callable[[Any], Any]) -> str:
    """What the check of the text's room says after planting something on a slide; empty when all fits."""
    made = await written(desk, [text("One")])
    plant(made.slides[0])
    out = io.BytesIO()
    made.save(out)
    desk.workspace.write("a.pptx", out.getvalue())
    answer = await desk.call("inspect_deliverable", path="a.pptx")
    (check,) = [c for c in Inspection.model_validate_json(answer.text).checks if c.name == "text fits"]
    return "" if check.ok else check.words


@needs_pages
async def test_a_box_with_too_much_text_is_found_by_the_height_that_libreoffice_gives_it(desk: Desk) -> None:
    place = Inches(1), Inches(4), Inches(4)
    many, few = "Words that go on. " * 12, "Words that go on."
    long = await fits(desk, lambda slide: boxed(slide.shapes.add_textbox(*place, Inches(0.6)), many))
    assert "slide 1: Planted by" in long
    assert not await fits(desk, lambda slide: boxed(slide.shapes.add_textbox(*place, Inches(0.6)), few))
    assert not await fits(desk, lambda slide: boxed(slide.shapes.add_textbox(*place, Inches(2.3)), many))


@needs_pages
async def test_in_a_round_shape_words_have_less_room_than_its_frame(desk: Desk) -> None:
    def oval(slide: Any) -> Any:
        return slide.shapes.add_shape(MSO_SHAPE.OVAL, Inches(1), Inches(4), Inches(2.2), Inches(1.5))

    assert "slide 1: Planted by" in await fits(desk, lambda slide: boxed(oval(slide), "Words that go on. " * 6))
    assert not await fits(desk, lambda slide: boxed(oval(slide), "Words in it"))


async def test_a_team_template_lends_its_look_and_keeps_nothing_of_its_old_slides(desk: Desk) -> None:
    made = await written(desk, template="attachments/team.pptx")
    assert {s.slide_layout.name for s in made.slides} >= {"Title Slide", "Section Header", "Comparison"}
    assert all(p.text_frame.text.strip() for s in made.slides for p in s.placeholders if p.has_text_frame)
    with pytest.raises(ToolFailed, match="template itself"):
        await written(desk, template="a.pptx")


def title_sizes(made: Any) -> set[float]:
    """The sizes said on the slides, in points; covers and what keeps its layout's size say none."""
    runs = [s.shapes.title.text_frame.paragraphs[0].runs[0] for s in made.slides if s.shapes.title is not None]
    return {run.font.size.pt for run in runs if run.font.size is not None}


async def test_titles_of_a_team_deck_have_one_size_and_no_lone_word(desk: Desk) -> None:
    slides = [text("Short"), text("Borealis costs a fifth less than Acme for the same scope"), text("Also short")]
    made = await written(desk, slides, template="attachments/team.pptx")
    (size,) = title_sizes(made)
    assert 30 <= size < 44
    shape = made.slides[1].placeholders[1]
    assert shape.text_frame.paragraphs[0].runs[0].font.size.pt <= size * 0.77
    await desk.call("slides_edit", path="a.pptx", action="insert", number=1, slide=text("Brief"))
    assert title_sizes(deck(desk)) == {size}


async def test_a_line_below_the_title_stands_above_the_headings_of_columns(desk: Desk) -> None:
    column = {"heading": "Build", "points": ["One"]}
    slide = {"layout": "columns", "title": "Two ways", "subtitle": "Both are possible", "left": column, "right": column}
    made = await written(desk, [slide], template="attachments/team.pptx")
    tops = {s.text_frame.text: s.top for s in made.slides[0].shapes if s.has_text_frame}
    assert tops["Two ways"] < tops["Both are possible"] < tops["Build"] < tops["One"]


async def test_a_quote_does_not_end_in_a_lone_word(desk: Desk) -> None:
    words = (
        "If we had known in January what we know today, we would have started with the two largest customers and left "
    )
    quote = {
        "layout": "quote",
        "quote": f"{words}the long tail for later, when the tools were ready for it",
        "who": "Ada",
    }
    made = await written(desk, [quote])
    said = next(p for p in made.slides[0].placeholders if p.text_frame.text.startswith("“If"))
    (size,) = {r.font.size for r in said.text_frame.paragraphs[0].runs}
    assert Pt(24) <= size < Pt(30)


async def test_sources_are_numbered_on_the_slide_and_listed_at_the_end(desk: Desk) -> None:
    made = await written(desk)
    assert "Sources: 1 wiki.team.example · 2 acme.example" in texts(made.slides[4])
    table = next(s.table for s in made.slides[10].shapes if s.has_table)
    assert [c.text for c in table.rows[2].cells][:3] == ["2", "price: 49", "acme.example/pricing"]
    assert made.slides[0].notes_slide.notes_text_frame.text.startswith("Welcome")
    with pytest.raises(ToolFailed, match="no finding 'nobody'"):
        await written(desk, [text("One", {"text": "a", "findings": ["nobody"]})])


async def test_writing_the_same_deck_again_leaves_the_file_alone(desk: Desk) -> None:
    await written(desk)
    before = desk.workspace.read("a.pptx")
    await written(desk)
    assert desk.workspace.read("a.pptx") == before


async def test_slides_come_go_and_move_and_numbers_follow(desk: Desk) -> None:
    first = text("First", {"text": "Seats 120", "findings": ["seats"]})
    second = text("Second", {"text": "Acme 49", "findings": ["price-acme"]})
    await written(desk, [first, second, text("Third")])
    await desk.call("slides_edit", path="a.pptx", action="delete", number=1)
    assert titles(deck(desk)) == ["Second", "Third", "Sources"]
    assert "Acme 491" in texts(deck(desk).slides[0]) and "Source: 1 acme.example" in texts(deck(desk).slides[0])
    await desk.call("slides_edit", path="a.pptx", action="duplicate", number=1)
    await desk.call("slides_edit", path="a.pptx", action="move", number=3, to=1)
    await desk.call("slides_edit", path="a.pptx", action="insert", number=2, slide=first)
    await desk.call("slides_edit", path="a.pptx", action="replace", number=4, slide=text("Last"))
    made = deck(desk)
    assert titles(made) == ["Third", "First", "Second", "Last", "Sources"]
    assert "Seats 1201" in texts(made.slides[1]) and "Acme 492" in texts(made.slides[2])
    uses = (await desk.call("uses_of_findings", findings=["price-acme"])).text
    assert "Slide 3 > point 1" in uses and "Slide 4" not in uses


async def test_a_copied_chart_is_a_chart_of_its_own(desk: Desk) -> None:
    await written(desk, [slides_deck.SLIDES[5]])
    await desk.call("slides_edit", path="a.pptx", action="duplicate", number=1)
    made = deck(desk)
    charts = [next(s.chart for s in slide.shapes if s.has_chart) for slide in list(made.slides)[:2]]
    assert (
        len({c.part.partname for c in charts}) == len({c.part.chart_workbook.xlsx_part.partname for c in charts}) == 2
    )
    assert [tuple(s.values) for s in charts[0].plots[0].series] == [tuple(s.values) for s in charts[1].plots[0].series]


async def test_editing_somebodys_deck_leaves_the_rest_as_it_is(desk: Desk) -> None:
    theirs: Any = pptx.Presentation(io.BytesIO(slides_deck.team_template()))
    second = theirs.slides.add_slide(theirs.slide_layouts[5])
    second.shapes.title.text = "Keep me"
    strange = Part(PackURI("/ppt/strange.bin"), "application/x-strange", theirs.part.package, b"unknown")
    second.part.relate_to(strange, "http://example.com/strange")
    out = io.BytesIO()
    theirs.save(out)
    desk.workspace.write("a.pptx", out.getvalue())
    before = second.part.blob
    await desk.call("slides_edit", path="a.pptx", action="replace", number=1, slide=text("Ours"))
    kept = deck(desk).slides[1]
    assert titles(deck(desk)) == ["Ours", "Keep me"] and kept.part.blob == before
    assert [r.target_part.blob for r in kept.part.rels.values() if r.reltype.endswith("strange")] == [b"unknown"]


async def test_reading_gives_text_tables_charts_pictures_and_notes(desk: Desk) -> None:
    await written(desk)
    words = (await desk.call("slides_read", path="a.pptx")).text
    for part in (
        "# Agenda",
        "| Acme | Team | $49[2] |",
        "| Year 3 | 211.7 | 168.5 |",
        "[picture: Days",
        "Notes: Welcome",
    ):
        assert part in words, part
    some = (await desk.call("slides_read", path="a.pptx", first=2, last=2)).text
    assert "[slide 2," in some and "[slide 3," not in some
    with pytest.raises(ToolFailed, match="has 11 slides; there's no slide 40"):
        await desk.call("slides_read", path="a.pptx", first=40)


@pytest.mark.parametrize(
    ("slide", "words"),
    [
        (
            text("Long", *["A point that goes on for a while and then some more, and more"] * 20),
            r"lines too long .*split",
        ),
        (text("A title that will not end " * 12), "the title is 1 line too long"),
        ({"layout": "table", "title": "t", "rows": [["a"] * 8, [1] * 8]}, "at most 10 by 7"),
        ({"layout": "table", "title": "t", "rows": [["a", "b"], *[["word " * 60, 1]] * 9]}, "in too tall at 12 pt"),
        ({"layout": "table", "title": "t", "rows": [["a", "b"], [1]]}, "rows of equal length"),
        ({"layout": "chart", "title": "t", "chart": "pie", "rows": [["", "a", "b"], ["x", 1, 2]]}, "one series"),
        ({"layout": "chart", "title": "t", "chart": "bar", "rows": [["", "a"], ["x", "many"]]}, r"is 'many'"),
        ({"layout": "picture", "title": "t", "path": "effort.png"}, "no 'alt'"),
        ({"layout": "picture", "title": "t", "path": "attachments/team.pptx", "alt": "x"}, "isn't a readable picture"),
        ({"layout": "text", "title": "", "points": ["x"]}, "has no title"),
    ],
)
async def test_what_cannot_be_shown_well_is_refused_with_what_to_do(
    desk: Desk, slide: dict[str, Any], words: str
) -> None:
    with pytest.raises(ToolFailed, match=words):
        await written(desk, [slide])
    assert not desk.workspace.exists("a.pptx")
