"""Each of 90 files that nobody of this project made changes only where one edit needs it."""

from pathlib import Path

import pytest

from agents.tools.office import save_keeping_unchanged_parts, zip_package
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk
from tests.world.files import foreign_edits
from tests.world.files.office_packages import package, relations, workbook

_CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
_SLIDE = {"layout": "title", "title": "A"}


@pytest.mark.slow
@pytest.mark.skipif(not _CORPUS.exists(), reason="the folder of foreign files isn't here")
async def test_edits_of_foreign_files_change_nothing_else() -> None:
    found = await foreign_edits.edits(_CORPUS)
    assert [e for e in found if e.odd] == [], foreign_edits.table(found)


async def _deck(folder: Path) -> Desk:
    """A deck of three slides as another program writes it: with spaces, comments, and odd names of parts."""
    desk = Desk(folder)
    await desk.call("slides_write", path="a.pptx", slides=[{**_SLIDE, "title": t} for t in "ABC"])
    parts = zip_package.parts(desk.workspace.read("a.pptx"), "a.pptx")
    for name in [n for n in parts if n.endswith(".xml") and n != "[Content_Types].xml"]:
        parts[name] = parts[name].replace(b"?>\n", b"?>\n<!-- theirs -->\n").replace(b"><p:", b">\n  <p:")
    names = {"slide1.xml": "slide7.xml", "slide2.xml": "slide2.xml", "slide3.xml": "slide4.xml"}
    moved = {n: n.replace(old, new) for old, new in names.items() for n in parts if n.endswith((old, f"{old}.rels"))}
    moved = {old: new for old, new in moved.items() if "slides/" in old}
    parts = {moved.get(n, n): p for n, p in parts.items()}
    for name in ("[Content_Types].xml", "ppt/_rels/presentation.xml.rels"):
        for old, new in names.items():
            parts[name] = parts[name].replace(f"slides/{old}".encode(), f"slides/{new}".encode())
    desk.workspace.write("b.pptx", zip_package.pack(parts))
    return desk


@pytest.mark.parametrize(
    ("edit", "gone", "new"),
    [
        ({"action": "duplicate", "number": 1}, set[str](), {"ppt/slides/slide1.xml"}),
        ({"action": "insert", "number": 2, "slide": _SLIDE}, set[str](), {"ppt/slides/slide1.xml"}),
        ({"action": "delete", "number": 2}, {"ppt/slides/slide2.xml"}, set[str]()),
        ({"action": "move", "number": 1, "to": 3}, set[str](), set[str]()),
    ],
)
async def test_one_slide_changes_and_the_others_keep_their_bytes(
    tmp_path: Path, edit: dict[str, object], gone: set[str], new: set[str]
) -> None:
    desk = await _deck(tmp_path)
    before = zip_package.parts(desk.workspace.read("b.pptx"), "b.pptx")
    await desk.call("slides_edit", path="b.pptx", **edit)
    after = zip_package.parts(desk.workspace.read("b.pptx"), "b.pptx")
    slides = {n for n in before.keys() | after.keys() if n.endswith(".xml")}
    assert {n for n in slides if n not in after} == gone
    assert {n for n in slides if n not in before} == new
    assert {n for n in slides if n in before and n in after and before[n] != after[n]} <= {
        "ppt/presentation.xml", "[Content_Types].xml",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["xlsx", "pptx"])
async def test_a_signed_file_is_never_changed(tmp_path: Path, kind: str) -> None:
    desk = await _deck(tmp_path)
    desk.workspace.write("b.xlsx", workbook({"Plan": ""}))
    parts = zip_package.parts(desk.workspace.read(f"b.{kind}"), "b")
    desk.workspace.write(f"b.{kind}", before := zip_package.pack({**parts, "_xmlsignatures/sig1.xml": b"<a/>"}))
    with pytest.raises(ToolFailed, match="is signed"):
        if kind == "xlsx":
            await desk.call("sheet_write", path="b.xlsx", sheet="Plan", cell="A1", rows=[[1]])
        else:
            await desk.call("slides_edit", path="b.pptx", action="delete", number=1)
    assert desk.workspace.read(f"b.{kind}") == before


async def test_a_style_without_a_type_is_edited_around(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await desk.call("document_write", path="a.docx", title="Plan", blocks=[{"type": "paragraph", "text": "Ask Ada"}])
    parts = zip_package.parts(desk.workspace.read("a.docx"), "a.docx")
    odd = b'<w:style w:styleId="Odd"><w:name w:val="Odd"/></w:style></w:styles>'
    parts["word/styles.xml"] = parts["word/styles.xml"].replace(b"</w:styles>", odd)
    desk.workspace.write("b.docx", zip_package.pack(parts))
    await desk.call("document_edit", path="b.docx", changes=[{"do": "replace", "old": "Ada", "new": "Bob"}])
    after = zip_package.parts(desk.workspace.read("b.docx"), "b.docx")
    assert [n for n in parts if parts[n] != after[n]] == ["word/document.xml"]


def test_types_that_a_file_lacks_are_added_only_for_new_parts() -> None:
    old = zip_package.parts(package("word/document.xml", {"word/document.xml": "<a/>", "word/x.bin": b"1"}), "it")
    made = {**old, "word/media/image1.png": b"2"}
    listed = b'<Default Extension="png" ContentType="image/png"/><Default Extension="bin" ContentType="a/b"/></Types>'
    made["[Content_Types].xml"] = old["[Content_Types].xml"].replace(b"</Types>", listed)
    kept = zip_package.parts(save_keeping_unchanged_parts.kept(old, zip_package.pack(made), set()), "it")
    assert b"png" in kept["[Content_Types].xml"] and b'"bin"' not in kept["[Content_Types].xml"]


def test_addresses_of_parts_mean_the_same_absolute_or_relative() -> None:
    content = package("word/document.xml", {
        "word/document.xml": "<a/>", "word/b.xml": "<b/>", "word/_rels/document.xml.rels": relations(("b", "b.xml")),
    })  # fmt: skip
    old = zip_package.parts(content, "it")
    links = "word/_rels/document.xml.rels"
    made = {**old, links: old[links].replace(b'"b.xml"', b'"/word/b.xml"')}
    assert zip_package.parts(save_keeping_unchanged_parts.kept(old, zip_package.pack(made), set()), "it") == old
