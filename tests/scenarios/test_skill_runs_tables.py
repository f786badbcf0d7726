"""Shipped skills that compute: each is followed with real tools, and its workbook holds the right values."""

import io
from typing import Any

import openpyxl
import pytest

from tests.memory_hub import say
from tests.scenarios.skill_files import change, sheet, write
from tests.scenarios.skill_stage import OFFICE, follow, found

pytestmark = OFFICE

BRIEF = """Workshops 2027

We sell a seat for EUR 240. Room and food cost EUR 55 per seat, a trainer EUR 900 per workshop.
Marketing is EUR 1,200 a quarter. We start with three workshops in the first quarter and want one more each quarter;
about 14 seats are sold per workshop. If it goes badly: two workshops a quarter, no growth, 10 seats. If it goes well:
three in the first quarter and two more each quarter, 16 seats.
"""
MODEL = "workshops.xlsx"
INPUTS: list[tuple[str, str, list[float], str, str]] = [
    ("Workshops", "Workshops in the first quarter", [3, 2, 3], "workshops", "step.1"),
    ("More", "More workshops each quarter", [1, 0, 2], "workshops", "step.2"),
    ("Seats", "Seats sold per workshop", [14, 10, 16], "seats", "step.3"),
    ("Price", "Price per seat", [240, 240, 240], "EUR", "step.4"),
    ("Room", "Room and food per seat", [55, 55, 55], "EUR", "step.5"),
    ("Trainer", "Trainer per workshop", [900, 900, 900], "EUR", "step.6"),
    ("Marketing", "Marketing per quarter", [1200, 1200, 1200], "EUR", "step.7"),
]
QUOTES = ["three workshops in the first quarter", "one more each quarter", "about 14 seats are sold per workshop",
          "We sell a seat for EUR 240", "Room and food cost EUR 55 per seat", "a trainer EUR 900 per workshop",
          "Marketing is EUR 1,200 a quarter"]  # fmt: skip
LINES = [
    ("Workshops", "=Workshops", "={p}2+More"),
    ("Seats sold", "={c}2*Seats", "={c}2*Seats"),
    ("Revenue, EUR", "={c}3*Price", "={c}3*Price"),
    ("Room and food, EUR", "=-{c}3*Room", "=-{c}3*Room"),
    ("Trainers, EUR", "=-{c}2*Trainer", "=-{c}2*Trainer"),
    ("Marketing, EUR", "=-Marketing", "=-Marketing"),
    ("Result, EUR", "=SUM({c}4:{c}7)", "=SUM({c}4:{c}7)"),
]


def results(scenario: int) -> list[float]:
    """Each quarter's result in plain Python."""
    workshops, more, seats, price, room, trainer, marketing = (row[2][scenario] for row in INPUTS)
    return [(workshops + more * q) * (seats * (price - room) - trainer) - marketing for q in range(4)]


NAMES = ["Base", "Low", "High"]
SUMMARY: list[list[Any]] = [
    ["Figure", "2027"],
    ["Scenario", "=Scenario"],
    ["Revenue, EUR", {"value": "=Quarters!F4", "format": "integer"}],
    ["Result, EUR", {"value": "=Quarters!F8", "format": "integer"}],
    ["Margin", {"value": "=IF(Quarters!F4=0,0,Quarters!F8/Quarters!F4)", "format": "percent"}],
    ["Seats per workshop to break even", {"value": "=(Trainer+Marketing/Workshops)/(Price-Room)", "format": "0.0"}],
]
CHECKS: list[list[Any]] = [
    ["Check", "Result"],
    ["Year is the sum of the quarters", '=IF(ABS(SUM(Quarters!B8:E8)-Quarters!F8)<0.01,"OK","differs")'],
    ["Result is revenue less costs", '=IF(ABS(SUM(Quarters!F4:F7)-Quarters!F8)<0.01,"OK","differs")'],
]


def inputs(scenario: str) -> list[list[Any]]:
    rows: list[list[Any]] = [["Input", "Used", *NAMES, "Unit"], ["Scenario", scenario, None, None, None, "choose"]]
    for n, (_, words, values, unit, finding) in enumerate(INPUTS, 3):
        used = f"=INDEX(C{n}:E{n},MATCH(Scenario,C$1:E$1,0))"
        rows.append([words, used, {"value": values[0], "finding": finding}, *values[1:], unit])
    return rows


def quarters() -> list[list[Any]]:
    rows: list[list[Any]] = [["2027", "Q1", "Q2", "Q3", "Q4", "Year"]]
    for n, (words, first, later) in enumerate(LINES, 2):
        cells = [(later if at else first).format(c="BCDE"[at], p="ABCD"[at]) for at in range(4)]
        rows.append([words, *cells, f"=SUM(B{n}:E{n})"])
    return rows


