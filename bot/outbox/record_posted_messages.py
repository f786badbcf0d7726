"""Records what the threads of one platform show, as facts in the ledger. Only the outbox writes them."""

from bot.chat_platform import Posted
from bot.outbox.desired_messages import DesiredMessage
from bot.outbox.lru_dict import RecentDict
from bot.outbox.posted_thread import PostedThread, fold
from bot.outbox.thread_index import Threads
from orchestrator.desk import Desk
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Place

TOLD = "told:"
"""Sentences outside a task have their own rooms, whose names look like a task's and start like this."""
MOST = 500
"""Threads in memory. Only they know what a live message shows, so at worst it is edited once too often."""


class PostedMessages:
    """The threads of one platform. The most recently used stay in memory; the ledger has all."""

    def __init__(self, desk: Desk, platform: str) -> None:
        self._desk = desk
        self._platform = platform
        self.threads = Threads(desk, platform)
        self._recent: RecentDict[TaskId, PostedThread] = RecentDict(MOST)

    async def of(self, task: TaskId) -> PostedThread:
        """Returns a task's thread. It is live, and the same object each time while it is in memory."""
        if (found := self._recent.get(task)) is not None:
            return found
        read = fold(r.event for r in await self._desk.room(self._room(task)))
        if (found := self._recent.get(task)) is not None:
            return found
        self._recent.put(task, read)
        if task.startswith(TOLD):
            return read
        for place in {_thread(posted.place): posted.place for posted in read.posted.values()}.values():
            await self.threads.keep(task, place)
        return read

    async def begin(self, task: TaskId, item: str, nonce: str) -> None:
        """Must be recorded before the post is made."""
        standing = await self.of(task)
        key = f"posting/{item}{_again(standing, item)}"
        await self._desk.note(self._room(task), key, e.ItemPosting(item=item, nonce=nonce))
        standing.unsure.add(item)

    async def failed(self, task: TaskId, item: str) -> None:
        """It is certain that the post wasn't made."""
        (await self.of(task)).unsure.discard(item)

    async def made(self, task: TaskId, want: DesiredMessage, posted: Posted, *, shown: bool = True) -> None:
        """The post is that message; `shown`: with the wanted content."""
        mark = want.fingerprint if shown else ""
        event = e.ItemPosted(item=want.key, place=posted.place, message=posted.message, fingerprint=mark)
        standing = await self.of(task)
        await self._desk.note(self._room(task), f"posted/{want.key}{_again(standing, want.key)}", event)
        new = all(_thread(p.place) != _thread(posted.place) for p in standing.posted.values())
        standing.posted[want.key] = posted
        standing.unsure.discard(want.key)
        if new and self.threads.recent(posted.place) != task and not task.startswith(TOLD):
            await self.threads.keep(task, posted.place)
        if shown:
            await self.shows(task, want)

    async def shows(self, task: TaskId, want: DesiredMessage) -> None:
        """The message now shows that content; stored across a restart only if it is the last."""
        standing = await self.of(task)
        standing.shown[want.key], standing.alarms[want.key] = want.fingerprint, want.alarm
        standing.lasting[want.key] = want.lasting
        if want.settled and not want.once:
            event = e.ItemShown(item=want.key, fingerprint=want.fingerprint)
            key = f"shown/{want.key}/{want.fingerprint}{_again(standing, want.key)}"
            await self._desk.note(self._room(task), key, event)

    async def lost(self, task: TaskId, item: str) -> None:
        """People have deleted the item's message: it may be posted again, once."""
        standing = await self.of(task)
        if (posted := standing.posted.get(item)) is not None:
            event = e.ItemLost(item=item, message=posted.message)
            await self._desk.note(self._room(task), f"lost/{item}/{posted.message}", event)
            standing.lose(item, posted.message)

    async def give_up(self, task: TaskId, item: str) -> None:
        """The item is never posted."""
        await self._desk.note(self._room(task), f"lost/{item}", e.ItemLost(item=item))
        (await self.of(task)).lose(item, "")

    async def close(self, task: TaskId, why: str) -> None:
        """The place is gone: nothing is shown there anymore."""
        await self._desk.note(self._room(task), "closed", e.PlaceLost(why=why))
        (await self.of(task)).closed = True

    def _room(self, task: TaskId) -> str:
        return f"{self._platform}/posts/{task}"


def _again(standing: PostedThread, item: str) -> str:
    """Tells the facts of a message that was posted again from those of the first."""
    return f"/{again}" if (again := standing.lost.get(item, 0)) else ""


def _thread(place: Place) -> tuple[str, str]:
    return place.channel, place.thread
