"""What goes wrong at a search service: each time one sentence with the next step, and never a key in it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from agents.search.brave import Brave
from agents.search.http_client import HttpClient
from agents.search.mcp import McpSearch
from agents.search.mcp_types import McpServer
from agents.search.search_interface import Query, SearchService
from agents.search.searxng import Searxng
from agents.search.tavily import Tavily
from agents.search.tool import search_tool
from orchestrator.domain.tool_calls import CallResult
from orchestrator.errors import ToolFailed
from tests.search_mcp import sandboxed_search
from tests.search_server import KEY, Fault, Page, Server, pages_json, searching
from tests.small_hub import until

PAGES = (Page("Kettles", "https://kettle.test/prices", "Kettle model 7 costs 20 dollars", "2026-11-01"),)
TEA = Query(words="kettle")


@pytest.fixture
async def server() -> AsyncGenerator[Server]:
    async with searching(PAGES) as server:
        yield server


def services(server: Server, *, key: str = KEY, **how: Any) -> dict[str, SearchService]:
    return {
        "searxng": Searxng(server.searxng, HttpClient("The search", {}, **how) if how else None),
        "brave": Brave(key, url=server.brave, web=HttpClient("Brave Search", {}, secret=key, **how) if how else None),
        "tavily": Tavily(key, url=server.tavily, web=HttpClient("Tavily", {}, secret=key, **how) if how else None),
    }


@pytest.mark.parametrize(
    ("name", "words"), [("brave", r"search\.brave_api_key \(BRAVE"), ("tavily", r"search\.tavily_api_key \(TAVILY")]
)
async def test_a_wrong_key_names_its_setting_and_is_not_repeated(name: str, words: str, server: Server) -> None:
    with pytest.raises(ToolFailed, match=words) as said:
        await services(server, key="sesame-sesame")[name].find(TEA)
    assert "sesame" not in str(said.value)
    assert str(said.value).endswith("ask_person.")


async def test_a_searxng_without_json_says_which_line_of_its_settings_is_missing(server: Server) -> None:
    server.formats = frozenset({"html"})
    with pytest.raises(
        ToolFailed, match=r"`search\.formats` in the settings\.yml of this SearXNG server must include json"
    ):
        await Searxng(server.searxng).find(TEA)
    server.faults.append(Fault(200, "<html>Results</html>", media="text/html"))
    with pytest.raises(ToolFailed, match=r"`search\.formats`"):
        await Searxng(server.searxng).find(TEA)


async def test_a_searxng_behind_a_login_gets_it_from_its_address(server: Server) -> None:
    server.login = "Basic YWRhOnNlc2FtZSE="
    address = server.searxng.replace("http://", "http://ada:sesame%21@")
    it = Searxng(address)
    assert (await it.find(TEA)).hits
    assert it.at == server.domain
    with pytest.raises(ToolFailed, match=r"rejected the login in search\.searxng_url") as said:
        await Searxng(address.replace("sesame", "sesame-street")).find(TEA)
    assert "sesame" not in str(said.value)


async def test_engines_that_stay_silent_are_named_where_nothing_is_found(server: Server) -> None:
    server.silent = [["duckduckgo", "CAPTCHA"], ["google", "timeout"]]
    tool = search_tool(Searxng(server.searxng))
    result = await tool.function(None, query="zeppelin")
    assert isinstance(result, CallResult)
    assert "Engines that didn't respond: duckduckgo CAPTCHA; google timeout." in result.text


@pytest.mark.parametrize("name", ["searxng", "brave", "tavily"])
async def test_a_busy_service_is_waited_for_once_as_long_as_it_asks_and_not_for_long(name: str, server: Server) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    search = services(server, sleep=sleep)[name]
    busy = Fault(429, headers={"Retry-After": "2"})
    server.faults += [busy]
    assert (await search.find(TEA)).hits
    server.faults += [busy, busy]
    with pytest.raises(ToolFailed, match=r"is rate-limiting us\. Try again in 2 seconds"):
        await search.find(TEA)
    server.faults += [Fault(429, headers={"Retry-After": "3600"})]
    with pytest.raises(ToolFailed, match="Try again in 3600 seconds"):
        await search.find(TEA)
    server.faults += [Fault(429)]
    with pytest.raises(ToolFailed, match="Try again later"):
        await search.find(TEA)
    assert (waited, server.asked) == ([2, 2], 6)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(500, '{"detail": {"error": "oops \\u202e"}}'), r"had an internal error \(500\)\. .* \(it says: oops\)"),
        (Fault(302, headers={"Location": "https://else.test/"}), r"redirects to 'https://else.test/'"),
        (Fault(418, "<html>tea</html>"), r"rejected the query \(418\)\. Rephrase it\. "),
        (Fault(200, "<html>hello</html>", media="text/html"), r"its answer isn't JSON"),
        (Fault(200, "[" * 50_000), r"its answer isn't JSON"),
        (Fault(200, " " * 2_100_000), r"returned more than 2000000 bytes"),
        (Fault(hang=True), r"timed out after 0.4 seconds. Try again later"),
    ],
)
async def test_each_trouble_of_a_service_is_one_sentence(fault: Fault, words: str, server: Server) -> None:
    search = services(server, seconds=0.4 if fault.hang else 20)["tavily"]
    server.faults.append(fault)
    with pytest.raises(ToolFailed, match=words) as said:
        await search.find(TEA)
    assert "<" not in str(said.value)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(200, "<html>hello</html>", media="text/html"), "Unexpected content type"),
        (Fault(200, "{}"), "Failed to parse"),
        (Fault(500, "oops"), "status 500"),
        (Fault(302, headers={"Location": "https://else.test/"}), "Redirect to https://else.test/ not followed"),
    ],
)
async def test_an_address_that_is_no_mcp_server_is_one_sentence(fault: Fault, words: str, server: Server) -> None:
    server.faults += [fault] * 4
    with pytest.raises(ToolFailed, match=rf"can't be used \(.*{words}") as said:
        await McpSearch(McpServer(url=f"{server.url}/mcp?key=sesame")).find(TEA)
    assert "sesame" not in str(said.value)
    assert len(str(said.value)) < 300


@pytest.mark.parametrize("body", ["{}", "[]", "null", '{"results": {}}', '{"results": [1, {"url": 5}]}'])
async def test_an_answer_of_another_form_is_no_hit(body: str, server: Server) -> None:
    for search in services(server).values():
        server.faults.append(Fault(200, body))
        assert (await search.find(TEA)).hits == ()


async def test_a_service_that_cannot_be_reached_is_one_sentence() -> None:
    with pytest.raises(ToolFailed, match=r"The search at 127\.0\.0\.1:9 can't be reached \("):
        await Searxng("http://127.0.0.1:9").find(TEA)
    with pytest.raises(ToolFailed, match=r"The search at xn--.* can't be queried \("):
        await Searxng("http://xn--.test").find(TEA)


def program(shape: str, **more: str) -> McpServer:
    return sandboxed_search(shape, {"SEARCH_PAGES": pages_json(PAGES), "SEARCH_KEY": "sesame", **more})


NO_PROGRAM = program("rows").model_copy(update={"command": ("no-such-program-at-all",)})
NO_PACKAGE = program("rows").model_copy(update={"command": ("npx", "-y", "./here")})


@pytest.mark.parametrize("shape", ["crowd", "chatty"])
async def test_the_right_tool_of_a_server_is_asked_whatever_else_it_says(shape: str) -> None:
    (found,) = (await McpSearch(program(shape)).find(TEA)).hits
    assert found.url == "https://kettle.test/prices"


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (program("wrong"), r"reported an error \(.*quota of … exceeded"),
        (program("dies"), r"can't be used \(.*out of memory with …"),
        (NO_PROGRAM, r"can't be used \(.*the sandbox has no program 'no-such-program-at-all'; install it under /usr"),
        (NO_PACKAGE, r"can't be used \('.*' isn't a package of npm"),
        (McpServer(url="http://127.0.0.1:9/mcp?key=sesame"), r"'127\.0\.0\.1:9' can't be used \("),
    ],
)
async def test_each_trouble_of_an_mcp_server_is_one_sentence(server: McpServer, words: str) -> None:
    with pytest.raises(ToolFailed, match=words) as said:
        await McpSearch(server).find(TEA)
    assert "sesame" not in str(said.value)


async def test_a_program_sees_nothing_of_this_machine_and_has_no_network(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("ours")
    looks = f"""
