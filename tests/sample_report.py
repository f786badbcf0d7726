"""A report of about five pages as scripted tool calls: a cover, contents, footnotes, tables, a chart, a wide table."""

from typing import Any

from orchestrator.domain.findings import Finding
from tests.office_workspace import Desk, finding

VENDORS = ("Acme", "Borealis", "Cirrus", "Delta", "Ember", "Fjord")
PRICES = (49.0, 39.5, 44.0, 62.0, 28.0, 55.0)


def _own(name: str, value: int, kind: str) -> Finding:
    return finding(name, value, url=None).model_copy(update={"kind": kind})


FINDINGS: tuple[Finding, ...] = (
    *(
        finding(
            f"p{n}", price, quote=f"Team: ${price:g} per user per month", url=f"https://{name.lower()}.example/pricing"
        )
        for n, (name, price) in enumerate(zip(VENDORS, PRICES, strict=True), 1)
    ),
    finding(
        "u1", 99.95, quote="Availability over the last twelve months: 99.95 %", url="https://borealis.example/status"
    ),
    finding("u2", 99.7, quote="Availability over the last twelve months: 99.7 %", url="https://ember.example/status"),
    finding(
        "n1", "90 days", quote="Either party may terminate with 90 days' notice.", url="https://acme.example/terms"
    ),
    _own("m1", 3, "effort of the legal team"),
    finding("n2", "30 days", quote="Leave with 30 days' notice.", url="https://borealis.example/terms"),
    _own("c1", 120, "number of users"),
    _own("s1", 13_680, "saving per year"),
)


def price(n: int) -> dict[str, Any]:
    return {"value": PRICES[n - 1], "finding": f"p{n}", "format": "currency"}


