"""What the Discord stories under stress share: an account at work, what a thread shows, and the auditor."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any

from discord.gateway import KeepAliveHandler

from bot.discord.parse import PLATFORM
from bot.discord.platform import DiscordPlatform
from bot.discord.rate_limits import LIMITS as DISCORD
from bot.discord.render import render
from bot.inbox.inbox import Inbox
from bot.inbox.known_inputs import KnownInputs
from bot.outbox.desired_messages import Mark, mentioned, wanted
from bot.outbox.outbox import Outbox
from bot.outbox.posted_thread import PostedThread
from bot.outbox.record_posted_messages import PostedMessages
from orchestrator.desk import Desk
from orchestrator.domain.model_messages import Prompt, Reply, Returned
from orchestrator.domain.people import FileRef
from orchestrator.domain.task import TaskState
from tests.discord_server import DiscordServer, Payload, ids, rules, texts
from tests.memory_hub import ScriptedModel, say
from tests.scenarios.test_request_to_files import plan, row

PATIENCE = 600.0
"""Seconds from the end of all trouble until everything has to be true."""
AGAIN = 12.0
"""Seconds after which a person presses again when nothing happens."""


def small_job(tasks: int) -> ScriptedModel:
    """One step that hands in one file, so many times, whatever the order."""

    def write(prompt: Prompt) -> Reply:
        done = isinstance(prompt.messages[-1], Returned)
        return say("Written.") if done else say(deliver={"path": "note.md", "words": "A note."})

    return ScriptedModel(
        {"plan": [plan(row("write", deliverables=["note.md"]))] * tasks, "write": [write] * (2 * tasks)}
    )


@asynccontextmanager
async def at_work(desk: Desk, server: DiscordServer, **more: Any) -> AsyncIterator[Outbox]:
    """As `talking.talk` wires it, with the outbox in the hand."""

    async def read(file: FileRef) -> bytes:
        return await desk.shelf.get(file.sha)

    known, posts = KnownInputs(desk, PLATFORM), PostedMessages(desk, PLATFORM)
    platform = DiscordPlatform(
        token=server.token, read=read, since=known.since, api_url=server.api_url, gateway_url=server.gateway_url,
        directs=lambda: known.channels("@me"), **more,
    )  # fmt: skip
    outbox = Outbox(desk, platform, posts, DISCORD, message_of=known.message_of)
    inbox = Inbox(desk, PLATFORM, fetch=platform.fetch, tell=outbox.tell, posts=posts, known=known)
    await inbox.begin()
    gc.freeze()  # so that the search for garbage at the end passes over all that was there before
    works = [asyncio.create_task(outbox.run()), asyncio.create_task(platform.run(inbox.take))]
    try:
        yield outbox
        assert not [w.exception() for w in works if w.done()]
    finally:
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
        await inbox.close()
        await platform.close()
        for thread in threading.enumerate():
            if isinstance(thread, KeepAliveHandler):
                thread.stop()  # discord.py forgets one when a connection breaks right after its hello
        gc.collect()  # and its socket


async def true(fact: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `fact` says as soon as it says something."""
    async with asyncio.timeout(seconds):
        while True:
            if found := fact():
                return found
            await asyncio.sleep(0.05)


def button(server: DiscordServer, root: Payload, verb: str) -> tuple[Payload, str] | None:
    """A message in the thread of `root` with a button for this, and the button's custom id."""
    if root["id"] not in server.world.channels:
        return None
    found = ((m, name) for m in server.ours(root["id"]) for name in ids(m) if name.startswith(f"{verb}|"))
    return next(found, None)


def reads(server: DiscordServer, root: Payload, words: str) -> bool:
    known = root["id"] in server.world.channels
    return known and any(words in texts(m) for m in server.ours(root["id"]))


def audit(server: DiscordServer, root: Payload, state: TaskState, standing: PostedThread, link: str = "") -> None:
    """All that is wanted stands in the thread exactly once, as it would be rendered now, with its files."""
    wants = {w.key: w for w in wanted(state, link=link, ping=mentioned(state))}
    posted = {key: p.message for key, p in standing.posted.items() if p.message}
    thread = {m["id"]: m for m in server.ours(root["id"])}
    assert sorted(posted.values()) == sorted(thread), [texts(m) for m in thread.values()]
    missing = [k for k, w in wants.items() if w.fresh and k not in standing.posted and not isinstance(w.item, Mark)]
    assert not missing, f"{missing} never posted"
    for key, id_ in posted.items():
        item = wants[key].item
        assert not isinstance(item, Mark)
        message, wished = thread[id_], render(item)
        assert _plain(message["components"]) == _plain(wished.components), f"{key} is not what it should be"
        assert len(message["attachments"]) == len(wished.uploads)
    assert "✅" in server.reactions(root)
    assert set(server.reactions(root)) <= {"👀", "✅"}  # what ended before it was marked as seen is only marked as done


def _plain(components: Any) -> Any:
    """Components without what Discord adds: ids, and links in the place of attached names."""
    rows = deepcopy(list(components))
    for part in rules.walk(rows):
        part.pop("id", None)
        for media in [part.get("file"), *[i.get("media") for i in part.get("items") or []]]:
            if media:
                media.pop("attachment_id", None)
                media["url"] = media["url"].partition("?")[0].rpartition("/")[2]
    return rows
