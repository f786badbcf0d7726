"""Shipped skills that compare with what was before: last week's report, the old contract. With real tools."""

import io
from typing import Any

import docx

from tests.memory_hub import say
from tests.scenarios.skill_files import text_of
from tests.scenarios.skill_stage import OFFICE, follow, found

pytestmark = OFFICE

TRACKER = """id,title,owner,state,done on
31,Invoices go out the same day,Ben,done,2026-03-10
32,Archive of old contracts,Cleo,done,2026-03-12
33,Price list for partners,Ada,open,
34,New scanner,Ben,done,2026-03-17
35,Training for the office,Cleo,done,2026-03-13
"""
LAST = """# Report of week 10

Done: 4 tickets. Open complaints: 9.

Next week: price list for partners (Ada); invoices go out the same day (Ben).
"""
MAIL = "From: cleo@team.example\nSubject: Complaints\n\nOn Friday 13 March we had 6 open complaints; plan was 8.\n"
REPORT: list[dict[str, Any]] = [
    {"type": "callout", "text": "On track: complaints are below plan. The price list is one week late."},
    {"type": "heading", "text": "Numbers"},
    {
        "type": "table",
        "text": "Week 11 (9 to 15 March 2026)",
        "rows": [
            ["Measure", "This week", "Last week", "Plan", "Status"],
            ["Tickets done", {"value": 3, "finding": "step.1"}, {"value": 4, "finding": "step.2"}, None, "no plan"],
            [
                "Open complaints",
                {"value": 6, "finding": "step.3"},
                {"value": 9, "finding": "step.4"},
                {"value": 8, "finding": "step.5"},
                "ahead",
            ],
        ],
    },
    {"type": "heading", "text": "Done"},
    {
        "type": "bullets",
        "items": [
            "Invoices go out the same day (Ben)",
            "Old contracts are in the archive (Cleo)",
            "The office is trained (Cleo)",
        ],
    },
    {"type": "heading", "text": "Promised, not done"},
    {"type": "bullets", "items": ["Price list for partners (Ada): still open; a new date is needed"]},
    {"type": "heading", "text": "Next week"},
    {"type": "bullets", "items": ["Price list for partners: sent to all partners by Friday 20 March (Ada)"]},
]


async def test_a_weekly_report_counts_its_week_and_answers_last_weeks_promises() -> None:
    sql = "select count(*) from t where \"done on\" between '2026-03-09' and '2026-03-15'"
    handed = await follow(
        "weekly-report", "analyst", "The status report for week 11, please.",
        [
            say(document_read={"path": "attachments/last.md"}),
            say(document_read={"path": "attachments/complaints.eml"}),
            say(data_look={"file": "attachments/tracker.csv"}),
            say(data_query={"files": {"t": "attachments/tracker.csv"}, "sql": sql}),
            found("Tickets done, week 11", 3, "tracker.csv", "3"),
            found("Tickets done, week 10", 4, "last.md", "Done: 4 tickets"),
            found("Open complaints, week 11", 6, "complaints.eml", "we had 6 open complaints"),
            found("Open complaints, week 10", 9, "last.md", "Open complaints: 9"),
            found("Open complaints, plan", 8, "complaints.eml", "plan was 8"),
            say(more_tools={"family": "reports"}),
            say(document_write={"path": "report-2026-W11.docx", "title": "Office team, week 11",
                                "subtitle": "9 to 15 March 2026", "blocks": REPORT}),
            say(look_at={"path": "report-2026-W11.docx"}),
        ],
        attached={"tracker.csv": TRACKER, "last.md": LAST, "complaints.eml": MAIL},
        hand_in={"report-2026-W11.docx": "Week 11: on track."},
    )  # fmt: skip
    assert handed.pages("report-2026-W11.docx") == 1
    assert "Price list for partners (Ada): still open" in text_of(handed, "report-2026-W11.docx")
    table = docx.Document(io.BytesIO(handed.files["report-2026-W11.docx"])).tables[-1]
    assert [cell.text.strip() for cell in table.rows[-1].cells] == ["Open complaints", "6", "9", "8", "ahead"]


