"""PDFs as programs write them: columns, forms, notes, odd fonts, turned pages, damage. Each is read right."""

import io
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf import PdfWriter as Rewriter

from agents.bounded_read import bounded
from agents.pdf_reading.read_pages import read_pages
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk
from tests.world.files.pdf_writer import HELVETICA, PdfWriter, one_page, shown, to_unicode, type_3

LEFT = [
    "The committee met on Monday and",
    "agreed to the plan for the year,",
    "which begins in April. Costs are",
    "shared by the two offices as in",
    "the year before, and the report",
    "is due at the end of March.",
]
RIGHT = [
    "A second vote was needed for the",
    "new building, because the price",
    "had gone up since the first one.",
    "The chair asked for three offers",
    "from firms in the region, which",
    "will be read in the next meeting.",
]
SLANTED = "0.7071 0.7071 -0.7071 0.7071"
UPWARDS, DOWNWARDS, OVER = "0 1 -1 0", "0 -1 1 0", "-1 0 0 -1"


def columns(*, by_line: bool) -> bytes:
    left = [shown(text, 50, 700 - 14 * n) for n, text in enumerate(LEFT)]
    right = [shown(text, 320, 700 - 14 * n) for n, text in enumerate(RIGHT)]
    pairs = [part for pair in zip(left, right, strict=True) for part in pair]
    return one_page("".join(pairs if by_line else left + right))


def boxes(across: list[int], up: list[int]) -> str:
    flat = [f"{across[0]} {y} m {across[-1]} {y} l S\n" for y in up]
    return "".join(flat + [f"{x} {up[0]} m {x} {up[-1]} l S\n" for x in across])


def table(rows: list[list[str]], *, ruled: bool = True, turn: str = "1 0 0 1") -> str:
    words = "".join(
        shown(text, 55 + 150 * column, 705 - 20 * row)
        for row, cells in enumerate(rows)
        for column, text in enumerate(cells)
    )
    up = [700 - 20 * n + 20 for n in range(len(rows) + 1)] if ruled else [720, 700, 700 - 20 * (len(rows) - 1)]
    return f"q {turn} 0 0 cm\n{boxes([50, 200, 350], sorted(up))}{words}Q\n"


ROWS = [["Item", "Amount"], ["Paper", "12.50"], ["Ink", "140.00"], ["Post", "7.95"]]


def answered_later() -> bytes:
    labels = ["Invoice", "Date", "Total"]
    values = ["2026-118", "3 March 2026", "1,250.00"]
    drawn = [shown(text, 60, 700 - 30 * n) for n, text in enumerate(labels)]
    return one_page("".join(drawn + [shown(text, 300, 700 - 30 * n) for n, text in enumerate(values)]))


def struck_twice() -> bytes:
    shadow = shown("Total due: 47.80", 60, 700) + shown("Total due: 47.80", 60.6, 699.6)
    places = (60, 68, 74.7, 77.3, 80, 86.7, 93.3)
    letters = "".join(shown(c, x, 650) + shown(c, x + 0.4, 650) for c, x in zip("Balloon", places, strict=True))
    return one_page(shadow + letters)


def noted(*, drawn: bool) -> bytes:
    writer = PdfWriter()
    looks = writer.add(
        f"<< /Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 {HELVETICA} >> >> >>",
        shown("Approved by Ada", 2, 5).encode(),
    )
    look = f"/AP << /N {looks} 0 R >>" if drawn else ""
    free = writer.add(
        f"<< /Type /Annot /Subtype /FreeText /Rect [60 600 260 620] /Contents (Approved by Ada) /F 4 {look} >>"
    )
    sticky = writer.add(
        "<< /Type /Annot /Subtype /Text /Rect [300 700 320 720] /Contents (Is this net or gross?) /T (Bob) >>"
    )
    writer.page(shown("Total 47.80", 60, 700), more=f"/Annots [{free} 0 R {sticky} 0 R]")
    return writer.written()


def filled_form() -> bytes:
    writer = PdfWriter()
    field = writer.add(
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Ada Lovelace) /Rect [60 600 260 620] /F 4 "
        "/DA (/Helv 12 Tf 0 g) >>"
    )
    box = writer.add("<< /Type /Annot /Subtype /Widget /FT /Btn /T (agreed) /V /Yes /AS /Yes /Rect [60 560 70 570] >>")
    writer.page(shown("Name", 60, 630), more=f"/Annots [{field} 0 R {box} 0 R]")
    writer.catalogue = (
        f"/AcroForm << /Fields [{field} 0 R {box} 0 R] /NeedAppearances true /DA (/Helv 12 Tf 0 g) "
        f"/DR << /Font << /Helv {HELVETICA} >> >> >>"
    )
    return writer.written()


