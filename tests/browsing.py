"""A desk to browse at in tests: the real browser, its tools, and a room for each call."""

import itertools
import os
import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from agents.host.workspace import Folder
from agents.tool import Room
from agents.tools.browser import Browser, tools
from orchestrator.domain.calls import CallResult, HostCall
from orchestrator.domain.ids import CallId, Sha, SubtaskId, TaskId
from orchestrator.domain.people import FileRef
from tests.page_server import PageServer

EXECUTABLE = shutil.which("chromium-headless-shell") or shutil.which("chromium")


def a_browser(home: Path, *, patience: float = 15.0, active: int = 5, near: tuple[str, ...] = ()) -> Browser:
    return Browser(EXECUTABLE, home, os.geteuid() == 0, patience=patience, active=active, near=near)


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
    kept: list[bytes] = field(default_factory=list[bytes])
    _count: Iterator[int] = field(default_factory=itertools.count)

    async def do(self, tool: str, *, send: bool = False, **args: JsonValue) -> CallResult:
        call = HostCall(
            id=CallId(f"c{next(self._count)}"), task=TaskId(self.task), subtask=SubtaskId(self.subtask), tool=tool,
            args=args, domains=self.domains, send=send,
        )  # fmt: skip
        room = Room(call, Folder(self.folder), self.keep, lambda words: None)
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
