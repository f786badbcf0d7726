"""What stands in the threads of one platform: facts in the ledger. Only the outbox writes them."""

from bot.chat import Posted
from bot.outbox.desired import Want
from bot.outbox.standing import Standing, fold
from orchestrator.desk import Desk
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Place


class Posts:
    """The threads of one platform. Those that were asked for stay in memory."""

    def __init__(self, desk: Desk, platform: str) -> None:
        self._desk = desk
        self._platform = platform
        self._standing: dict[TaskId, Standing] = {}
        self._threads: dict[tuple[str, str], TaskId] = {}

    async def of(self, task: TaskId) -> Standing:
        """The thread of a task; it is live, and the same object each time."""
        if task not in self._standing:
            records = await self._desk.room(self._room(task))
            found = self._standing.setdefault(task, fold(r.event for r in records))
            for posted in found.posted.values():
                self._seen(task, posted)
        return self._standing[task]

    def task_at(self, place: Place) -> TaskId | None:
        """The task that has posts in that thread."""
        return self._threads.get((place.channel, place.thread))

    async def begin(self, task: TaskId, item: str, nonce: str) -> None:
        """Must be on record before the post is made."""
        await self._desk.note(self._room(task), f"posting/{item}", e.ItemPosting(item=item, nonce=nonce))
        (await self.of(task)).unsure.add(item)

    async def failed(self, task: TaskId, item: str) -> None:
        """It is certain that the post was not made."""
        (await self.of(task)).unsure.discard(item)

    async def made(self, task: TaskId, want: Want, posted: Posted, *, shown: bool = True) -> None:
        """The post is that message; `shown`: with the wanted content."""
        mark = want.fingerprint if shown else ""
        event = e.ItemPosted(item=want.key, place=posted.place, message=posted.message, fingerprint=mark)
        await self._desk.note(self._room(task), f"posted/{want.key}", event)
        standing = await self.of(task)
        standing.posted[want.key] = posted
        standing.unsure.discard(want.key)
        self._seen(task, posted)
        if shown:
            await self.shows(task, want)

    async def shows(self, task: TaskId, want: Want) -> None:
        """The message shows that content now; kept over a restart only when it is the last."""
        standing = await self.of(task)
        standing.shown[want.key], standing.alarms[want.key] = want.fingerprint, want.alarm
        if want.settled and not want.once:
            event = e.ItemShown(item=want.key, fingerprint=want.fingerprint)
            await self._desk.note(self._room(task), f"shown/{want.key}/{want.fingerprint}", event)

    def _seen(self, task: TaskId, posted: Posted) -> None:
        if posted.place.thread:
            self._threads[posted.place.channel, posted.place.thread] = task

    def _room(self, task: TaskId) -> str:
        return f"{self._platform}/posts/{task}"
