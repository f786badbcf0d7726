"""Changing an existing Word document: what was asked for is there, and nothing else is another."""

import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt, RGBColor

from agents.tools.office import provenance_file
from agents.tools.office.inspect.docx_checks import structure
from agents.tools.office.word.runs import whole
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import ToolFailed
from tests.foreign_document import foreign
from tests.office_workspace import BY_NAME, Desk

OWN: list[dict[str, Any]] = [
    {"type": "heading", "text": "Prices"},
    {"type": "paragraph", "text": "Acme asks $49 and Borealis $39.50.", "findings": ["f1", "f2"]},
    {"type": "paragraph", "text": "Again: Acme asks $49.", "findings": ["f1"]},
    {"type": "table", "text": "At a glance", "rows": [["Company", "Price"], ["Acme", {"value": 49, "finding": "f1"}]]},
    {"type": "heading", "text": "Effort"},
    {"type": "paragraph", "text": "It takes 8 days.", "findings": ["f3"]},
]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {n: archive.read(n) for n in archive.namelist()}


def opened(desk: Desk, path: str = "a.docx") -> Any:
    return docx.Document(io.BytesIO(desk.workspace.read(path)))


async def own(desk: Desk) -> None:
    await desk.call("document_write", path="a.docx", title="Which vendor?", subtitle="For the board", blocks=OWN)


async def given(desk: Desk, content: bytes | None = None) -> dict[str, bytes]:
    desk.workspace.write("a.docx", content or foreign())
    return parts(desk.workspace.read("a.docx"))


async def edit(desk: Desk, *changes: dict[str, Any], **more: Any) -> str:
    return (await desk.call("document_edit", path="a.docx", changes=list(changes), **more)).text


async def shown(desk: Desk) -> str:
    return (await desk.call("document_read", path="a.docx")).text


def test_an_edit_that_was_cut_off_is_not_made_again() -> None:
    spec = BY_NAME["document_edit"].spec
    assert not spec.repeat and spec.effects == {Effect.READ, Effect.WRITE_WORKSPACE}


async def test_words_change_over_runs_and_every_other_part_keeps_its_bytes(desk: Desk) -> None:
    before = await given(desk)
    await edit(desk, {"do": "replace", "old": "is 49 dollars a", "new": "is 52 dollars per"})
    after = parts(desk.workspace.read("a.docx"))
    assert list(after) == list(before)
    assert [n for n in before if after[n] != before[n]] == ["word/document.xml"]
    runs = opened(desk).paragraphs[1].runs
    assert "".join(r.text for r in runs) == "The price is 52 dollars per month, as Acme said."
    assert {r.text for r in runs if r.bold} >= {"52"} and all(r.font.name == "Liberation Serif" for r in runs if r.text)
    assert b"commentRangeStart" in after["word/document.xml"]


async def test_what_a_person_sent_stays_when_the_change_goes_to_another_file(desk: Desk) -> None:
    await given(desk)
    before = desk.workspace.read("a.docx")
    told = await edit(desk, {"do": "rewrite", "at": 1, "text": "Offer of 49", "findings": ["f1"]}, to="out/b.docx")
    assert told.startswith("out/b.docx: [1] rewritten") and desk.workspace.read("a.docx") == before
    assert [p.findings for p in provenance_file.load(desk.workspace, "out/b.docx").places] == [("f1",)]
    assert provenance_file.load(desk.workspace, "a.docx").places == ()
    with pytest.raises(ToolFailed, match=r"isn't a .docx name"):
        await edit(desk, {"do": "delete", "at": 1}, to="b.pdf")


async def test_reading_shows_the_numbers_comments_boxes_and_edges_that_an_editor_needs(desk: Desk) -> None:
    await given(desk)
    text = await shown(desk)
    assert (
        "[1] ## Offer" in text and "[2] The price is 49 dollars" in text and "[6] [table 1]\n| Item | Price |" in text
    )
    assert "[comment by Ada at [2]] Is this right?" in text and "[text box] Acme in a box" in text
    assert "[header] Northwind Ltd., offer for Acme" in text and "[5] [picture: no description]" in text


