"""Reading every kind of file, and refusing the broken and the hostile in one sentence."""

import io
import random
import struct
import zipfile
import zlib
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from agents.tools.office.inspect.docx_checks import contents_match, structure
from agents.tools.pdf.convert_to_pdf import lost
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def word() -> bytes:
    out = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("Hello")
    document.save(out)
    return out.getvalue()


def book() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def deck() -> bytes:
    out = io.BytesIO()
    slides = pptx.Presentation()
    slides.slides.add_slide(slides.slide_layouts[1])
    slides.save(out)
    return out.getvalue()


def with_entities() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word())) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            head = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]>' if name == "word/document.xml" else b""
            new.writestr(name, head + old.read(name).replace(b"<?xml", b"<!--") if head else old.read(name))
    return out.getvalue()


def locked() -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret")
    writer.write(out)
    return out.getvalue()


def blank() -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    for _ in range(3):
        writer.add_blank_page(100, 100)
    writer.write(out)
    return out.getvalue()


def huge() -> bytes:
    """A picture whose first chunk says that it's huge."""
    out = io.BytesIO()
    Image.new("1", (1, 1)).save(out, "PNG")
    head = b"IHDR" + struct.pack(">II", 16_000, 16_000) + out.getvalue()[24:29]
    return out.getvalue()[:12] + head + struct.pack(">I", zlib.crc32(head)) + out.getvalue()[33:]


BOMB = zipped(a=b"\0" * 60_000_000)


