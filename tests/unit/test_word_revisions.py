"""Changes to a Word document that are recorded for a person to accept or reject."""

import io
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from agents.tools.office.word.revisions import settled
from agents.tools.office.word.runs import whole
from tests.foreign_document import foreign
from tests.office_workspace import Desk

HEADING: dict[str, Any] = {"type": "heading", "text": "Next", "findings": ["f2"]}
TABLE: dict[str, Any] = {
    "type": "table",
    "text": "At [one](https://acme.example) glance",
    "rows": [["a"], ["b"]],
    "findings": ["f1", "f2"],
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    one = Desk(tmp_path)
    one.workspace.write("a.docx", foreign())
    return one


def opened(desk: Desk) -> Any:
    return docx.Document(io.BytesIO(desk.workspace.read("a.docx")))


async def edit(desk: Desk, *changes: dict[str, Any], **more: Any) -> str:
    return (await desk.call("document_edit", path="a.docx", changes=list(changes), **more)).text


async def shown(desk: Desk) -> str:
    return (await desk.call("document_read", path="a.docx")).text


async def test_tracked_changes_can_be_rejected_to_the_letter_and_accepted(desk: Desk) -> None:
    as_it_was = [whole(p._p) for p in opened(desk).paragraphs]
    await edit(
        desk,
        {"do": "replace", "old": "49 dollars", "new": "52 dollars", "findings": ["f1"]},
        {"do": "insert", "at": "Second point", "blocks": [HEADING, TABLE]},
        {"do": "delete", "at": "First point of several"},
        {"do": "add_row", "at": 6, "row": ["Support", 3]},
        {"do": "level", "at": "Signed by Acme", "level": 2},
        track=True,
    )  # fmt: skip
    assert "[Tracked changes: " in await shown(desk)
    marks = list(opened(desk).element.body.iter(qn("w:ins"), qn("w:del"), qn("w:pPrChange")))
    assert marks and {m.get(qn("w:author")) for m in marks} == {"threadwork"}
    assert len({m.get(qn("w:id")) for m in marks}) == len(marks)
    changed = [whole(m.getparent()) for m in opened(desk).paragraphs[1]._p.iter(qn("w:del"))]
    assert changed and "52 dollars" in whole(opened(desk).paragraphs[1]._p)
    kept = desk.workspace.read("a.docx")
    rejected = opened(desk)
    settled(rejected, "", accept=False)
    assert [whole(p._p) for p in rejected.paragraphs] == as_it_was
    assert [len(t.rows) for t in rejected.tables] == [2] and "Heading 2" not in {
        p.style.name for p in rejected.paragraphs
    }
    await edit(desk, {"do": "accept"})
    accepted = opened(desk)
    assert not list(accepted.element.body.iter(qn("w:ins"), qn("w:del"), qn("w:pPrChange"), qn("w:delText")))
    words = [whole(p._p) for p in accepted.paragraphs]
    assert "Next" in words and "First point of several" not in words and "52 dollars" in words[1]
    assert [len(t.rows) for t in accepted.tables] == [2, 3] and desk.workspace.read("a.docx") != kept


async def test_a_file_that_records_changes_gets_revisions_unasked(desk: Desk) -> None:
    document: Any = docx.Document(io.BytesIO(foreign()))
    document.settings.element.append(parse_xml(f"<w:trackRevisions {nsdecls('w')}/>"))
    out = io.BytesIO()
    document.save(out)
    desk.workspace.write("a.docx", out.getvalue())
    told = await edit(desk, {"do": "replace", "old": "Second", "new": "Another good"})
    assert "tracked changes by threadwork" in told
    await edit(desk, {"do": "replace", "old": "other good", "new": "other"})
    await edit(desk, {"do": "replace", "old": "Another point", "new": "Another fine point"})
    body = opened(desk).element.body
    assert "[4] - Another fine point" in await shown(desk)
    assert list(body.iter(qn("w:ins"))) and not [i for i in body.iter(qn("w:ins")) if i.find(qn("w:ins")) is not None]
    assert ["".join(d.itertext()) for d in body.iter(qn("w:del"))] == ["Second"]
