"""PDFs made, filled in and shown; charts drawn; every kind of file read: with the real programs."""

import io
import stat
import zipfile
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from agents.tools.office.libreoffice import convert
from agents.tools.office.libreoffice.run_bound_child import run
from orchestrator.errors import ToolFailed
from tests.office_workspace import BROWSER, Desk

needs_office = pytest.mark.skipif(convert.soffice() is None, reason="LibreOffice is not installed")
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
MARKDOWN = """# Prices\n\nBorealis is *cheaper*.[^1]\n\n| Vendor | Price |\n|---|---|\n| Acme | 49 |\n
<script>no()</script>\n\n![Two bars](p.png)\n\n[^1]: borealis.example\n"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def pages(desk: Desk, path: str) -> list[str]:
    return [p.extract_text() for p in PdfReader(io.BytesIO(desk.workspace.read(path))).pages]


def word(*paragraphs: str) -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_heading("Terms", 1)
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def book() -> bytes:
    made, out = openpyxl.Workbook(), io.BytesIO()
    sheet: Any = made.active
    sheet.title = "Prices"
    for row in (["Vendor", "Price"], ["Acme", 49], ["Borealis", 39.5]):
        sheet.append(row)
    made.save(out)
    return out.getvalue()


def form() -> bytes:
    """One page with a text field, a box and a drop-down list."""
    writer: Any = PdfWriter()
    page = writer.add_blank_page(400, 300)
    font = writer._add_object(names(Type="/Font", Subtype="/Type1", BaseFont="/Helvetica"))
    fonts = DictionaryObject({NameObject("/Helv"): font})
    states = DictionaryObject()
    for state, marks in (("/Agreed", b"0 0 m 14 14 l 0 14 m 14 0 l S"), ("/Off", b"")):
        drawn = StreamObject()
        drawn.update(names(Type="/XObject", Subtype="/Form"))
        drawn[NameObject("/BBox")] = box(0, 0, 14, 14)
        drawn.set_data(marks)
        states[NameObject(state)] = writer._add_object(drawn)
    fields = [
        {"/T": text("name"), "/FT": NameObject("/Tx"), "/Rect": box(50, 240, 350, 260), "/DA": text("/Helv 12 Tf 0 g")},
        {"/T": text("agree"), "/FT": NameObject("/Btn"), "/Rect": box(50, 200, 64, 214), "/AS": NameObject("/Off"),
         "/AP": DictionaryObject({NameObject("/N"): states})},
        {"/T": text("plan"), "/FT": NameObject("/Ch"), "/Rect": box(50, 150, 200, 170), "/DA": text("/Helv 12 Tf 0 g"),
         "/Ff": NumberObject(1 << 17), "/Opt": ArrayObject([text("Team"), text("Business")])},
    ]  # fmt: skip
    made = ArrayObject()
    for field in fields:
        widget = names(Type="/Annot", Subtype="/Widget")
        widget.update({NameObject(key): value for key, value in field.items()})
        made.append(writer._add_object(widget))
    page[NameObject("/Annots")] = made
    resources = DictionaryObject({NameObject("/Font"): fonts})
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/Fields"): made, NameObject("/DR"): resources, NameObject("/DA"): text("/Helv 12 Tf 0 g")}
    )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def names(**pairs: str) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): NameObject(value) for key, value in pairs.items()})


def box(*sides: float) -> ArrayObject:
    return ArrayObject([FloatObject(side) for side in sides])


def text(words: str) -> TextStringObject:
    return TextStringObject(words)


@needs_office
async def test_a_word_file_becomes_a_pdf_and_a_page_of_it_a_picture(desk: Desk) -> None:
    desk.workspace.write("a.docx", word("Either party may leave with efficient notice."))
    answer = (await desk.call("pdf_make", path="a.pdf", source="a.docx")).text
    assert "1 page, made by LibreOffice with all the text from a.docx" in answer
    assert "Either party may leave" in pages(desk, "a.pdf")[0]
    shown = await desk.call("pdf_picture", path="a.pdf")
    assert [f.name for f in shown.files] == ["a-page-1.png"]
    with Image.open(io.BytesIO(desk.workspace.read("a-page-1.png"))) as page:
        assert page.width == 1600 and page.height > 2000
        dark = page.convert("L").point([255] * 128 + [0] * 128).getbbox()
    assert dark is not None
    with pytest.raises(ToolFailed, match="has 1 page; there's no page 2"):
        await desk.call("pdf_picture", path="a.pdf", page=2)


@needs_browser
async def test_markdown_is_printed_with_its_table_note_and_picture(desk: Desk) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "navy").save(picture, "PNG")
    desk.workspace.write("notes/p.png", picture.getvalue())
    desk.workspace.write("notes/a.md", MARKDOWN.encode())
    answer = (await desk.call("pdf_make", path="a.pdf", source="notes/a.md")).text
    assert "made by Chromium" in answer
    reader = PdfReader(io.BytesIO(desk.workspace.read("a.pdf")))
    shown = " ".join(reader.pages[0].extract_text().split())
    assert "Borealis is cheaper.1" in shown and "Acme 49" in shown and "borealis.example" in shown
    assert "Page 1 of 1" in shown and "<script>no()</script>" in shown
    assert len(reader.pages[0].images) == 1 and [o["/Title"] for o in reader.outline] == ["Prices"]  # pyright: ignore
    desk.workspace.write("notes/a.md", b"![gone](gone.png)")
    with pytest.raises(ToolFailed, match=r"uses the image 'gone\.png', which isn't in the workspace"):
        await desk.call("pdf_make", path="b.pdf", source="notes/a.md")


async def test_a_form_says_its_fields_is_filled_in_and_can_be_made_firm(desk: Desk) -> None:
    desk.workspace.write("form.pdf", form())
    listed = (await desk.call("document_read", path="form.pdf")).text
    assert "- name: \n- agree (box): \n- plan (Team, Business): " in listed
    values = {"name": "Ada Lovelace", "agree": True}
    answer = (await desk.call("pdf_fill", path="form.pdf", to="filled.pdf", values=values)).text
    assert "2 fields filled" in answer and "Still empty: plan" in answer
    fields: Any = PdfReader(io.BytesIO(desk.workspace.read("filled.pdf"))).get_fields()
    assert (fields["name"]["/V"], fields["agree"]["/V"]) == ("Ada Lovelace", "/Agreed")
    await desk.call("pdf_picture", path="filled.pdf", to="filled.png")
    await desk.call("pdf_picture", path="form.pdf", to="form.png")
    assert desk.workspace.read("filled.png") != desk.workspace.read("form.png")
    values["plan"] = "Business"
    await desk.call("pdf_fill", path="form.pdf", to="firm.pdf", values=values, flatten=True)
    firm = PdfReader(io.BytesIO(desk.workspace.read("firm.pdf")))
    assert not firm.get_fields() and firm.pages[0].extract_text().split() == ["Ada", "Lovelace", "Business"]
    for wrong, words in ({"nam": "x"}, "no field 'nam'"), ({"plan": "Gold"}, "accepts 'Team', 'Business'"):
        with pytest.raises(ToolFailed, match=words):
            await desk.call("pdf_fill", path="form.pdf", to="b.pdf", values=wrong)
    assert desk.workspace.read("form.pdf") == form()


ROWS: list[list[Any]] = [
    ["Month", "Acme", "Borealis"],
    ["January", {"value": 49, "finding": "f1"}, {"value": 39.5, "finding": "f2"}],
    ["February", 52, 38],
    ["March", 51, 41],
]


@pytest.mark.parametrize("kind", ["bar", "stacked", "line", "scatter", "histogram", "heatmap"])
async def test_each_kind_of_chart_opens_in_its_size_and_names_its_sources(desk: Desk, kind: str) -> None:
    words = {"title": "Borealis is cheaper in every month", "unit": "USD per user", "rows": ROWS}
    answer = (await desk.call("chart_picture", path="c.png", kind=kind, **words)).text
    source = "Source: acme.example [f1]; borealis.example [f2]."
    assert source in answer
    with Image.open(io.BytesIO(desk.workspace.read("c.png"))) as picture:
        assert (picture.format, picture.size) == ("PNG", (1440, 840))
        foot = picture.convert("L").crop((0, 800, 700, 840)).point([255] * 160 + [0] * 96)
        assert foot.getbbox() is not None
    drawing = desk.workspace.read("c.svg").decode()
    assert source in drawing and "Borealis is cheaper in every month" in drawing
    before = desk.workspace.read("c.png")
    await desk.call("chart_picture", path="c.png", kind=kind, **words)
    assert desk.workspace.read("c.png") == before


@needs_office
@pytest.mark.parametrize(("suffix", "said"), [("odt", "# Terms"), ("rtf", "Terms"), ("xls", "Borealis | 39.5")])
async def test_files_of_other_programs_are_read(desk: Desk, suffix: str, said: str) -> None:
    kind, content = ("xlsx", book()) if suffix == "xls" else ("docx", word("Ninety days' notice."))
    desk.workspace.write(f"a.{kind}", content)
    profile, source = (desk.folder / "profile").as_uri(), str(desk.folder / f"a.{kind}")
    options = (f"-env:UserInstallation={profile}", "--headless", "--convert-to", suffix, "--outdir", str(desk.folder))
    await run(str(convert.soffice()), *options, source, limit=60)
    text = (await desk.call("document_read", path=f"a.{suffix}")).text
    assert said in text and (suffix == "xls" or "Ninety days" in text)


async def test_a_word_file_with_macros_is_read_but_is_no_template(desk: Desk) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word("Hello."))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            main = b"openxmlformats-officedocument.wordprocessingml.document.main"
            new.writestr(name, old.read(name).replace(main, b"ms-word.document.macroEnabled.main"))
        new.writestr("word/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    desk.workspace.write("a.docm", out.getvalue())
    assert "Hello." in (await desk.call("document_read", path="a.docm")).text
    with pytest.raises(ToolFailed, match="has macros"):
        blocks = [{"type": "paragraph", "text": "x"}]
        await desk.call("document_write", path="b.docx", title="T", blocks=blocks, template="a.docm")


async def test_a_link_in_a_zip_stays_inside(desk: Desk) -> None:
    link = zipfile.ZipInfo("passwords.txt")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    desk.workspace.write("a.zip", out.getvalue())
    assert "can't be extracted: a link to another file" in (await desk.call("document_read", path="a.zip")).text
    with pytest.raises(ToolFailed, match="a link to another file"):
        await desk.call("archive_extract", path="a.zip", member="passwords.txt")
    assert not desk.workspace.exists("passwords.txt")
