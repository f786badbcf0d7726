"""What the Slack stories share: what was heard, the platform connected, a card, a file."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.cards.card import Button, Card, FileLine, StepRow
from bot.chat_platform import Answer, FileItem, Inbound
from bot.slack.platform import SlackPlatform
from orchestrator.domain.ids import Sha, TaskId
from orchestrator.domain.people import FileRef
from orchestrator.errors import LedgerBusy
from tests.slack_server import SlackServer

TASK = TaskId("task-1")
DOC = FileRef(name="report.docx", sha=Sha("a" * 64), size=11)
PAGE = FileRef(name="page-1.png", sha=Sha("b" * 64), size=4)
CONTENT = {DOC.sha: b"hello world", PAGE.sha: b"\x89PNG"}


@dataclass
class Heard:
    """What the product would have taken, and what it answers."""

    each: list[Inbound] = field(default_factory=list)
    answers: list[Callable[[Inbound], Answer]] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    failing: int = 0

    async def take(self, inbound: Inbound) -> Answer:
        if self.failing:
            self.failing -= 1
            raise LedgerBusy
        self.each.append(inbound)
        return self.answers.pop(0)(inbound) if self.answers else None

    def ids(self) -> set[str]:
        return {one.id for one in self.each}

    def of(self, kind: type[Inbound]) -> list[Inbound]:
        """Each once, as the product dedupes by id."""
        return [*{one.id: one for one in self.each if type(one) is kind}.values()]


async def read(file: FileRef) -> bytes:
    return CONTENT[file.sha]


def platform(slack: SlackServer, heard: Heard | None = None, **more: object) -> SlackPlatform:
    marks = heard.marks if heard else {}

    async def since(channel: str) -> str:
        return marks.get(channel, "")

    settings = {"api_url": slack.url, "ping": 0.2, "patience": 1.0, **more}
    return SlackPlatform(
        bot_token=slack.bot_token, app_token=slack.app_token, read=read, since=since, **settings  # type: ignore[arg-type]
    )  # fmt: skip


@asynccontextmanager
async def connected(slack: SlackServer, heard: Heard) -> AsyncIterator[SlackPlatform]:
    it = platform(slack, heard)
    running = asyncio.create_task(it.run(heard.take))
    try:
        await slack.until(lambda: slack.sockets.open or running.done())
        yield it
        assert not running.done(), running.exception()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await it.close()


def a_card(**more: object) -> Card:
    rows = (
        StepRow(id="look", title="Look at prices", agent="browser", state="running", doing="Reading a <page>"),
        StepRow(id="sum", title="Write it up", agent="writer", state="failed", problem="The disk is full",
            buttons=(Button(verb="retry", label="Retry", ref="sum:1", tone="primary"),)),
    )  # fmt: skip
    told = {"task": TASK, "seq": 3, "title": "Compare <!channel> & prices", "state": "running", "headline": "1 running"}
    buttons = (Button(verb="pause", label="Pause"), Button(verb="edit-plan", label="Edit plan", ref="1", form="plan"))
    return Card.model_validate({**told, "rows": rows, "buttons": buttons, **more})


async def never(channel: str) -> str:
    return ""


def a_file() -> FileItem:
    line = FileLine(
        id="d1", file=DOC, version=1, words="All prices", by="Writer", verdict="Waits for you", previews=(PAGE,)
    )
    return FileItem(task=TASK, line=line)
