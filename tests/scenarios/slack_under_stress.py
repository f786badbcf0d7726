"""What the Slack stories under stress share: an account at work, Ada who presses again, and the auditor at the end."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.chat_platform import FileItem
from bot.inbox.inbox import Inbox
from bot.inbox.known_inputs import KnownInputs
from bot.outbox.desired_messages import Mark, mentioned, wanted
from bot.outbox.outbox import Outbox
from bot.outbox.posted_thread import PostedThread
from bot.outbox.record_posted_messages import PostedMessages
from bot.slack.parse import PLATFORM
from bot.slack.platform import SlackPlatform
from bot.slack.rate_limits import LIMITS as SLACK
from bot.slack.render import message
from orchestrator.desk import Desk
from orchestrator.domain.model_messages import Prompt, Reply, Returned
from orchestrator.domain.people import FileRef
from orchestrator.domain.task import TaskState
from orchestrator.errors import PlatformFailed
from tests.memory_hub import ScriptedModel, Stage, say
from tests.scenarios.test_request_to_files import plan, row
from tests.slack_server import SlackServer
from tests.slack_server.acting import elements, words
from tests.slack_server.world import Channel, Row, Somebody

PATIENCE = 600.0
"""Seconds from the end of all trouble until everything has to be true."""
AGAIN = 12.0
"""Seconds after which a person presses again when nothing happens."""
DONE = "Done, 1 file: note.md."


def small_job(tasks: int = 1) -> ScriptedModel:
    """One step that hands in one file, so many times, whatever the order."""

    def write(prompt: Prompt) -> Reply:
        done = isinstance(prompt.messages[-1], Returned)
        return say("Written.") if done else say(deliver={"path": "note.md", "words": "A note."})

    return ScriptedModel(
        {"plan": [plan(row("write", deliverables=["note.md"]))] * tasks, "write": [write] * (2 * tasks)}
    )


@dataclass
class Hub:
    """The account at work, as `talking.talk` wires it, with the outbox in the hand. It can end at any moment."""

    desk: Desk
    server: SlackServer
    works: list[asyncio.Task[None]] = field(default_factory=list)

    async def begin(self) -> None:
        known, posts = KnownInputs(self.desk, PLATFORM), PostedMessages(self.desk, PLATFORM)
        self.platform = SlackPlatform(
            bot_token=self.server.bot_token, app_token=self.server.app_token, read=self._read, since=known.since,
            api_url=self.server.url, ping=1.0, patience=10.0,
        )  # fmt: skip
        self.outbox = Outbox(self.desk, self.platform, posts, SLACK, message_of=known.message_of)
        self.inbox = Inbox(
            self.desk, PLATFORM, fetch=self.platform.fetch, tell=self.outbox.tell, posts=posts, known=known
        )
        await self.inbox.begin()
        self.works = [
            asyncio.create_task(self.outbox.run()),
            asyncio.create_task(self._connected()),
        ]

    async def end(self) -> None:
        for work in self.works:
            work.cancel()
        await asyncio.gather(*self.works, return_exceptions=True)
        await self.inbox.close()
        await self.platform.close()

    async def _read(self, file: FileRef) -> bytes:
        return await self.desk.shelf.get(file.sha)

    async def _connected(self) -> None:
        """A start that fails is tried again, as the hub does it."""
        while True:
            try:
                await self.platform.run(self.inbox.take)
            except* PlatformFailed:
                await asyncio.sleep(5)


@asynccontextmanager
async def at_work(desk: Desk, server: SlackServer) -> AsyncGenerator[Hub]:
    hub = Hub(desk, server)
    await hub.begin()
    try:
        yield hub
        assert not [w.exception() for w in hub.works if w.done()]
    finally:
        await hub.end()


async def true(fact: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `fact` says as soon as it says something."""
    async with asyncio.timeout(seconds):
        while not (found := fact()):  # noqa: ASYNC110  (facts come from many sides)
            await asyncio.sleep(0.05)
    return found


@dataclass
class Team:
    """Ada in her channel."""

    server: SlackServer
    ada: Somebody
    room: Channel

    @classmethod
    def of(cls, server: SlackServer) -> "Team":
        ada = server.person("Ada")
        return cls(server, ada, server.channel("general", ada))

    def asks(self, text: str = "write a note") -> Row:
        return self.server.says(self.ada, self.room, f"{self.server.mention} {text}")

    def ours(self, root: Row) -> list[Row]:
        return [r for r in self.server.world.thread(self.room.id, root["ts"]) if r["user"] == self.server.bot]

    def button(self, root: Row, verb: str) -> tuple[Row, str] | None:
        """A message in the thread with a button for this, and the button's action id."""
        found = (
            (m, e["action_id"])
            for m in self.ours(root)
            for e in elements(m)
            if str(e.get("action_id", "")).startswith(f"{verb}:")
        )
        return next(found, None)

    def reads(self, root: Row, text: str) -> bool:
        return any(text in words(m) for m in self.ours(root))

    async def presses(self, root: Row, verb: str) -> bool:
        """Whether Slack could pass it on; when not, people see a sign, and the button stays."""
        found = self.button(root, verb)
        assert found is not None
        try:
            await self.server.presses(self.ada, self.room, *found)
        except TimeoutError:
            return False
        return True


def audit(team: Team, root: Row, state: TaskState, standing: PostedThread, mark: str) -> None:
    """All that is wanted stands in the thread exactly once, as it would be rendered now, with its files."""
    wants = {w.key: w for w in wanted(state, ping=mentioned(state))}
    posted = {key: p.message for key, p in standing.posted.items() if p.message}
    thread = {m["ts"]: m for m in team.ours(root) if m.get("subtype") != "file_share"}
    shares = [m for m in team.ours(root) if m.get("subtype") == "file_share"]
    assert sorted(posted.values()) == sorted(thread), [words(m) for m in thread.values()]
    missing = [key for key, w in wants.items() if w.fresh and key not in standing.posted]
    assert not missing, f"{missing} never posted"
    for key, ts in posted.items():
        item = wants[key].item
        assert not isinstance(item, Mark)
        wished = message(item)
        assert thread[ts].get("blocks", []) == list(wished.blocks), f"{key} is not what it should be"
        assert thread[ts]["text"] == wished.text
    files = [w.item for key, w in wants.items() if isinstance(w.item, FileItem) and key in posted]
    assert sorted(f["name"] for s in shares for f in s["files"]) == sorted(i.line.file.name for i in files)
    there = team.server.world.row(team.room.id, root["ts"])
    assert there is not None
    assert there.get("reactions") == [mark]


async def settled(asked: list[tuple[Team, Row]], on: Stage, hub: Hub) -> None:
    """Within a minute of the end of all trouble, all is shown and true."""

    async def looked() -> None:
        assert hub.outbox.idle
        states = {s.request.place.thread: s for s in await on.desk.states() if s.request}
        assert sorted(states) == sorted(root["ts"] for _, root in asked)
        for team, root in asked:
            state = states[root["ts"]]
            mark = "x" if state.phase == "stopped" else "white_check_mark"
            audit(team, root, state, await PostedMessages(on.desk, PLATFORM).of(state.id), mark)

    clock, server, ends = asyncio.get_running_loop(), hub.server, 0.0
    while True:
        if not server.faults.over or not ends:
            ends = clock.time() + PATIENCE
        try:
            return await looked()
        except AssertionError:
            if clock.time() > ends and server.faults.over:
                raise
            await asyncio.sleep(0.5)
