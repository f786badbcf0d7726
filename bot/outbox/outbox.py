"""The outbox: makes each thread of a platform show what the ledger says, within the account's budget.

It hears which tasks change, works out what is due, and spends the budget on the most urgent change that may be made
now. Only the newest state is ever sent. The ledger marks how far everything has been shown, so a restart looks only at
tasks that changed after it; what a crash interrupted is looked up before it is posted again.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.chat_platform import ChatPlatform, Vanished
from bot.outbox.deliver_due_change import Delivery
from bot.outbox.desired_messages import CARD, DesiredMessage, mentioned, wanted
from bot.outbox.draft_polling import poll_drafts
from bot.outbox.due_changes import DueChange, due
from bot.outbox.message_outside_task import ToldNote, told_note
from bot.outbox.monotonic_clock import LoopTicks, Ticks
from bot.outbox.posted_thread import PostedThread
from bot.outbox.rate_limits import Budget, Limit
from bot.outbox.record_posted_messages import TOLD, PostedMessages
from bot.outbox.tell_platform_refusals import Refusals
from orchestrator.desk import Desk
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import FileRef, Person, Place
from orchestrator.domain.task_list import TaskQuery
from orchestrator.errors import LedgerFailed, NotFound, OutOfSpace, PlatformRefused

log = logging.getLogger(__name__)
AT_ONCE = 24
"""Calls in flight."""
TROUBLE = 2.0
"""Seconds until something the ledger refused is retried."""
MARK_EVERY = 5.0
"""Seconds between two marks in the ledger."""
NEW_TASKS = 50
"""A new account looks at so many of the newest tasks, ended or not."""
TOLD_FOR = timedelta(days=1)
"""A sentence that couldn't be posted for so long isn't posted anymore."""


@dataclass
class _Thread:
    """A task whose thread doesn't show everything yet. `since`: the ledger position of the oldest unshown change.

    `stale`: a change has ended since the last look, so `dues` may still name it.
    """

    since: int
    dirty: bool = True
    busy: bool = False
    stale: bool = False
    dues: dict[str, DueChange] = field(default_factory=dict[str, DueChange])


class Outbox:
    """One per account. `link`: base address of the web workspace, empty for none; files of more than `large` bytes get
    a link to it. `mention`: whether people are mentioned when something waits for them."""

    def __init__(
        self, desk: Desk, platform: ChatPlatform, posts: PostedMessages, limits: Sequence[Limit], *,
        ticks: Ticks | None = None, link: str = "", large: int = 0, mention: bool = True,
        message_of: Callable[[TaskId], Awaitable[str | None]] | None = None,
    ) -> None:  # fmt: skip
        self._desk = desk
        self._name, self._account = platform.name, platform.account
        self._serves = platform.serves
        self._posts = posts
        self._ticks = ticks or LoopTicks()
        self._link, self._large, self._mention = link, large, mention
        self._message_of = message_of
        self._budget = Budget(limits)
        self._refusals = Refusals(desk, platform, posts, self.tell, link=link)
        self._showing = Delivery(
            platform, posts, self._budget, now=self._ticks.now, message_of=self._message, refused=self._refused
        )  # fmt: skip
        self._threads: dict[TaskId, _Thread] = {}
        self._notes: dict[TaskId, ToldNote] = {}
        self._woken = asyncio.Event()
        self._heard = 0
        self._marked = 0
        self._next_mark = 0.0

    async def run(self) -> None:
        """Runs until canceled."""
        self._heard = self._marked = await self._desk.marked(self._reader)
        if not self._marked:
            await self._begin_new()
        await self._read_told()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(poll_drafts(self._desk, self.look_again, self._ticks))
            group.create_task(self._spend(group))

    async def _begin_new(self) -> None:
        """A new account starts with what is unfinished or recent, not with everything that ever was."""
        self._heard = self._marked = await self._desk.position()
        newest = TaskQuery(platform=self._name, most=NEW_TASKS)
        unfinished = TaskQuery(platform=self._name, unfinished=True, most=None)
        for entry in await self._desk.entries(newest, unfinished):
            self._wake(entry.task, self._heard)

    async def _read_told(self) -> None:
        """Sentences that may not be posted yet; those that are too old are skipped, now and at the next start."""
        reader = f"{self._reader}/told"
        old = await self._desk.marked(reader)
        for record in await self._desk.room(self._told, after=old):
            told = record.event
            if self._desk.clock.now() - record.at >= TOLD_FOR:
                old = record.seq
            elif isinstance(told, e.Told) and self._serves(told.place):
                self._note(record.key, told)
        if old:
            await self._desk.mark(reader, old)

    async def tell(
        self, key: str, place: Place, text: str, picture: FileRef | None = None, to: Person | None = None,
        *, ping: bool = False, link: str = "", elsewhere: str = "",
    ) -> None:  # fmt: skip
        """Posts a sentence in a place, with or without a picture, once per key, even across a restart. `to`: gets it as
        a direct message if the place refuses it, with what to say `elsewhere`; `ping`: is mentioned. `link`: an address
        of our own in the text."""
        event = e.Told(place=place, text=text, picture=picture, to=to, ping=ping, link=link, elsewhere=elsewhere)
        await self._desk.note(self._told, key, event)
        self._note(key, event)

    async def seen(self, key: str, place: Place, message: str) -> None:
        """Marks a message of that place as seen, once per key, even across a restart."""
        event = e.Told(place=place, text="", seen=message)
        await self._desk.note(self._told, key, event)
        self._note(key, event)

    def look_again(self, task: TaskId) -> None:
        """Something about what is posted for the task has changed, not the task itself."""
        self._wake(task, self._heard)

    async def gone(self, task: TaskId, what: Vanished) -> None:
        """The task's channel or thread was deleted or archived, or the bot was removed from it."""
        await self._refusals.vanished(task, what)
        self.look_again(task)

    @property
    def idle(self) -> bool:
        """Returns whether every thread shows everything received so far."""
        return not self._threads

    @property
    def _reader(self) -> str:
        return f"outbox/{self._account}"

    @property
    def _told(self) -> str:
        return f"{self._name}/told"

    def _note(self, key: str, event: e.Told) -> None:
        task = TaskId(f"{TOLD}{key}")
        if task not in self._notes:
            self._notes[task] = told_note(key, event, mention=self._mention)
            self._wake(task, self._heard)

    async def _refused(self, change: DueChange, error: PlatformRefused) -> None:
        note = self._notes.get(change.task)
        await self._refusals.hear(change, error, (note.key, note.told) if note else None)

    async def _message(self, due: DueChange) -> str:
        if note := self._notes.get(due.task):
            return note.told.seen
        found = await self._message_of(due.task) if self._message_of else None
        return due.place.thread if found is None else found

    def _wake(self, task: TaskId, position: int) -> None:
        self._threads.setdefault(task, _Thread(position)).dirty = True
        self._woken.set()

    async def _listen(self) -> None:
        async for position, task in self._desk.changes(after=self._heard):
            self._heard = position
            self._wake(task, position)

    async def _spend(self, group: asyncio.TaskGroup) -> None:
        while True:
            self._woken.clear()
            for task in [t for t, thread in self._threads.items() if thread.dirty and not thread.busy]:
                await self._look(task)
            await self._mark()
            pause = self._begin(group)
            await self._rest(pause)

    async def _look(self, task: TaskId) -> None:
        """Works out again what is due in a thread; forgets it if nothing is."""
        thread, now = self._threads[task], self._ticks.now()
        thread.dirty = False
        try:
            found = await self._wants(task)
            standing = await self._posts.of(task)
            if found is not None and standing.closed:
                await self._refusals.closed(task)
        except LedgerFailed as error:
            log.warning("%s: can't be read yet: %s", task, error)
            thread.dirty = True
            self._woken.set()
            await self._ticks.sleep(TROUBLE)
            return
        except Exception:
            log.exception("%s: the card can't be built; retrying at the next change", task)
            found, standing = None, PostedThread()
        if found is not None:
            place, wants = found
            card = standing.posted.get(CARD)
            place = card.place if card else place
            thread.dues = due(task, wants, standing, place=place, before=thread.dues, now=now)
            thread.stale = False
        if (found is None or not thread.dues) and not thread.dirty:
            del self._threads[task]
            self._notes.pop(task, None)  # posted again, it would be found

    async def _wants(self, task: TaskId) -> tuple[Place, Sequence[DesiredMessage]] | None:
        """Returns the place and what is wanted there; None if the task lives elsewhere."""
        if note := self._notes.get(task):
            return note.told.place, (note.want,)
        try:
            state = await self._desk.state(task)
        except NotFound:
            return None
        if state.request is None or not self._serves(state.request.place):
            return None
        link, drafts = f"{self._link}/t/{task}" if self._link else "", self._desk.drafts(task)
        ping = mentioned(state) if self._mention else ""
        return state.request.place, wanted(state, link=link, large=self._large, ping=ping, drafts=drafts)

    async def _mark(self) -> None:
        """Everything before the oldest unshown change is done."""
        position = min((t.since - 1 for t in self._threads.values()), default=self._heard)
        if position <= self._marked or self._ticks.now() < self._next_mark:
            return
        self._marked, self._next_mark = position, self._ticks.now() + MARK_EVERY
        try:
            await self._desk.mark(self._reader, position)
        except (LedgerFailed, OutOfSpace) as error:
            log.warning("the outbox can't save its position: %s", error)

    def _begin(self, group: asyncio.TaskGroup) -> float:
        """Starts every change that may start now, and returns the seconds until the next one may."""
        now, pause = self._ticks.now(), math.inf
        free = AT_ONCE - sum(1 for t in self._threads.values() if t.busy)
        waiting = [d for t in self._threads.values() if not (t.busy or t.stale) for d in t.dues.values()]
        for change in sorted(waiting, key=lambda d: d.order):
            thread = self._threads[change.task]
            if thread.busy or free <= 0:
                continue
            wait = self._wait(change, now)
            if wait > 0:
                pause = min(pause, wait)
                continue
            free -= 1
            thread.busy = True
            self._budget.begin(change.operation, change.place)
            group.create_task(self._do(change, thread))
        return pause

    def _wait(self, change: DueChange, now: float) -> float:
        """Returns the seconds until it may start. Where edits are scarce, what is about to change may wait a little."""
        wait = max(change.at - now, self._budget.wait(change.operation, change.place, now, change.haste))
        if change.operation == "post" and change.want.patience and self._budget.wait("edit", change.place, now) > 0:
            return max(wait, change.since + change.want.patience - now)
        return wait

    async def _do(self, change: DueChange, thread: _Thread) -> None:
        try:
            await self._showing.do(change)
        except Exception:
            # A bug in an adapter, or a failing ledger: this thread waits, all others continue.
            log.exception("%s: %s of %s failed", change.task, change.operation, change.want.key)
            change.tries += 1
            change.at = self._ticks.now() + min(600.0, 2.0**change.tries)
        finally:
            self._budget.end(change.operation, change.place, self._ticks.now())
            thread.busy = False
            thread.dirty = thread.stale = True
            self._woken.set()

    async def _rest(self, pause: float) -> None:
        """Waits until woken, or for so long."""
        hopes: list[Coroutine[object, object, object]] = [self._woken.wait()]
        if pause < math.inf:
            hopes.append(self._ticks.sleep(pause))
        waits = [asyncio.create_task(hope) for hope in hopes]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for it in waits:
                it.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
