"""The exam of every search: three services over HTTP, and a real MCP server as a program and at an address."""

import os
import socket
import sys
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agents.search.brave import Brave
from agents.search.mcp import McpSearch
from agents.search.mcp_types import McpServer
from agents.search.search_interface import Query, SearchService
from agents.search.searxng import Searxng
from agents.search.tavily import Tavily
from agents.search.tool import told
from orchestrator.errors import ToolFailed
from tests import search_server
from tests.programs import running
from tests.search_mcp import sandboxed_search
from tests.search_server import KEY, Page, pages_json, searching

PAGES = (
    Page("Northwind prices", "https://www.northwind.test/pricing", "Team costs 12 dollars"),
    Page("Northwind jobs", "https://jobs.northwind.test/", "We hire"),
    Page("A blog", "https://blog.test/northwind", "Prices of northwind went up"),
)
ENV = {"SEARCH_PAGES": pages_json(PAGES), "SEARCH_KEY": "sesame", "PYTHONPATH": str(Path.cwd())}
SERVICES: dict[str, Callable[[search_server.Server, str], SearchService]] = {
    "searxng": lambda server, _: Searxng(server.searxng),
    "brave": lambda server, _: Brave(KEY, url=server.brave),
    "tavily": lambda server, _: Tavily(KEY, url=server.tavily),
    "mcp program": lambda *_: McpSearch(sandboxed_search("rows", ENV)),
    "mcp address": lambda _, url: McpSearch(McpServer(url=url, key="sesame")),
}


def _listens(port: int) -> bool:
    with closing(socket.socket()) as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def mcp_url() -> Iterator[str]:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [sys.executable, "-m", "tests.search_mcp", "rows", str(port)]
    with running(program, env={**os.environ, **ENV}, reads=False) as process:
        until = time.monotonic() + 60
        while not _listens(port) and time.monotonic() < until:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
        process.terminate()


@pytest.fixture
async def server() -> AsyncGenerator[search_server.Server]:
    async with searching(PAGES) as server:
        yield server
        assert not server.refused


@pytest.fixture(
    params=[pytest.param(name, marks=[pytest.mark.slow] if name == "mcp program" else []) for name in SERVICES]
)
def search(request: pytest.FixtureRequest, server: search_server.Server) -> SearchService:
    url = request.getfixturevalue("mcp_url") if request.param == "mcp address" else ""
    return SERVICES[request.param](server, url)


async def test_pages_are_found_with_title_address_and_words(search: SearchService) -> None:
    found = await search.find(Query(words="northwind prices", count=3, fresh="month"))
    assert [(h.title, h.url) for h in found.hits] == [(p.title, p.url) for p in PAGES]
    assert found.hits[0].snippet == "Team costs 12 dollars"
    assert found.words == ""


async def test_only_pages_of_the_wanted_site_are_told_and_where_they_come_from(search: SearchService) -> None:
    query = Query(words="northwind prices", count=3, site="northwind.test")
    text = told(query, await search.find(query), search.at)
    assert "https://www.northwind.test/pricing" in text
    assert "https://jobs.northwind.test/" in text
    assert "blog.test" not in text
    assert f"on northwind.test from {search.at}." in text


async def test_a_wrong_key_of_an_mcp_server_names_its_setting(mcp_url: str) -> None:
    with pytest.raises(ToolFailed, match=r"rejected the key in search\.mcp\.api_key") as said:
        await McpSearch(McpServer(url=mcp_url, key="other-words")).find(Query(words="northwind"))
    assert "other-words" not in str(said.value)


async def test_nothing_found_is_no_error(search: SearchService) -> None:
    query = Query(words="zeppelin")
    assert told(query, await search.find(query), search.at).startswith("No results for 'zeppelin'.")
