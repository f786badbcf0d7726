"""The claims suite: five wrong claims of each kind, one in every kind of file, and each of them right."""

from typing import Any

from tests.claims.board import COMPANIES, name_of
from tests.claims.cases import Case, Said, all_of, cell, says, table, tables
from tests.claims.planted_arithmetic import ARITHMETIC

_PRICES = table("price", heads=("Price per seat per month, $",))


def _priced(head: str, form: str) -> tuple[tuple[Any, ...], ...]:
    return (("Company", head), *((c, cell("price", c) | {"format": form}) for c in COMPANIES))


MEDIAN, COUNT, BEST, UNIT, MONEY, PERIOD = "wrong median", "stale count", "superlative", "unit", "currency", "period"

_MEANING: tuple[Case, ...] = (
    # a median or mean that isn't that of its findings
    says(MEDIAN, "docx", "The median price is $49 per seat.", "The median price is $45 per seat.", *all_of("price")),
    says(
        MEDIAN, "pptx", "Field's middle: $39 per seat a month", "Field's middle: $45 per seat a month", *all_of("price")
    ),
    says(
        MEDIAN,
        "md",
        "On average, customers rate the field 4.4 out of 5.",
        "On average, customers rate the field 4.2 out of 5.",
        *all_of("rating"),
    ),
    says(
        MEDIAN,
        "pdf",
        "We would stay below the median of $49 per seat that these vendors ask.",
        "We would stay below the median of $45 per seat that these vendors ask.",
        name_of("price", "Northwind"),
    ),
    tables(
        MEDIAN,
        "xlsx",
        table("price", heads=("Price, $",), last=("Median", {"value": 44.2, "finding": list(all_of("price"))})),
        table("price", heads=("Price, $",), last=("Median", {"value": 45, "finding": list(all_of("price"))})),
    ),
    # how many there are
    says(
        COUNT,
        "docx",
        "We compared six vendors on price and size.",
        "We compared five vendors on price and size.",
        *all_of("price"),
    ),
    says(
        COUNT,
        "pptx",
        "Only one of the five competitors charges more than $45 per seat.",
        "Two of the five competitors charge more than $45 per seat.",
        *all_of("price"),
    ),
    Case(
        COUNT,
        "md",
        Said("Prices differ.", title="Seven competitors at a glance"),
        Said("Prices differ.", title="Five competitors at a glance"),
    ),
    says(COUNT, "pdf", "All competitors grew last year.", "Most competitors grew last year.", *all_of("growth")),
    says(
        COUNT,
        "xlsx",
        "Both vendors in this list publish a price.",
        "All five vendors in this list publish a price.",
        *all_of("price"),
    ),
    # who is first
    says(BEST, "docx", "Harborline has the most customers.", "Lakeview has the most customers.", *all_of("customers")),
    says(
        BEST, "pptx", "Summit is the cheapest vendor", "Meridian is the cheapest vendor", name_of("price", "Meridian")
    ),
    says(
        BEST,
        "md",
        "Watch Meridian, the fastest grower, first.",
        "Watch Harborline, the fastest grower, first.",
        name_of("growth", "Meridian"),
    ),
    says(
        BEST,
        "pdf",
        "Customers rate Northwind highest, and Lakeview is the oldest of the field.",
        "Customers rate Harborline highest, and Lakeview is the oldest of the field.",
        *all_of("rating"),
    ),
    says(BEST, "xlsx", "Largest by revenue: Meridian", "Largest by revenue: Lakeview", *all_of("revenue")),
    # another unit
    says(
        UNIT,
        "docx",
        "Lakeview turned over $96.5 billion in 2025.",
        "Lakeview turned over $96.5 million in 2025.",
        name_of("revenue", "Lakeview"),
    ),
    says(UNIT, "pptx", "Meridian is set up in 18 hours", "Meridian is set up in 18 minutes", "setup"),
    says(UNIT, "md", "Harborline includes 50 TB of storage.", "Harborline includes 50 GB of storage.", "storage"),
    says(
        UNIT,
        "pdf",
        "Summit serves its market with 950 employees.",
        "Summit serves its market with 950 customers.",
        name_of("customers", "Summit"),
    ),
    tables(
        UNIT, "xlsx", table("revenue", heads=("Revenue, $ billion",)), table("revenue", heads=("Revenue, $ million",))
    ),
    # another currency
    says(MONEY, "docx", "Northwind asks €49 a seat.", "Northwind asks $49 a seat.", name_of("price", "Northwind")),
    says(MONEY, "pptx", "Lakeview adds a set-up fee of $250", "Lakeview adds a set-up fee of €250", "fee"),
    says(
        MONEY,
        "md",
        "At 29 EUR, Meridian undercuts everyone.",
        "At 29 USD, Meridian undercuts everyone.",
        name_of("price", "Meridian"),
    ),
    tables(MONEY, "pdf", _priced("Price per seat, €", "currency:EUR"), _priced("Price per seat, $", "currency:USD")),
    tables(MONEY, "xlsx", _priced("Price per seat", "currency:EUR"), _priced("Price per seat", "currency")),
    # another period
    says(
        PERIOD,
        "docx",
        "Summit costs $45 per seat per year.",
        "Summit costs $45 per seat per month.",
        name_of("price", "Summit"),
    ),
    says(
        PERIOD,
        "pptx",
        "Northwind held 15 % of the market in 2023",
        "Northwind held 15 % of the market in 2024",
        "share24",
    ),
    says(
        PERIOD,
        "md",
        "Harborline grew by 31 % per month.",
        "Harborline grew by 31 % per year.",
        name_of("growth", "Harborline"),
    ),
    says(PERIOD, "pdf", "In Q2 2025 Summit lost €340 thousand.", "In Q3 2025 Summit lost €340 thousand.", "result"),
    tables(PERIOD, "xlsx", table("price", heads=("Price per seat per year, $",)), _PRICES),
)
CASES = (*_MEANING, *ARITHMETIC)