import os, socket, sys
try:
    network = socket.create_connection(("127.0.0.1", 3128), 2)
except OSError:
    network = None
sys.exit(f"saw {{os.path.exists({str(tmp_path / "secret")!r})}} {{network}}")
"""
    server = program("rows").model_copy(update={"command": ("python3", "-c", looks)})
    with pytest.raises(ToolFailed, match=r"saw False None; it reaches no hosts; set search\.mcp\.egress"):
        await McpSearch(server).find(TEA)


async def test_a_search_that_is_stopped_leaves_no_process(tmp_path: Path) -> None:
    mark = str(tmp_path / "mark")
    running = asyncio.create_task(McpSearch(program("hangs", SEARCH_MARK=mark)).find(TEA))
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(_with_environment, mark):  # noqa: ASYNC110  (another's process rings no bell)
            await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until(lambda: not _with_environment(mark))


async def test_a_server_that_hangs_costs_one_search_and_leaves_no_process(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with pytest.raises(ToolFailed, match="timed out after"):
        await McpSearch(program("hangs", SEARCH_MARK=str(mark)), seconds=2).find(TEA)
    await until(lambda: not _with_environment(str(mark)))


def _with_environment(mark: str) -> list[str]:
    """Processes whose environment holds these words."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            found += [path.parent.name] if mark.encode() in path.read_bytes() else []
    return found
