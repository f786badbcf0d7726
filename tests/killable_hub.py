"""A hub that dies where it is told, and the person who uses it: `python -m tests.killable_hub PLAN`, PLAN being JSON.

It counts the facts it records itself. `after`: dies right after that many are committed. `before`: lets that many
pass and dies when the next is about to be committed, its effect done and its record missing. `who`: hub, host, both;
where only the host dies, it dies again after each further `count` facts, the first time after `offset`. `hands`: then
one of the host, its browsers, LibreOffices and sandboxes that run just now, as a seeded chance has it.
Ends with 0 when the task is done and nothing was left to kill. Writes each model call to FOLDER/asked.
"""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from agents.models.rehearsal.model import Rehearsal
from bot.bootstrap.hub import open_hub
from bot.platforms import load
from orchestrator.desk import Desk
from orchestrator.domain import commands as c
from orchestrator.domain.events import Event, Record
from orchestrator.domain.ids import Key, PersonId, Stream, TaskId, digest
from orchestrator.domain.model_messages import Answer, Prompt
from orchestrator.domain.people import FileRef, Person, Place, Request
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import Tally, TaskEntry, TaskQuery
from orchestrator.errors import Refused
from orchestrator.ports import Ledger, OnDraft

ADA = Person.model_validate({"id": "web:ada", "name": "Ada"})
REQUEST = (
    "Research the top five competitors in our market segment, create a comparison spreadsheet, "
    "and draft a one-page executive summary with the key findings"
)
_HANDS = ("threadwork-host:", "chromium", "cli.js run-driver", "soffice.bin", "bwrap ")
PATIENCE = 120.0
"""Seconds without anything new, after which a task stands still."""
TASK = TaskId(digest("web", "general", "the-request"))


class Death(BaseModel):
    """How this process is to die."""

    home: Path
    database: str
    who: Literal["hub", "host", "both", "hands", "nobody"] = "nobody"
    when: Literal["after", "before"] = "after"
    count: int = 1
    offset: int = 0
    port: int
    attachment: str = ""


class DeadlyLedger:
    """A ledger that ends the process, or its host, at one of its own new records."""

    def __init__(self, inner: Ledger, death: Death) -> None:
        self._inner, self._death, self._count = inner, death, 0
        self._chance = random.Random(death.offset)
        self._known: dict[Stream, set[Key]] = {}

    async def record(self, stream: Stream, key: Key, event: Event, *, expects: int | None = None) -> Record:
        if not await self._is_new(stream, key):
            return await self._inner.record(stream, key, event, expects=expects)
        self._count += 1
        death, count = self._death, self._count
        due = count % death.count == death.offset % death.count
        if death.when == "before" and count > 1 and (count - 1) % death.count == death.offset % death.count:
            kill(death.who, self._chance)
        record = await self._inner.record(stream, key, event, expects=expects)
        if death.when == "after" and due:
            kill(death.who, self._chance)
        return record

    async def _is_new(self, stream: Stream, key: Key) -> bool:
        if stream not in self._known:
            keys = {r.key for r in await self._inner.read(stream)}
            self._known.setdefault(stream, keys)
        new = key not in self._known[stream]
        self._known[stream].add(key)
        return new

    async def read(self, stream: Stream, *, after: int = 0) -> Sequence[Record]:
        return await self._inner.read(stream, after=after)

    async def find(self, stream: Stream, key: Key) -> Record | None:
        return await self._inner.find(stream, key)

    async def streams(self, *, prefix: str = "") -> Sequence[Stream]:
        return await self._inner.streams(prefix=prefix)

    async def tasks(self, query: TaskQuery) -> Sequence[TaskEntry]:
        return await self._inner.tasks(query)

    async def tally(self, by: PersonId, *, since: datetime | None = None) -> Tally:
        return await self._inner.tally(by, since=since)

    async def position(self) -> int:
        return await self._inner.position()

    def tail(self, *, after: int) -> AsyncIterator[tuple[int, Record]]:
        return self._inner.tail(after=after)

    async def mark(self, name: str, position: int) -> None:
        await self._inner.mark(name, position)

    async def marked(self, name: str) -> int:
        return await self._inner.marked(name)

    async def close(self) -> None:
        await self._inner.close()


