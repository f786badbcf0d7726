"""Shipped skills that condense: each is followed with real tools, and its pages say what the inputs say."""

import io
from typing import Any

import pptx

from tests.memory_hub import say
from tests.scenarios.skill_files import text_of
from tests.scenarios.skill_stage import OFFICE, follow, found

pytestmark = OFFICE

TICKETS = """month,tickets,hours to first answer
2026-01,412,9.5
2026-02,398,8.1
2026-03,371,5.2
2026-04,327,3.9
"""
SLIDES: list[dict[str, Any]] = [
    {"layout": "title", "title": "Support after the move to shifts", "subtitle": "Operations review, May 2026"},
    {
        "layout": "text",
        "title": "Answers are faster with shifts: keep them until December",
        "points": [
            {"text": "First answers come in **3.9 hours**, down from 9.5", "findings": ["step.3", "step.4"]},
            {"text": "Tickets fell from 412 to 327 a month", "findings": ["step.1", "step.2"]},
            "The trial ends in June unless it is extended today",
        ],
        "notes": "If you remember one slide, take this one.",
    },
    {
        "layout": "chart",
        "title": "Customers wait less than half as long as in January",
        "subtitle": "Hours to the first answer, monthly average",
        "chart": "column",
        "rows": [
            ["", "Hours"],
            ["January", {"value": 9.5, "finding": "step.3"}],
            ["February", 8.1],
            ["March", 5.2],
            ["April", {"value": 3.9, "finding": "step.4"}],
        ],
        "points": ["The largest step came in March, when shifts began", "No month was worse than the one before"],
        "notes": "Shifts started on 1 March.",
    },
    {
        "layout": "chart",
        "title": "A fifth fewer tickets reach us than in January",
        "subtitle": "Tickets per month",
        "chart": "column",
        "rows": [
            ["", "Tickets"],
            ["January", {"value": 412, "finding": "step.1"}],
            ["February", 398],
            ["March", 371],
            ["April", {"value": 327, "finding": "step.2"}],
        ],
        "points": ["327 in April: 21 % fewer than in January", "Fewer every month, before and after the start"],
        "notes": "327 is 85 fewer than 412.",
    },
    {
        "layout": "closing",
        "title": "Decide today: extend the shifts until December",
        "subtitle": "Ada tells the team this week",
    },
]


async def test_a_slide_deck_tells_its_story_in_the_titles_and_cites_its_figures() -> None:
    handed = await follow(
        "slide-deck", "document",
        "Make a short deck for the operations review from the ticket numbers. The shifts began on 1 March as a trial "
        "until June; we want to keep them until December.",
        [
            say(sheet_read={"path": "attachments/tickets.csv"}),
            found("Tickets, January", 412, "tickets.csv", "412", "B2"),
            found("Tickets, April", 327, "tickets.csv", "327", "B5"),
            found("Hours to first answer, January", 9.5, "tickets.csv", "9.5", "C2"),
            found("Hours to first answer, April", 3.9, "tickets.csv", "3.9", "C5"),
            say(more_tools={"family": "slides"}),
            say(slides_write={"path": "review.pptx", "slides": SLIDES}),
            say(look_at={"path": "review.pptx", "pages": "1-4"}),
        ],
        attached={"tickets.csv": TICKETS}, hand_in={"review.pptx": "Shifts work; extend them."},
    )  # fmt: skip
    deck: Any = pptx.Presentation(io.BytesIO(handed.files["review.pptx"]))
    titles = [slide.shapes.title.text for slide in deck.slides if slide.shapes.title is not None]
    assert titles[: len(SLIDES)] == [slide["title"] for slide in SLIDES]
    assert len(deck.slides) == len(SLIDES) + 1 == handed.pages("review.pptx")
    chart = next(shape.chart for shape in deck.slides[3].shapes if shape.has_chart)
    assert list(chart.plots[0].series[0].values) == [412, 398, 371, 327]
    assert deck.slides[2].notes_slide.notes_text_frame.text.startswith("Shifts started on 1 March.")