async def test_a_name_is_replaced_wherever_it_stands(desk: Desk) -> None:
    await given(desk)
    told = await edit(desk, {"do": "replace", "old": "Acme", "new": "Borealis", "every": True})
    assert "replaced 4 times, in [2], [7]" in told
    assert "Acme" not in await shown(desk) and "offer for Borealis" in await shown(desk)


async def test_new_paragraphs_and_items_look_like_their_neighbours(desk: Desk) -> None:
    before = await given(desk)
    await edit(
        desk,
        {"do": "insert", "at": 2, "blocks": [{"type": "paragraph", "text": "It **rises** next year."}]},
        {"do": "insert", "at": "Second point", "blocks": [{"type": "bullets", "items": ["Third point"]}]},
        {"do": "insert", "at": "Second point", "blocks": [{"type": "paragraph", "text": "That is all."}]},
    )
    paragraphs = opened(desk).paragraphs
    new = next(p for p in paragraphs if p.text.startswith("It rises"))
    assert {(r.font.name, r.font.size) for r in new.runs} == {("Liberation Serif", Pt(13))}
    assert [r.text for r in new.runs if r.bold] == ["rises"]
    third = next(p for p in paragraphs if p.text == "Third point")
    assert paragraphs[[p.text for p in paragraphs].index("Third point") + 1].text == "That is all."
    assert third.style.name == "List Bullet" and third._p.pPr.numPr is None
    after = parts(desk.workspace.read("a.docx"))
    assert [n for n in before if after[n] != before[n]] == ["word/document.xml", "word/numbering.xml"]


async def test_a_deleted_picture_leaves_the_file_too(desk: Desk) -> None:
    before = await given(desk)
    await edit(desk, {"do": "delete", "at": 5})
    after = parts(desk.workspace.read("a.docx"))
    assert before.keys() - after.keys() == {"word/media/image1.png"}
    assert b"image1.png" not in after["word/_rels/document.xml.rels"]
    assert after["customXml/note.xml"] == before["customXml/note.xml"]


async def test_cells_are_set_and_rows_come_and_go_in_the_look_of_the_table(desk: Desk) -> None:
    await given(desk)
    await edit(
        desk,
        {"do": "cell", "at": 6, "cell": "B2", "value": {"value": 49, "finding": "f1"}},
        {"do": "add_row", "at": 6, "row": ["Support", 3]},
        {"do": "add_row", "at": 6, "row": ["Training"]},
    )
    table = opened(desk).tables[0]
    assert [[c.text for c in row.cells] for row in table.rows] == [
        ["Item", "Price"],
        ["Licence", "49.00"],
        ["Support", "3.00"],
        ["Training", ""],
    ]
    colours = {
        r.font.color.rgb for row in table.rows for c in row.cells for r in c.paragraphs[0].runs if r.text.strip()
    }
    assert RGBColor(0x80, 0, 0) in colours and len(colours) <= 2
    places = {p.place: p.findings for p in provenance_file.load(desk.workspace, "a.docx").places}
    assert places == {"Offer > table 1 B2": ("f1",)}
    await edit(desk, {"do": "delete_row", "at": 6, "row": 2})
    assert provenance_file.load(desk.workspace, "a.docx").places == ()
    assert "borealis" not in await shown(desk) and "acme.example" not in await shown(desk)


async def test_sources_follow_their_paragraphs_and_notes_stay_in_order(desk: Desk) -> None:
    await own(desk)
    await edit(
        desk,
        {
            "do": "insert",
            "at": "Prices",
            "blocks": [{"type": "paragraph", "text": "Cheap: $39.50.", "findings": ["f2"]}],
        },
        {"do": "rewrite", "at": "Effort", "text": "Effort of the move"},
        {"do": "delete", "at": "Acme asks $49 and Borealis"},
    )
    places = {p.place: p.findings for p in provenance_file.load(desk.workspace, "a.docx").places}
    assert places == {
        "Prices > paragraph 1": ("f2",),
        "Prices > paragraph 2": ("f1",),
        "Prices > table 1 B2": ("f1",),
        "Effort of the move > paragraph 1": ("f3",),
    }
    text = await shown(desk)
    assert "Cheap: $39.50.[^1]" in text and "Again: Acme asks $49.[^2]" in text and "| Acme | 49[^2] |" in text
    assert "[^1]: borealis.example/plans" in text and "[^3]: price: the agent's own statement" in text
    assert all(c.ok for c in structure(opened(desk)))


