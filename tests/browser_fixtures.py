"""A desk to browse at in tests: the real browser, its tools, a room for each call, and fixtures to import."""

import itertools
import os
import re
import shutil
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import JsonValue

from agents.host.task_workspace import TaskFolder
from agents.tool import CallContext
from agents.tools.browser import Browser, tools
from orchestrator.domain.ids import CallId, Sha, SubtaskId, TaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.tool_calls import CallResult, HostCall
from tests.page_server import PageServer

EXECUTABLE = shutil.which("chromium-headless-shell") or shutil.which("chromium")


def a_browser(
    home: Path, *, patience: float = 15.0, active: int = 5, near: tuple[str, ...] = (), key: str = "a key of the tests"
) -> Browser:
    return Browser(EXECUTABLE, home, os.geteuid() == 0, patience=patience, active=active, near=near, key=key)


@contextmanager
def two_sites() -> Generator[tuple[PageServer, PageServer]]:
    """The site a run may open, and a foreign one."""
    foreign = PageServer()
    site = PageServer(other=foreign.url())
    foreign.other = site.url()
    try:
        yield site, foreign
    finally:
        site.close()
        foreign.close()


@dataclass
class Desk:
    """One subtask at the browser."""

    browser: Browser
    folder: Path
    domains: tuple[str, ...]
    task: str = "task"
    subtask: str = "browse"
    team: str = "local"
    endpoints: tuple[str, ...] = ()
    kept: list[bytes] = field(default_factory=list[bytes])
    _count: Iterator[int] = field(default_factory=itertools.count)

    async def do(self, tool: str, *, send: bool = False, **args: JsonValue) -> CallResult:
        call = HostCall(
            id=CallId(f"c{next(self._count)}"), task=TaskId(self.task), subtask=SubtaskId(self.subtask), tool=tool,
            args=args, domains=self.domains, send=send, team=self.team,
            endpoints=self.endpoints,
        )  # fmt: skip
        room = CallContext(call, TaskFolder(self.folder), self.keep, lambda words: None)
        return await next(t for t in tools(self.browser) if t.spec.name == tool)(room)

    def keep(self, content: bytes, name: str) -> FileRef:
        self.kept.append(content)
        return FileRef(name=name, sha=Sha(f"{len(self.kept):064d}"), size=len(content))

    async def see(self) -> str:
        return (await self.do("browser_snapshot")).text

    async def ref(self, words: str) -> str:
        """The ref of the thing that shows these words."""
        return ref_of(await self.see(), words)


def ref_of(text: str, words: str) -> str:
    named = rf'\[(\S+) [^\]]*"{re.escape(words)}'
    found = re.search(named + '"', text) or re.search(named, text)
    assert found, f"{words!r} is not in\n{text}"
    return found[1]


@pytest.fixture(scope="module")
def sites() -> Iterator[tuple[PageServer, PageServer]]:
    with two_sites() as sites:
        yield sites


@pytest.fixture
def site(sites: tuple[PageServer, PageServer]) -> PageServer:
    sites[0].requests.clear()
    return sites[0]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    browser = a_browser(tmp_path_factory.mktemp("browser"), patience=60)
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def desk(
    browser: Browser, site: PageServer, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Desk]:
    """One desk per test, at the browser of the module."""
    desk = Desk(browser, tmp_path, (site.domain,), task=request.node.name)
    yield desk
    await browser.leave(desk.task)