@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        ("a.docx", book(), "it's a workbook"),
        ("a.docx", word()[:2000], "damaged or incomplete"),
        ("a.docx", with_entities(), "declares XML entities"),
        ("a.docx", BOMB, "zip bomb"),
        ("a.docx", b"\xd0\xcf\x11\xe0 old", "password-protected"),
        ("a.pptx", word(), "isn't a presentation"),
        ("a.pdf", b"%PDF-1.7 broken", "can't be read as a PDF"),
        ("a.pdf", locked(), "password-protected"),
        ("a.pdf", blank(), "without anything on them"),
        ("a.zip", BOMB, "zip bomb"),
        ("a.zip", b"PK\x03\x04", "isn't a valid zip"),
        ("a.png", huge(), "16,000 x 16,000 pixels"),
        ("a.png", b"\x89PNG cut", "can't be read as a picture"),
        ("a.eml", b"just words", "isn't an email"),
        ("a.msg", b"x", "isn't an email"),
        ("a.tar.gz", b"x", "unpack it"),
        ("a.xlsx", b"x", "sheet_read"),
        ("a.bin", b"\0\1", "has an unsupported type"),
        ("a.txt", b"", "is empty"),
    ],
)
async def test_a_broken_or_hostile_file_is_refused_in_one_sentence(
    desk: Desk, path: str, content: bytes, words: str
) -> None:
    desk.workspace.write(path, content)
    with pytest.raises(ToolFailed, match=words) as refused:
        await desk.call("document_read", path=path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("path", "whole", "tool", "more"),
    [
        ("a.docx", word(), "document_read", {}),
        ("a.xlsx", book(), "sheet_read", {}),
        ("a.xlsx", book(), "sheet_write", {"sheet": "Sheet", "cell": "A1", "rows": [["a"]]}),
        ("a.pptx", deck(), "slides_read", {}),
        ("a.zip", zipped(a=bytes(range(256)) * 99), "archive_extract", {"member": "a"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_file_with_damage_anywhere_is_read_or_refused_in_words(
    desk: Desk, path: str, whole: bytes, tool: str, more: dict[str, Any]
) -> None:
    chance, refused = random.Random(7), 0
    for _ in range(40):
        damaged = bytearray(whole)
        place = chance.randrange(len(whole))
        damaged[place : place + 8] = chance.randbytes(8)
        desk.workspace.write(path, bytes(damaged))
        try:
            await desk.call(tool, path=path, **more)
        except ToolFailed as error:
            assert "\n" not in str(error)
            refused += 1
    assert refused >= 3


async def test_a_zip_is_listed_and_one_file_taken_out_but_nothing_harmful(desk: Desk) -> None:
    desk.workspace.write("a.zip", zipped(**{"d__a.txt": b"hello", "..__evil.txt": b"x", "in.zip": zipped(a=b"x")}))
    listing = (await desk.call("document_read", path="a.zip")).text
    assert "d/a.txt  5 bytes" in listing and "outside the workspace" in listing and "archive inside" in listing
    await desk.call("archive_extract", path="a.zip", member="d/a.txt")
    assert desk.workspace.read("a.txt") == b"hello"
    for name in ("../evil.txt", "in.zip"):
        with pytest.raises(ToolFailed, match="can't be extracted"):
            await desk.call("archive_extract", path="a.zip", member=name)


async def test_a_mail_is_read_and_its_attachment_taken_out(desk: Desk) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ada@a.example", "bob@b.example", "Prices"
    mail.set_content("See attached.")
    mail.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="p.csv")
    desk.workspace.write("m.eml", mail.as_bytes())
    text = (await desk.call("document_read", path="m.eml")).text
    assert "From: ada@a.example" in text and "See attached." in text and "- p.csv  8 bytes" in text
    await desk.call("archive_extract", path="m.eml", member="p.csv", to="in/p.csv")
    assert desk.workspace.read("in/p.csv") == b"a,b\n1,2\n"


async def test_pdfs_are_joined_and_taken_apart(desk: Desk) -> None:
    desk.workspace.write("a.pdf", blank())
    await desk.call("pdf_merge", path="b.pdf", parts=["a.pdf", "a.pdf#2"])
    assert len(PdfReader(io.BytesIO(desk.workspace.read("b.pdf"))).pages) == 4
    await desk.call("pdf_split", path="b.pdf", parts=[{"path": "c.pdf", "pages": "3-"}])
    assert len(PdfReader(io.BytesIO(desk.workspace.read("c.pdf"))).pages) == 2
    with pytest.raises(ToolFailed, match="has 3 pages; '9' isn't among them"):
        await desk.call("pdf_merge", path="b.pdf", parts=["a.pdf#9"])
    with pytest.raises(ToolFailed, match="any form fields"):
        await desk.call("pdf_fill", path="a.pdf", to="d.pdf", values={"x": "y"})


def test_text_that_did_not_come_through_is_noticed() -> None:
    assert lost("efficient office", "e\ufb03cient of\ufb01ce") == []
    assert lost("office hours", "o\x00ffice hours") == ["office"]


async def test_each_planted_fault_of_a_document_is_named(desk: Desk) -> None:
    blocks = [{"type": "contents"}, {"type": "heading", "text": "One"}, {"type": "paragraph", "text": "x"}]
    await desk.call("document_write", path="a.docx", title="T", blocks=blocks)
    document: Any = docx.Document(io.BytesIO(desk.workspace.read("a.docx")))
    assert all(c.ok for c in [*structure(document), *contents_match(document, None)])
    document.add_heading("", 2)
    document.add_heading("Deep", 3)
    document.add_heading("Skips", 1)
    document.add_heading("Too deep", 3)
    picture = io.BytesIO()
    Image.new("RGB", (20, 20)).save(picture, "PNG")
    document.add_picture(picture)
    table = document.add_table(1, 2)
    for column in table.columns:
        column.width = 12 * 360_000
    link = next(e for e in document.element.body.iter() if e.tag.endswith("}hyperlink"))
    link.set(next(k for k in link.attrib if str(k).endswith("}anchor")), "_TocGone")
    found = {c.name: c for c in [*structure(document), *contents_match(document, None)]}
    assert "an empty level" in found["headings"].words and "'Too deep' is at level 3" in found["headings"].words
    assert "_TocGone" in found["links"].words and "no alternative text" in found["pictures"].words
    assert "24.0 cm wide" in found["tables"].words and not found["contents"].ok
