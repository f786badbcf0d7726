"""A document and a deck that cite one company for a median lead to all the findings that it rests on."""

from pathlib import Path

import docx
import pytest

from agents.tools.office import provenance_file
from tests.claims.board import board, name_of
from tests.office_workspace import Desk

PRICES = {f.id for f in board() if f.id.startswith("price.")}
MEDIAN = "Price our plan below the median of $45 per seat."


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, board())


async def test_a_median_that_cites_one_price_gets_notes_to_all_of_them(desk: Desk) -> None:
    one = name_of("price", "Summit")
    blocks = [
        {"type": "paragraph", "text": MEDIAN, "findings": [one]},
        {
            "type": "bullets",
            "items": [{"text": "Meridian is the cheapest.", "findings": [name_of("price", "Meridian")]}],
        },
        {"type": "paragraph", "text": "Summit asks $45.", "findings": [one]},
    ]
    answer = await desk.call("document_write", path="a.docx", title="Prices", blocks=blocks)
    assert "Also cited, because the text rests on them: price.northwind" in answer.text
    places = provenance_file.load(desk.workspace, "a.docx").places
    assert [len(p.findings) for p in places] == [5, 5, 1]
    assert {*places[0].findings} == PRICES
    text = docx.Document(str(desk.folder / "a.docx")).part.rels
    assert any(
        r.reltype.endswith("/footnotes") and r.target_part.blob.count(b"<w:footnote ") >= 7 for r in text.values()
    )


async def test_a_point_of_a_slide_does_so_too(desk: Desk) -> None:
    point = {"text": "The median is $45 per seat", "findings": [name_of("price", "Summit")]}
    slides = [{"layout": "text", "title": "Prices", "points": [point]}]
    answer = await desk.call("slides_write", path="a.pptx", slides=slides)
    assert "5 findings on the Sources slide. Also cited" in answer.text


async def test_a_wrong_claim_is_named_when_it_is_written(desk: Desk) -> None:
    wrong = MEDIAN.replace("$45", "$49")
    blocks = [{"type": "paragraph", "text": wrong, "findings": [name_of("price", "Northwind")]}]
    answer = await desk.call("document_write", path="a.md", title="Prices", blocks=blocks)
    assert "Correct this before you hand it in: “$49” should be $45, the median of 5" in answer.text
    assert [len(p.findings) for p in provenance_file.load(desk.workspace, "a.md").places] == [1]
