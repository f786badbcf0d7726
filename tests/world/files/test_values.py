"""Numbers and dates as people write them, each with its right value."""

import pytest

from agents.tools.data.in_sandbox.clean_steps import do
from agents.tools.data.in_sandbox.editable_table import Cleaning
from agents.tools.data.in_sandbox.parse_dates import date_in, formats_of
from agents.tools.data.in_sandbox.parse_values import number
from agents.tools.data.in_sandbox.step_schema import Number
from agents.tools.data.in_sandbox.text_table import read_text
from agents.tools.office.formulas import is_formula

NUMBERS = [
    ("currency before", "$1,200.50", ".", 1200.5), ("currency behind", "1.200,50 €", ",", 1200.5),
    ("currency code", "EUR 1200", ".", 1200), ("letters and a sign", "R$ 1.234,50", ",", 1234.5),
    ("crowns", "1 234,50 kr", ",", 1234.5), ("zloty", "100 zł", ",", 100), ("forint", "2 500 Ft", ",", 2500),
    ("rupees in lakh", "₹ 12,34,567.89", ".", 1234567.89), ("Indian grouping", "1,00,000", ".", 100000),
    ("accounting", "(1,234.50)", ".", -1234.5), ("accounting with a sign", "$(1,234.50)", ".", -1234.5),
    ("minus behind", "1,234.50-", ".", -1234.5), ("minus before the sign", "-$5", ".", -5),
    ("minus sign", "\u2212500", ".", -500), ("a dash as minus", "–500", ".", -500), ("wide minus", "－500", ".", -500),
    ("non-breaking minus", "\u2011500", ".", -500), ("Japanese accounts", "▲1,500", ".", -1500),
    ("Japanese accounts, hollow", "△ 500", ".", -500), ("Japanese accounts in yen", "△¥500", ".", -500),
    ("down", "▼500", ".", -500), ("a dash alone", "–", ".", None), ("a delta", "△x", ".", None),
    ("percent", "12.5%", ".", 0.125), ("percent with a gap", "12,5 %", ",", 0.125),
    ("power", "1.5E+06", ".", 1_500_000), ("power with a comma", "1,5E+06", ",", 1_500_000),
    ("fraction", "1/2", ".", 0.5), ("mixed fraction", "1 1/2", ".", 1.5), ("one sign", "2½", ".", 2.5),
    ("round price", "5,-", ",", 5), ("Swiss", "1'234.50", ".", 1234.5), ("wide digits", "１２３", ".", 123),
    ("postcode", "01067", ".", None), ("code", "12E5", ".", None), ("feet", "12 ft", ".", None),
    ("part", "A12", ".", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "mark", "value"), NUMBERS, ids=[row[0] for row in NUMBERS])
def test_a_number_is_what_it_says(kind: str, text: str, mark: str, value: float | None) -> None:
    assert number(text, mark) == value


def test_up_is_no_minus_where_down_is_written_too() -> None:
    work = Cleaning.of(read_text("ja,both\n▲500,▲500\n△20,▼20\n30,1\n".encode(), "a.csv"))
    do(work, Number(do="number", columns=["ja", "both"], decimal="auto"))
    assert work.rows == [[-500, 500], [-20, -20], [30, 1]]


DATES = [
    ("German", "3. März 2026", "2026-03-03"), ("Spanish", "3 de marzo de 2026", "2026-03-03"),
    ("French", "5 févr. 2026", "2026-02-05"), ("Polish", "3 marca 2026", "2026-03-03"),
    ("Russian", "5 марта 2026", "2026-03-05"), ("Ukrainian", "5 травня 2026", "2026-05-05"),
    ("Japanese", "2026年3月5日", "2026-03-05"), ("Korean", "2026년 3월 5일", "2026-03-05"),
    ("ordinal", "March 5th, 2026", "2026-03-05"), ("weekday", "Montag, 3. März 2026", "2026-03-03"),
    ("short year", "5-Mar-26", "2026-03-05"), ("noon", "3/15/2026 1:30 PM", "2026-03-15 13:30:00"),
    ("noon with points", "15/03/2026, 12:05:09 a.m.", "2026-03-15 00:05:09"),
    ("offset", "2026-03-05T10:00:00+01:00", "2026-03-05 09:00:00"),
    ("Z", "2026-03-05T10:00:00Z", "2026-03-05 10:00:00"),
    ("zone", "2026-03-05 10:00 CET", "2026-03-05 09:00:00"),
    ("mail", "Mon, 3 Mar 2026 10:00:00 +0100", "2026-03-03 09:00:00"),
    ("parts of a second", "2026-03-05 10:00:00.250", "2026-03-05 10:00:00.250000"),
    ("a month with two meanings", "3 listopada 2026", None), ("a time", "10:30", None),
    ("no such day", "2026-02-30", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "day"), DATES, ids=[row[0] for row in DATES])
def test_a_date_is_the_day_it_says(kind: str, text: str, day: str | None) -> None:
    forms = formats_of(text)
    assert [str(date_in(text, form)) for form in forms] == ([day] if day else [])


def test_a_day_that_could_be_a_month_has_both_readings() -> None:
    assert set(formats_of("03/05/2026")) == {"%d/%m/%Y", "%m/%d/%Y"}


@pytest.mark.parametrize("text", ["=== Totals ===", "=> see below", "=", "= ", "=="])
def test_text_that_begins_with_an_equal_sign_is_no_formula(text: str) -> None:
    assert not is_formula(text)
    assert is_formula("=A1+1")
    assert is_formula("= -SUM(A1:A3)")
