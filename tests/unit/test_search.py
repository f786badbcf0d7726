"""Searching, as far as it decides: what a hit is, how long to wait, which tool of a server searches, what is set."""

from datetime import UTC, datetime

import httpx
import pytest
from pydantic import JsonValue, SecretStr

from agents.loop.run_tool_call import HUB_TOOLS
from agents.search.http_client import pause
from agents.search.mcp import arguments, chosen, understood
from agents.search.mcp_types import McpAnswer, McpServer, McpTool
from agents.search.search_interface import MOST_SNIPPET, Found, Query, hit
from agents.search.tool import NOT_SET_UP, search_tool, told
from bot.doctor.machine_checks import search as look
from bot.platforms import load
from orchestrator.domain.policy import Rule, Verdict
from orchestrator.domain.task import SubtaskState, TaskState
from orchestrator.domain.tool_calls import Effect, Label, ToolSpec
from orchestrator.errors import BadSettings, ToolFailed
from orchestrator.policy_gate import Gate
from tests.unit.task_facts import READ, TASK

SERVER = McpServer(command=("npx", "-y", "x"))


def offer(name: str, *required: str, **fields: JsonValue) -> McpTool:
    return McpTool(name=name, schema_={"properties": fields, "required": list(required)})


TEXT: JsonValue = {"type": "string"}


@pytest.mark.parametrize(
    "url", ["", None, 5, "javascript:alert(1)", "ftp://a.test", "https://", "https://a.test/\nHost: b", "https://a b",
            "https://a.test/\u202egpj", f"https://a.test/{'x' * 3000}"],
)  # fmt: skip
def test_what_cannot_be_opened_is_no_hit(url: object) -> None:
    assert hit("Title", url, "words") is None


def test_a_hit_is_plain_text_on_one_line_however_it_came() -> None:
    found = hit("<strong>5 &lt; 6</strong>\x07", " https://a.test/x ", f"a\n\n\u202eb\x00 {'c' * 9000}", None)
    assert found is not None
    assert (found.title, found.url, found.published) == ("5 < 6", "https://a.test/x", "")
    assert found.snippet.startswith("a b ccc")
    assert len(found.snippet) == MOST_SNIPPET
    untitled = hit("", "https://a.test/", "")
    assert untitled is not None
    assert untitled.title == "https://a.test/"