@pytest.mark.parametrize(("number", "scenario"), list(enumerate(NAMES)))
async def test_a_spreadsheet_model_computes_what_plain_python_does(number: int, scenario: str) -> None:
    handed = await follow(
        "spreadsheet-model", "document", "Are our workshops worth it next year? Make a model with three cases.",
        [
            say(read_file={"path": "attachments/brief.md"}),
            *(found(row[1], row[2][0], "brief.md", quote) for row, quote in zip(INPUTS, QUOTES, strict=True)),
            say(more_tools={"family": "sheets"}),
            write(MODEL, "Inputs", "A1", inputs(scenario)),
            change(
                MODEL, "Inputs", {"do": "name", "name": "Scenario", "range": "B2"},
                *({"do": "name", "name": row[0], "range": f"B{n}"} for n, row in enumerate(INPUTS, 3)),
                {"do": "choices", "range": "B2", "options": NAMES}, {"do": "look", "range": "B2", "look": "input"},
                {"do": "look", "range": "C3:E9", "look": "input"},
                {"do": "note", "cell": "B2", "text": "Base, Low, or High: all sheets follow."},
            ),
            write(MODEL, "Quarters", "A1", quarters()),
            change(
                MODEL, "Quarters", {"do": "format", "range": "B2:F8", "format": "integer"},
                {"do": "look", "range": "A8:F8", "look": "total"}, {"do": "freeze", "cell": "B2"},
                {"do": "highlight", "range": "B8:F8", "rule": "less", "value": 0, "tone": "bad"},
                {"do": "note", "cell": "A8", "text": "Costs are negative, so the result is a plain sum."},
                {"do": "page", "landscape": True, "one_page": True},
            ),
            write(MODEL, "Checks", "A1", CHECKS),
            write(MODEL, "Summary", "A1", SUMMARY),
            change(MODEL, "Summary", {"do": "move_sheet", "position": 1}),
            say(more_tools={"family": "charts"}),
            say(sheet_chart={"path": MODEL, "sheet": "Quarters", "on": "Summary", "kind": "column", "at": "D2",
                             "title": "Revenue and result per quarter", "categories": "B1:E1",
                             "values": ["A4:E4", "A8:E8"], "y_title": "EUR"}),
            say(look_at={"path": MODEL, "pages": "1-4"}),
        ],
        attached={"brief.md": BRIEF}, hand_in={MODEL: "The result of the workshops in three cases."},
    )  # fmt: skip
    expected = results(number)
    assert sheet(handed, MODEL, "Quarters")[7][1:] == pytest.approx([*expected, sum(expected)])
    figures = {row[0]: row[1] for row in sheet(handed, MODEL, "Summary")}
    assert figures["Result, EUR"] == pytest.approx(sum(expected))
    assert [row[1] for row in sheet(handed, MODEL, "Checks")[1:]] == ["OK", "OK"]
    assert {row[0] for row in sheet(handed, MODEL, "Sources")} >= {row[4] for row in INPUTS}


CUSTOMERS = """Customer export;;;;
No;Name;Country;Since;Revenue
0017;Müller GmbH;Germany;14.03.2021;1.250,00
0018;  Café Noir ;FR;02.11.2022;980,50
0019;Bolt & Co;Deutschland;n/a;2.400,00
No;Name;Country;Since;Revenue
0020;Zoë Traders;France;25.06.2023;-
0018;Café Noir;FR;02.11.2022;980,50
0021;Ångström AB;Sweden;30.01.2020;3.100,25
;;;;
0019;Bolt & Co;DE;19.08.2021;2.450,00
Total;;;;11.160,75
"""
CLEAN = "customers-clean.xlsx"
STEPS: list[dict[str, Any]] = [
    {"do": "drop_rows", "which": "empty"},
    {"do": "drop_rows", "which": "repeated_headers"},
    {"do": "drop_rows", "which": "totals"},
    {"do": "trim"},
    {"do": "empty"},
    {"do": "number", "columns": ["Revenue"], "decimal": ","},
    {"do": "date", "columns": ["Since"], "formats": ["%d.%m.%Y"]},
    {
        "do": "map",
        "column": "Country",
        "values": {"Germany": "DE", "Deutschland": "DE", "France": "FR", "Sweden": "SE"},
    },
    {"do": "dedupe"},
]


async def test_a_clean_up_types_the_columns_and_keeps_conflicts_for_a_person() -> None:
    handed = await follow(
        "data-clean-up", "analyst", "This customer list is a mess. Clean it, please.",
        [
            say(data_look={"file": "attachments/customers.csv"}),
            say(more_tools={"family": "cleaning"}),
            say(data_query={"files": {"t": "attachments/customers.csv"},
                            "sql": "select Country, count(*) from t group by 1 order by 2 desc"}),
            say(data_clean={"file": "attachments/customers.csv", "save_as": CLEAN, "steps": STEPS}),
            say(data_look={"file": CLEAN}),
            say(data_query={"files": {"t": CLEAN}, "sql": "select No from t group by 1 having count(*) > 1"}),
            write(CLEAN, "Please check", "A1", [["Key", "Lines in source", "What", "Why"],
                  ["0019", "5, 11",
                   "Revenue 2,400.00 or 2,450.00; Since empty or 2021-08-19", "Two rows with one number"]]),
            say(look_at={"path": CLEAN}),
        ],
        attached={"customers.csv": CUSTOMERS}, hand_in={CLEAN: "Six customers, one of them twice with other values."},
    )  # fmt: skip
    head, *rows = (
        row[:5] for row in sheet(handed, CLEAN, openpyxl.load_workbook(io.BytesIO(handed.files[CLEAN])).sheetnames[0])
    )
    assert head == ["No", "Name", "Country", "Since", "Revenue"]
    assert [row[0] for row in rows] == ["0017", "0018", "0019", "0020", "0021", "0019"]
    assert [row[2] for row in rows] == ["DE", "FR", "DE", "FR", "SE", "DE"]
    assert [row[4] for row in rows] == [1250, 980.5, 2400, None, 3100.25, 2450]
    assert [row[3] and f"{row[3]:%Y-%m-%d}" for row in rows] == [
        "2021-03-14", "2022-11-02", None, "2023-06-25", "2020-01-30", "2021-08-19"
    ]  # fmt: skip
    assert sheet(handed, CLEAN, "Please check")[1][:2] == ["0019", "5, 11"]
