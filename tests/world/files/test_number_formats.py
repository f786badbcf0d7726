"""Numbers under number formats: what people see, as LibreOffice shows it too, and never fewer digits than there are."""

import csv
import subprocess
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

from agents.number_format import formatted, formatted_text
from agents.tools.data.in_sandbox import read_tables
from agents.tools.data.in_sandbox.look import run as look
from agents.tools.data.in_sandbox.querying import run as query
from agents.tools.office.displayed_value import displayed_number, shown
from tests.office_workspace import Desk

_ACCOUNTING = '_-* #,##0.00\\ [$€-407]_-;-* #,##0.00\\ [$€-407]_-;_-* "-"??\\ [$€-407]_-;_-@_-'
_LAKHS = "[>=10000000]##\\,##\\,##\\,##0.00;[>=100000]##\\,##\\,##0.00;##,##0.00"
SHOWN: list[tuple[float, str, str]] = [
    (7612345678900, "General", "7612345678900"),
    (0.1, "General", "0.1"),
    (-12.5, "General", "-12.5"),
    (3, "General", "3"),
    (3, 'General" pcs"', "3 pcs"),
    # thousands
    (2345678, "#,##0,", "2,346"),
    (2345678, '#,##0.0,"k £"', "2,345.7k £"),
    (2345678, '0.00,,"M"', "2.35M"),
    (-2345678, "#,##0,;(#,##0,)", "(2,346)"),
    (2345678, "0.0,", "2345.7"),
    (2345678, "#,##0.00", "2,345,678.00"),
    (12, "0,000", "0,012"),
    (98765, "#,#", "98,765"),
    # conditions
    (2345678, '[>=1000]#,##0,"k";0', "2,346k"),
    (345, '[>=1000]#,##0,"k";0', "345"),
    (7, '[<10]"few";[<100]"some";"many"', "few"),
    (70, '[<10]"few";[<100]"some";"many"', "some"),
    (700, '[<10]"few";[<100]"some";"many"', "many"),
    (1, '[=1]"on";[=0]"off";0', "on"),
    (-4, '[Red][<0]"down "0;[Green]0', "down 4"),
    (3456789, _LAKHS, "34,56,789.00"),
    (345678901, _LAKHS, "34,56,78,901.00"),
    # zeros and literals
    (345, "00000", "00345"),
    (7, "00", "07"),
    (-7, "00", "-07"),
    (491511234567, '"+"0', "+491511234567"),
    (23, '"No. "0', "No. 23"),
    (987654321, "000-00-0000", "987-65-4321"),
    (2125550147, "(000) 000-0000", "(212) 555-0147"),
    (4111222233334444, "0000 0000 0000 0000", "4111 2222 3333 4444"),
    (21, '0"°C"', "21°C"),
    (8, "0\\ %", "800 %"),
    (12.34, '0.00" %"', "12.34 %"),
    # signs and currencies
    (-8, "0;(0)", "(8)"),
    (0, '0.00;-0.00;"none"', "none"),
    (-2345.5, "#,##0.00;[Red](#,##0.00)", "(2,345.50)"),
    (-2345.5, "#,##0.00_);(#,##0.00)", "(2,345.50)"),
    (-2345.5, "[$€-407] #,##0.00", "-€ 2,345.50"),
    (2345.5, "[$CHF] #,##0.00", "CHF 2,345.50"),
    (2345.5, "[$¥-411]#,##0", "¥2,346"),
    (2345.5, _ACCOUNTING, "2,345.50 €"),
    (2345.5, "#'##0.00", "2'345.50"),
    (1.5, "+0.0;-0.0;0.0", "+1.5"),
    # digits after the point
    (0.25, "#.##", ".25"),
    (0.25, "0.###", "0.25"),
    (1.005, "0.00", "1.01"),
    (2.5, "0", "3"),
    (0.125, "0%", "13%"),
    (-5, "0.0%", "-500.0%"),
    (2345.6789, "#,##0.???", "2,345.679"),
    (0, "#,##0", "0"),
    (0, "#", ""),
    (99, ";;;", ""),
    # powers and fractions
    (2345678, "0.00E+00", "2.35E+06"),
    (0.00002345, "0.0E+0", "2.3E-5"),
    (23456.789, "##0.0E+0", "23.5E+3"),
    (9.999, "0.0E+0", "1.0E+1"),
    (0, "0.00E+00", "0.00E+00"),
    (2.25, "# ?/?", "2 1/4"),
    (0.5, "# ?/4", "2/4"),
    (3.14159, "# ??/??", "3 14/99"),
    (0.999, "# ?/?", "1"),
    (0.3333333, "?/?", "1/3"),
    (2.75, "# ?/8", "2 6/8"),
    # dates, clocks, durations
    (45366.75, "dd.mm.yyyy hh:mm", "15.03.2024 18:00"),
    (45366.75, "m/d/yy h:mm AM/PM", "3/15/24 6:00 PM"),
    (45366, "ddd, d mmm yyyy", "Fri, 15 Mar 2024"),
    (45366, "mmmm yyyy", "March 2024"),
    (45366, "yyyy-mm-dd", "2024-03-15"),
    (45366, "[$-409]d-mmm-yy;@", "15-Mar-24"),
    (0.521, "hh:mm:ss.00", "12:30:14.40"),
    (0.0625, "[mm]:ss", "90:00"),
    (0.25, "h:mm;@", "6:00"),
    (1.75, "[h]:mm", "42:00"),
    (2.25, "[hh]:mm:ss", "54:00:00"),
    (0.5, "[s]", "43200"),
]


