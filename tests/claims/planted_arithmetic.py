"""The second half of the claims suite: rounding, signs, names, points, sums, charts."""

from typing import Any

from tests.claims.board import COMPANIES, name_of
from tests.claims.cases import Case, Said, all_of, cell, says, table, tables

_PRICES = table("price", heads=("Price per seat per month, $",))
_CUSTOMERS = table("customers", heads=("Customers",))
_PLAIN_PRICES = (("Company", "Price"), *((c, v[0]) for c, v in COMPANIES.items()))
_PLAIN_CUSTOMERS = (("Company", "Customers"), *((c, v[1]) for c, v in COMPANIES.items()))


def _but(rows: tuple[tuple[Any, ...], ...], company: str, value: Any) -> tuple[tuple[Any, ...], ...]:
    return tuple((r[0], value) if r[0] == company else r for r in rows)


ROUND, SIGN, SWAP, POINTS, SUM, CHART = "rounding", "sign", "swapped names", "percent or points", "sum", "chart"

ARITHMETIC: tuple[Case, ...] = (
    # rounded to something else
    says(
        ROUND,
        "docx",
        "Lakeview turned over about $97 million; Summit almost $9 million.",
        "Lakeview turned over about $97 million; Summit almost $8 million.",
        *all_of("revenue"),
    ),
    says(
        ROUND,
        "pptx",
        "More than 8,500 customers trust Lakeview",
        "More than 8,000 customers trust Lakeview",
        name_of("customers", "Lakeview"),
    ),
    says(
        ROUND,
        "md",
        "Harborline serves roughly 3,500 customers.",
        "Harborline serves roughly 3,200 customers.",
        name_of("customers", "Harborline"),
    ),
    says(
        ROUND,
        "pdf",
        "Northwind's revenue came to $18.5 million.",
        "Northwind's revenue came to $18.4 million.",
        name_of("revenue", "Northwind"),
    ),
    tables(
        ROUND,
        "xlsx",
        (("Company", "Revenue, $ million"), ("Summit", cell("revenue", "Summit", 8.0))),
        (("Company", "Revenue, $ million"), ("Summit", cell("revenue", "Summit", 7.9))),
    ),
    # up instead of down
    says(
        SIGN,
        "docx",
        "Lakeview grew by 4 % last year.",
        "Lakeview shrank by 4 % last year.",
        name_of("growth", "Lakeview"),
    ),
    says(SIGN, "pptx", "Summit made €340 thousand in Q3 2025", "Summit lost €340 thousand in Q3 2025", "result"),
    says(
        SIGN,
        "md",
        "Meridian's growth of -22 % stands out.",
        "Meridian's growth of 22 % stands out.",
        name_of("growth", "Meridian"),
    ),
    says(SIGN, "pdf", "Harborline shrank by 31 %.", "Harborline grew by 31 %.", name_of("growth", "Harborline")),
    tables(
        SIGN,
        "xlsx",
        (("Company", "Growth, %"), ("Lakeview", cell("growth", "Lakeview", 4))),
        (("Company", "Growth, %"), ("Lakeview", cell("growth", "Lakeview", -4))),
    ),
    # one company's figure told of another
    says(
        SWAP,
        "docx",
        "Northwind costs $59 and Harborline costs $49.",
        "Northwind costs $49 and Harborline costs $59.",
        name_of("price", "Northwind"),
        name_of("price", "Harborline"),
    ),
    says(
        SWAP,
        "pptx",
        "Prices run from $29 (Lakeview) to $59 (Harborline)",
        "Prices run from $29 (Meridian) to $59 (Harborline)",
        *all_of("price"),
    ),
    says(SWAP, "md", "Northwind is cheaper than Meridian.", "Meridian is cheaper than Northwind.", *all_of("price")),
    tables(
        SWAP,
        "pdf",
        (
            ("Company", "Customers"),
            ("Lakeview", cell("customers", "Summit")),
            ("Summit", cell("customers", "Lakeview")),
        ),
        (
            ("Company", "Customers"),
            ("Lakeview", cell("customers", "Lakeview")),
            ("Summit", cell("customers", "Summit")),
        ),
    ),
    tables(
        SWAP,
        "xlsx",
        (("Company", "Price"), ("Summit", cell("price", "Meridian")), ("Meridian", cell("price", "Summit"))),
        (("Company", "Price"), ("Summit", cell("price", "Summit")), ("Meridian", cell("price", "Meridian"))),
    ),
    # percent and points
    says(
        POINTS,
        "docx",
        "Northwind's market share rose by 3 % from 2023 to 2024.",
        "Northwind's market share rose by 3 percentage points from 2023 to 2024.",
        "share23",
        "share24",
    ),
    says(
        POINTS,
        "pptx",
        "Northwind's share went from 12 % to 15 %, up 3 %",
        "Northwind's share went from 12 % to 15 %, up 25 %",
        "share23",
        "share24",
    ),
    says(
        POINTS,
        "md",
        "Northwind gained 25 percentage points of market share between the two years.",
        "Northwind gained 3 percentage points of market share between the two years.",
        "share23",
        "share24",
    ),
    says(
        POINTS,
        "pdf",
        "Meridian is 16 % cheaper than Summit.",
        "Meridian is 36 % cheaper than Summit.",
        name_of("price", "Meridian"),
        name_of("price", "Summit"),
    ),
    says(
        POINTS,
        "xlsx",
        "Share up from 12 % to 15 % (+3 %)",
        "Share up from 12 % to 15 % (+3 points)",
        "share23",
        "share24",
    ),
    # sums
    says(
        SUM,
        "docx",
        "Together the five serve 19,800 customers.",
        "Together the five serve 19,300 customers.",
        *all_of("customers"),
    ),
    Case(
        SUM,
        "pptx",
        Said(rows=table("customers", heads=("Customers",), last=("Total", 19100))),
        Said(rows=table("customers", heads=("Customers",), last=("Total", 19300))),
    ),
    tables(
        SUM,
        "md",
        table("staff", heads=("Employees",), last=("Total", 1451)),
        table("staff", heads=("Employees",), last=("Total", 1415)),
    ),
    says(
        SUM,
        "pdf",
        "Northwind and Summit together have 2,250 customers.",
        "Northwind and Summit together have 2,150 customers.",
        name_of("customers", "Northwind"),
        name_of("customers", "Summit"),
    ),
    tables(
        SUM,
        "xlsx",
        table("revenue", heads=("Revenue, $ million",), last=("Total", "=SUM(B2:B5)")),
        table("revenue", heads=("Revenue, $ million",), last=("Total", "=SUM(B2:B6)")),
    ),
    # a chart that says something else than the table
    Case(
        CHART,
        "docx",
        Said(rows=_PLAIN_PRICES, chart=_but(_PLAIN_PRICES, "Summit", 54)),
        Said(rows=_PLAIN_PRICES, chart=_PLAIN_PRICES),
    ),
    Case(
        CHART,
        "pptx",
        Said(rows=_PLAIN_CUSTOMERS, chart=_but(_PLAIN_CUSTOMERS, "Harborline", 3510)),
        Said(rows=_PLAIN_CUSTOMERS, chart=_PLAIN_CUSTOMERS),
    ),
    Case(
        CHART,
        "md",
        Said(rows=_CUSTOMERS, chart=_but(_PLAIN_CUSTOMERS, "Meridian", 6500)),
        Said(rows=_CUSTOMERS, chart=_PLAIN_CUSTOMERS),
    ),
    Case(
        CHART,
        "pdf",
        Said(rows=_PRICES, chart=_but(_PLAIN_PRICES, "Lakeview", 93)),
        Said(rows=_PRICES, chart=_PLAIN_PRICES),
    ),
    Case(
        CHART,
        "xlsx",
        Said(
            rows=table("price", "customers", heads=("Price per seat", "Customers")),
            title="Customers",
            areas=("A2:A6", "B2:B6"),
        ),
        Said(
            rows=table("price", "customers", heads=("Price per seat", "Customers")),
            title="Customers",
            areas=("A2:A6", "C2:C6"),
        ),
    ),
)