def kill(who: str, chance: random.Random) -> None:
    """As the power button does: nobody gets to say a last word."""
    if who == "hands":
        below = {pid: command(pid) for host in children(os.getpid()) for pid in (host, *descendants(host))}
        living = [word for word in _HANDS if any(word in line for line in below.values())]
        word = chance.choice(living or ["nothing"])
        for pid in (pid for pid, line in below.items() if word in line):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    if who in ("host", "both"):
        for pid in children(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    if who in ("hub", "both"):
        os.kill(os.getpid(), signal.SIGKILL)


def children(pid: int) -> list[int]:
    """Processes this one has started."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread may end while we look
            found += [int(word) for word in (thread / "children").read_text().split()]
    return found


def descendants(pid: int) -> list[int]:
    """All processes below that one."""
    found: list[int] = []
    with contextlib.suppress(FileNotFoundError):
        for child in children(pid):
            found += [child, *descendants(child)]
    return found


def command(pid: int) -> str:
    """Its command line; empty when it has gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


class Noting:
    """A model that writes down what it is asked, before it answers."""

    def __init__(self, inner: Rehearsal, file: Path) -> None:
        self._inner, self._file = inner, file

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        with self._file.open("a") as file:
            file.write(f"{prompt.topic}\n")
        return await self._inner.complete(prompt, on_draft=on_draft)


class Asker:
    """Presses what a person would press; pressing again after a crash is refused kindly."""

    def __init__(self, desk: Desk, attachment: str) -> None:
        self._desk, self._attachment = desk, attachment

    async def ask(self) -> None:
        files: tuple[FileRef, ...] = ()
        if self._attachment:
            files = (await self._desk.shelf.put(self._attachment.encode(), name="ours.csv"),)
        place = Place(platform="web", channel="general", thread="1")
        request = Request(text=REQUEST, by=ADA, place=place, files=files)
        await self._desk.submit(c.OpenTask(id="the-request", by=ADA, request=request))

    async def follow(self) -> TaskState:
        """Until the task has ended. Raises TimeoutError when nothing new happened for as long as `PATIENCE`."""
        async with asyncio.timeout(PATIENCE) as limit:
            return await self._follow(limit)

    async def _follow(self, limit: asyncio.Timeout) -> TaskState:
        async for state in self._desk.watch(TASK):
            limit.reschedule(asyncio.get_running_loop().time() + PATIENCE)
            if state.final:
                return state
            for command in presses(state):
                with contextlib.suppress(Refused):
                    await self._desk.submit(command)
        raise AssertionError("the watch ended")


def presses(state: TaskState) -> list[c.AnyCommand]:
    """What a friendly person presses now."""
    out: list[c.AnyCommand] = []
    if state.phase == "review":
        out.append(c.StartPlan(id=f"start-{state.version}", by=ADA, task=TASK, base=state.version))
    out += [
        c.Review(id=f"r-{row.deliverable.id}", by=ADA, task=TASK, deliverable=row.deliverable.id, verdict="approved")
        for row in state.pending_deliverables()
    ]
    out += [
        c.RetrySubtask(id=f"retry-{name}-{mine.attempt}", by=ADA, task=TASK, subtask=name, attempt=mine.attempt)
        for name, mine in state.subtasks.items()
        if mine.status == "failed"
    ]
    return out


async def main(death: Death) -> None:
    settings = load(
        home=death.home, web={"port": death.port}, models={"rehearsal_pause": 0}, database={"url": death.database},
        environment={},
    )  # fmt: skip
    hub = await open_hub(
        settings,
        wrap_ledger=lambda ledger: DeadlyLedger(ledger, death),
        wrap_model=lambda model: Noting(model, death.home / "asked"),  # pyright: ignore[reportArgumentType]
    )
    try:
        person = Asker(hub.desk, death.attachment)
        await person.ask()
        try:
            await person.follow()
        except TimeoutError:
            state = await hub.desk.state(TASK)
            stuck = {name: (row.status, row.attempt, row.problem) for name, row in state.subtasks.items()}
            raise AssertionError(f"The task stands still ({state.phase}): {stuck}") from None
    finally:
        await hub.close()


if __name__ == "__main__":
    asyncio.run(main(Death.model_validate_json(sys.argv[1])))