async def test_a_corrected_figure_gets_its_new_source_and_loses_the_old(desk: Desk) -> None:
    await own(desk)
    await edit(desk, {"do": "replace", "old": "8 days", "new": "49 days", "findings": ["f1"]})
    places = {p.place: (p.shows, p.findings) for p in provenance_file.load(desk.workspace, "a.docx").places}
    assert places["Effort > paragraph 1"] == ("It takes 49 days.", ("f1",))
    assert "own statement" not in await shown(desk) and "It takes 49 days.[^1]" in await shown(desk)


async def test_captions_count_on_after_a_table_came_before_them(desk: Desk) -> None:
    await own(desk)
    table = {"type": "table", "text": "Earlier", "rows": [["a", "b"], ["1", "2"]]}
    await edit(desk, {"do": "insert", "at": "Acme asks $49 and Borealis", "where": "before", "blocks": [table]})
    captions = [whole(p._p) for p in opened(desk).paragraphs if p.style.name == "Caption"]
    assert [c.split("\u2002") for c in captions] == [["Table\u00a01", "Earlier"], ["Table\u00a02", "At a glance"]]
    assert {t.style.name for t in opened(desk).tables} == {"House Table"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"do": "replace", "old": "point", "new": "x"}, r"occurs 2 times: \[3\] 'First point.*\[4\] 'Second point'"),
        ({"do": "replace", "old": "nowhere", "new": "x"}, "The text 'nowhere' wasn't found"),
        ({"do": "delete", "at": 99}, r"no block \[99\]; the last one is \[7\]"),
        ({"do": "rewrite", "at": 6, "text": "x"}, r"\[6\] is a table; change its cells"),
        ({"do": "cell", "at": 2, "cell": "A1", "value": 1}, r"\[2\] isn't a table"),
        ({"do": "cell", "at": 6, "cell": "D9", "value": 1}, "2 columns, so there's no cell 'D9'"),
        ({"do": "add_row", "at": 6, "row": [1, 2, 3]}, "has 2 columns"),
        ({"do": "insert", "at": 2, "blocks": [{"type": "table"}]}, "has no 'rows'"),
        ({"do": "insert", "at": 2, "blocks": [{"type": "picture", "path": "no.png", "alt": "x"}]}, "no.png"),
        ({"do": "replace", "old": "Second", "new": "x", "findings": ["f99"]}, "no finding 'f99'"),
        ({"do": "reject"}, "no tracked changes"),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_is_said_in_one_sentence_and_nothing_is_changed(
    desk: Desk, change: dict[str, Any], words: str
) -> None:
    await given(desk)
    before = desk.workspace.read("a.docx")
    with pytest.raises(ToolFailed, match=words) as refused:
        await edit(desk, {"do": "replace", "old": "Offer", "new": "Bid", "at": 1}, change)
    assert desk.workspace.read("a.docx") == before and "\n" not in str(refused.value)


async def test_a_number_that_word_computes_and_a_protected_file_are_left_alone(desk: Desk) -> None:
    await own(desk)
    with pytest.raises(ToolFailed, match=r"'1' in 'Table 1 At a glance' is computed by Word"):
        await edit(desk, {"do": "replace", "old": "Table 1", "new": "Table 7"})
    document = opened(desk)
    document.settings.element.append(
        parse_xml(f'<w:documentProtection {nsdecls("w")} w:edit="readOnly" w:enforcement="1"/>')
    )
    out = io.BytesIO()
    document.save(out)
    await given(desk, out.getvalue())
    with pytest.raises(ToolFailed, match=r"protected by its owner \(readOnly\)"):
        await edit(desk, {"do": "delete", "at": 1})
