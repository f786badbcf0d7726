"""The rehearsal plays its whole script on what the company pages really say."""

from pathlib import Path
from typing import Any

import pytest

from agents.conversation.updates_between_turns import finding_line
from agents.models.rehearsal import replies
from agents.models.rehearsal.attached_table import table
from agents.models.rehearsal.model import Rehearsal
from agents.models.rehearsal.parse_prompt import facts_in
from agents.models.rehearsal.sample_sites import copy_sites
from orchestrator.domain.findings import Finding, Source
from orchestrator.domain.ids import FindingId, SubtaskId
from orchestrator.domain.model_messages import Prompt, Said
from orchestrator.domain.plan import Plan
from orchestrator.domain.tool_calls import Call, ToolSpec
from orchestrator.errors import NotInScript
from orchestrator.planning.planner_tools import SPECS, ProposedAnswer, parse
from tests.draft_reader import ReadAlong
from tests.scripted_agents import BASE, Stage, json_of, shape

ROSTER = "You plan.\n\nThe agents:\n- browser: Researches.\n- document: Writes.\n"
XLSX, DOCX = "competitor-comparison.xlsx", "executive-summary.docx"


def asked(text: str, system: str = ROSTER) -> Prompt:
    said = (Said(role="system", text=system), Said(role="user", text=f"Request from Ada:\n{text}"))
    return Prompt(model="rehearsal", messages=said, tools=SPECS, must_call=True)


async def proposed(text: str, system: str = ROSTER) -> object:
    answer = await Rehearsal(BASE).complete(asked(text, system))
    (call,) = answer.reply.calls
    return parse(call.tool, call.args)


@pytest.fixture
async def plan() -> Plan:
    found = await proposed(replies.STANDARD)
    assert isinstance(found, Plan)
    return found


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(Rehearsal(BASE), copy_sites(tmp_path / "sites"), replies.STANDARD)


@pytest.mark.parametrize(
    "text",
    [
        replies.STANDARD,
        "hi! please look at our competitors and put them into an Excel sheet",
        "Compare our five biggest rivals in a table.",
    ],
)
async def test_the_standard_request_becomes_seven_subtasks_in_many_wordings(text: str) -> None:
    found = await proposed(text)
    assert isinstance(found, Plan)
    assert [s.agent for s in found.subtasks] == ["browser"] * 5 + ["document"] * 2
    sheet, summary = found.subtasks[5:]
    assert len(sheet.fed_by) == 5
    assert sheet.deliverables == (XLSX,)
    assert summary.after == ("sheet",)
    assert all(not s.after and not s.fed_by for s in found.subtasks[:5])


@pytest.mark.parametrize("text", ["hello", "Write a poem about competitors", "Make a spreadsheet of our expenses"])
async def test_anything_else_is_answered_with_what_it_is_and_how_to_set_a_model(text: str) -> None:
    found = await proposed(text)
    assert isinstance(found, ProposedAnswer)
    assert "rehearsal" in found.text
    assert replies.STANDARD in found.text
    assert "THREADWORK_MODELS__DEFAULT" in found.text


async def test_it_does_not_plan_for_agents_that_are_not_there() -> None:
    assert isinstance(await proposed(replies.STANDARD, "- developer: Codes."), ProposedAnswer)


async def test_a_follow_up_to_a_plan_that_has_begun_is_answered_not_planned_again() -> None:
    assert isinstance(
        await proposed(f"{replies.STANDARD}\n\nThe plan so far (only add what is new):\n- sheet (done): x. y"),
        ProposedAnswer,
    )
    assert isinstance(
        await proposed(f"{replies.STANDARD}\n\nThe plan so far (only add what is new):\n- sheet (planned): x. "), Plan
    )


