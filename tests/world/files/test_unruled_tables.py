"""Tables without borders: an empty cell keeps its place, and running text stays as it is."""

import pytest

from agents.pdf_reading.letters import Box
from agents.pdf_reading.letters_to_lines import LinePiece
from agents.pdf_reading.read_pages import ReadPdf, read_pages
from agents.pdf_reading.reading_order import Row
from agents.pdf_reading.unruled_tables import row_texts
from tests.world.files.pdf_writer import one_page, shown


def unruled(rows: list[tuple[str, ...]], at: tuple[int, ...], *, ends: bool = False) -> bytes:
    """Returns a table without borders; `ends`: the columns of figures end at their places."""
    drawn: list[str] = []
    for n, cells in enumerate(rows):
        for x, text in zip(at, cells, strict=True):
            back = sum(2.8 if c in ",." else 5.6 for c in text) if ends and x > 250 else 0
            drawn += [shown(text, x - back, 700 - 16 * n, size=10)] if text else []
    return one_page(shown("Statement of March", 60, 730) + "".join(drawn))


STATEMENT = [
    ("Date", "Text", "Debit", "Credit", "Balance"), ("01.03.", "Carried forward", "", "", "800.00"),
    ("04.03.", "Wages", "", "1,900.00", "2,700.00"), ("05.03.", "Flat", "950.00", "", "1,750.00"),
    ("31.03.", "Balance that is carried to April", "", "", "1,750.00"), ("", "", "", "", "1,750.00"),
]  # fmt: skip
ROSTER = [
    ("", "Mon", "Tue", "Wed"), ("Ida", "E", "", "L"), ("Kurt", "", "", "N"), ("Mo", "", "E", ""),
    ("Mo's dog", "", "", ""),
]  # fmt: skip

CASES = [
    ("empty cells without borders", unruled(STATEMENT, (60, 110, 330, 410, 490), ends=True),
     ("Statement of March\n| Date | Text | Debit | Credit | Balance |", "|  |  | 800.00 |",
      "| Wages |  | 1,900.00 | 2,", "| Flat | 950.00 |  | 1,750.00 |", "April |  |  | 1,750.00 |",
      "|  |  |  |  | 1,750.00 |")),
    ("empty cells of letters", unruled(ROSTER, (60, 150, 210, 270)),
     ("|  | Mon | Tue | Wed |", "| Ida | E |  | L |", "| Kurt |  |  | N |", "| Mo |  | E |  |", "\nMo's dog\n")),
    ("full cells without borders", unruled([row[:3] for row in STATEMENT[:2]] * 2, (60, 200, 330)),
     ("Date\tText\tDebit",)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "content", "words"), CASES, ids=[row[0] for row in CASES])
def test_cells_stand_under_their_heads(kind: str, content: bytes, words: tuple[str, ...]) -> None:
    text = ReadPdf.model_validate_json(read_pages(content, "a.pdf", pages="")).pages[0].text + "\n"
    places = [text.find(word) for word in words]
    assert -1 not in places and places == sorted(places), text


def test_lines_with_a_gap_are_no_table_where_columns_of_text_stand_beside_each_other() -> None:
    texts = ["with the words of a column", "which tells of many things", "that nobody keeps in tables"]
    rows = [Row(tuple(LinePiece(f"{text} {n}", Box(200 * at, -14 * n - 10, 200 * at + 160, -14 * n), 0)
                      for at, text in enumerate(texts) if n % 3 != at)) for n in range(6)]  # fmt: skip
    assert row_texts(rows) == [row.text for row in rows]
