"""Reminds people once of what has waited for a working day, also across restarts."""

import logging
from collections.abc import Sequence
from datetime import datetime

from bot.cards.tool_call_wording import cut
from bot.chat_platform import ChatPlatform
from bot.outbox.monotonic_clock import LoopTicks, Ticks
from bot.outbox.pending_decisions import Wait, open_waits, reminder_at
from bot.outbox.tell_platform_refusals import Tells
from orchestrator.desk import Desk
from orchestrator.domain import events as e
from orchestrator.domain.ids import digest
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import TaskQuery
from orchestrator.errors import LedgerFailed, OutOfSpace

log = logging.getLogger(__name__)
EVERY = 300.0
"""Seconds between two looks."""
LONGEST = 7
"""Days after which a wait is too old for a reminder."""
_SHOWN, _TITLE = 5, 100


class Reminders:
    """One per account. Each thing is named in one reminder; the ledger remembers which. `link`: base address of the web
    workspace, empty for none."""

    def __init__(
        self, desk: Desk, platform: ChatPlatform, tell: Tells, *, link: str = "", ticks: Ticks | None = None
    ) -> None:  # fmt: skip
        self._desk, self._platform, self._tell, self._link = desk, platform, tell, link
        self._ticks = ticks or LoopTicks()

    async def run(self) -> None:
        """Runs until canceled."""
        while True:
            try:
                await self.look()
            except (LedgerFailed, OutOfSpace) as error:
                log.warning("reminders can't be prepared yet: %s", error)
            await self._ticks.sleep(EVERY)

    async def look(self) -> None:
        """Reminds of everything that is due now."""
        name, now = self._platform.name, self._desk.clock.now()
        waiting = TaskQuery(platform=name, undecided=True, most=None)
        unfinished = TaskQuery(platform=name, unfinished=True, most=None)
        for entry in await self._desk.entries(waiting, unfinished):
            if self._platform.serves(entry.place):
                await self._remind(await self._desk.state(entry.task), now)

    async def _remind(self, state: TaskState, now: datetime) -> None:
        """Which reminder names what is recorded before it is told; one that a crash kept back is told later."""
        due = [w for w in open_waits(state) if reminder_at(w.since) <= now and (now - w.since).days < LONGEST]
        asked = state.request
        if not due or asked is None:
            return
        for key, waits in (await self._grouped(state, due)).items():
            if await self._desk.noted(f"{self._platform.name}/told", key) is None:
                link = f"{self._link}/t/{state.id}" if self._link else ""
                title = cut(state.plan.title if state.plan else asked.text, _TITLE)
                await self._tell(
                    key, asked.place, _words(waits), to=asked.by, ping=not asked.place.private, link=link,
                    elsewhere=f"Task “{title}”: {link}" if link else f"Task “{title}”",
                )  # fmt: skip

    async def _grouped(self, state: TaskState, due: Sequence[Wait]) -> dict[str, list[Wait]]:
        """Returns what is due by the key of its reminder."""
        room = f"{self._platform.name}/reminded/{state.id}"
        known = {wait.id: await self._desk.noted(room, wait.id) for wait in due}
        new = f"reminder/{state.id}/{digest(*(w.id for w in due if known[w.id] is None))}"
        groups: dict[str, list[Wait]] = {}
        for wait in due:
            noted = known[wait.id] or await self._desk.note(room, wait.id, e.Acted(heard=new))
            if isinstance(noted, e.Acted):
                groups.setdefault(noted.heard, []).append(wait)
        return groups


def _words(new: list[Wait]) -> str:
    named = [f"- {cut(wait.title, _TITLE)}" for wait in new[:_SHOWN]]
    more = [f"- and {len(new) - _SHOWN} more"] if len(new) > _SHOWN else []
    return "\n".join(["Waiting for you since the last working day:", *named, *more])
