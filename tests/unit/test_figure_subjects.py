"""A figure told of one company that was found for another."""

from typing import Any

import pytest

from agents.tools.office.provenance.check_figures import checked
from orchestrator.domain.deliverables import Provenance
from tests.office_workspace import finding

ACME = finding("acme", 49, quote="Team: $49 per seat", url="https://www.acme.example/pricing")
BOREALIS = finding("borealis", 39.5, quote="Plus: $39.50", url="https://borealis.example/plans")
REVIEW = finding("review", 12.5, quote="from $12.50 on", url="https://reviews.example/acme")
QUOTED = finding("quoted", 28, quote="Acme: $28 in 2024", url="https://borealis.example/compare")
ALL = (ACME, BOREALIS, REVIEW, QUOTED)


def wrong(places: dict[str, Any], **names: str) -> list[str]:
    rows = [
        Provenance(place=place, shows=shows, findings=tuple(f.id for f in ALL if f.id in names.get(key, "").split()))
        for (place, shows), key in zip(places.items(), names or places, strict=False)
    ]
    return [w.shows for w in checked(rows, ALL, places)]


@pytest.mark.parametrize(
    ("text", "shows"),
    [("Acme costs $39.50 and Borealis costs $49.", "$39.50 for Acme"),
     ("Borealis: $49 a seat, as Acme", "$49 for Borealis"),
     ("We asked twice. Acme’s price is only $39.50 today, unlike Borealis.", "$39.50 for Acme")],
)  # fmt: skip
def test_swapped_companies_in_a_sentence_are_caught(text: str, shows: str) -> None:
    assert wrong({"paragraph 1": text}, a="acme borealis") == [shows]


@pytest.mark.parametrize(
    "text",
    ["Acme costs $49, Borealis $39.50.", "Acme and Borealis cost $49 and $39.50.", "Borealis and Acme: $39.50 and $49.",
     "Acme is dearer than Borealis at $39.50.", "Acme’s cheapest rival, Borealis, asks $39.50.",
     "At $39.50, Borealis undercuts Acme by $9.50.", "Against Acme, $39.50 is little; Borealis knows.",
     "From Acme to Borealis the price falls from $49 to $39.50.", "Acme is old. $39.50 is what Borealis asks.",
     "Acme costs $12.50, some reviews say.", "Acme was at $28 once; Borealis says so."],
)  # fmt: skip
def test_what_is_said_rightly_or_not_plainly_is_left_alone(text: str) -> None:
    assert wrong({"paragraph 1": text}, a="acme borealis review quoted") == []


def test_a_row_that_begins_with_a_name_has_its_own_figures() -> None:
    head = {"Prices!A1": "Company", "Prices!B1": "Price", "Prices!A2": "Acme", "Prices!A3": "Borealis"}
    names = dict.fromkeys("abcd", "") | {"e": "borealis", "f": "acme"}
    assert wrong(head | {"Prices!B2": 39.5, "Prices!B3": 49}, **names) == ["39.5 for Acme", "49 for Borealis"]
    assert wrong(head | {"Prices!B2": 49, "Prices!B3": 39.5}, **(names | {"e": "acme", "f": "borealis"})) == []
    against = head | {"Prices!B1": "Borealis asks", "Prices!B2": 39.5, "Prices!B3": 49}
    assert wrong(against, **names) == []
