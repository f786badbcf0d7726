"""A real host whose processes are killed in the middle of calls, and what must hold afterwards."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from agents.host.child_process_host import StdioHost
from agents.host.config import HostConfig
from agents.host.hub_side_host_link import LinkedHost
from orchestrator.domain.ids import CallId, SubtaskId
from orchestrator.domain.tool_calls import CallResult, HostCall
from orchestrator.ledger.file_shelf import FolderShelf
from tests.acceptance.killed_subtask import QUICK, SlowSite, Story, alive, children, half_written
from tests.acceptance.sample_calls import DECK, HANDS, PAGE, PAPER, Hand, furnish
from tests.browser_fixtures import EXECUTABLE, ref_of
from tests.conformance.host_exam import until
from tests.host_fixtures import TASK, open_folder, processes

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "search": ("match_lines.py",),
    "office": ("soffice.bin", "uno_program.py"),
    "drawer": ("pdftoppm", "end_with_parent.py"),
    "printer": ("chromium", "cli.js"),
    "browser": ("chromium", "cli.js"),
    "sandbox": ("bwrap", "/code/"),
    "background": ("bwrap", "/code/command"),
}
"""Words of the command lines of the processes that a part may be."""
_REPOSITORY = (
    "git init -q project && cd project && touch a && git add a && git commit -qm a && "
    "seq 3000 > a && cp -r . ../large && seq 900000 > ../large/a"
)
_LISTENS = "while sleep 0.05; do read -t 0.05 line || true; done"


@dataclass
class Room:
    """A host, its site, and the processes it ever had."""

    host: LinkedHost
    story: Story
    site: SlowSite
    seen: set[int] = field(default_factory=set[int])
    count: int = 0
    made: Mapping[str, bytes] = field(default_factory=dict[str, bytes])

    @property
    def workspace(self) -> Path:
        return self.story.home / "workspaces" / TASK

    async def call(self, hand: Hand, place: str = "", *, send: bool = True, **more: Any) -> CallResult:
        """A new call of the hand's tool, in a subtask that is named after the tool. `send`: people approved sending."""
        self.count += 1
        args = {name: self._meant(value) for name, value in {**hand.args, **more}.items()}
        call = HostCall(
            id=CallId(f"{hand.tool}-{self.count}"), task=TASK, subtask=SubtaskId(place or hand.tool), tool=hand.tool,
            args=args, domains=(self.site.url("")[7:],), send=send,
        )  # fmt: skip
        return await self.host.call(call)

    async def done(self, tool: str, place: str = "", **args: Any) -> str:
        result = await self.call(Hand(tool, args, ()), place)
        assert result.ok, result.text
        return result.text

    async def furnished(self) -> None:
        """Puts the files back that calls work on, and takes away what they wrote."""

        def put() -> None:
            for hand in HANDS:
                (self.workspace / (hand.writes or "nothing")).unlink(missing_ok=True)
            for name, content in self.made.items():
                (self.workspace / name).write_bytes(content)
            furnish(self.workspace)

        await asyncio.to_thread(put)

    def _meant(self, value: Any) -> Any:
        """A word with the address of the site in it; `?N` is new with every call."""
        if not isinstance(value, str):
            return value
        return value.replace("SITE", self.site.url("")).replace("?N", f"?{self.count}")

    def below(self, word: str) -> list[int]:
        """The host's processes of that word."""
        mine = children(self.story.pid())
        self.seen |= mine
        return sorted(mine & {*processes(word)})

    async def call_caught(self, hand: Hand, word: str, *, new: bool) -> tuple[asyncio.Future[CallResult], list[int]]:
        """A call of the hand's tool, and its stopped processes with that word; one that was too quick is repeated."""
        while True:
            calling = asyncio.ensure_future(self.call(hand))
            if found := await self.caught(word, new=new, unless=calling.done):
                return calling, found
            await calling

    async def caught(self, word: str, *, new: bool, unless: Callable[[], bool] = lambda: False) -> list[int]:
        """Stops the first processes with that word as soon as they are there; what was there before is left alone.

        Empty once it's `unless`."""
        before = set(self.below(word)) if new else set[int]()
        found: list[int] = []

        def more() -> list[int]:
            return [pid for pid in self.below(word) if pid not in before and pid not in found]

        await until(lambda: bool(more()) or unless(), within=60)
        while some := more():  # one may have started another before it was stopped
            for pid in some:
                stopped(pid)
            found += some
        return found

    def stop(self, word: str) -> bool:
        """Stops all processes with that word; whether there are any.

        Not bubblewrap itself: stopped before it has asked to die with its parent, it would outlive the host.
        """
        found = {*self.below(word)} - {*self.below("bwrap")}
        for pid in found:
            stopped(pid)
        return bool(found)

    def busy(self, calls: int) -> bool:
        """Whether so many calls are being done."""
        return len(self.running()) == calls

    def running(self) -> set[str]:
        """Calls that the host has begun and not ended."""
        return {name for name, (_, _, result) in self.story.journal().items() if result is None}


