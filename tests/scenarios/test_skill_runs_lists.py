"""Shipped skills that collect: each is followed with real tools, and every row of its workbook is in the inputs."""

from typing import Any

import pytest

from tests.memory_hub import say
from tests.scenarios.skill_files import change, sheet, write
from tests.scenarios.skill_stage import OFFICE, follow, found

pytestmark = OFFICE

INVOICES = {
    "01-paper.eml": "From: billing@paper.example\nTo: office@team.example\nSubject: Invoice P-0107\n"
    "Content-Type: text/plain; charset=utf-8\n\nPaper House Ltd\nInvoice P-0107, 3 March 2026\n"
    "40 boxes of paper\nNet EUR 200.00\nVAT 19 % EUR 38.00\nTotal EUR 238.00\nPayable within 14 days\n",
    "02-hosting.md": "# Cloudberry SA\n\nInvoice 2026/0044, 2026-03-05\n\nHosting March: net EUR 90.00, "
    "VAT 19 % EUR 17.10, total EUR 107.10\n",
    "03-taxi.txt": "TAXI MEYER\nReceipt 0815   12.03.2026\nFare incl. 7 % VAT   EUR 32.10\nnet 30.00  VAT 2.10\n",
    "04-print.txt": "Print & Co\nInvoice 7781, 9 March 2026\nNet EUR 150.00\nVAT 19 % EUR 28.50\nTotal EUR 187.50\n",
}
TABLE = "invoices.xlsx"
HEAD = ["Document", "Kind", "Supplier", "Number", "Date", "Net", "Tax rate", "Tax", "Total", "Currency", "Due", "Note",
        "Check"]  # fmt: skip


async def test_an_invoice_table_shows_what_does_not_add_up() -> None:
    found_rows: list[tuple[str, str, str, str, str, float, float, float, float, str | None, str | None, str]] = [
        ("01-paper.eml", "invoice", "Paper House Ltd", "P-0107", "2026-03-03", 200, 0.19, 38, 238, "2026-03-17", None,
         "Total EUR 238.00"),
        ("02-hosting.md", "invoice", "Cloudberry SA", "2026/0044", "2026-03-05", 90, 0.19, 17.1, 107.1, None, None,
         "total EUR 107.10"),
        ("04-print.txt", "invoice", "Print & Co", "7781", "2026-03-09", 150, 0.19, 28.5, 187.5, None,
         "Net and tax give 178.50", "Total EUR 187.50"),
        ("03-taxi.txt", "receipt", "TAXI MEYER", "0815", "2026-03-12", 30, 0.07, 2.1, 32.1, None, None,
         "EUR 32.10"),
    ]  # fmt: skip
    body: list[list[Any]] = []
    for n, (name, kind, who, number, date, net, rate, tax, total, due, note, _) in enumerate(found_rows, 2):
        check = f'=IF(ABS(F{n}+H{n}-I{n})<0.02,"OK","differs")'
        money = [{"value": one, "format": "#,##0.00"} for one in (net, tax)]
        body.append([name, kind, who, {"value": number, "format": "text"}, date, money[0],
                     {"value": rate, "format": "percent"}, money[1],
                     {"value": total, "finding": f"step.{n - 1}", "format": "#,##0.00"}, "EUR", due, note,
                     check])  # fmt: skip
    totals: list[list[Any]] = [["Currency", "Tax rate", "Net", "Tax", "Total"]]
    for n, rate in enumerate((0.07, 0.19), 2):
        sums = [
            {"value": f"=SUMIFS(Invoices!{c}2:{c}5,Invoices!G2:G5,B{n},Invoices!J2:J5,A{n})", "format": "#,##0.00"}
            for c in "FHI"
        ]
        totals.append(["EUR", {"value": rate, "format": "percent"}, *sums])
    handed = await follow(
        "invoice-table", "document", "Put these four invoices into one table, please.",
        [
            say(list_files={}),
            *(say(document_read={"path": f"attachments/{name}"}) for name in INVOICES),
            *(found(f"{row[2]}: total", row[8], row[0], row[11]) for row in found_rows),
            write(TABLE, "Invoices", "A1", [HEAD, *body]),
            say(more_tools={"family": "sheets"}),
            change(TABLE, "Invoices", {"do": "freeze", "cell": "A2"},
                   {"do": "highlight", "range": "M2:M5", "rule": "contains", "value": "differs", "tone": "bad"},
                   {"do": "page", "landscape": True, "one_page": True}),
            write(TABLE, "Totals", "A1", totals),
            write(TABLE, "To check", "A1", [["Document", "What", "Why"],
                  ["04-print.txt", "Total 187.50 as printed", "Net and tax give 178.50: digits may be swapped"]]),
            say(sheet_read={"path": TABLE, "sheet": "Totals"}),
            say(look_at={"path": TABLE, "pages": "1-3"}),
        ],
        attached=INVOICES, hand_in={TABLE: "Four documents, EUR 564.70 in all; one doesn't add up."},
    )  # fmt: skip
    rows = sheet(handed, TABLE, "Invoices")
    assert [row[12] for row in rows[1:]] == ["OK", "OK", "differs", "OK"]
    assert [row[3] for row in rows[1:]] == ["P-0107", "2026/0044", "7781", "0815"]
    assert [row[2:5] for row in sheet(handed, TABLE, "Totals")[1:]] == [
        pytest.approx([30, 2.1, 32.1]), pytest.approx([440, 83.6, 532.6])
    ]  # fmt: skip
    assert sheet(handed, TABLE, "To check")[1][0] == "04-print.txt"


NOTES = """# Sync, Tuesday 3 March 2026 (Ada, Ben, Cleo)

Ben: The offer for Fenwick is nearly ready, I'll send it by Friday.
Cleo: Someone has to book the room for the fair. - Agreed, nobody volunteered.
Ada: We go with Borealis. Cleo, can you tell Acme by the end of the month? Cleo: Yes.
Ben: We should look at the newsletter some day.
"""
ACTIONS = "actions.xlsx"


async def test_meeting_notes_become_actions_with_their_quotes() -> None:
    rows: list[list[Any]] = [
        ["Action", "Owner", "Due", "Said"],
        [{"value": "Send the offer to Fenwick", "finding": "step.1"}, "Ben", "2026-03-06", "I'll send it by Friday"],
        [{"value": "Tell Acme that we go with Borealis", "finding": "step.2"}, "Cleo", "2026-03-31",
         "Cleo, can you tell Acme by the end of the month?"],
        [{"value": "Book the room for the fair", "finding": "step.3"}, "unassigned", "no date",
         "Someone has to book the room for the fair."],
    ]  # fmt: skip
    below = [["Kind", "What"], ["Decision", "We go with Borealis."], ["Open point", "Look at the newsletter some day."]]
    handed = await follow(
        "meeting-notes-to-actions", "document", "Who has to do what after this meeting?",
        [
            say(read_file={"path": "attachments/notes.md"}),
            *(found("action", str(row[0]["value"]), "notes.md", str(row[3])) for row in rows[1:]),
            write(ACTIONS, "Actions", "A1", rows, widths=[36, 14, 14, 52]),
            write(ACTIONS, "Decisions and open points", "A1", below),
            say(look_at={"path": ACTIONS}),
        ],
        attached={"notes.md": NOTES}, hand_in={ACTIONS: "Three actions; one has no owner and no date."},
    )  # fmt: skip
    made = sheet(handed, ACTIONS, "Actions")[1:]
    assert [row[1] for row in made] == ["Ben", "Cleo", "unassigned"]
    assert all(row[3] in NOTES for row in made)
