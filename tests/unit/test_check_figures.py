"""Figures in files against the findings they name."""

from typing import Any

import pytest

from agents.tools.office.claims.figures_in_text import figures
from agents.tools.office.provenance.check_figures import checked, quoted
from orchestrator.domain.deliverables import Provenance
from tests.office_workspace import finding

PRICE = finding("price", 49, quote="Team: $49 per seat")
OTHER = finding("other", 39.5, quote="Plus: $39.50")
CROWD = finding("crowd", 4_200_000, quote="used by 4.2 million people")
SHARE = finding("share", 0.125, quote="12.5 % of the market")
NAME = finding("name", "Acme & Co", quote="Acme & Co")
ALL = (PRICE, OTHER, CROWD, SHARE, NAME)


def wrong(place: str, shows: Any, *names: str, now: Any = ...) -> list[str]:
    rows = [Provenance(place=place, shows=shows, findings=tuple(f.id for f in ALL if f.id in names))]
    return [w.shows for w in checked(rows, ALL, {} if now is ... else {place: now})]


@pytest.mark.parametrize(
    ("place", "shows", "names"),
    [("Prices!B2", 49, ["price"]), ("Prices!B2", 12.5, ["share"]), ("Prices!B2", 0.125, ["share"]),
     ("Prices!B2", 88.5, ["price", "other"]), ("Prices!B2", 44.25, ["price", "other"]), ("Prices!A2", 7, ["name"]),
     ("Prices!B2", True, ["price"]), ("Cost > paragraph 1", "Acme asks $49.00 a seat.", ["price"]),
     ("Cost > paragraph 1", "About 4.2 million people, 4,200,000 to be exact, or 4M.", ["crowd"]),
     ("Cost > paragraph 1", "Of 5 firms, Acme at $49 is 1.2 times the other, $9.50 or 24 % more.", ["price", "other"]),
     ("Cost > table 1 B2", "12.5 %", ["share"]),
     ("Cost > paragraph 1", "In 2024 the GPT-4 plan B2B costs $49", ["price"]),
     ("Slide 2 > chart B2", "49", ["price"]), ("Cost > paragraph 1", "No figure here.", ["price"])],
)  # fmt: skip
def test_what_was_found_rounded_or_computed_from_it_agrees(place: str, shows: Any, names: list[str]) -> None:
    assert wrong(place, shows, *names) == []


@pytest.mark.parametrize(
    ("place", "shows", "names", "named"),
    [("Prices!B2", 94, ["price"], "94"), ("Prices!B2", 48.6, ["price"], "48.6"), ("Prices!B2", 39.5, ["price"], "39.5"),
     ("Cost > paragraph 1", "Acme asks $94 a seat.", ["price"], "$94"),
     ("Cost > table 1 B2", "$39.50", ["price"], "$39.50"),
     ("Cost > paragraph 1", "Used by 4.7 million people.", ["crowd"], "4.7 million"),
     ("Prices!B2", -49, ["price"], "-49"),
     ("Slide 2 > point 1", "A share of 21.5 %", ["share"], "21.5 %"), ("Slide 2 > table C3", "50", ["price"], "50")],
)  # fmt: skip
def test_what_nobody_found_is_caught(place: str, shows: Any, names: list[str], named: str) -> None:
    assert wrong(place, shows, *names) == [named]


def test_what_stands_in_the_file_now_counts_and_a_formula_claims_nothing() -> None:
    assert wrong("Prices!B2", 49, "price", now=94) == ["94"]
    assert wrong("Prices!B2", 94, "price", now=49) == []
    assert wrong("Prices!B2", 49, "price", now=None) == []


def test_a_value_that_its_own_quote_does_not_contain_is_doubtful() -> None:
    assert [quoted(f) for f in ALL] == [True] * len(ALL)
    assert quoted(finding("x", 94, quote="Team: $49")) is False
    assert quoted(finding("x", 4.2, quote="4,200,000 people")) is False
    assert quoted(finding("x", 94, quote="as the picture shows")) is True


def test_numbers_in_words_codes_and_dates_are_no_figures() -> None:
    assert [f.words for f in figures("v2 B2B Q3 covid-19 1.2.3 on 2026-03-04 $1,200.50 12 percent 3x -4 and 2k.")] == [
        "$1,200.50", "12 percent", "-4", "2k",
    ]  # fmt: skip
