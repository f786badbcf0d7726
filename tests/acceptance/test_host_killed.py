"""The host is killed in the middle of each kind of tool, while the real head and the real agents' loop use it.

The call is made once more by the next host where that does no harm; otherwise its outcome is shown as unknown, to the
agent and to people, and nobody repeats it blindly.
"""

from collections.abc import Iterator

import openpyxl
import pytest

from agents.tools.office.libreoffice import convert
from bot.cards.card_projection import project
from bot.cards.timeline import moments
from orchestrator.domain import fold
from orchestrator.domain.tool_calls import CallResult
from tests.acceptance.killed_subtask import WORK, Ended, Line, SlowSite, Story, killed
from tests.browser_fixtures import EXECUTABLE, ref_of
from tests.host_fixtures import open_folder
from tests.long_tests import sampled
from tests.memory_hub import say

UNKNOWN = "so the call may have taken effect"
TABLE = {
    "path": "prices.xlsx",
    "sheet": "Prices",
    "cell": "A1",
    "rows": [["Company", "Price"], ["Acme", 49], ["Bo", 8]],
}
SUMS = {**TABLE, "rows": [*TABLE["rows"], ["Sum", "=B2+B3"]]}  # pyright: ignore
CHART = {"path": "prices.xlsx", "sheet": "Prices", "kind": "bar", "title": "Prices", "categories": "A2:A3",
         "values": ["B2:B3"], "at": "E2"}  # fmt: skip
PAPER = {"path": "paper.docx", "title": "Paper", "blocks": [{"type": "paragraph", "text": "All is well."}]}
NOTE = {"path": "note.txt", "content": "one\ntwo\n"}
needs_browser = pytest.mark.skipif(EXECUTABLE is None, reason="no browser on this machine")
needs_office = pytest.mark.skipif(convert.soffice() is None, reason="no LibreOffice on this machine")


@pytest.fixture
def story() -> Iterator[Story]:
    with open_folder() as folder:
        yield Story(folder)


@pytest.fixture
def site() -> Iterator[SlowSite]:
    one = SlowSite()
    yield one
    one.close()


def made_once_more(end: Ended) -> CallResult:
    """The call was cut off, made again by the next host, and is on record once, with its result."""
    assert end.tries == 2
    assert end.result.ok, end.result.text
    assert not end.result.unknown
    return end.result


def shown_as_unknown(end: Ended, tool: str) -> None:
    """The call was not made again; the agent reads so, and so do people, on the card and in the timeline."""
    assert (end.tries, end.result.ok, end.result.unknown) == (1, False, True)
    assert f"The host stopped while running {tool!r}, {UNKNOWN}. Check, then repeat it if needed." in end.heard
    warnings = [p.text for p in project(end.state).posts if p.level == "warning"]
    assert len(warnings) == 1
    assert fold.UNKNOWN.format(tool) in warnings[0]
    assert any(m.kind == "problem" and "outcome unknown" in m.text for m in moments(end.records))


@pytest.mark.parametrize(
    ("agent", "before", "tool", "args", "rename"),
    sampled(
        [
            ("document", [], "write_file", NOTE, 1),
            ("document", [], "csv_write", {"path": "a.csv", "rows": [["a", "b"], [1, 2]]}, 1),
            ("document", [], "csv_write", {"path": "a.csv", "rows": [["a", "b"], [1, 2]]}, 2),
            ("document", [], "document_write", PAPER, 1),
            ("document", [], "document_write", PAPER, 2),
            ("document", [], "sheet_write", TABLE, 1),
            ("document", [], "sheet_write", TABLE, 2),
            ("document", [say(sheet_write=TABLE)], "sheet_chart", CHART, 3),
        ],
        8,
    ),
)
async def test_a_file_that_was_being_written_is_written_once_more(
    story: Story, agent: str, before: list[Line], tool: str, args: dict[str, object], rename: int
) -> None:
    story.agent, story.lines = agent, [*before, say(**{tool: args}), say("Done.")]
    made_once_more(await killed(story, tool, story.held, hold=rename))
    path = story.workspace / str(args["path"])
    assert path.stat().st_size
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path)["Prices"]
        assert [[c.value for c in row] for row in sheet["A1:B3"]] == TABLE["rows"]
        assert (sheet.max_row, len(sheet._charts)) == (3, int(tool == "sheet_chart"))


