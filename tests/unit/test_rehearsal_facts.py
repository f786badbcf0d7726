"""Reading figures off the pages of the rehearsal's companies, as a browser shows them."""

from pathlib import Path

import pytest

from agents.models.rehearsal import company_facts
from agents.models.rehearsal.sample_sites import SITES, copy_sites
from tests.page_reader import Page, read_page

KNOWN: dict[str, tuple[float, int, float, float, int, int, float]] = {
    "bramblehour": (6.5, 9200, 31.5, 18, 164, 2014, 4.4),
    "tidewick": (5.75, 14800, 48.2, 9, 310, 2009, 4.1),
    "ostrello": (8.0, 6450, 39.9, 27, 205, 2016, 4.6),
    "quillmoor": (11.5, 3100, 52.4, 6, 420, 2004, 3.9),
    "fenwhistle": (4.2, 11300, 21.7, 41, 88, 2019, 4.7),
}


def pages_of(company: str) -> list[Page]:
    return [read_page(path) for path in sorted((SITES / company).glob("*.html"))]


@pytest.mark.parametrize("company", sorted(KNOWN))
def test_every_figure_of_a_company_is_read_right_wherever_it_stands(company: str) -> None:
    pages = pages_of(company)
    for kind, expected in zip(company_facts.KINDS, KNOWN[company], strict=False):
        hits = [hit for page in pages if (hit := company_facts.find(kind, page.text))]
        assert {hit.value for hit in hits} == {expected}, kind.name
        assert all(any(hit.quote in page.text for page in pages) for hit in hits)
    assert any(company_facts.find(company_facts.STRENGTH, page.text) for page in pages)


def test_pages_have_no_scripts_and_ask_nobody_else_for_anything() -> None:
    for path in SITES.rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "http" not in text.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("line", "kind", "value"),
    [
        ("$48.2 million", company_facts.PRICE, None),
        ("The price is $7.", company_facts.PRICE, 7),
        ("$6,325 a year", company_facts.PRICE, None),
        ("$4,000 once", company_facts.PRICE, None),
        ("Customers\n1,000,000\nRating\n4.5", company_facts.CUSTOMERS, 1_000_000),
        ("4.5\nRating\n12,000\nCustomers", company_facts.RATING, 4.5),
        ("grew 12.5 per cent", company_facts.GROWTH, 12.5),
        ("nothing here", company_facts.REVENUE, None),
    ],
)
def test_a_figure_is_what_it_says_not_its_neighbour(line: str, kind: company_facts.Kind, value: float | None) -> None:
    hit = company_facts.find(kind, line)
    assert (hit.value if hit else None) == value


def test_sites_are_copied_once_and_changes_stay(tmp_path: Path) -> None:
    copy_sites(tmp_path)
    page = tmp_path / "tidewick" / "plans.html"
    page.write_text(page.read_text(encoding="utf-8").replace("$5.75", "$6.05"), encoding="utf-8")
    copy_sites(tmp_path)
    assert company_facts.find(company_facts.PRICE, read_page(page).text) == company_facts.ValueMatch(
        6.05, "With Ebb you plan by hand and pay $6.05 per seat per month."
    )