def stopped(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)


def shot(pids: Iterable[int]) -> None:
    """The end of these processes, without a last word."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@asynccontextmanager
async def a_room() -> AsyncGenerator[Room]:
    """A host with a furnished workspace; at the end nothing of it runs, all files are whole, nothing lies around."""
    site = SlowSite(PAGE)
    with open_folder() as folder:
        story = Story(folder, name=f"mortal-{uuid4().hex[:12]}")
        config = HostConfig(
            home=str(story.home), name=story.name, browser=EXECUTABLE, toolsets=("tests.acceptance.held_calls:TOOLS",),
            at_once=64, page_seconds=60,
        )  # fmt: skip
        try:
            async with StdioHost(config, FolderShelf(folder / "shelf"), timing=QUICK) as host:
                assert not host.notices
                room = Room(host, story, site)
                await room.done("list_files")
                room.workspace.chmod(0o777)
                await room.done("slides_write", path="edit.pptx", slides=DECK)
                await room.done("document_write", path="edit.docx", title="Paper", blocks=PAPER)
                room.made = {name: (room.workspace / name).read_bytes() for name in ("edit.pptx", "edit.docx")}
                await room.furnished()
                await room.done("run_shell", command=_REPOSITORY)
                yield room
                room.seen |= {story.pid(), *children(story.pid())}
                await until(lambda: not half_written(room.workspace), within=60)
            await until(lambda: not [p for p in room.seen if alive(p)], within=60)
            assert processes(folder.name) == []
            assert not (story.home / "scratch").exists()
        finally:
            site.close()


async def host_killed(room: Room, middle: Callable[[], bool]) -> None:
    """The host ends without a last word once `middle` is true; what ran below it ends too."""
    await until(middle, within=60)
    (room.story.home / "hold").unlink(missing_ok=True)
    room.story.kill()
    room.seen |= room.story.gone
    await until(lambda: not [p for p in room.story.gone if alive(p)], within=60)
    (room.story.home / "held").unlink(missing_ok=True)


async def refs(room: Room, hand: Hand) -> dict[str, Any]:
    """The arguments of a call on the open page with refs, and what the page holds, instead of names."""
    text = await room.done("browser_open", hand.tool, url=room.site.url("/page"))
    if "message" in hand.args:
        pressed = Hand("browser_click", {"ref": ref_of(text, str(hand.args["message"]))}, ())
        return {"message": (await room.call(pressed, hand.tool, send=False)).held[0].id}
    return {"ref": ref_of(text, str(hand.args["ref"]))} if "ref" in hand.args else {}


async def background(room: Room) -> str:
    """The handle of a command that listens and says nothing."""
    said = await room.done("run_shell", command=_LISTENS, background=True)
    return said.split("'")[1]