async def test_an_edit_that_was_cut_off_is_unknown_and_the_agent_looks(story: Story) -> None:
    edit = {"path": "note.txt", "old": "two", "new": "two and three"}
    story.agent = "document"
    story.lines = [say(write_file=NOTE), say(edit_file=edit), say(read_file={"path": "note.txt"}),
                   say(edit_file=edit), say("Done.")]  # fmt: skip
    shown_as_unknown(await killed(story, "edit_file", story.held, hold=2), "edit_file")
    assert (story.workspace / "note.txt").read_text() == "one\ntwo and three\n"


async def test_a_search_that_was_cut_off_is_made_once_more_and_leaves_no_process(story: Story) -> None:
    story.agent = "document"
    endless = {"path": "a.txt", "content": "a" * 60 + "b"}
    story.lines = [say(write_file=endless), say(search_files={"pattern": "(a+)+$"}), say("Done.")]

    def searching() -> bool:
        if story.runs("match_lines.py"):
            (story.workspace / "a.txt").write_text("aa")  # the next search finds its end
            return True
        return False

    result = made_once_more(await killed(story, "search_files", searching))
    assert "a.txt:1: aa" in result.text


@pytest.mark.parametrize(
    ("tool", "args"),
    sampled(
    [
        ("run_shell", {"command": "echo x >> count; while [ ! -e go ]; do sleep 0.05; done; touch finished"}),
        ("run_python", {"code": "import os, time\nopen('count', 'a').write('x\\n')\n"
                        "while not os.path.exists('go'): time.sleep(0.05)\nopen('finished', 'w')"}),
    ], 2),
)  # fmt: skip
async def test_code_that_was_cut_off_is_unknown_and_does_not_run_on(
    story: Story, tool: str, args: dict[str, object]
) -> None:
    story.agent = "developer"
    story.lines = [say(**{tool: args}), say(read_file={"path": "count"}), say("Done.")]
    end = await killed(
        story, tool, lambda: (story.home / "workspaces").exists() and (story.workspace / "count").exists()
    )
    shown_as_unknown(end, tool)
    assert (story.workspace / "count").read_text() == "x\n"
    assert not (story.workspace / "finished").exists()


@pytest.mark.slow
@needs_browser
async def test_a_page_that_was_loading_is_opened_once_more(story: Story, site: SlowSite) -> None:
    story.agent, story.request = "browser", f"Look at {site.url('/slow')}"
    story.lines = [say(browser_open={"url": site.url("/slow")}), say("Done.")]
    result = made_once_more(await killed(story, "browser_open", lambda: "/slow" in site.asked))
    assert "1,2,3" in result.text


@needs_browser
async def test_a_click_that_was_cut_off_is_unknown_and_not_made_again(story: Story, site: SlowSite) -> None:
    story.agent, story.request = "browser", f"Look at {site.url('/page')}"
    story.lines = [
        say(browser_open={"url": site.url("/page")}),
        lambda prompt: say(browser_click={"ref": ref_of(prompt.messages[-1].text, "Buy")}),
        say(browser_snapshot={}),
        say("Done."),
    ]
    end = await killed(story, "browser_click", lambda: "/slow" in site.asked)
    shown_as_unknown(end, "browser_click")
    assert site.asked.count("/slow") == 1
    assert "reopened after a restart" in end.heard


@pytest.mark.slow
@needs_browser
async def test_a_download_that_was_cut_off_is_made_once_more(story: Story, site: SlowSite) -> None:
    story.agent, story.request = "browser", f"Fetch {site.url('/slow')}"
    story.lines = [say(browser_download={"url_or_ref": site.url("/slow"), "path": "got.html"}), say("Done.")]
    made_once_more(await killed(story, "browser_download", lambda: "/slow" in site.asked))
    assert "1,2,3" in (story.workspace / "got.html").read_text()
    assert site.asked.count("/slow") == 2


@pytest.mark.slow
@needs_office
@pytest.mark.parametrize("middle", ["while LibreOffice works", "while the computed values are written"])
async def test_a_file_that_was_being_handed_in_is_handed_in_once(story: Story, middle: str) -> None:
    story.agent = "document"
    words = {"path": "prices.xlsx", "words": "All prices."}
    story.lines = [say(sheet_write=SUMS), say(deliver=words), say("Done.")]
    works = middle == "while LibreOffice works"
    fact = (lambda: story.runs("soffice.bin")) if works else story.held
    end = await killed(story, "deliver", fact, hold=0 if works else 3)
    made_once_more(end)
    (row,) = end.state.deliverables.values()
    assert (row.deliverable.version, row.verdict, [c for c in row.deliverable.checks if not c.ok]) == (1, "waiting", [])
    assert row.deliverable.previews
    assert end.state.of(WORK).status == "review"
