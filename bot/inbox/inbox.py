"""The inbox: stores and deduplicates what people do before anything else, then does it, in order within each thread.

What a crash interrupts is done at the next start. What takes longer than an acknowledgement may wait continues in the
background, and a refusal that comes too late to be private goes to the thread.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from typing import Any, TypeVar

from bot.buttons.forms import NEEDS_FORM
from bot.chat_platform import (
    Answer,
    Changed,
    Form,
    Inbound,
    Mentioned,
    Pressed,
    Submitted,
    Summoned,
    Vanished,
    Whisper,
    Wrote,
)
from bot.inbox.admission import Admission
from bot.inbox.channel_replies import within_its_task
from bot.inbox.edits_and_deletions import Reshow, Tell, untouched
from bot.inbox.home_page import About
from bot.inbox.inbound_keys import age, key_of, kind_of
from bot.inbox.incoming_files import Fetch
from bot.inbox.interpret import Interpreter
from bot.inbox.join_wordless_messages import WordlessMessage, WordlessMessages, joined_before, together
from bot.inbox.known_inputs import KnownInputs
from bot.inbox.message_context import Quoted, nothing_quoted
from bot.inbox.parse_connect_command import Connect, no_connectors
from bot.inbox.stored_messages import unpacked
from bot.inbox.tasks_of_vanished_places import Gone, VanishedPlaces, unnoticed
from bot.inbox.thread_replies import Seen, unmarked
from bot.outbox.monotonic_clock import LoopTicks, Ticks
from bot.outbox.record_posted_messages import PostedMessages
from orchestrator.desk import Desk
from orchestrator.domain import clean_outside_text
from orchestrator.domain import events as e
from orchestrator.domain.people import Place
from orchestrator.errors import LedgerFailed, OutOfSpace

log = logging.getLogger(__name__)
PATIENCE = 2.0
"""Seconds that `take` waits for the effect."""
MOST_EVENT = 40_000
"""Characters of JSON; anything longer goes to the shelf."""
MOST_EARLY = 200
MOST_PAUSE = 30.0

Thread = tuple[str, str]
T = TypeVar("T")


class Inbox:
    """One per account; `serves` says which places are its own. Call `begin` once before `take`, and `close` at the
    end."""

    def __init__(
        self, desk: Desk, platform: str, *, fetch: Fetch, tell: Tell, posts: PostedMessages,
        known: KnownInputs | None = None, account: str = "", serves: Callable[[Place], bool] = lambda _: True,
        ticks: Ticks | None = None, admission: Admission | None = None, about: About | None = None,
        patience: float = PATIENCE, reshow: Reshow = untouched, quoted: Quoted = nothing_quoted,
        seen: Seen = unmarked, gone: Gone = unnoticed, connect: Connect = no_connectors,
    ) -> None:  # fmt: skip
        self._desk, self._room, self._tell = desk, platform, tell
        self._known = known or KnownInputs(desk, platform)
        self._account = account or platform
        self._threads = posts.threads
        self._vanished = VanishedPlaces(desk, posts.threads, gone)
        self._serves = serves
        self._ticks = ticks or LoopTicks()
        self._patience = patience
        self._acting = Interpreter(
            desk, platform, fetch=fetch, tell=tell, known=self._known, posts=posts, ticks=self._ticks,
            admission=admission or Admission(), about=about or About(), reshow=reshow, quoted=quoted, seen=seen,
            connect=connect,
        )  # fmt: skip
        self._wordless = WordlessMessages(self._ticks)
        self._keeping: dict[str, asyncio.Event] = {}
        self._works: set[asyncio.Task[Any]] = set()
        self._last: dict[Thread, asyncio.Task[Answer]] = {}
        self._early: deque[Wrote | Changed] = deque(maxlen=MOST_EARLY)

    @property
    def busy(self) -> bool:
        """Returns whether anything that was received is still being done."""
        return bool(self._works)

    async def begin(self) -> None:
        """Reads what was received lately, and does what may not have been done."""
        heard = (await self._known.begin(self._account, self._threads, self._serves)).items()
        undone = {key: await unpacked(self._desk, one) for key, one in heard}
        for key, inbound in undone.items():
            log.info("%s is being repeated after the restart", key)
            if joined_before(inbound, list(undone.values())):
                await self._done(key, e.Acted(heard=key))
                continue
            self._late(self._start(key, inbound, self._wordless.wait(inbound)), key, inbound)

    async def take(self, inbound: Inbound) -> Answer:
        """Stores it, then does it; None also for what was received before, or continues in the background."""
        inbound = clean_outside_text.value(inbound)
        if inbound.by.kind == "bot":
            return None
        if isinstance(inbound, Changed) and inbound.now is not None and await self._unheard(inbound):
            return await self.take(inbound.now)  # an edit that names us for the first time asks us
        if isinstance(inbound, Vanished):
            await self._vanished.hear(inbound)
            return None
        if await self._too_early(inbound):
            return None
        if isinstance(inbound, Summoned) or (isinstance(inbound, Pressed) and inbound.verb in NEEDS_FORM):
            return (await self._acting.do(inbound)).answer  # changes nothing, so there is nothing to store
        if isinstance(inbound, Mentioned):
            inbound = await within_its_task(self._desk, self._room, inbound)
        said = isinstance(inbound, Mentioned | Wrote | Changed)
        key = key_of(inbound)
        while (keeping := self._keeping.get(key)) is not None:
            await keeping.wait()  # if it fails there, it mustn't count as received here
        async with self._wordless.before(inbound) if said else nullcontext() as before:
            inbound = together(before.it, inbound) if before and isinstance(inbound, Mentioned | Wrote) else inbound
            waiting, kept = self._wordless.wait(inbound) if said else None, False
            try:
                kept = await self._keep(key, inbound)
            finally:
                if waiting is not None and not kept:
                    self._wordless.forget(waiting, before)
            if not kept:
                return None
            if before is not None:
                before.joined.set()
        if isinstance(inbound, Mentioned | Wrote):
            self._known.newest(inbound.place.channel, inbound.message)
        work = self._start(key, inbound, waiting, before.work if before else None)
        if waiting is None:
            await asyncio.wait({work}, timeout=self._patience)
        if waiting is None and work.done():
            return work.result()
        self._late(work, key, inbound)
        return None

    async def close(self) -> None:
        """Stops what is being done; the next start does it again."""
        for work in self._works:
            work.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)

    async def _keep(self, key: str, inbound: Inbound) -> bool:
        """Returns False for what was received before."""
        kept = self._keeping[key] = asyncio.Event()
        try:
            if await self._known.heard_before(key):
                return False
            await self._desk.note(self._room, key, await self._packed(inbound))
            self._known.heard(key)
            return True
        finally:
            del self._keeping[key]
            kept.set()

    async def _too_early(self, inbound: Inbound) -> bool:
        """Messages in threads that aren't ours, and changes of unknown messages, stay in memory for a while, because
        events may overtake each other; they are never stored."""
        match inbound:
            case Wrote(place=place):
                # Work running here may open the task while the ledger is asked, so memory is asked last.
                early = await self._threads.task_at(place) is None and (place.channel, place.thread) not in self._last
            case Changed():
                early = await self._unheard(inbound) and not await self._may_be_ours(inbound)
            case _:
                early = False
        if early and isinstance(inbound, Wrote | Changed):
            self._early.append(inbound)
        return early

    async def _unheard(self, it: Changed) -> bool:
        """Returns whether that message has never concerned us."""
        keys = (f"{kind}/{it.place.channel}/{it.message}" for kind in ("wrote", "mentioned"))
        if await self._known.request_at(it.place.channel, it.message) is not None:
            return False
        return not any([await self._known.heard_before(key) for key in keys])

    async def _may_be_ours(self, it: Changed) -> bool:
        return it.text is None and await self._threads.task_at(it.place) is not None

    def _start(
        self, key: str, inbound: Inbound, waiting: WordlessMessage | None, after: asyncio.Task[Any] | None = None
    ) -> asyncio.Task[Answer]:
        """`waiting`: it may still be joined. `after`: what else has to end first."""
        ordered = isinstance(inbound, Mentioned | Wrote | Changed)
        thread = (inbound.place.channel, inbound.place.thread)
        before = {one for one in (self._last.get(thread) if ordered else None, after) if one is not None}
        work = self._own(self._work(key, inbound, before, waiting))
        if waiting is not None:
            waiting.work = work
        if ordered:
            self._last[thread] = work
            work.add_done_callback(lambda done: self._last.pop(thread) if self._last.get(thread) is done else None)
        return work

    async def _work(
        self, key: str, inbound: Inbound, before: set[asyncio.Task[Answer]], waiting: WordlessMessage | None
    ) -> Answer:
        if waiting is not None and not await self._wordless.alone(waiting):
            await self._patiently(key, lambda: self._done(key, e.Acted(heard=key)))
            return None
        if before:
            await asyncio.wait(before)
        done = await self._patiently(key, lambda: self._acting.do(inbound))
        asked = done.request or inbound
        if (task := done.opened) is not None:
            await self._patiently(key, lambda: self._threads.keep(task, asked.place))
            await self._patiently(key, lambda: self._known.keep(task, key_of(asked)))
        acted = e.Acted(heard=key, opened=done.opened if done.opened and asked is inbound else "")
        noted = self._own(self._patiently(key, lambda: self._done(key, acted)))
        noted.add_done_callback(_logged)  # nobody waits for it: repeating it after a crash changes nothing
        if done.opened and isinstance(asked, Mentioned):
            self._now_known(asked)
        return done.answer

    async def _done(self, key: str, acted: e.Acted) -> None:
        await self._desk.note(self._room, f"acted/{key}", acted)
        await self._known.sum_up()

    async def _patiently(self, key: str, doing: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Retries until the ledger works again."""
        pause = 0.5
        while True:
            try:
                return await doing()
            except (LedgerFailed, OutOfSpace) as error:
                log.warning("%s can't be done yet: %s", key, error)
                await self._ticks.sleep(pause)
                pause = min(MOST_PAUSE, pause * 2)

    def _own(self, doing: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """It continues in the background until `close`."""
        work = asyncio.create_task(doing)
        self._works.add(work)
        work.add_done_callback(self._works.discard)
        return work

    def _now_known(self, it: Mentioned) -> None:
        """Handles what came too early for this task."""
        mine = [x for x in self._early if _belongs(x, it)]
        for early in mine:
            self._early.remove(early)
            key = key_of(early)
            self._late(asyncio.create_task(self._take_early(key, early)), key, early)

    async def _take_early(self, key: str, early: Inbound) -> Answer:
        if key in self._keeping or not await self._keep(key, early):
            return None
        return await self._start(key, early, None)

    def _late(self, work: asyncio.Task[Answer], key: str, inbound: Inbound) -> None:
        """Nobody waits for the answer anymore."""
        self._own(self._tell_late(work, key, inbound)).add_done_callback(_logged)

    async def _tell_late(self, work: asyncio.Task[Answer], key: str, inbound: Inbound) -> Answer:
        answer = await work
        if isinstance(answer, Whisper | Form) and _worth_telling(inbound):
            words = answer.aloud if isinstance(answer, Whisper) else answer.problem
            await self._tell(f"late/{key}", inbound.place, f"{inbound.by.name}: {words}", to=inbound.by)
        return None

    async def _packed(self, inbound: Inbound) -> e.Heard:
        text = inbound.model_dump_json()
        whole = None
        if len(text.encode()) > MOST_EVENT:
            whole = await self._desk.shelf.put(text.encode(), name="heard.json", media="application/json")
        kept = {"place", "message"} if whole else None
        return e.Heard(kind=kind_of(inbound), inbound=inbound.model_dump(mode="json", include=kept), whole=whole)


def _belongs(early: Wrote | Changed, it: Mentioned) -> bool:
    if isinstance(early, Changed):
        return (early.place.channel, early.message) == (it.place.channel, it.message)
    later = not it.message or age(early.message) > age(it.message)  # the earlier ones are the request's background
    return later and (early.place.channel, early.place.thread) == (it.place.channel, it.place.thread)


def _worth_telling(inbound: Inbound) -> bool:
    """Returns whether people should hear about a late refusal. A press that is repeated after a crash is refused only
    because it was already done."""
    spoken = isinstance(inbound, Mentioned | Wrote) or (isinstance(inbound, Submitted) and bool(inbound.files))
    return spoken and bool(inbound.place.thread)


def _logged(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("an event couldn't be handled", exc_info=error)
