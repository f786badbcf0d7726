"""One subtask on a real host that is killed in the middle of a call, and what must hold after every kill."""

import json
import os
import signal
import sqlite3
import threading
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import docx
import openpyxl
import pptx
from PIL import Image
from pypdf import PdfReader

from agents.host.child_process_host import StdioHost
from agents.host.config import HostConfig
from agents.host.connection_keeper import Timing
from agents.host.task_workspace import HALF_WRITTEN
from orchestrator.domain import events as e
from orchestrator.domain.fold import replay
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import CallResult
from tests.browser_fixtures import EXECUTABLE
from tests.conformance.host_exam import until
from tests.host_fixtures import processes
from tests.memory_hub import ScriptedModel, Stage, say, stage

QUICK = Timing(beat=0.2, silence=5, failures=3, pause=0.05, start=30)
WORK = SubtaskId("work")
Line = Reply | Callable[[Any], Reply]


_PAGE = """<title>Shop</title><button id=b>Buy</button><script>b.onclick = () => {
  const ask = new XMLHttpRequest(); ask.open('GET', '/slow', false); ask.send(); document.title = 'Bought' }</script>"""
"""The button's click lasts as long as the answer."""


class SlowSite:
    """A site on loopback that holds its first answer to `/slow` for ever, and answers every later one.

    `/slow?1` is an address of its own. `page` is shown at `/page`.
    """

    def __init__(self, page: str = _PAGE) -> None:
        self.page = page
        self.asked: list[str] = []
        self.closing = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Slow", (_Slow,), {"site": self}))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._http.server_port}{path}"

    def close(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Slow(BaseHTTPRequestHandler):
    site: SlowSite

    def do_GET(self) -> None:
        self.site.asked.append(self.path)
        if self.path.startswith("/slow") and self.site.asked.count(self.path) == 1:
            self.site.closing.wait(60)
            return
        body = (self.site.page if self.path == "/page" else "<title>Slow</title><p>1,2,3</p>").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@dataclass
class Story:
    """One subtask on a real host that is going to be killed. `lines`: what the agent says, turn by turn."""

    folder: Path
    agent: str = ""
    lines: list[Line] = field(default_factory=list[Line])
    name: str = field(default_factory=lambda: f"mortal-{uuid4().hex[:12]}")
    request: str = "Do it"
    gone: set[int] = field(default_factory=set[int])
    """Processes of hosts that were killed."""

    @property
    def home(self) -> Path:
        return self.folder / "host"

    @property
    def workspace(self) -> Path:
        (one,) = (self.home / "workspaces").iterdir()
        return one

    def pid(self) -> int:
        found = processes(f"threadwork-host:{self.name}")
        # between fork and exec a child of the host still bears its name
        (one,) = [pid for pid in found if not any(pid in children(other) for other in found)]
        return one

    def kill(self) -> None:
        pid = self.pid()
        self.gone = {pid, *children(pid)}
        os.kill(pid, signal.SIGKILL)

    def hold(self, rename: int) -> None:
        """The host will stop at its `rename`-th writing of a file from now on."""
        (self.home / "hold").write_text(str(rename))

    def held(self) -> bool:
        return (self.home / "held").exists()

    def journal(self) -> dict[str, tuple[str, int, CallResult | None]]:
        """Tool, tries and result of every call, by id."""
        with sqlite3.connect(f"file:{self.home / 'journal.db'}?mode=ro", uri=True) as database:
            rows = database.execute("SELECT id, tool, tries, result FROM calls").fetchall()
        return {i: (tool, tries, CallResult.model_validate_json(r) if r else None) for i, tool, tries, r in rows}

    def runs(self, words: str) -> bool:
        """Whether the host has a process below it with these words in its command line."""
        return bool({*processes(words)} & children(self.pid()))


@dataclass
class Ended:
    """What is there when the story is over. `tries`: how often the host began the call; `result`: what became of it."""

    state: TaskState
    records: list[e.Record]
    heard: str
    tries: int
    result: CallResult


async def killed(story: Story, tool: str, middle: Callable[[], bool], *, hold: int = 0) -> Ended:
    """Plays the story and kills the host once `middle` is true of the first call of `tool`.

    Afterwards the subtask has ended in its first attempt, nothing of the old host runs, the journal knows the end of
    every call, and every file opens.
    """
    plan = {"title": "Work", "subtasks": [{"id": WORK, "title": "Work", "instructions": "Do.", "agent": story.agent}]}
    model = ScriptedModel({"plan": [say(propose_plan=plan)], WORK: story.lines})
    async with on_a_real_host(story, model) as on:
        if hold:
            story.hold(hold)
        task = await on.ask(story.request)
        await on.press_start(task)
        await until(middle, within=60)
        story.kill()
        state = await on.until(task, lambda s: s.of(WORK).status in ("done", "review", "failed"), seconds=90)
        await until(lambda: not [p for p in story.gone if alive(p)], within=60)
        records = list(await on.desk.records(task))
        await until(lambda: not half_written(story.workspace), within=60)
    assert state.of(WORK).status != "failed", state.of(WORK).problem
    assert state.of(WORK).attempt == 1
    assert replay(task, records) == state
    call = next(r.event for r in records if isinstance(r.event, e.ToolReturned) and r.event.tool == tool)
    journal = story.journal()
    assert [name for name, _, result in journal.values() if result is None] == []
    everything_opens(story.workspace)
    told = [p for p in model.prompts if p.topic.split("/")[1] == WORK]
    heard = "\n".join(m.text for m in told[-1].messages)
    return Ended(state, records, heard, journal[f"{task}/{call.call}"][1], call.result)


@asynccontextmanager
async def on_a_real_host(story: Story, model: ScriptedModel) -> AsyncIterator[Stage]:
    config = HostConfig(
        home=str(story.home), name=story.name, browser=EXECUTABLE, toolsets=("tests.acceptance.held_calls:TOOLS",)
    )
    hosts: list[StdioHost] = []

    def link(shelf: Any) -> StdioHost:
        hosts.append(StdioHost(config, shelf, timing=QUICK))
        return hosts[-1]

    async with stage(story.folder / "hub", model, link=link) as on:
        try:
            async with hosts[0]:
                yield on
        finally:
            await hosts[0].close()


def children(pid: int) -> set[int]:
    """All processes below that one."""
    parents: dict[int, int] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with suppress(OSError):
                parents[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
    found: set[int] = set()
    while more := {p for p, parent in parents.items() if parent in {pid, *found}} - found:
        found |= more
    return found


def alive(pid: int) -> bool:
    """Whether it still runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def half_written(workspace: Path) -> list[Path]:
    return [p for p in workspace.rglob("*") if p.name.startswith(HALF_WRITTEN)]


def everything_opens(workspace: Path) -> None:
    """Every file is whole: office files, PDFs and pictures load, archives are sound, JSON parses, the rest is text."""
    for path in (p for p in workspace.rglob("*") if p.is_file() and ".git" not in p.parts):
        match path.suffix:
            case ".xlsx":
                openpyxl.load_workbook(path)
            case ".docx":
                docx.Document(str(path))
            case ".pptx":
                pptx.Presentation(str(path))
            case ".pdf":
                assert PdfReader(path).pages
            case ".png":
                Image.open(path).load()
            case ".zip":
                assert zipfile.ZipFile(path).testzip() is None
            case ".z":
                zlib.decompress(path.read_bytes())
            case ".json":
                json.loads(path.read_text())
            case _:
                path.read_text()
