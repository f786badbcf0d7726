"""Each fault that was planted in a workbook is named by its cell, and a sound one passes."""

import io
from typing import Any

import openpyxl
import pytest
from openpyxl.packaging.relationship import Relationship
from openpyxl.workbook.external_link.external import ExternalBook, ExternalLink

from agents.tools.office.inspect.sheet_checks import stumbling

SOUND: list[list[Any]] = [
    ["Item", "Price", "Code"],
    ["A", 1.5, "001"],
    ["B", 2, "002"],
    ["C", 3, "x"],
    ["Total", 6.5, None],
]


def told(rows: list[list[Any]], *, hidden: bool = False) -> dict[str, tuple[bool, str]]:
    book: Any = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if hidden:
        book.create_sheet("Old").sheet_state = "hidden"
    return {c.name: (c.ok, c.words) for c in stumbling(book, {("Sheet", 4, 2): 3})}


def test_a_sound_sheet_passes() -> None:
    assert all(ok for ok, _ in told(SOUND).values())


@pytest.mark.parametrize(
    ("row", "cells", "name", "words"),
    [
        (2, ["B", "2.00", "x"], "numbers", "numbers stored as text: Sheet!B3"),
        (4, ["Total", 7, None], "totals", "hard-coded totals that don't match the numbers above: Sheet!B5"),
    ],
)
def test_a_planted_fault_is_named_by_its_cell(row: int, cells: list[Any], name: str, words: str) -> None:
    rows = [*SOUND[:row], cells, *SOUND[row + 1 :]]
    assert told(rows)[name] == (False, words)


def test_a_total_counts_formulas_by_their_computed_values() -> None:
    assert told([*SOUND[:3], ["C", "=1+2", "x"], SOUND[4]])["totals"][0]


def test_a_workbook_that_reads_another_file_is_named_with_it() -> None:
    book: Any = openpyxl.Workbook()
    book.active["A1"] = "=[1]Prices!B2"
    kind: Any = Relationship
    link = kind(type="externalLinkPath", Target="C:/mine/prices.xlsx", TargetMode="External", Id="rId1")
    other = ExternalLink(externalBook=ExternalBook(id="rId1"))
    other.file_link = link
    book._external_links.append(other)
    again = openpyxl.load_workbook(io.BytesIO(saved(book)))
    links = next(c for c in stumbling(again, {}) if c.name == "links")
    assert (links.ok, links.words) == (
        False,
        "it refers to other files, which recipients don't have: C:/mine/prices.xlsx",
    )


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_hidden_sheets_are_mentioned() -> None:
    assert told(SOUND, hidden=True)["hidden"] == (True, "hidden sheets: Old")