CHART: dict[str, Any] = {
    "path": "charts/prices.png",
    "kind": "bar",
    "title": "Borealis costs a fifth less than what we pay Acme today",
    "highlight": "Borealis",
    "unit": "List price per user per month, USD",
    "rows": [["Vendor", "Price"], *[[name, price(n)] for n, name in enumerate(VENDORS, 1)]],
}
WIDE: list[list[Any]] = [
    [
        "Vendor",
        "Price",
        "Per year",
        "Seats",
        "SSO",
        "SCIM",
        "API",
        "EU hosting",
        "Audit log",
        "Export",
        "Support",
        "Notice",
    ],
    *(
        [name, price(n), {"value": round(PRICES[n - 1] * 12 * 120), "format": "currency"}, 120, *row]
        for n, (name, row) in enumerate(
            zip(
                VENDORS,
                [
                    ["yes", "yes", "REST", "yes", "365 days", "CSV", "24/7", "90 days"],
                    ["yes", "yes", "REST, GraphQL", "yes", "unlimited", "CSV, JSON", "24/7", "30 days"],
                    ["add-on", "no", "REST", "yes", "90 days", "CSV", "business hours", "30 days"],
                    ["yes", "yes", "REST", "no", "365 days", "on request", "24/7", "180 days"],
                    ["no", "no", "none", "no", "30 days", "CSV", "e-mail", "none"],
                    ["yes", "add-on", "REST", "yes", "365 days", "CSV, JSON", "business hours", "90 days"],
                ],
                strict=True,
            ),
            1,
        )
    ),
]
BLOCKS: list[dict[str, Any]] = [
    {"type": "contents"},
    {"type": "heading", "text": "Summary"},
    {
        "type": "callout",
        "text": "**Move to Borealis at the end of the current term.** It covers everything that the three teams use "
        "today, costs $39.50 instead of $49.00 per user per month, and can be left with 30 days' notice.",
        "findings": ["p1", "p2", "n2"],
    },
    {
        "type": "paragraph",
        "text": "The contract with Acme renews in March. This report compares six vendors that offer the functions our "
        "support, sales and operations teams named in January. List prices were read on the vendors' own pages; no "
        "vendor was asked for an offer yet, so a discount would come on top. Two vendors were left out early: one "
        "has no European hosting, the other no export of attachments.",
    },
    {"type": "paragraph", "text": "Three points decide the matter:"},
    {
        "type": "bullets",
        "items": [
            {
                "text": "**Cost.** For 120 users the change saves $13,680 a year at list prices.",
                "findings": ["s1", "c1"],
            },
            {"text": "**Availability.** Borealis reports 99.95 % over the last twelve months.", "findings": ["u1"]},
            {
                "text": "**Notice.** Acme asks for 90 days; a decision is needed before the end of the year.",
                "findings": ["n1"],
            },
        ],
    },
    {"type": "heading", "text": "What we compared"},
    {
        "type": "paragraph",
        "text": "We looked at what a team of 120 people needs in its first year: single sign-on, provisioning, an API "
        "that our reporting can read, hosting in the European Union, an audit log that lasts a year, and an export "
        "that a person can start alone. Everything else counted as nice to have and does not appear in the tables.",
    },
    {"type": "heading", "text": "Prices", "level": 2},
    {
        "type": "paragraph",
        "text": "All prices are per user per month with yearly payment, without tax. Ember is the cheapest, but lacks "
        "single sign-on; among the vendors that meet every requirement, Borealis is.",
        "findings": ["p5", "p2"],
    },
    {
        "type": "table",
        "text": "List prices per user per month, and for 120 users per year",
        "rows": [
            ["Vendor", "Plan", "Price", "Per year", "Against today"],
            *[
                [
                    name,
                    "Team" if n != 4 else "Business",
                    price(n),
                    {"value": round(PRICES[n - 1] * 12 * 120), "format": "currency"},
                    {"value": PRICES[n - 1] / 49 - 1, "format": "percent"},
                ]
                for n, name in enumerate(VENDORS, 1)
            ],
        ],
    },
    {
        "type": "picture",
        "path": "charts/prices.png",
        "text": "List prices of the six vendors",
        "alt": "Bar chart: Ember 28, Borealis 39.5, Cirrus 44, Acme 49, Fjord 55, Delta 62 dollars",
        "findings": ["p1", "p2", "p3", "p4", "p5", "p6"],
    },
    {
        "type": "paragraph",
        "text": "The order of the vendors stays the same between 50 and 500 users, since none of the published price "
        "lists has a step in that range. Above 500 users every vendor asks for a call.",
    },
    {"type": "heading", "text": "Availability and support", "level": 2},
    {
        "type": "paragraph",
        "text": "Only two vendors publish figures for a whole year. Borealis reports 99.95 %, Ember 99.7 %. The "
        "difference sounds small, but is one afternoon against a whole day in a year, and our support team works "
        "in shifts.",
        "findings": ["u1", "u2"],
    },
    {
        "type": "quote",
        "text": "Either party may terminate with 90 days' notice. (Acme, terms of service)",
        "findings": ["n1"],
    },
    {
        "type": "paragraph",
        "text": "Support around the clock is part of the plan at Acme, Borealis and Delta. At Cirrus and Fjord it "
        "ends with the working day in Central Europe, which leaves the evening shift alone. Ember answers e-mail only.",
    },
    {"type": "heading", "text": "How the move would go"},
    {
        "type": "paragraph",
        "text": "The move is small enough for one person in each team and one from IT. None of the steps needs an "
        "interruption during the day; the old system stays readable until the end of the term.",
    },
    {
        "type": "numbers",
        "items": [
            "Sign for twelve months, with the export clause of the terms confirmed in writing.",
            "Connect single sign-on and provisioning; invite the operations team first.",
            "Import two years of tickets and compare the counts by month and by team.",
            "Switch the public address on a Friday evening; both systems answer over the weekend.",
            "Close the accounts at Acme after four weeks without a ticket there.",
        ],
    },
    {"type": "heading", "text": "Effort", "level": 2},
    {
        "type": "table",
        "text": "Estimated effort in person-days",
        "rows": [
            ["Work", "Team", "Days"],
            ["Contract and data protection", "Legal, IT", {"value": 3, "finding": "m1"}],
            ["Sign-on and provisioning", "IT", 2],
            ["Import and comparison of the tickets", "Operations", 4],
            ["Templates, macros and reports", "Support, sales", 5],
            ["Training", "All", 3],
            ["Total", "", 17],
        ],
    },
    {
        "type": "paragraph",
        "text": "The estimate rests on the move from the previous system, which took a little longer because its "
        "attachments had no stable names. At our internal rate the effort is earned back within the first year.",
    },
    {"type": "heading", "text": "Risks", "level": 2},
    {
        "type": "bullets",
        "items": [
            "**Price rise.** Borealis raised its list price once in the last three years; a cap can be negotiated.",
            "**Reports.** Two reports read fields that Borealis names differently. They have to be changed by hand.",
            "**Habit.** The sales team works from saved views. They cannot be imported and need an afternoon.",
        ],
    },
    {"type": "heading", "text": "What we do not know"},
    {
        "type": "paragraph",
        "text": "No vendor was spoken to. The prices are those of the public lists and may be lower in an offer. "
        "Availability is what the vendors say about themselves; we measured nothing. Whether the import keeps the "
        "history of each ticket has to be tried with a test account before anything is signed.",
    },
    {
        "type": "paragraph",
        "text": "As a next step we suggest to ask Borealis and Fjord for a written offer, and to import one month of "
        "tickets into a trial account. Both take a week, and leave enough time before the notice to Acme is due. The "
        "[price lists](https://borealis.example/pricing) should be read again on the day of the decision.",
    },
    {"type": "heading", "text": "All vendors side by side"},
    {"type": "table", "text": "What each vendor offers in the plan compared here", "rows": WIDE, "wide": True},
]


async def write(desk: Desk, path: str = "report.docx", **more: Any) -> str:
    """Makes the chart and the report, as the document agent would."""
    await desk.call("chart_picture", **CHART)
    front = {
        "title": "Which support desk from April on?",
        "subtitle": "Recommendation for the operations board\n4 March 2026",
    }
    answer = await desk.call("document_write", path=path, blocks=BLOCKS, cover=True, **front, **more)
    return answer.text
