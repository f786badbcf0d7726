"""A hub's head with one chat account, through which any number of tasks come and go: for tests and the bench.

Ledger, engine, conductor, inbox and outbox are the real ones. The platform and the model remember nothing.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.chat_platform import (
    Answer,
    Inbound,
    Item,
    Mentioned,
    Posted,
    Pressed,
    QuotedMessages,
    RemoteFile,
    Sign,
    Take,
    Wrote,
)
from bot.inbox.inbox import Inbox
from bot.inbox.known_inputs import KnownInputs
from bot.outbox.outbox import Outbox
from bot.outbox.record_posted_messages import PostedMessages
from orchestrator.desk import Desk
from orchestrator.domain.ids import PersonId, TaskId
from orchestrator.domain.model_messages import Answer as ModelAnswer
from orchestrator.domain.model_messages import Prompt
from orchestrator.domain.people import Person, Place
from orchestrator.ports import OnDraft
from tests.memory_hub import ScriptedModel, Stage, say, stage

ADA = Person(id=PersonId("fake:ada"), name="Ada")
PLAN = {
    "title": "Work",
    "subtasks": [{"id": "write", "title": "Write", "instructions": "Write.", "agent": "document"}],
}


class Planner(ScriptedModel):
    """Answers every request with the same plan."""

    def __init__(self) -> None:
        super().__init__({})

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> ModelAnswer:
        return ModelAnswer(reply=say(propose_plan=PLAN), model="scripted")


class Quiet:
    """A ChatPlatform that takes everything and only counts the posts."""

    name = account = "fake"
    posts = 0

    def serves(self, place: Place) -> bool:
        return place.platform == self.name

    async def run(self, take: Take) -> None:
        await asyncio.Event().wait()

    async def post(self, place: Place, item: Item, *, nonce: str) -> Posted:
        self.posts += 1
        return Posted(place=place, message=f"m{self.posts}")

    async def edit(self, posted: Posted, item: Item) -> None:
        pass

    async def find(self, place: Place, *, nonce: str) -> Posted | None:
        return None

    async def react(self, place: Place, message: str, mark: Sign) -> None:
        pass

    async def thinking(self, place: Place, *, on: bool) -> None:
        pass

    async def quoted(self, it: Mentioned | Wrote) -> QuotedMessages:
        return QuotedMessages()

    async def fetch(self, file: RemoteFile) -> bytes:
        return b""

    async def close(self) -> None:
        pass


@dataclass
class Soak:
    """The account at work. Messages and threads are numbered."""

    on: Stage
    platform: Quiet
    inbox: Inbox
    outbox: Outbox
    known: KnownInputs
    posts: PostedMessages

    @property
    def desk(self) -> Desk:
        return self.on.desk

    async def take(self, it: Inbound) -> Answer:
        return await self.inbox.take(it)

    async def live(self, number: int) -> TaskId:
        """A task from mention to stop; on return its thread shows its end."""
        await self.take(mention(number))
        task = await self.posts.threads.task_at(place(number))
        assert task is not None
        await self.on.until(task, lambda s: s.phase == "review")
        stop = Pressed(id=f"p{number}", by=ADA, place=place(number), task=task, verb="stop", ref="", message="")
        await self.take(stop)
        await self.outbox.tell(f"told/{number}", place(number), "It was stopped.")
        await self.on.until(task, lambda s: s.phase == "stopped")
        return task

    async def calm(self) -> None:
        """Until everything is shown and nothing that was heard goes on."""
        async with asyncio.timeout(120):
            while True:
                await asyncio.sleep(0.01)
                if self.outbox.idle and not self.inbox.busy:
                    return


def place(number: int) -> Place:
    return Place(platform="fake", channel="T1/C1", thread=f"{number}.0")


def mention(number: int) -> Mentioned:
    return Mentioned(id=f"ev{number}", by=ADA, place=place(number), text="Write a note", message=f"{number}.0")


def reply(number: int, text: str, by: Person = ADA) -> Wrote:
    """A message in that task's thread."""
    message = f"{number}.{text}.{by.id}"
    return Wrote(id=f"ev{message}", by=by, place=place(number), text=text, message=message)


@asynccontextmanager
async def soak(folder: Path, url: str) -> AsyncGenerator[Soak]:
    """An account on the ledger at `url`."""
    async with stage(folder, Planner(), url=url) as on:
        platform, posts, known = Quiet(), PostedMessages(on.desk, "fake"), KnownInputs(on.desk, "fake")
        outbox = Outbox(on.desk, platform, posts, (), message_of=known.message_of)
        inbox = Inbox(on.desk, "fake", fetch=platform.fetch, tell=outbox.tell, posts=posts, known=known)
        await inbox.begin()
        running = asyncio.create_task(outbox.run())
        try:
            yield Soak(on, platform, inbox, outbox, known, posts)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await inbox.close()