def xfa_form() -> bytes:
    writer = PdfWriter()
    data = writer.add(
        "<< >>",
        b'<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><form><Name>Ada Lovelace</Name>'
        b"<Income>52,400</Income></form></xfa:data></xfa:datasets>",
    )
    writer.catalogue = f"/AcroForm << /Fields [] /XFA [(datasets) {data} 0 R] >>"
    writer.page(shown("Please wait...", 60, 700))
    return writer.written()


def positions_as_codes() -> bytes:
    """Letters as their places in the font, 29 less than their codes, as Windows programs write them."""
    writer = PdfWriter()
    text = "Invoice for the second quarter: 1,250.00"
    font = type_3(writer, "".join(chr(ord(c) - 29) for c in dict.fromkeys(text)))
    codes = "".join(f"{ord(c) - 29:02X}" for c in text)
    writer.page(f"BT /F1 12 Tf 60 700 Td <{codes}> Tj ET", font=font)
    return writer.written()


def without_names() -> bytes:
    writer = PdfWriter()
    font = type_3(writer, "".join(map(chr, range(1, 31))))
    codes = "".join(f"{1 + n * 7 % 30:02X}" for n in range(60))
    writer.page(f"BT /F1 12 Tf 60 700 Td <{codes}> Tj ET", font=font)
    return writer.written()


def hebrew() -> bytes:
    """Letters from left to right as they are drawn, as programs without bidirectional text write them."""
    writer = PdfWriter()
    text = "שלום עולם"
    codes = {65 + n: c for n, c in enumerate(dict.fromkeys(text))}
    by_letter = {c: chr(code) for code, c in codes.items()}
    font = type_3(writer, "".join(by_letter.values()), to_unicode(writer, codes))
    writer.page(shown("".join(by_letter[c] for c in reversed(text)), 60, 700), font=font)
    return writer.written()


def downwards() -> bytes:
    writer = PdfWriter()
    text = "東京都千代田区"
    codes = {65 + n: c for n, c in enumerate(dict.fromkeys(text))}
    by_letter = {c: chr(code) for code, c in codes.items()}
    font = type_3(writer, "".join(by_letter.values()), to_unicode(writer, codes))
    writer.page("".join(shown(by_letter[c], 60, 700 - 13 * n) for n, c in enumerate(text)), font=font)
    return writer.written()


def with_attachment() -> bytes:
    writer = PdfWriter()
    held = writer.add("<< /Type /EmbeddedFile >>", b"item,amount\nPaper,12.50\n")
    spec = writer.add(f"<< /Type /Filespec /F (lines.csv) /UF (lines.csv) /EF << /F {held} 0 R >> >>")
    writer.catalogue = f"/Names << /EmbeddedFiles << /Names [(lines.csv) {spec} 0 R] >> >>"
    writer.page(shown("See the attached list", 60, 700))
    return writer.written()


def locked(password: str) -> bytes:
    writer, out = Rewriter(clone_from=PdfReader(io.BytesIO(one_page(shown("Total 47.80", 60, 700))))), io.BytesIO()
    writer.encrypt(password, "owner")
    writer.write(out)
    return out.getvalue()


PLAIN = one_page(shown("Total 47.80", 60, 700))
FOR_CERTAIN_PEOPLE = PLAIN.replace(
    b"/Root 1 0 R", b"/Root 1 0 R /ID [<00> <00>] /Encrypt << /Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 4 >>"
)
CASES = [
    ("columns written line by line", columns(by_line=True), (*LEFT, *RIGHT)),
    ("columns one after the other", columns(by_line=False), (*LEFT, *RIGHT)),
    ("table with borders", one_page(table(ROWS)), ("| Item | Amount |", "| Ink | 140.00 |")),
    ("no borders between rows", one_page(table(ROWS, ruled=False)), ("| Item | Amount |", "| Ink | 140.00 |")),
    ("turned page", one_page(shown("First", 60, 700) + shown("Then", 60, 680), more="/Rotate 90"), ("First", "Then")),
    ("table on its side", one_page(table(ROWS, turn=UPWARDS), size="-842 0 0 595"), ("| Ink | 140.00 |",)),
    ("table downwards", one_page(table(ROWS, turn=DOWNWARDS), size="0 -595 842 0"), ("| Ink | 140.00 |",)),
    ("upside down", one_page(shown("First", 300, 500, turn=OVER) + shown("Then", 300, 520, turn=OVER)),
     ("First", "Then")),
    ("size below zero", one_page(shown("Authority", 500, 500, size=-12)), ("Authority",)),
    ("slanted watermark", one_page(shown("Not for sale", 100, 100, size=40, turn=SLANTED)), ("Not for sale",)),
    ("answers after labels", answered_later(), ("Invoice\t2026-118", "Date\t3 March 2026", "Total\t1,250.00")),
    ("struck twice", struck_twice(), ("\nTotal due: 47.80\n", "Balloon")),
    ("gaps for spaces", one_page("BT /F1 12 Tf 60 700 Td [(Total) -400 (due) -400 (now)] TJ ET"), ("Total due now",)),
    ("free text drawn", noted(drawn=True), ("Total 47.80", "Approved by Ada", "[note by Bob] Is this net or gross?")),
    ("free text not drawn", noted(drawn=False), ("Approved by Ada",)),
    ("filled form", filled_form(), ("Name", "- name: Ada Lovelace", "- agreed (box): Yes")),
    ("form for Adobe's reader", xfa_form(), ("XFA form", "- Name: Ada Lovelace", "- Income: 52,400")),
    ("positions as codes", positions_as_codes(), ("Invoice for the second quarter: 1,250.00",)),
    ("right to left", hebrew(), ("שלום עולם",)),
    ("top to bottom", downwards(), ("東京都千代田区",)),
    ("attachment", with_attachment(), ("See the attached list", "- lines.csv  24 bytes")),
    ("empty password", locked(""), ("Total 47.80",)),
    ("wrong places of objects", PLAIN.replace(b"startxref\n", b"startxref\n9"), ("Total 47.80",)),
    ("cut off", PLAIN[: PLAIN.index(b"xref")], ("Total 47.80",)),
    ("no header", PLAIN.removeprefix(b"%PDF-1.7\n"), ("Total 47.80",)),
    ("mail in front", b"Received: by us\r\n\r\n" + PLAIN, ("Total 47.80",)),
    ("bytes behind", PLAIN + b"\0" * 3000, ("Total 47.80",)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "content", "words"), CASES, ids=[row[0] for row in CASES])