OLD = ["1. The Supplier hosts the software for the Customer.", "2. The fee is EUR 900 per month.",
       "3. Invoices are due within 30 days.", "4. The contract runs for 12 months and ends then.",
       "5. Liability is limited to EUR 50,000 per year."]  # fmt: skip
NEW = ["1. The Supplier hosts the software for the Customer.", "2. The fee is EUR 900 per month.",
       "3. The Supplier may raise the fee by 5 % each January.", "4. Invoices are due within 14 days.",
       "5. The contract runs for 12 months and renews for 12 months unless it is terminated 3 months before.",
 ]  # fmt: skip
COMPARISON: list[dict[str, Any]] = [
    {
        "type": "callout",
        "text": "Don't sign it yet: the limit of liability is gone, the contract renews by itself, the fee may rise.",
        "findings": ["step.1", "step.2", "step.3"],
    },
    {"type": "heading", "text": "Differences that matter"},
    {
        "type": "table",
        "text": "Old and new version, for us as the customer",
        "rows": [
            ["Clause", "Old", "New", "For us", "Weight"],
            ["Liability, 5 → none", {"value": "limited to EUR 50,000 per year", "finding": "step.1"}, "not regulated",
             "unclear: which law applies?", "high"],
            ["Renewal, 4 → 5", "ends then", {"value": "renews for 12 months", "finding": "step.2"}, "worse", "high"],
            ["Fee, none → 3", "no increase", {"value": "by 5 % each January", "finding": "step.3"}, "worse", "high"],
            ["Payment, 3 → 4", "within 30 days", {"value": "within 14 days", "finding": "step.4"}, "worse", "medium"],
        ],
    },
    {"type": "heading", "text": "Proposals"},
    {
        "type": "bullets",
        "items": [
            "Renewal: \"The contract ends after 12 months unless both parties extend it in writing.\"",
            "Fee: \"Increases are limited to the consumer price index and need three months' notice.\"",
        ],
    },
    {"type": "heading", "text": "How it was compared"},
    {"type": "paragraph", "text": "old.docx with 5 clauses and new.docx with 5 clauses: 4 differences, no clause only "
     "renumbered, 2 the same. This isn't legal advice."},
]  # fmt: skip


def contract(clauses: list[str]) -> bytes:
    document = docx.Document()
    for clause in clauses:
        document.add_paragraph(clause)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


async def test_a_contract_comparison_lists_what_the_skills_own_script_found() -> None:
    run = (
        "import subprocess, sys\nprint(subprocess.run([sys.executable, "
        "'/skills/contract-comparison/scripts/clause_diff.py', 'attachments/old.docx', 'attachments/new.docx'], "
        "capture_output=True, text=True, check=True).stdout)"
    )
    handed = await follow(
        "contract-comparison", "analyst", "What changed in the new hosting contract? We are the customer.",
        [
            say(document_read={"path": "attachments/old.docx"}),
            say(document_read={"path": "attachments/new.docx"}),
            say(run_python={"code": run}),
            found("Liability, old", "limited to EUR 50,000 per year", "old.docx",
                  "Liability is limited to EUR 50,000 per year.", "5"),
            found("Renewal, new", "renews for 12 months", "new.docx", "renews for 12 months unless it is", "5"),
            found("Fee, new", "by 5 % each January", "new.docx", "may raise the fee by 5 % each January", "3"),
            found("Payment, new", "within 14 days", "new.docx", "Invoices are due within 14 days.", "4"),
            say(more_tools={"family": "reports"}),
            say(document_write={"path": "comparison.docx", "title": "Hosting contract: what changed",
                                "subtitle": "New version against old.docx, for the customer", "blocks": COMPARISON}),
            say(look_at={"path": "comparison.docx"}),
        ],
        attached={"old.docx": contract(OLD), "new.docx": contract(NEW)},
        hand_in={"comparison.docx": "Four differences, three of them high."},
    )  # fmt: skip
    ran = next(one.text for one in handed.results if "CHANGED" in one.text)
    assert "CHANGED 3. -> 4.: Invoices are due within [-30-] {+14+} days." in ran
    assert "DELETED 5.: 5. Liability" in ran and "NEW 3.: 3. The Supplier may raise" in ran
    text = text_of(handed, "comparison.docx")
    assert "This isn't legal advice." in text and "limited to EUR 50,000 per year" in text
