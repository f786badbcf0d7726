"""Whether a source was read, seen in what the tools of a task gave back."""

import pytest

from agents.hub_tools.check_source_was_read import unchecked
from agents.hub_tools.coordination import REPEATING
from agents.tools.office.provenance.check_figures import check
from orchestrator.domain import events as e
from orchestrator.domain.findings import Source
from orchestrator.domain.ids import CallId, Key, Sha, Stream
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.people import FileRef
from orchestrator.domain.tool_calls import Call, CallResult, Label
from tests.office_workspace import finding
from tests.unit.task_facts import READ, SHEET, START, TASK

NOWHERE = "its quote wasn't found in anything read for this task"
PAGE = "https://www.acme.test/pricing"
SNAPSHOT = f"""Prices · Acme — {PAGE}?ref=home
- heading "Prices"
- row "Team":
  - cell "Team" [e12]
  - cell "$1,049.50" [e13]
- text: It’s billed   yearly – per seat.
- link "About" [e14 https://acme.test/about/us]"""


def read(
    text: str = SNAPSHOT, tool: str = "browser_open", *, ok: bool = True, outside: bool = True, shown: bool = False,
    cut: bool = False, **args: str,
) -> list[e.Record]:  # fmt: skip
    result = CallResult(
        ok=ok,
        text=text + ("\n[the rest was cut; read a smaller part]" if cut else ""),
        shown=(FileRef(sha=Sha("a" * 64), name="p.png", size=1, media="image/png"),) if shown else (),
        labels=frozenset({Label.UNTRUSTED}) if outside else frozenset(),
    )
    reply = Reply(calls=(Call(id=CallId("c"), tool=tool, args=dict(args)),))
    taken = e.TurnTaken(subtask=READ, attempt=1, turn=1, saw=0, reply=reply, model="m", cost=0)
    returned = e.ToolReturned(subtask=SHEET, attempt=1, call=CallId("c"), tool=tool, result=result)
    return [e.Record(Stream(TASK), n, Key(str(n)), START, x) for n, x in enumerate((taken, returned), 1)]


def doubt(records: list[e.Record], url: str = PAGE, quote: str = "") -> str:
    return unchecked(Source(url=url, quote=quote), records, REPEATING)


@pytest.mark.parametrize("url", [
    PAGE, "http://acme.test/pricing/", "acme.test/pricing#team", "https://ACME.test/pricing?plan=2",
    "https://acme.test/about/us",
])  # fmt: skip
def test_a_page_that_stands_in_a_result_was_opened(url: str) -> None:
    assert doubt(read(), url) == ""


@pytest.mark.parametrize("url", [
    "https://acme.test/price", "https://acme.test/pricing/team", "https://acme.test", "https://test/pricing",
    "https://acme.test/about", "https://shop.acme.test/pricing", "http://[broken",
])  # fmt: skip
def test_another_page_was_not(url: str) -> None:
    assert doubt(read(), url) == f"no one on this task opened {url}"


@pytest.mark.parametrize("quote", [
    "Team", '"$1,049.50"', "TEAM $1049.50", "It's billed yearly - per seat", "billed yearly … per seat", "“Prices”",
])  # fmt: skip
def test_a_quote_is_found_whatever_its_marks_and_spaces(quote: str) -> None:
    assert doubt(read(), quote=quote) == ""


@pytest.mark.parametrize("quote", ["Team: $49", "Team $1,049.05", "billed monthly", "It’s billed … per month"])
def test_words_that_stood_nowhere_are_no_quote(quote: str) -> None:
    assert doubt(read(), quote=quote) == NOWHERE


def test_what_failed_or_only_repeats_an_agent_was_not_read() -> None:
    for records in (read(ok=False), read(tool="read_findings"), read(outside=False, tool="read_file"), []):
        assert doubt(records) == f"no one on this task opened {PAGE}"


def test_a_page_may_be_named_by_the_call_and_its_quote_may_stand_in_a_picture_or_in_what_was_cut() -> None:
    assert doubt(read("Welcome", url=PAGE), quote="Welcome") == ""
    assert doubt(read("No hits", tool="web_search", query=PAGE)) != ""
    assert doubt(read(shown=True), quote="as drawn: 49") == doubt(read(cut=True), quote="further down: 49") == ""


def test_a_file_was_read_when_a_call_names_it() -> None:
    rows = read("France | 12 orders | 1,049.50", "data_query", outside=False, sql="select 1 from 'attachments/in.csv'")
    assert unchecked(Source(file="attachments/in.csv#Data", quote="France: 1049.50"), rows, REPEATING) == ""
    assert unchecked(Source(file="in.csv", quote="Spain: 7"), rows, REPEATING) == NOWHERE
    assert unchecked(Source(file="other.csv"), rows, REPEATING) == "no one on this task opened other.csv"


def test_people_are_told_of_sources_that_were_not_read_and_of_quotes_without_their_value() -> None:
    fine, odd = finding("fine", 49, quote="Team: $49"), finding("odd", 94, quote="Team: $49")
    assert fine.source
    source = fine.source.model_copy(update={"unchecked": f"no one on this task opened {PAGE}"})
    unread = fine.model_copy(update={"source": source})
    assert not check((), [fine], 1).told
    assert check((), [odd], 1).told and "odd doesn't contain its value" in check((), [odd], 1).words
    told = check((), [unread], 1)
    assert told.told and f"1 source was not checked: fine (no one on this task opened {PAGE})" in told.words
    assert Source.model_validate_json('{"url": "http://a.test"}').unchecked == ""