async def test_a_pdf_is_read_as_people_read_it(
    kind: str, content: bytes, words: tuple[str, ...], tmp_path: Path
) -> None:
    text = (await told(content, tmp_path)) + "\n"
    places = [text.find(word) for word in words]
    assert -1 not in places, text
    assert places == sorted(places), text
    assert "(cid:" not in text


async def told(content: bytes, folder: Path, **more: str) -> str:
    desk = Desk(folder)
    desk.workspace.write("a.pdf", content)
    return (await desk.call("document_read", path="a.pdf", **more)).text


async def test_letters_that_no_font_names_are_told_and_never_guessed(tmp_path: Path) -> None:
    text = await told(without_names(), tmp_path)
    assert "60 letters on this page can't be read as text" in text
    assert "(cid:" not in text


async def test_words_of_a_column_are_not_mixed_with_its_neighbour(tmp_path: Path) -> None:
    assert "\t" not in await told(columns(by_line=True), tmp_path)


async def test_an_empty_page_is_told_from_a_scanned_one(tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.page(shown("Total 47.80", 60, 700))
    writer.page("")
    assert "[page 2]\n(this page is empty)" in await told(writer.written(), tmp_path)


async def test_a_file_attached_to_a_pdf_can_be_extracted(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.workspace.write("a.pdf", with_attachment())
    await desk.call("archive_extract", path="a.pdf", member="lines.csv")
    assert desk.workspace.read("lines.csv") == b"item,amount\nPaper,12.50\n"
    with pytest.raises(ToolFailed, match=r"has no attachment 'x'; it has 'lines.csv'"):
        await desk.call("archive_extract", path="a.pdf", member="x")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (locked("secret"), "password-protected"),
        (FOR_CERTAIN_PEOPLE, "is encrypted for certain people"),
        (b"%PDF-1.7 broken", "it is damaged"),
        (PdfWriter().written(), "without any pages"),
    ],
)
async def test_a_pdf_that_cannot_be_read_is_refused_in_one_sentence(content: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match=words) as refused:
        await told(content, tmp_path)
    assert "Error" not in str(refused.value)


async def test_long_pdfs_are_read_in_parts(tmp_path: Path) -> None:
    writer = PdfWriter()
    for number in range(1, 63):
        writer.page(shown(f"Sheet {number}", 60, 700))
    content = writer.written()
    assert "[2 more pages; continue with pages='61-62']" in await told(content, tmp_path)
    assert "Sheet 62" in await told(content, tmp_path, pages="61-62")


def endless() -> bytes:
    """Forms that each draw the next one fifty times."""
    writer = PdfWriter()
    inner = writer.add("<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] >>", b"0 0 9 9 re f")
    for _ in range(6):
        resources = f"/Resources << /XObject << /X {inner} 0 R >> >>"
        inner = writer.add(f"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] {resources} >>", b"/X Do " * 50)
    content = writer.add("<< >>", b"/X Do")
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents {content} 0 R"
    writer.pages.append(writer.add(f"{page} /Resources << /XObject << /X {inner} 0 R >> >> >>"))
    return writer.written()


@pytest.mark.slow
async def test_a_pdf_that_never_ends_is_stopped() -> None:
    with pytest.raises(ToolFailed, match=r"took longer than 1 seconds|more than 1.5 GiB"):
        await bounded(read_pages, endless(), "a.pdf", longest=1.0, pages="")