@pytest.mark.parametrize(("number", "code", "words"), SHOWN)
def test_a_number_is_shown_under_its_format(number: float, code: str, words: str) -> None:
    assert formatted(number, code) == words


@pytest.mark.slow
def test_libreoffice_shows_the_same(tmp_path: Path) -> None:
    book: Any = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet()
    sheet.set_column(0, 0, 60)
    for n, (number, code, _) in enumerate(SHOWN):
        sheet.write_number(n, 0, number, book.add_format({"num_format": code}) if code != "General" else None)
    book.close()
    how = "csv:Text - txt - csv (StarCalc):44,34,76,1"
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", how, "--outdir",
         str(tmp_path), str(tmp_path / "a.xlsx")], check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    with (tmp_path / "a.csv").open(encoding="utf-8") as file:
        seen = [row[0].strip() if row else "" for row in csv.reader(file)]
    seen += [""] * (len(SHOWN) - len(seen))
    assert [(c, s, w) for (_, c, w), s in zip(SHOWN, seen, strict=True) if s != w] == []


def test_a_text_section_adds_its_words() -> None:
    assert formatted_text("Ada", '0;-0;0;"Dr. "@') == "Dr. Ada"
    assert formatted_text("Ada", '#,##0;@" (sic)"') == "Ada (sic)"
    assert formatted_text("Ada", "General") == "Ada"


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (7612345678900, "General", "7612345678900"),
        (1 / 3, "General", "0.333333333333333"),
        (0.1 + 0.2, "General", "0.3"),
        (2345678, "#,##0,", "2,346 (2345678)"),
        (2345678, '[>=1000]#,##0,"k";0', "2,346k (2345678)"),
        (99, ";;;", "99"),
        (7612345678900, "0.00E+00", "7.61E+12 (7612345678900)"),
        (0.00002345, "0.0E+0", "2.3E-5"),
        (45366, "dddd", "2024-03-15"),
        (45366.5, "hh:mm", "2024-03-15 12:00"),
        (0.521, "hh:mm:ss", "12:30:14"),
        (1.5, "hh:mm", "36:00:00"),
        (-5, '[>=1000]#,##0,"k";0', "-5"),
        (5, "0.##", "5"),
    ],
)
def test_a_reader_gets_the_digits_that_a_format_hides(number: float, code: str, words: str) -> None:
    assert displayed_number(number, code) == words


def test_a_date_counts_from_1904_where_the_workbook_does() -> None:
    assert displayed_number(43904, "dd.mm.yyyy", from_1904=True) == "2024-03-15"


def test_a_value_that_openpyxl_read_is_shown_the_same_way() -> None:
    assert [shown(345, "00000"), shown(2345678, "#,##0,"), shown(True), shown(None)] == ["00345", "2,346", "TRUE", ""]


def _book(folder: Path) -> None:
    book: Any = xlsxwriter.Workbook(str(folder / "staff.xlsx"))
    sheet = book.add_worksheet("Staff")
    sheet.write_row(0, 0, ["Name", "ZIP", "Worked", "Code", "Fee"])
    for n, (name, code, days, item, fee) in enumerate(
        [("Ada", 345, 1.75, 7612345678900, 2345678), ("Bob", 80333, 0.25, 7612345678917, 1200000)], 1
    ):
        sheet.write_string(n, 0, name)
        sheet.write_number(n, 1, code, book.add_format({"num_format": "00000"}))
        sheet.write_number(n, 2, days, book.add_format({"num_format": "[h]:mm"}))
        sheet.write_number(n, 3, item)
        sheet.write_number(n, 4, fee, book.add_format({"num_format": "#,##0,"}))
    book.close()


async def test_every_tool_shows_codes_durations_and_long_numbers_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    _book(desk.workspace.root)
    read = (await desk.call("sheet_read", path="staff.xlsx")).text
    assert "Ada | 00345 | 42:00 | 7612345678900 | 2,346 (2345678)" in read
    monkeypatch.setattr(read_tables, "ROOT", desk.workspace.root)
    looked = look({"file": "staff.xlsx"})
    assert "| Ada | 00345 | 42 | 7612345678900 | 2345678 |" in looked
    assert "column B is shown with leading zeros, so it's text" in looked
    assert "column C holds durations, as hours (1:30 is 1.5)" in looked
    answer = query({
        "sql": 'SELECT sum("Worked") AS all_hours, min("ZIP") AS zip FROM t', "files": {"t": "staff.xlsx"},
        "save_as": "", "rows": 5,
    })  # fmt: skip
    assert "| 48 | 00345 |" in str(answer)
    assert "column C holds durations, as hours" in str(answer)


def test_written_durations_can_be_added_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_tables, "ROOT", tmp_path)
    (tmp_path / "log.csv").write_text("Name,Begin,Spent,Duration\nAda,08:30,41:15,0:45\nBob,09:00,7:30,1:15\n", "utf-8")
    asked = "SELECT sum(Spent) AS spent, sum(Duration) AS duration, min(Begin) AS begun FROM t"
    answer = str(query({"sql": asked, "files": {"t": "log.csv"}, "save_as": "", "rows": 5}))
    assert "| 48.75 | 2 | 08:30 |" in answer
    assert "'Spent' is in hours (1:30 is 1.5)" in answer
    assert "'Spent': 2 durations as text, e.g. '41:15'; in SQL they are hours (1:30 is 1.5)" in look(
        {"file": "log.csv"}
    )
