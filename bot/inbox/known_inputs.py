"""What one inbox knows: what it received before, and which message asked for which task.

The newest is in memory; the ledger has everything and is asked about the rest. Now and then the room's facts are
summarized in one fact, so a start reads only what came after it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from bot.inbox.inbound_keys import ReceivedSoFar, age
from bot.outbox.lru_dict import RecentDict
from bot.outbox.thread_index import Threads
from orchestrator.desk import Desk
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Place

MOST = 2000
"""Entries of each kind in memory."""
SUM_EVERY = 500
"""Messages between two summaries."""
MOST_UNDONE = 200
"""A summary has to fit into one fact."""
AT_ONCE = 200


class KnownInputs:
    """One per account. Call `begin` first. Anything that asks the ledger raises LedgerFailed."""

    def __init__(self, desk: Desk, platform: str) -> None:
        self._desk = desk
        self._room = platform
        self._account = platform
        self._serves: Callable[[Place], bool] = lambda _: True
        self._folded = ReceivedSoFar()
        self._seen: RecentDict[str, None] = RecentDict(MOST)
        self._requests: RecentDict[tuple[str, str], TaskId] = RecentDict(MOST)
        self._messages: RecentDict[TaskId, str] = RecentDict(MOST)
        self._since_sum = 0
        self._summing = asyncio.Lock()  # two summaries at once would fold the same facts twice

    async def begin(
        self, account: str, threads: Threads, serves: Callable[[Place], bool] = lambda _: True
    ) -> Mapping[str, e.Heard]:
        """Reads what came since the last summary, and returns what may not have been done, by its key."""
        self._account, self._serves = account, serves
        last = await self._last_sum()
        if last is not None:
            events = {key: await self._desk.noted(self._room, key) for key in last.undone}
            undone = {key: event for key, event in events.items() if isinstance(event, e.Heard)}
            self._folded = ReceivedSoFar(last.upto, dict(last.newest), undone)
        before = self._folded.upto
        await self._catch_up()
        if last is None:  # an inbox from before summaries has no index either
            await self._index_all(threads)
        if self._folded.upto > before:
            await self._keep_sum()
        return self.undone

    @property
    def undone(self) -> Mapping[str, e.Heard]:
        """What may not have been done, as of the last read."""
        return dict(self._folded.undone)

    async def heard_before(self, key: str) -> bool:
        """Returns whether that is recorded."""
        if key in self._seen:
            return True
        found = await self._desk.noted(self._room, key) is not None
        if found:
            self._seen.put(key, None)
        return found

    def heard(self, key: str) -> None:
        """It is now recorded."""
        self._seen.put(key, None)
        self._since_sum += 1

    def newest(self, channel: str, message: str) -> None:
        """A message of that channel was taken."""
        self._folded.hear(channel, message)

    async def since(self, channel: str) -> str:
        """Returns the last message taken in that channel or, if there was none, anywhere: message ids grow with time.

        Empty if nothing was ever received.
        """
        newest = self._folded.newest
        return newest.get(channel) or max(newest.values(), key=age, default="")

    async def channels(self, team: str) -> Sequence[str]:
        """Returns that team's channels in which something was received; if there are very many, the most recent
        ones."""
        return [channel for channel in self._folded.newest if channel.startswith(f"{team}/")]

    def opened(self, task: TaskId, place: Place, message: str) -> None:
        """A message has asked for a task: known at once, stored by `keep`."""
        self._messages.put(task, message)
        if message:
            self._requests.put((place.channel, message), task)

    async def keep(self, task: TaskId, heard: str) -> None:
        """Records what asked for the task."""
        await self._desk.note(self._index, task, e.TaskPlaced(task=task, heard=heard))

    def recent_request(self, channel: str, message: str) -> TaskId | None:
        """Returns the task that the message asked for, if it is in memory, as it is right after it was opened."""
        return self._requests.get((channel, message))

    async def request_at(self, channel: str, message: str) -> TaskId | None:
        """Returns the task that the message asked for."""
        if (found := self.recent_request(channel, message)) or not message:
            return found
        acted = await self._desk.noted(self._room, f"acted/mentioned/{channel}/{message}")
        if not isinstance(acted, e.Acted) or not acted.opened:
            return self.recent_request(channel, message)  # it may have been opened in the meantime
        return TaskId(acted.opened)

    async def message_of(self, task: TaskId) -> str | None:
        """Returns the request's message, empty for none; None for a task that wasn't requested here."""
        if (found := self._messages.get(task)) is not None:
            return found
        placed = await self._desk.noted(self._index, task)
        heard = await self._desk.noted(self._room, placed.heard) if isinstance(placed, e.TaskPlaced) else None
        return str(heard.inbound.get("message", "")) if isinstance(heard, e.Heard) else self._messages.get(task)

    async def sum_up(self) -> None:
        """Summarizes the room's facts when it is time to."""
        if self._since_sum >= SUM_EVERY:
            self._since_sum = 0
            await self._catch_up()
            await self._keep_sum()

    @property
    def _index(self) -> str:
        return f"{self._room}/tasks"

    @property
    def _sums(self) -> str:
        return f"{self._room}/inbox/{self._account}"

    async def _catch_up(self) -> None:
        async with self._summing:
            records = await self._desk.room(self._room, after=self._folded.upto)
            self._folded.absorb(records, self._serves)

    async def _index_all(self, threads: Threads) -> None:
        opened = list(self._folded.opened.items())
        for start in range(0, len(opened), AT_ONCE):
            some = opened[start : start + AT_ONCE]
            await asyncio.gather(
                *(self.keep(task, key) for key, (task, _) in some), *(threads.keep(*it) for _, it in some)
            )

    async def _last_sum(self) -> e.InboxSummed | None:
        marked = await self._desk.marked(self._sums)
        records = await self._desk.room(self._sums, after=max(0, marked - 1))
        return next((r.event for r in reversed(records) if isinstance(r.event, e.InboxSummed)), None)

    async def _keep_sum(self) -> None:
        self._folded.opened.clear()
        if len(self._folded.undone) <= MOST_UNDONE:
            await self._desk.note(self._sums, f"sum/{self._folded.upto}", self._folded.summed())
            last = await self._desk.marked(self._sums)
            records = await self._desk.room(self._sums, after=last)
            await self._desk.mark(self._sums, records[-1].seq if records else last)
