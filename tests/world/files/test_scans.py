"""Scans and photos are read by Tesseract, with places and confidence; without it, one sentence says what it adds."""

import os
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

from agents.pdf_reading.letters import Box
from agents.tesseract_detection import chosen_languages
from agents.tools.text_recognition.recognized_lines import (
    RecognizedWord,
    recognized_text,
    recognized_words,
    told,
)
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk
from tests.world.files.pdf_writer import PdfWriter, shown
from tests.world.files.scan_writer import photographed, printed, saved
from tests.world.files.test_pdfs import LEFT, RIGHT

needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract-ocr is not installed")
RECEIPT = [
    ("Corner Bakery", ""), ("12 Mill Lane, Leeds", ""), ("2026-03-04 09:41", ""), ("Rye bread", "4.20"),
    ("Croissant x 3", "7.50"), ("Coffee beans 1 kg", "18.90"), ("Milk", "1.35"), ("Total", "31.95"), ("Card", "31.95"),
]  # fmt: skip


def receipt() -> Image.Image:
    lines = [(60, 60 + 56 * row, label) for row, (label, _) in enumerate(RECEIPT)]
    lines += [(0, 60 + 56 * row, amount) for row, (_, amount) in enumerate(RECEIPT) if amount]
    return photographed(printed(lines, (760, 640), ends=700))


def letter() -> Image.Image:
    left = [(150, 400 + 50 * row, text) for row, text in enumerate(LEFT)]
    right = [(900, 400 + 50 * row, text) for row, text in enumerate(RIGHT)]
    return printed([(150, 200, "Notes of the committee"), *left, *right], (1654, 2339))


def scanned(image: Image.Image, typed: str = "") -> bytes:
    """Returns a PDF whose page is this picture, as scanners write it."""
    writer = PdfWriter()
    head = f"<< /Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /ColorSpace /DeviceGray"
    held = writer.add(f"{head} /BitsPerComponent 8 /Filter /DCTDecode >>", saved(image, "JPEG", quality=80))
    content = writer.add("<< >>", f"q 595 0 0 842 0 0 cm /Im Do Q {typed}".encode())
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R"
    font = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    writer.pages.append(writer.add(f"{page} /Resources << /XObject << /Im {held} 0 R >> {font} >> >>"))
    return writer.written()


async def told_of(folder: Path, name: str, content: bytes, **more: str) -> str:
    desk = Desk(folder)
    desk.workspace.write(name, content)
    return (await desk.call("document_read", path=name, **more)).text


@needs_tesseract
async def test_a_photographed_receipt_becomes_lines_with_places_and_confidence(tmp_path: Path) -> None:
    text = await told_of(tmp_path, "receipt.jpg", saved(receipt(), "JPEG", quality=75))
    assert re.search(
        r"\[recognized by Tesseract \(.+\), 9\d% confidence on average; each line begins with its position", text
    )
    for label, amount in RECEIPT:
        line = f"{label}\t{amount}" if amount else label
        assert re.search(rf"\[\d+,\d+\] {re.escape(line)}\n", f"{text}\n"), text
    assert text.index("Corner Bakery") < text.index("Rye bread") < text.index("Total")


@needs_tesseract
async def test_a_scanned_letter_is_read_column_by_column(tmp_path: Path) -> None:
    text = await told_of(tmp_path, "letter.pdf", scanned(letter(), shown("Received 4 March", 60, 820)))
    assert "[page 1]\nReceived 4 March\n\n[recognized by Tesseract" in text
    places = [text.find(line.rstrip(".")) for line in ("Notes of the committee", *LEFT, *RIGHT)]
    assert -1 not in places and places == sorted(places), text


@pytest.mark.slow
@needs_tesseract
async def test_a_scan_on_its_side_is_turned(tmp_path: Path) -> None:
    lying = letter().rotate(90, expand=True)
    text = await told_of(tmp_path, "letter.png", saved(lying, "PNG"))
    assert LEFT[0] in text and RIGHT[-1].rstrip(".") in text


async def test_without_tesseract_one_sentence_says_what_it_would_add(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    said = "Tesseract, which isn't installed on this host, would read text and figures, with their positions"
    with pytest.raises(ToolFailed, match=said):
        await told_of(tmp_path, "letter.pdf", scanned(letter()))
    assert said in await told_of(tmp_path, "receipt.jpg", saved(receipt(), "JPEG"))
    mixed = await told_of(tmp_path, "mixed.pdf", scanned(letter(), shown("Received 4 March", 60, 820)))
    assert "Received 4 March" in mixed and said in mixed


def word(text: str, x: int, y: int, *, line: int = 1, sure: float = 95.0) -> RecognizedWord:
    return RecognizedWord(text, Box(x, -y - 20, x + 12 * len(text), -y), (1, 1, line), sure)


def test_words_at_a_slant_are_put_on_their_lines() -> None:
    labels = [word(text, 50, 100 + 40 * n, line=n) for n, text in enumerate(("Bread", "Milk", "Total"))]
    amounts = [word(text, 650, 70 + 40 * n, line=9 + n) for n, text in enumerate(("4.20", "1.35", "5.55"))]
    lines = [line.text for line in recognized_text([*labels, *amounts], 800, 400).lines]
    assert lines == ["Bread\t4.20", "Milk\t1.35", "Total\t5.55"]


def test_an_empty_cell_of_a_scanned_table_keeps_its_place() -> None:
    table = [("Item", "Key", "Share"), ("Heating", "area", "104.20"), ("Water", "", "87.15"), ("Sum", "", "191.35")]
    words = [word(text, 50 + 250 * column, 100 + 60 * row, line=10 * row + column)
             for row, cells in enumerate(table) for column, text in enumerate(cells) if text]  # fmt: skip
    lines = [line.text for line in recognized_text(words, 800, 400).lines]
    assert lines == ["| Item | Key | Share |", "| Heating | area | 104.20 |", "| Water |  | 87.15 |",
                     "| Sum |  | 191.35 |"]  # fmt: skip


def test_doubtful_words_are_labelled_and_spots_left_out() -> None:
    rows = ["level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"]
    rows += [f"5\t1\t1\t1\t{n}\t1\t40\t{50 * n}\t60\t20\t{sure}\t{text}" for n, (text, sure) in enumerate(
        [("Total", 96.0), ("47.80", 61.0), ("~", 40.0), ("ay", 41.0)], 1)]  # fmt: skip
    text = recognized_text(recognized_words("\n".join(rows)), 400, 400)
    assert told(text) == "[10,12] Total\n[10,25] 47.80 (only 61% sure)"


def test_languages_are_those_that_were_wanted_and_are_there() -> None:
    assert chosen_languages(("deu", "eng", "fra"), ("fra", "pol", "eng")) == ("fra", "eng")
    assert chosen_languages(("deu", "eng"), ()) == ("eng", "deu")
    assert chosen_languages(("eng",), ("pol",)) == ("eng",)