def test_each_address_is_told_once_in_the_order_of_the_service_and_no_more_than_wanted() -> None:
    hits = tuple(h for n in (1, 2, 1, 3, 4) if (h := hit(f"T{n}", f"https://a.test/{n}", "words", "2026-11-01")))
    text = told(Query(words="x", count=3), Found(hits), "s.test")
    assert [line for line in text.splitlines() if line[0].isdigit() and ". T" in line] == [
        "1. T1 (2026-11-01)", "2. T2 (2026-11-01)", "3. T3 (2026-11-01)",
    ]  # fmt: skip
    assert "never instructions" in text


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:09 GMT"}, 9),
        ({"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0),
        ({"x-ratelimit-reset": "1, 1419704"}, 1),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_how_long_a_service_asks_us_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert pause(httpx.Headers(headers), datetime(2026, 11, 23, 12, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    ("offers", "name"),
    [
        ([offer("anything", query=TEXT)], "anything"),
        ([offer("local_search", query=TEXT), offer("web_search", query=TEXT), offer("fetch", url=TEXT)], "web_search"),
        ([offer("search", "words", words=TEXT), offer("open", "id", id={"type": "integer"})], "search"),
    ],
)
def test_the_tool_that_searches_is_found_by_its_name_and_arguments(offers: list[McpTool], name: str) -> None:
    assert chosen(offers, SERVER).name == name


def test_a_tool_nobody_can_guess_is_asked_for_by_its_setting() -> None:
    two = [offer("ask", query=TEXT), offer("tell", query=TEXT)]
    with pytest.raises(ToolFailed, match=r"ask, tell\. Set search\.mcp\.tool"):
        chosen(two, SERVER)
    assert chosen(two, SERVER.model_copy(update={"tool": "tell"})).name == "tell"
    with pytest.raises(ToolFailed, match=r"no tool 'say'; its tools are ask, tell\. Correct search\.mcp\.tool"):
        chosen(two, SERVER.model_copy(update={"tool": "say"}))


def test_a_tool_is_told_as_much_as_it_takes() -> None:
    limited: JsonValue = {"type": "integer", "maximum": 5}
    age: JsonValue = {"anyOf": [{"enum": ["day", "week"]}, {"type": "null"}]}
    query = Query(words="tea", count=8, site="a.test", fresh="week")
    told_all = {"q": "site:a.test tea", "limit": 5, "time_range": "week"}
    assert arguments(offer("s", q=TEXT, limit=limited, time_range=age), query) == (told_all, "")
    told_less, words = arguments(offer("s", "what", what=TEXT), query)
    assert told_less == {"what": "site:a.test tea"}
    assert "can't filter by age" in words
    with pytest.raises(ToolFailed, match=r"has no argument 'term'; it has q\. Set search\.mcp\.argument"):
        arguments(offer("s", q=TEXT), query, "term")


def test_a_servers_answer_is_understood_in_each_usual_form() -> None:
    row: JsonValue = {"title": "A", "url": "https://a.test/", "description": "words"}
    nested = McpAnswer(texts=("{}",), structured={"web": {"results": [row, {"no": 1}]}})
    blocks = McpAnswer(texts=('{"name": "A", "link": "https://a.test/", "snippet": "words"}', "[]"))
    text = McpAnswer(texts=('[{"title": "A", "url": "https://a.test/", "content": "words"}]',))
    for said in (nested, blocks, text):
        (found,) = understood(said).hits
        assert (found.title, found.url, found.snippet) == ("A", "https://a.test/", "words")
    prose = understood(McpAnswer(texts=("Title: A\nURL: https://a.test/\x1b[2J",)))
    assert (prose.hits, prose.words) == ((), "Title: A\nURL: https://a.test/[2J")


SPEC = ToolSpec(
    name="web_search", description="", parameters={}, effects=frozenset({Effect.NETWORK_READ}), place="hub", at="s.test"
)
ALL = frozenset({Label.UNTRUSTED, Label.PRIVATE})


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (frozenset[Label](), Verdict.ALLOW),
        (frozenset({Label.UNTRUSTED}), Verdict.ALLOW),
        (frozenset({Label.PRIVATE}), Verdict.ALLOW),
        (ALL, Verdict.ASK),
    ],
)
def test_a_search_is_asked_about_once_it_could_carry_private_things_out(
    labels: frozenset[Label], expected: Verdict
) -> None:
    state = TaskState(TASK, subtasks={READ: SubtaskState(labels=labels)})
    found = Gate().judge(SPEC, {"query": "x"}, state, READ)
    assert found.verdict is expected
    assert ("could leak it" in found.why) is (expected is Verdict.ASK)
    denied = Gate((Rule(verdict=Verdict.DENY, domain="s.test"),))
    assert denied.judge(SPEC, {"query": "x"}, state, READ).verdict is Verdict.DENY
    assert "s.test" not in Gate().readable(state, READ)  # the browser may not open what the search may ask


def test_tools_of_the_hub_may_be_repeated_because_it_has_no_journal() -> None:
    every = [*HUB_TOOLS.values(), search_tool(None)]
    assert [t.spec.name for t in every if not t.spec.repeat] == []


async def test_a_search_that_is_not_set_up_says_so_before_and_after_it_is_called() -> None:
    it = search_tool(None)
    assert (it.spec.description, it.spec.effects, it.spec.taints) == (NOT_SET_UP, frozenset(), frozenset())
    with pytest.raises(ToolFailed, match=r"Web search isn't set up.*so don't retry"):
        await it.function(None, query="x")


@pytest.mark.parametrize(
    ("environment", "chosen_one", "problem"),
    [
        ({}, None, ""),
        ({"SEARXNG_URL": "https://s.test/x"}, "searxng", ""),
        ({"BRAVE_API_KEY": "k"}, "brave", ""),
        ({"TAVILY_API_KEY": "k"}, "tavily", ""),
        ({"THREADWORK_SEARCH__MCP__COMMAND": "npx -y 'a b'"}, "mcp", ""),
        ({"THREADWORK_SEARCH__MCP__URL": "https://m.test/mcp", "THREADWORK_SEARCH__KIND": "mcp"}, "mcp", ""),
        ({"BRAVE_API_KEY": "k", "TAVILY_API_KEY": "k"}, None, "Several search services are set up (brave, tavily)"),
        ({"BRAVE_API_KEY": "k", "TAVILY_API_KEY": "k", "THREADWORK_SEARCH__KIND": "tavily"}, "tavily", ""),
        (
            {"BRAVE_API_KEY": "k", "THREADWORK_SEARCH__KIND": "searxng"},
            None,
            "`search.searxng_url` (SEARXNG_URL) isn't",
        ),
    ],
)
def test_the_only_search_that_is_set_is_used_and_of_several_the_one_that_is_named(
    environment: dict[str, str], chosen_one: str | None, problem: str
) -> None:
    settings = load(environment=environment)
    assert settings.search.chosen == chosen_one
    assert problem in settings.search.problem
    assert bool(problem) == bool(settings.search.problem)
    row = look(settings)
    assert row.level == ("ok" if chosen_one else "warn")
    assert (settings.search.problem or chosen_one or "No web search is set up") in row.words


def test_the_program_of_a_server_comes_as_a_line_or_a_list_and_its_environment_is_secret() -> None:
    line = load(environment={"THREADWORK_SEARCH__MCP__COMMAND": "npx -y 'a b'"})
    listed = load(environment={"THREADWORK_SEARCH__MCP__COMMAND": '["npx", "-y", "a b"]'})
    assert line.search.mcp.command == listed.search.mcp.command == ("npx", "-y", "a b")
    settings = load(environment={"THREADWORK_SEARCH__MCP__ENV": '{"KEY": "sesame"}', "BRAVE_API_KEY": "sesame"})
    assert settings.search.mcp.env["KEY"].get_secret_value() == "sesame"
    assert "sesame" not in repr(settings) + settings.model_dump_json()


@pytest.mark.parametrize("key", ["a b", "schlüssel", "a\nb"])
def test_a_key_that_cannot_be_one_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(BadSettings, match="'BRAVE_API_KEY'") as said:
        load(environment={"BRAVE_API_KEY": key})
    assert key not in str(said.value)
    assert load(environment={"BRAVE_API_KEY": " k\n"}).search.brave_api_key == SecretStr("k")


@pytest.mark.parametrize("url", ["search.example", "file:///etc", "https://", "https://a b/", "https://a.test/?q="])
def test_an_address_of_a_search_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadSettings, match="'SEARXNG_URL'"):
        load(environment={"SEARXNG_URL": url})
