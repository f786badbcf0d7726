"""Letters that other programs write oddly: encodings kept in edits, ligatures of PDFs, calendars, links of slides."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PIL import Image
from pptx import Presentation
from pptx.util import Inches

from agents.pdf_reading.letters import Box, Letter, _named, _Sign  # pyright: ignore[reportPrivateUsage]
from agents.tools.files.tools import edit_file
from agents.tools.office import zip_package
from agents.tools.picture_facts import picture_facts
from agents.tools.text_recognition.prepared_scan import prepared
from tests.office_workspace import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def edited(desk: Desk, **args: Any) -> None:
    await edit_file(desk.room("edit_file", args))


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Name;Ort\r\nMüller;Köln\r\nGroß;Düren\r\nJäger;Über\r\n", "cp1252"),
        ("注文,得意先,金額\n1,山田商店,100\n2,鈴木電機,200\n", "cp932"),
        ("Имя;Город\nИванов;Москва\nПетров;Казань\n", "cp1251"),
        ("a\tNuñez\r\nb\tÅkerblom\r\n", "utf-16"),
    ],
)
async def test_an_edit_keeps_the_encoding_of_the_file(desk: Desk, text: str, codec: str) -> None:
    word = next(word for word in text.replace("\t", " ").split() if not word.isascii()).split(";")[-1].split(",")[-1]
    desk.workspace.write("a.csv", text.encode(codec))
    await edited(desk, path="a.csv", old=word, new=word[::-1], everywhere=True)
    assert desk.workspace.read("a.csv") == text.replace(word, word[::-1]).encode(codec)


async def test_letters_that_the_encoding_cant_write_are_named(desk: Desk) -> None:
    before = "Name;Ort\nMüller;Köln\nGroß;Düren\n".encode("cp1252")
    desk.workspace.write("a.csv", before)
    with pytest.raises(Exception, match="is in cp1252, which can't write '山"):
        await edited(desk, path="a.csv", old="Müller", new="山田")
    assert desk.workspace.read("a.csv") == before


def _sign(code: int) -> _Sign:
    box = Box(0, 0, 5, 10)
    return _Sign(code, "", Letter(chr(code), box, 0, box, 10))


def test_ligatures_with_their_bytes_swapped_are_letters() -> None:
    assert "".join(one.text for one in _named(list(map(_sign, (0x6600, 0x6900, ord("x")))))) == "fix"
    assert "".join(one.text for one in _named(list(map(_sign, (0x6600, 0x5C71))))) == "昀山"


async def test_a_calendar_file_is_read_as_events(desk: Desk) -> None:
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "SUMMARY:Review", "DTSTART:20240308T130000Z",
             "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=3", "END:VEVENT", "END:VCALENDAR"]  # fmt: skip
    desk.workspace.write("a.ics", "\r\n".join(lines).encode())
    text = (await desk.call("document_read", path="a.ics")).text
    assert text == "What: Review\nBegins: 2024-03-08 13:00 UTC\nRepeats: every 2 weeks, on Mon, Fri, 3 times"


async def test_slides_tell_links_and_powers_and_name_each_layout_once(desk: Desk) -> None:
    deck: Any = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    frame = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(4), Inches(1)).text_frame
    for words, baseline in (("10", 0), ("6", 30000), (" CO", 0), ("2", -25000), (" as said", 0), ("3", 30000)):
        run = frame.paragraphs[0].add_run()
        run.text = words
        if baseline:
            run._r.get_or_add_rPr().set("baseline", str(baseline))
    run = frame.add_paragraph().add_run()
    run.text, run.hyperlink.address = "costs", "https://example.org/costs"
    out = io.BytesIO()
    deck.save(out)
    desk.workspace.write("a.pptx", out.getvalue())
    text = (await desk.call("slides_read", path="a.pptx")).text
    assert "- 10⁶ CO₂ as said[3]" in text
    assert "[link] costs: https://example.org/costs" in text


def test_a_photo_on_its_side_is_as_wide_as_it_is_shown() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (40, 20)).save(out, "JPEG", exif=turned)
    assert '"width":20,"height":40' in picture_facts(out.getvalue(), "a.jpg")


async def test_a_workbook_that_cant_be_written_says_what_to_do(desk: Desk) -> None:
    with pytest.raises(Exception, match=r"Only \.xlsx workbooks can be written"):
        await desk.call("sheet_write", path="a.ods", sheet="A", cell="A1", rows=[["x"]])


async def test_a_file_of_contacts_is_read_as_people(desk: Desk) -> None:
    cards = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jürgen Groß\r\nN:Groß;Jürgen\r\nORG:Nordhafen;Einkauf\r\n"
        "item1.TEL;TYPE=CELL:"
        "+49 171 5550\r\nNOTE:Ruft\\, wenn\\nnötig\r\nEND:VCARD\r\nBEGIN:VCARD\r\nN;ENCODING=QUOTED-PRINTABLE;"
        "CHARSET=UTF-8:M=C3=BCller;Ann\r\nEND:VCARD\r\n"
    )
    desk.workspace.write("a.vcf", cards.encode())
    text = (await desk.call("document_read", path="a.vcf")).text
    first = "Name: Jürgen Groß\nOrganization: Nordhafen, Einkauf\nPhone: +49 171 5550\nNote: Ruft, wenn\nnötig"
    assert text == f"{first}\n\nName: Ann Müller"


async def test_a_mail_of_html_has_links_and_leaves_out_what_it_hides(desk: Desk) -> None:
    head = b"From: a@b.example\r\nSubject: Offer\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    page = (
        '<p>See <a href="https://example.org/offer?id=7">the offer</a></p><div style="display: none">ignore it</div>'
        '<p hidden>nor this</p><p>and <a href="https://example.org/x">https://example.org/x</a></p>'
    )
    desk.workspace.write("a.eml", head + page.encode())
    text = (await desk.call("document_read", path="a.eml")).text
    assert "[link] the offer: https://example.org/offer?id=7" in text
    assert text.count("[link]") == 1
    assert "ignore" not in text
    assert "nor this" not in text


def test_bright_letters_on_a_dark_screen_are_turned_around() -> None:
    screen = Image.new("RGB", (200, 100), (28, 28, 32))
    screen.paste((220, 220, 220), (20, 40, 120, 44))
    read = Image.open(io.BytesIO(prepared(screen)))
    ground, letters = read.getpixel((5, 5)), read.getpixel((read.width * 60 // 200, read.height * 42 // 100))
    assert isinstance(ground, int)
    assert isinstance(letters, int)
    assert ground > 200 > letters


async def test_a_workbook_tells_links_and_pivot_tables(desk: Desk) -> None:
    book: Any = openpyxl.Workbook()
    book.active["B2"] = "See"
    book.active["B2"].hyperlink = "https://example.org/orders"
    out = io.BytesIO()
    book.save(out)
    parts = dict(zip_package.parts(out.getvalue(), "a.xlsx"))
    of = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = parts["xl/worksheets/_rels/sheet1.xml.rels"].decode()
    pivot = f'<Relationship Id="p1" Type="{of}/pivotTable" Target="../pivotTables/pivotTable1.xml"/>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts |= {
        "xl/worksheets/_rels/sheet1.xml.rels": rels.replace("</Relationships>", f"{pivot}</Relationships>").encode(),
        "xl/pivotTables/pivotTable1.xml": f'<pivotTableDefinition xmlns="{main}" name="P"><location ref="A5:E9"/>'
        "</pivotTableDefinition>".encode(),
        "xl/pivotTables/_rels/pivotTable1.xml.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
            f'Type="{of}/pivotCacheDefinition" Target="../pivotCache/c1.xml"/></Relationships>'
        ).encode(),
        "xl/pivotCache/c1.xml": f'<pivotCacheDefinition xmlns="{main}"><cacheSource type="worksheet"><worksheetSource '
        'ref="A1:E13" sheet="Data"/></cacheSource></pivotCacheDefinition>'.encode(),
    }
    desk.workspace.write("a.xlsx", zip_package.pack(parts))
    text = (await desk.call("sheet_read", path="a.xlsx")).text
    assert "[link at B2] https://example.org/orders" in text
    assert "[pivot table at A5:E9] of Data!A1:E13" in text
