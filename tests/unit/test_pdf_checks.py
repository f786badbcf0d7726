"""What is wrong with a PDF is named whatever made it, and a clean one raises no alarm."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from agents.tools.office.inspect.pdf_checks import checks, garbled
from agents.tools.office.inspect.tool import inspected
from orchestrator.domain.deliverables import Check, Inspection
from tests.office_workspace import Desk

WORDS = "The contract renews in March and costs less than before."


def stream(content: bytes) -> StreamObject:
    made = StreamObject()
    made.set_data(content)
    return made


def names(**pairs: str) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): NameObject(value) for key, value in pairs.items()})


def page(
    writer: Any, text: str = WORDS, *, font: DictionaryObject | None = None, size: tuple[int, int] = (595, 842)
) -> Any:
    made = writer.add_blank_page(*size)
    font = font or names(Type="/Font", Subtype="/Type1", BaseFont="/Helvetica")
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    made[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    made[NameObject("/Contents")] = writer._add_object(stream(f"BT /F1 12 Tf 60 700 Td ({text}) Tj ET".encode()))
    return made


def pdf(plant: Callable[[Any], None] = lambda writer: None, *, title: str = "The contract") -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    page(writer)
    page(writer)
    if title:
        writer.add_metadata({"/Title": title})
    plant(writer)
    writer.write(out)
    return out.getvalue()


def found(content: bytes) -> dict[str, Check]:
    return {c.name: c for c in checks(content)}


def mapped(code: str) -> DictionaryObject:
    """A font whose letters come out as this code when they are copied."""
    table = (
        f"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <00> <FF> [{f'<{code}> ' * 256}] endbfrange"
    )
    font = names(Type="/Font", Subtype="/Type1", BaseFont="/Helvetica")
    font[NameObject("/ToUnicode")] = stream(f"/CIDInit begincmap {table} endcmap".encode())
    return font


def unmapped(writer: Any) -> None:
    page(writer, font=mapped("0000"))


def private(writer: Any) -> None:
    page(writer, font=mapped("E012"))


def mute(writer: Any) -> None:
    page(writer, font=mapped("0020"))


def scanned(writer: Any) -> None:
    out = io.BytesIO()
    Image.effect_noise((400, 500), 60).save(out, "PDF")
    writer.append(io.BytesIO(out.getvalue()))


def blank(writer: Any) -> None:
    writer.add_blank_page(595, 842)


def other_paper(writer: Any) -> None:
    page(writer, size=(612, 792))


def lying(writer: Any) -> None:
    page(writer, size=(842, 595))


def bad_address(writer: Any) -> None:
    writer.add_annotation(0, Link(rect=(50, 600, 100, 620), url="http:///nowhere"))


def bad_name(writer: Any) -> None:
    link = Link(rect=(50, 600, 100, 620), url="https://acme.example")
    link[NameObject("/A")] = DictionaryObject(
        {NameObject("/S"): NameObject("/GoTo"), NameObject("/D"): TextStringObject("gone")}
    )
    writer.add_annotation(0, link)


def nothing(writer: Any) -> None:
    """A clean one."""


def good_links(writer: Any) -> None:
    writer.add_annotation(0, Link(rect=(50, 600, 100, 620), target_page_index=1))
    writer.add_annotation(0, Link(rect=(50, 500, 100, 520), url="https://acme.example/a"))
    writer.add_named_destination("there", 1)
    link = Link(rect=(50, 400, 100, 420), url="https://acme.example")
    link[NameObject("/A")] = DictionaryObject(
        {NameObject("/S"): NameObject("/GoTo"), NameObject("/D"): TextStringObject("there")}
    )
    writer.add_annotation(0, link)


def without_font(writer: Any) -> None:
    page(writer, font=names(Type="/Font", Subtype="/TrueType", BaseFont="/SegoeUI"))


def form(writer: Any) -> None:
    fields = ArrayObject()
    for name, value in (("name", "Ada"), ("date", "")):
        field = DictionaryObject({NameObject("/T"): TextStringObject(name), NameObject("/FT"): NameObject("/Tx"),
                                  NameObject("/V"): TextStringObject(value)})  # fmt: skip
        fields.append(writer._add_object(field))
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})


@pytest.mark.parametrize("plant", [nothing, good_links, lying])
def test_a_clean_pdf_raises_no_alarm(plant: Callable[[Any], None]) -> None:
    said = found(pdf(plant))
    assert said.keys() >= {"text", "links", "blank pages", "fonts", "page size", "title"}
    assert [c for c in said.values() if not c.ok or c.told] == []


@pytest.mark.parametrize(
    ("plant", "name", "words"),
    [
        (unmapped, "text", "page 3: text that is garbled"),
        (private, "text", "page 3: text that is garbled"),
        (mute, "text", "page 3: text that can't be searched"),
        (scanned, "text", "page 3: text only as pictures, as in a scan"),
        (blank, "blank pages", "empty: page 3"),
        (bad_address, "links", "page 1: 'http:///nowhere' isn't a web address"),
        (bad_name, "links", "page 1: a link to 'gone', which doesn't exist"),
        (without_font, "fonts", "SegoeUI"),
    ],
)
def test_a_planted_fault_is_named_with_its_page(plant: Callable[[Any], None], name: str, words: str) -> None:
    said = found(pdf(plant))
    assert words in said[name].words and [c.name for c in said.values() if not c.ok] == [name]


def test_what_is_no_fault_but_should_be_known_is_told() -> None:
    said = found(pdf(other_paper))
    assert (
        said["page size"].told
        and said["page size"].words == "pages of different sizes (A4: pages 1, 2; Letter: page 3)"
    )
    said = found(pdf(form))
    assert said["form"].told and said["form"].words == "form fields left empty: date"
    assert found(pdf(title=""))["title"].told and found(pdf(title="Microsoft Word - a.docx"))["title"].told


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("of\x00ce hours", True),
        ("e\ufffdcient", True),
        (" ".join(["7KLV", "FRQWUDFW", "UHQHZV", "LQ", "VSULQJ"] * 8), True),
        ("\uf0b7 a bullet of a sign font \uf0b7 another", False),
        ("of\ufb01ce, e\ufb03cient", False),
        ("GmbH, BWL, html, https, KfW, SQL " * 2, False),
        ("多言語の文書は問題ありません", False),
    ],
)
def test_text_is_garbled_or_not(text: str, wrong: bool) -> None:
    assert bool(garbled(text)) == wrong


async def test_a_scan_is_handed_in_with_an_honest_word(tmp_path: Path) -> None:
    desk, out = Desk(tmp_path), io.BytesIO()
    Image.effect_noise((400, 500), 60).save(out, "PDF")
    desk.workspace.write("a.pdf", out.getvalue())
    answer = await inspected(desk.room("inspect_deliverable", {"path": "a.pdf"}), "a.pdf", office=None, drawer=None)
    said = {c.name: c for c in Inspection.model_validate_json(answer.text).checks}
    assert said["opens"].ok and not said["text"].ok and "as in a scan" in said["text"].words