async def test_the_whole_script_ends_with_both_files_and_every_figure_traced(stage: Stage, plan: Plan) -> None:
    await stage.play(plan)

    assert stage.delivered == [("sheet", XLSX), ("summary", DOCX)]
    rows = shape(stage.sheets[XLSX, "Comparison"])
    assert len(rows) == 8
    known = "swapping shifts by phone in two taps"
    assert rows[1][:9] == ["Bramblehour", 6.5, 9200, 31.5, 18, 164, 2014, 4.4, known]
    assert rows[5][:3] == ["Fenwhistle", 4.2, 11300]
    assert rows[1][10] == "=RANK(B2,B$2:B$6,1)"
    assert "AVERAGE(B$2:B$6)" in rows[6][1]
    assert [n for n, cell in enumerate(rows[7][1:8]) if cell is None] == [4, 5], "nobody is best by size or age"
    ids = {f.id for f in stage.board}
    cells = [c for n, row in stage.sheets[XLSX, "Comparison"].items() if 2 <= n <= 6 for c in row[:9]]
    assert len(cells) == 45
    assert {c["finding"] for c in cells} <= ids
    assert len(stage.board) == 45


async def test_a_row_stands_before_the_last_browser_agent_has_ended(stage: Stage, plan: Plan) -> None:
    await stage.play(plan)
    last = max(n for n, (who, what) in enumerate(stage.log) if what == "ended" and who in plan.subtasks[5].fed_by)
    places = [n for n, (who, _) in enumerate(stage.log) if who == "sheet"]
    written = zip(places, [*stage.players["sheet"].calls, None], strict=True)
    rows = [row for at, call in written if call and call.tool == "sheet_write" and at < last for row in _rows(call)]
    assert any(None not in row and row[0] != "Company" for row in rows)
    assert stage.players["sheet"].turns <= 36


def _rows(call: Call) -> list[list[Any]]:
    rows: Any = call.args["rows"]
    return rows


async def test_several_pages_are_read_of_each_company_and_one_link_is_clicked(stage: Stage, plan: Plan) -> None:
    await stage.play(plan)
    for name in ("bramblehour", "tidewick", "ostrello", "quillmoor", "fenwhistle"):
        pages = {f.source.url for f in stage.board if f.by == name and f.source}
        assert 2 <= len(pages) <= 4
        assert any(c.tool == "browser_click" for c in stage.players[name].calls)


async def test_a_number_changed_on_a_page_changes_sheet_and_summary(stage: Stage, plan: Plan) -> None:
    page = stage.sites / "quillmoor" / "costs.html"
    page.write_text(page.read_text(encoding="utf-8").replace("$11.50", "$3.75"), encoding="utf-8")
    await stage.play(plan)
    assert shape(stage.sheets[XLSX, "Comparison"])[4][:2] == ["Quillmoor", 3.75]
    assert "Quillmoor is the cheapest at $3.75" in json_of(stage.documents)


async def test_a_figure_that_is_on_no_page_is_said_to_be_missing_and_its_cell_stays_empty(
    stage: Stage, plan: Plan
) -> None:
    page = stage.sites / "ostrello" / "plans.html"
    page.write_text(page.read_text(encoding="utf-8").replace("Rated 4.6 out of 5", "Liked"), encoding="utf-8")
    await stage.play(plan)
    assert "Not found on its pages: rating out of 5." in stage.players["ostrello"].ended
    row = shape(stage.sheets[XLSX, "Comparison"])[3]
    assert row[0] == "Ostrello"
    assert row[7] is None
    assert "Not published: Ostrello (rating out of 5)" in json_of(stage.documents)


async def test_a_site_that_cannot_be_opened_leaves_a_row_that_says_so(stage: Stage, plan: Plan) -> None:
    stage.broken.add(f"{BASE}/tidewick/index.html")
    await stage.play(plan)
    assert "could not be opened" in stage.players["tidewick"].ended
    assert shape(stage.sheets[XLSX, "Comparison"])[2][0] == "tidewick (no findings)"
    assert len(stage.delivered) == 2


async def test_links_that_cannot_be_clicked_are_opened_by_address(stage: Stage, plan: Plan) -> None:
    stage.refuse_click = True
    await stage.play(plan)
    assert len(stage.board) == 45


