"""Each check of a deck finds the fault that was planted for it, and leaves a good deck alone."""

import io
from collections.abc import Callable
from typing import Any

import pptx
import pytest
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Inches, Pt

from agents.tools.office.inspect.contrast import contrast
from agents.tools.office.provenance_file import Sidecar
from agents.tools.slides import look
from agents.tools.slides.house_template import house_template
from orchestrator.domain.deliverables import Check


def a_deck() -> Any:
    deck: Any = pptx.Presentation(io.BytesIO(house_template()))
    slide = deck.slides.add_slide(next(x for x in deck.slide_layouts if x.name == "Text"))
    slide.shapes.title.text = "Costs fall by a third"
    slide.placeholders[20].text = "In thousand dollars"
    slide.placeholders[11].text = "One vendor less"
    return deck


def checks_of(deck: Any) -> dict[str, Check]:
    out = io.BytesIO()
    deck.save(out)
    return {c.name: c for c in look(out.getvalue(), "a.pptx", Sidecar(file="a.pptx")).checks}


def boxed(deck: Any, text: str, left: float = 1, top: float = 4.5, wide: float = 4, high: float = 0.6) -> Any:
    shape = deck.slides[0].shapes.add_textbox(Inches(left), Inches(top), Inches(wide), Inches(high))
    shape.text_frame.word_wrap = True
    run = shape.text_frame.paragraphs[0].add_run()
    run.text = text
    return shape


def drawn(deck: Any, left: float = 7, top: float = 3) -> Any:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "PNG")
    shape = deck.slides[0].shapes.add_picture(
        io.BytesIO(out.getvalue()), Inches(left), Inches(top), Inches(2), Inches(2)
    )
    shape._element.nvPicPr.cNvPr.set("descr", "")
    return shape


def beyond(deck: Any) -> None:
    boxed(deck, "Over the edge", left=11.5, wide=3)


def crossing(deck: Any) -> None:
    boxed(deck, "One thing", top=4.5)
    boxed(deck, "And another on top of it", left=1.5, top=4.6)


def hidden(deck: Any) -> None:
    drawn(deck, left=0.8, top=1.6)._element.nvPicPr.cNvPr.set("descr", "A blue square")


def crowded(deck: Any) -> None:
    deck.slides[0].placeholders[11].text = "Too much to say about one matter. " * 40


def pale(deck: Any) -> None:
    boxed(deck, "Hardly there").text_frame.paragraphs[0].runs[0].font.color.rgb = RGBColor(0xDD, 0xDD, 0xDD)


def pale_on_a_card(deck: Any) -> None:
    card = deck.slides[0].shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(1), Inches(4), Inches(5), Inches(1.5))
    card.fill.solid()
    card.fill.fore_color.rgb = RGBColor(0x1F, 0x4E, 0x5F)
    boxed(deck, "Dark on dark", left=1.3, top=4.4)


def tiny(deck: Any) -> None:
    boxed(deck, "Small print").text_frame.paragraphs[0].runs[0].font.size = Pt(8)


def left_over(deck: Any) -> None:
    deck.slides[0].placeholders[11].text = "TODO: ask for figures"


def prompting(deck: Any) -> None:
    deck.slides[0].placeholders[11].text = "Click to add text"


def unfilled(deck: Any) -> None:
    deck.slides[0].placeholders[20].text = ""


def bare(deck: Any) -> None:
    deck.slides.add_slide(next(x for x in deck.slide_layouts if x.name == "Title only"))


def undescribed(deck: Any) -> None:
    drawn(deck)


def undescribed_chart(deck: Any) -> None:
    data: Any = CategoryChartData()
    data.categories = ["a", "b"]
    data.add_series("s", (1, 2))
    kind = XL_CHART_TYPE.COLUMN_CLUSTERED
    deck.slides[0].shapes.add_chart(kind, Inches(6), Inches(3), Inches(4), Inches(3), data)


def foreign_font(deck: Any) -> None:
    boxed(deck, "Fancy").text_frame.paragraphs[0].runs[0].font.name = "No Such Grotesk"


def test_a_good_deck_passes_every_check() -> None:
    assert [c for c in checks_of(a_deck()).values() if not c.ok] == []


@pytest.mark.parametrize(
    ("plant", "name", "words"),
    [
        (beyond, "off slide", "slide 1: TextBox"),
        (crossing, "overlap", "slide 1: TextBox"),
        (hidden, "overlap", "Picture"),
        (crowded, "text fits", "slide 1: "),
        (pale, "contrast", "1.4 to 1"),
        (pale_on_a_card, "contrast", "slide 1: TextBox"),
        (tiny, "text size", "(8 pt)"),
        (left_over, "placeholders", "'TODO'"),
        (prompting, "placeholders left empty", "slide 1"),
        (unfilled, "placeholders left empty", "slide 1"),
        (bare, "content", "slide 2"),
        (undescribed, "alt text", "slide 1: Picture"),
        (undescribed_chart, "alt text", "slide 1: Chart"),
        (foreign_font, "fonts", "No Such Grotesk"),
    ],
)
def test_a_planted_fault_is_found_by_its_check(plant: Callable[[Any], None], name: str, words: str) -> None:
    deck = a_deck()
    plant(deck)
    found = checks_of(deck)[name]
    assert not found.ok and words in found.words, found


def test_a_card_behind_words_and_a_hidden_slide_are_no_faults() -> None:
    deck = a_deck()
    card = deck.slides[0].shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(1), Inches(4), Inches(5), Inches(1.5))
    card.fill.solid()
    card.fill.fore_color.rgb = RGBColor(0xEA, 0xF1, 0xF3)
    boxed(deck, "Words on a card", left=1.3, top=4.4)
    bare(deck)
    deck.slides[1]._element.set("show", "0")
    assert [c for c in checks_of(deck).values() if not c.ok] == []


def test_a_file_that_is_no_deck_does_not_open() -> None:
    assert not look(b"<html>", "a.pptx", Sidecar(file="a.pptx")).checks[0].ok


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("000000", "FFFFFF") == pytest.approx(21)
    assert contrast("777777", "FFFFFF") == pytest.approx(4.48, abs=0.01)