STUDY = """# Pilot of the delivery bikes, final report

## Background

The city branch tried two cargo bikes from January to April 2026 beside its three vans. The pilot was proposed in 2025.

## Results

The bikes made 1,840 of 7,360 deliveries, a quarter of all. A delivery by bike cost EUR 4.10, one by van EUR 6.30.
On average a bike was 11 minutes faster within the ring road. Two riders left; both named the weight of the parcels.

## Limits

Parcels above 25 kg, 18 % of the total, can't go by bike. In the two weeks of snow the bikes stood still.

## Outlook

The offer for four more bikes (EUR 27,600) is valid until 30 June 2026.
"""
SUMMARY: list[dict[str, Any]] = [
    {
        "type": "callout",
        "text": "Order the four bikes before 30 June: a delivery by bike costs EUR 4.10 instead of EUR 6.30.",
        "findings": ["step.1", "step.2", "step.6"],
    },
    {"type": "heading", "text": "Why"},
    {
        "type": "bullets",
        "items": [
            {"text": "**A third cheaper.** EUR 2.20 less for each delivery.", "findings": ["step.1", "step.2"]},
            {"text": "**Faster in the centre.** 11 minutes less within the ring road.", "findings": ["step.3"]},
            {"text": "**Proven at scale.** Bikes made 1,840 of 7,360 deliveries, a quarter.", "findings": ["step.4"]},
        ],
    },
    {
        "type": "table",
        "text": "Bike and van in the pilot, January to April 2026",
        "rows": [
            ["Measure", "Bike", "Van"],
            [
                "Cost per delivery, EUR",
                {"value": 4.1, "finding": "step.1", "format": "0.00"},
                {"value": 6.3, "finding": "step.2", "format": "0.00"},
            ],
            ["Deliveries", {"value": 1840, "finding": "step.4", "format": "integer"},
             {"value": 5520, "format": "integer"}],
        ],
    },
    {"type": "heading", "text": "What argues against it"},
    {
        "type": "bullets",
        "items": [
            {"text": "18 % of the parcels are too heavy, and in two weeks of snow the bikes stood still. "
             "The three vans have to stay.", "findings": ["step.5"]},
            "Two riders left because of the weight; settle a limit per tour before the order.",
        ],
    },
    {"type": "heading", "text": "Next steps"},
    {
        "type": "bullets",
        "items": [
            {"text": "Decide on the offer of EUR 27,600, valid until 30 June 2026.", "findings": ["step.6"]},
            "Agree on a weight limit with the riders.",
        ],
    },
]  # fmt: skip


async def test_a_summary_is_one_page_with_the_answer_the_facts_and_the_objection() -> None:
    handed = await follow(
        "one-page-summary", "document", "Boil this report down to one page for the branch manager.",
        [
            say(document_read={"path": "attachments/pilot.md"}),
            found("Cost per delivery by bike, EUR", 4.1, "pilot.md", "A delivery by bike cost EUR 4.10", "Results"),
            found("Cost per delivery by van, EUR", 6.3, "pilot.md", "one by van EUR 6.30", "Results"),
            found("Minutes saved", 11, "pilot.md", "11 minutes faster within the ring road", "Results"),
            found("Deliveries by bike", 1840, "pilot.md", "1,840 of 7,360 deliveries", "Results"),
            found("Parcels too heavy", 0.18, "pilot.md", "18 % of the total, can't go by bike", "Limits"),
            found("Offer, EUR", 27600, "pilot.md", "(EUR 27,600) is valid until 30 June 2026", "Outlook"),
            say(document_write={"path": "summary.docx", "title": "Delivery bikes: order four more",
                                "subtitle": "For the branch manager, May 2026", "blocks": SUMMARY}),
            say(look_at={"path": "summary.docx", "pages": "1"}),
            say(pdf_make={"path": "summary.pdf", "source": "summary.docx"}),
        ],
        attached={"pilot.md": STUDY}, hand_in={"summary.docx": "Bikes are a third cheaper; order four more."},
    )  # fmt: skip
    assert handed.pages("summary.docx") == 1
    text = text_of(handed, "summary.docx")
    assert all(words in text for words in ("EUR 4.10 instead of EUR 6.30", "18 % of the parcels", "30 June"))
    assert set(handed.deliverables["summary.docx"].findings) == {f"step.{n}" for n in range(1, 7)}
