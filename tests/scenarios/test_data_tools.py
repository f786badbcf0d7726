"""The data tools on real files through a real host: what they say about messy data, and how they refuse."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import duckdb
import pytest
import pytest_asyncio
from openpyxl import load_workbook

from tests.scenarios.data_workspace import Bench, base, bench, book, messy

pytestmark = pytest.mark.asyncio(loop_scope="module")

STEPS: list[dict[str, Any]] = [
    {"do": "drop_rows", "which": "repeated_headers"},
    {"do": "drop_rows", "which": "totals"},
    {"do": "drop_columns"},
    {"do": "trim"},
    {
        "do": "rename",
        "names": {
            "Bestell-Nr": "Order",
            "Kunde": "Customer",
            "Datum": "Date",
            "Betrag": "Amount EUR",
            "Land": "Country",
        },
    },
    {"do": "empty", "columns": ["Amount EUR"]},
    {"do": "number", "columns": ["Amount EUR"], "decimal": ","},
    {"do": "date", "columns": ["Date"], "formats": ["%d.%m.%Y", "%Y-%m-%d", "%m/%d/%Y"]},
    {"do": "case", "columns": ["Country"], "to": "upper"},
    {"do": "map", "column": "Customer", "values": {"bolt & co": "Bolt & Co"}},
    {"do": "map", "column": "Country", "values": {"DE": "Germany", "FR": "France"}},
    {"do": "dedupe", "keys": ["Order"]},
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk() -> AsyncIterator[Bench]:
    async with bench() as one:
        one.put("sales.csv", messy())
        one.put("book.xlsx", book())
        base(one.folder / "shop.db")
        one.put("wide.csv", "id,name\n1,Äpfel\n2,Öl\n".encode("utf-16"))
        one.put("lines.jsonl", '{"id": 1, "at": {"city": "Graz"}}\n{"id": 2, "at": {"city": "Linz"}}\n')
        one.put("ragged.csv", "id,name,price\n1,Bolt,2\n2,Nut, large,3\n3,Pin\n")
        one.put("plain.csv", "region,amount,day\nNorth,10,2026-01-02\nSouth,5.5,2026-01-03\nNorth,1,2026-02-01\n")
        one.put("years.csv", "Country,2019,2020\nA,1,2\nB,4,5\nTotal,5,7\n")
        one.put("mac.csv", "name,n\nÄ,1\n".encode("mac_roman"))
        one.put("empty.csv", "")
        one.put("broken.parquet", b"PAR1" + b"\0" * 40)
        one.put("broken.xlsx", book()[:900])
        one.put("secret.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 200 + "EncryptedPackage".encode("utf-16-le"))
        one.put("bad.json", '[{"id": 1},\n {"id": }]')
        one.put("packed.csv.gz", gzip.compress(b"a,b\n1,2\n"))
        one.put("picture.csv", b"\x89PNG\r\n\x1a\n" + b"\0\x01\x02\x03" * 50)
        with (one.folder / "large.csv").open("wb") as file:
            file.truncate(160_000_000)
        yield one


_PIVOT = "PIVOT (SELECT region, amount, month(day) AS m FROM p) ON region USING sum(amount) ORDER BY m"


class Story(NamedTuple):
    """A call, and words that its answer must hold."""

    tool: str
    args: dict[str, Any]
    words: tuple[str, ...]


def query(sql: str, **files: str) -> dict[str, Any]:
    return {"sql": sql, "files": files}


def clean(*steps: dict[str, Any], file: str = "plain.csv") -> dict[str, Any]:
    return {"file": file, "save_as": "never.csv", "steps": list(steps)}


SEEN = {
    "messy csv": Story("data_look", {"file": "sales.csv"}, (
        "UTF-8 and Windows-1252, probably, semicolon", "header in line 3",
        "repeated in lines 25, 46", "total rows in line 68",
        "lines 18 = 19, 51 = 52", "3 formats: DD.MM.YYYY ×22, YYYY-MM-DD ×20, MM/DD/YYYY ×20", "decimal comma",
        "'Bolt & Co' = 'BOLT & CO'", "empty columns: 'column 6'", "'n/a' ×1", "locator='lines 4-68'",
    )),
    "utf-16": Story("data_look", {"file": "wide.csv"}, ("UTF-16", "Äpfel", "| id | number (as text) |")),
    "xlsx, header in row 3": Story("data_look", {"file": "book.xlsx"}, ("header in row 3", "book.xlsx#Stock")),
    "another sheet": Story("data_look", {"file": "book.xlsx#Stock"}, ("'Stock'", "| Pieces | number |")),
    "sqlite": Story("data_look", {"file": "shop.db#orders"}, ("3 rows", "other tables: 'customer'")),
    "nested json": Story("data_look", {"file": "lines.jsonl"}, ("at.city", "Graz", "nested objects")),
    "ragged rows": Story("data_look", {"file": "ragged.csv"}, (
        "1 row with more cells than the header (line 3)", "1 row with fewer cells than the header (line 4)",
    )),
    "rows with their places": Story("data_query", query("SELECT * FROM p WHERE region = 'North'", p="plain.csv"), (
        "| North | 10 | 2026-01-02 | 2 |", "source_file='plain.csv', locator='lines 2, 4;",
    )),
    "a join over two kinds": Story("data_query", query(
        "SELECT c.name, sum(o.amount) AS total FROM o JOIN c ON o.customer = c.id GROUP BY ALL ORDER BY total",
        o="shop.db#orders", c="shop.db#customer"), ("| Bolt | 7 |\n| Acme | 15 |",)),
    "years as names": Story("data_query", query('SELECT sum("2019") FROM y WHERE _row < 4', y="years.csv"), (
        "| 5 |", "some rows aren't data: totals in line 4; leave them out with _row NOT IN (4)",
    )),
    "a named encoding": Story("data_look", {"file": "mac.csv", "encoding": "macroman"}, (
        "macroman, comma", "| 2 | Ä |",
    )),
    "a pivot": Story("data_query", query(_PIVOT, p="plain.csv"), (
        "North", "South", "| 1 | 10 | 5.5 |",
    )),
}  # fmt: skip

REFUSED = {
    "empty": Story("data_look", {"file": "empty.csv"}, ("'empty.csv' is empty. Ask for the file again",)),
    "missing": Story("data_look", {"file": "sale.csv"}, ("There's no file 'sale.csv'; did you mean 'sales.csv'",)),
    "outside": Story("data_look", {"file": "/etc/passwd"}, ("outside the workspace",)),
    "too large": Story("data_look", {"file": "large.csv"}, ("is 160 MB; the limit", "is 150 MB", "run_python")),
    "broken parquet": Story("data_look", {"file": "broken.parquet"}, ("damaged Parquet file. Ask for the file again",)),
    "broken xlsx": Story("data_look", {"file": "broken.xlsx"}, ("is damaged",)),
    "password": Story("data_look", {"file": "secret.xlsx"}, ("password-protected. Ask the person for an",)),
    "bad json": Story("data_look", {"file": "bad.json"}, ("isn't valid JSON", "on line 2. Correct that line")),
    "packed": Story("data_look", {"file": "packed.csv.gz"}, ("Unpack it first: run_shell 'gunzip -k packed.csv.gz'",)),
    "a picture": Story("data_look", {"file": "picture.csv"}, ("is a picture, not a table",)),
    "no such encoding": Story("data_look", {"file": "mac.csv", "encoding": "klingon"}, (
        "no encoding 'klingon'. Use a name such as 'cp1252'",
    )),
    "no such sheet": Story("data_look", {"file": "book.xlsx#Stok"}, ("no sheet 'Stok'; did you mean 'Stock'?",)),
    "no such table": Story("data_query", query("SELECT * FROM q", p="plain.csv"), ("no table 'q'; there are",)),
    "no such column": Story("data_query", query("SELECT amout FROM p", p="plain.csv"), ("did you mean 'amount'?",)),
    "bad SQL": Story("data_query", query("SELEC 1", p="plain.csv"), ("syntax error at 'SELEC' on line 1; write one",)),
    "text summed": Story("data_query", query("SELECT sum(region) FROM p", p="plain.csv"), ("sum(VARCHAR)",)),
    "a bad cast": Story("data_query", query("SELECT region::INT FROM p", p="plain.csv"), ("use TRY_CAST",)),
    "SQL that reads files": Story("data_query", query("FROM read_text('/etc/hosts')", p="plain.csv"), ("only use",)),
    "SQL that writes files": Story("data_query", query("COPY p TO 'x.csv'", p="plain.csv"), ("Use save_as",)),
    "SQL that deletes": Story("data_query", query("DELETE FROM p", p="plain.csv"), ("is read-only: write one SELECT",)),
    "SQL that drops": Story("data_query", query("DROP TABLE p", p="plain.csv"), ("is read-only",)),
    "SQL that creates": Story("data_query", query("CREATE TABLE q AS FROM p", p="plain.csv"), ("is read-only",)),
    "SQL of two statements": Story("data_query", query("FROM p; DELETE FROM p", p="plain.csv"), ("is read-only",)),
    "SQL of nothing": Story("data_query", query("-- p", p="plain.csv"), ("is read-only",)),
    "SQL that opens itself": Story("data_query", query("SET threads=9", p="plain.csv"), ("is read-only",)),
    "a strange kind": Story("data_query", query("SELECT 1", p="plain.csv") | {"save_as": "x.doc"}, ("doesn't end in",)),
    "cleaning onto itself": Story("data_clean", clean({"do": "trim"}) | {"save_as": "plain.csv"}, ("Choose another",)),
    "an unknown column": Story("data_clean", clean({"do": "number", "columns": ["amont"]}), (
        "step 1 (number)", "did you mean 'amount'?", "Nothing was written because",
    )),
    "a bad pattern": Story("data_clean", clean({"do": "replace", "columns": ["region"], "pattern": "("}), ("Escape",)),
    "an unknown step": Story("data_clean", clean({"do": "polish"}), ("are wrong", "steps")),
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
async def test_data_is_told(desk: Bench, name: str) -> None:
    story = SEEN[name]
    words = await desk.told(story.tool, **story.args)
    for part in story.words:
        assert part in words, words


async def test_what_cannot_be_done_is_one_sentence_with_a_next_step(desk: Bench) -> None:
    said = await asyncio.gather(*(desk.refused(story.tool, **story.args) for story in REFUSED.values()))
    for words, (name, story) in zip(said, REFUSED.items(), strict=True):
        for part in story.words:
            assert part in words, (name, words)
        assert "\n" not in words
        assert "Traceback" not in words
    assert not (desk.folder / "never.csv").exists()


async def test_a_messy_csv_becomes_a_typed_workbook_that_says_what_was_changed(desk: Bench) -> None:
    words = await desk.told("data_clean", file="sales.csv", save_as="clean.xlsx", steps=STEPS)

    assert "60 rows and 5 columns (before: 65 rows and 7 columns)" in words
    assert "No problems left." in words
    made = load_workbook(desk.folder / "clean.xlsx")
    assert made.sheetnames == ["Data", "What was changed", "Rows dropped", "Before and after"]
    rows = list(made["Data"].iter_rows(values_only=True))
    assert rows[0] == ("Order", "Customer", "Date", "Amount EUR", "Country", "Line in source")
    assert {type(r[2]).__name__ for r in rows[1:]} == {"datetime"}
    expected = sum(1000 + n * 37.5 for n in range(1, 61) if n != 11)
    assert sum(r[3] for r in rows[1:] if isinstance(r[3], int | float)) == pytest.approx(expected)
    assert [r[0] for r in rows[1:]] == [f"A-{n:03}" for n in range(1, 61)]
    gone = [r for r in made["Rows dropped"].iter_rows(min_row=5, values_only=True) if r[0]]
    assert [r[:2] for r in gone] == [
        (25, "repeated header"),
        (46, "repeated header"),
        (68, "totals row"),
        (19, "repeats line 18"),
        (52, "repeats line 51"),
    ]
    assert (desk.folder / "sales.csv").read_bytes() == messy()


async def test_what_no_step_could_read_is_said_and_kept(desk: Bench) -> None:
    step = {"do": "number", "columns": ["Betrag"]}
    words = await desk.told("data_clean", file="sales.csv", save_as="left.csv", steps=[step])
    assert "NOT READ: 3, 'n/a' (Betrag, line 14), 'Betrag' (Betrag, line 25)" in words
    assert "left.changes.csv lists the changes" in words
    assert "n/a" in (desk.folder / "left.csv").read_text()


async def test_the_same_clean_up_gives_the_same_bytes(desk: Bench) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        await desk.told("data_clean", file="plain.csv", save_as=name, steps=[{"do": "trim"}])
    assert (desk.folder / "one.xlsx").read_bytes() == (desk.folder / "two.xlsx").read_bytes()


async def test_a_result_is_saved_whole_with_its_types(desk: Bench) -> None:
    await desk.told(
        "data_query", **query("SELECT region, day, amount FROM p", p="plain.csv"), save_as="p.parquet", rows=1
    )
    saved = duckdb.read_parquet(str(desk.folder / "p.parquet"))
    assert [str(t) for t in saved.types] == ["VARCHAR", "DATE", "DOUBLE"]
    assert len(saved) == 3
