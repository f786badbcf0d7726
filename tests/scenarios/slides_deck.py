"""A ten-slide deck as an agent would write it, its picture, and a team's template that is not like ours."""

import io
from pathlib import Path
from typing import Any

import pptx
from matplotlib.figure import Figure
from pptx.dml.color import RGBColor
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from tests.office_workspace import finding

TITLE = "Switching the CRM: options and costs"
FINDINGS = (
    finding("price-acme", 49, quote="Team: $49 per user per month", url="https://acme.example/pricing"),
    finding("price-borealis", 39, quote="Growth: $39 per user, billed yearly", url="https://borealis.example/plans"),
    finding("price-cumulus", 45, quote="Business $45", url="https://cumulus.example/en/prices"),
    finding("seats", 120, quote="120 active users in March", url="https://wiki.team.example/crm/users"),
    finding("effort", 35, url=None),
    finding("total-acme", 211.7, quote="211.7 over three years", url="https://acme.example/offer"),
    finding("total-borealis", 168.5, quote="168.5 over three years", url="https://borealis.example/offer"),
    finding("budget", 56160, quote="$56,160 a year", url="https://borealis.example/offer"),
)


def _cell(value: Any, name: str | None = None, shape: str | None = None) -> dict[str, Any]:
    return {"value": value} | ({"finding": name} if name else {}) | ({"format": shape} if shape else {})


SLIDES: list[dict[str, Any]] = [
    {
        "layout": "title",
        "title": TITLE,
        "subtitle": "Decision paper for the management meeting, March 2026",
        "notes": "Welcome. We ask for one decision today.",
    },
    {
        "layout": "agenda",
        "title": "Agenda",
        "points": ["Where we are today", "Three offers compared", "What the switch takes", "Our recommendation"],
    },
    {"layout": "section", "title": "Where we are today", "subtitle": "120 people, one tool, rising costs"},
    {
        "layout": "text",
        "title": "The current contract no longer fits how we work",
        "points": [
            {"text": "**120 people** use the CRM every week, twice as many as at signing", "findings": ["seats"]},
            {"text": "Sales and support share one licence pool, so months end with blocked accounts", "level": 2},
            "Reports are exported by hand and rebuilt in spreadsheets each month",
            {"text": "The vendor ends support for our version in September", "level": 1},
            {"text": "After that, security updates cost extra", "level": 2},
        ],
        "notes": "Pause here: ask support for an example.",
    },
    {
        "layout": "table",
        "title": "Borealis costs a fifth less than Acme for the same scope",
        "subtitle": "List prices per user per month, USD",
        "rows": [
            ["Offer", "Plan", "Price", "Single sign-on", "Per year, 120 users"],
            ["Acme", "Team", _cell(49, "price-acme", "currency"), "Included", _cell(70_560, None, "currency")],
            [
                "Borealis",
                "Growth",
                _cell(39, "price-borealis", "currency"),
                "Included",
                _cell(56_160, None, "currency"),
            ],
            ["Cumulus", "Business", _cell(45, "price-cumulus", "currency"), "Extra", _cell(64_800, None, "currency")],
        ],
        "findings": ["seats"],
    },
    {
        "layout": "chart",
        "title": "Over three years the gap grows to 43,000 dollars",
        "subtitle": "Licences for 120 users, thousand USD, cumulative",
        "chart": "column",
        "rows": [
            ["", "Acme", "Borealis"],
            ["Year 1", 70.6, 56.2],
            ["Year 2", 141.1, 112.3],
            ["Year 3", _cell(211.7, "total-acme"), _cell(168.5, "total-borealis")],
        ],
        "points": [
            "Both offers hold their price for **36 months**",
            "Acme's lead in features is worth less than the gap",
            "Leaving after one year costs nothing with Borealis",
        ],
    },
    {
        "layout": "columns",
        "title": "The switch is small, but it needs people in May",
        "left": {
            "heading": "What we gain",
            "points": [
                "Own licence pool per team",
                "Reports without spreadsheets",
                {"text": "Single sign-on from the first day", "findings": ["price-borealis"]},
            ],
        },
        "right": {
            "heading": "What it takes",
            "points": [
                {"text": "**35 days** of work in operations", "findings": ["effort"]},
                "Two weeks with both tools side by side",
                "Training: one hour per person",
            ],
        },
    },
    {
        "layout": "picture",
        "title": "Most of the work falls into two weeks",
        "path": "effort.png",
        "alt": "Days of work per week from April to June; two weeks in May stand out",
        "points": ["Weeks 19 and 20: data is moved and checked", "Operations plans no other release then"],
        "findings": ["effort"],
    },
    {
        "layout": "quote",
        "quote": "We spend the first two days of every month copying numbers. Nobody would miss that.",
        "who": "Head of sales operations",
    },
    {
        "layout": "closing",
        "title": "We recommend Borealis, signed by the end of April",
        "subtitle": "Decision needed today: budget of 56,160 dollars for the first year",
        "findings": ["budget"],
    },
]


def picture() -> bytes:
    """A chart as an analyst would draw it."""
    figure: Any = Figure(figsize=(8, 5), dpi=110)
    axes: Any = figure.subplots()
    axes.bar(range(16, 24), [2, 3, 3, 12, 10, 3, 1, 1], color="#1F4E5F")
    axes.set_xlabel("Week")
    axes.set_ylabel("Days of work")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def team_template() -> bytes:
    """A template as another team has it: 16:9, another grid, own colours and fonts, an old slide left in it."""
    deck: Any = pptx.Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    share = 13.333 / 10
    for owner in (deck.slide_master, *deck.slide_layouts):
        for place in owner._element.iter(qn("a:xfrm")):
            for edge, name in ((place.find(qn("a:off")), "x"), (place.find(qn("a:ext")), "cx")):
                edge.set(name, str(round(int(edge.get(name)) * share)))
    theme = next(r.target_part for r in deck.slide_master.part.rels.values() if r.reltype.endswith("/theme"))
    blob = theme.blob.replace(b'<a:accent1><a:srgbClr val="4F81BD"/>', b'<a:accent1><a:srgbClr val="8A1538"/>')
    theme._blob = blob.replace(b'<a:latin typeface="Calibri"/>', b'<a:latin typeface="Arial"/>')
    fill = deck.slide_master.background.fill
    fill.solid()
    fill.fore_color.rgb = RGBColor(0xFB, 0xF8, 0xF3)
    old = deck.slides.add_slide(deck.slide_layouts[1])
    old.shapes.title.text = "How to use this template"
    old.placeholders[1].text_frame.paragraphs[0].font.size = Pt(18)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def prepared(folder: Path) -> None:
    """The files the deck needs, in a workspace."""
    (folder / "attachments").mkdir(parents=True, exist_ok=True)
    (folder / "effort.png").write_bytes(picture())
    (folder / "attachments" / "team.pptx").write_bytes(team_template())