async def test_an_attached_table_gets_a_sheet_of_its_own(stage: Stage, plan: Plan) -> None:
    stage.attached = {"ours.csv": "attachments/ours.csv: 2 rows\n   | A | B\n  1| Name | Price\n  2| Us | 5.25"}
    await stage.play(plan)
    assert shape(stage.sheets[XLSX, "Attached"]) == [["Name", "Price"], ["Us", 5.25]]
    told = "with your ours.csv on its own sheet"
    (handed,) = [c for c in stage.players["sheet"].calls if c.tool == "deliver"]
    assert told in str(handed.args["words"]) and told in stage.players["sheet"].ended


async def test_a_step_that_is_not_in_the_script_fails_and_says_what_to_do() -> None:
    for tool in ("browser_open", "sheet_write"):
        said = (Said(role="user", text="Step: extra (Translate it)\nTranslate the summary into Dutch."),)
        tools = (ToolSpec(name=tool, description="", parameters={}, effects=frozenset()),)
        with pytest.raises(NotInScript, match="threadwork init"):
            await Rehearsal(BASE).complete(Prompt(model="m", messages=said, tools=tools))


async def test_it_counts_as_many_findings_as_it_shared(stage: Stage, plan: Plan) -> None:
    await stage.play(plan)
    for name in ("bramblehour", "ostrello"):
        shared = sum(f.by == name for f in stage.board)
        assert f"; {shared} findings on " in stage.players[name].ended


async def test_a_request_for_changes_is_noted_and_the_file_handed_in_again(stage: Stage, plan: Plan) -> None:
    await stage.play(plan)
    words = "Please add a note on taxes"
    await stage.say("sheet", f"Ada asks for changes to {XLSX}: {words}\nRevise it and hand it in again.")
    await stage.say("summary", f"Ada asks for changes to {DOCX}: {words}\nRevise it and hand it in again.")
    assert stage.delivered[2:] == [("sheet", XLSX), ("summary", DOCX)]
    assert shape(stage.sheets[XLSX, "Notes"])[1][:2] == ["Ada", words]
    assert words in json_of(stage.documents[-1])


async def test_a_skipped_company_is_no_obstacle(stage: Stage, plan: Plan) -> None:
    kept = tuple(
        s.model_copy(update={"fed_by": tuple(f for f in s.fed_by if f != "ostrello")})
        for s in plan.subtasks
        if s.id != "ostrello"
    )
    await stage.play(Plan(title="four", subtasks=kept))
    assert [row[0] for row in shape(stage.sheets[XLSX, "Comparison"])][1:6] == [
        "Bramblehour", "Tidewick", "Quillmoor", "Fenwhistle", "Average",
    ]  # fmt: skip


async def test_the_same_prompt_gives_the_same_answer_and_its_words_stream() -> None:
    reader = ReadAlong()
    prompt = Prompt(model="m", messages=(Said(role="user", text="hello"),))
    one = await Rehearsal(BASE).complete(prompt, on_draft=reader)
    assert one == await Rehearsal(BASE).complete(prompt)
    assert reader.grew
    assert reader.texts[-1] == one.reply.text == replies.ABOUT


def test_finding_lines_are_read_back_whatever_the_value_holds() -> None:
    for value in (6.5, "a (by b; c) = d", True, None, ["x"], 'quo"te'):
        finding = Finding(
            id=FindingId("acme.1"),
            by=SubtaskId("acme"),
            kind="Acme: known for",
            value=value,
            source=Source(url="http://x/y(z)"),
            supersedes=FindingId("acme.0"),
        )
        (fact,) = facts_in(f"Findings:\n{finding_line(finding)}\nmore")
        assert (fact.id, fact.company, fact.what, fact.value, fact.by) == ("acme.1", "Acme", "known for", value, "acme")


def test_an_attached_table_keeps_text_that_looks_like_a_formula_as_text() -> None:
    rows = table("x.csv: 1 row\n   | A | B\n  1| =1+1 | 007 | -3.5 | ")
    assert rows == [[{"value": "=1+1", "format": "text"}, "007", -3.5, None]]
