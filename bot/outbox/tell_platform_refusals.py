"""Says once where a task can be found when a platform refuses to show it, so that nobody waits for a thread in vain."""

import logging
from collections.abc import Awaitable
from typing import Protocol

from bot.chat_platform import ChatPlatform, Vanished
from bot.outbox.due_changes import DueChange
from bot.outbox.platform_refusal_messages import LASTING, notice
from bot.outbox.record_posted_messages import PostedMessages
from orchestrator.desk import Desk
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import FileRef, Person, Place
from orchestrator.errors import PlatformFailed, PlatformRefused

log = logging.getLogger(__name__)


class Tells(Protocol):
    """Says something in a place, once per key; see `Outbox.tell`."""

    def __call__(
        self, key: str, place: Place, text: str, picture: FileRef | None = None, to: Person | None = None,
        *, ping: bool = False, link: str = "", elsewhere: str = "",
    ) -> Awaitable[None]: ...  # fmt: skip


class Refusals:
    """One account's. `link`: base address of the web workspace, empty for none."""

    def __init__(
        self, desk: Desk, platform: ChatPlatform, posts: PostedMessages, tell: Tells, *, link: str
    ) -> None:  # fmt: skip
        self._desk, self._platform, self._posts, self._tell, self._link = desk, platform, posts, tell, link

    async def hear(self, change: DueChange, error: PlatformRefused, note: tuple[str, e.Told] | None) -> None:
        """`note`: the key of a sentence outside a task, and the sentence, which goes to the person alone."""
        if note is not None:
            await self._privately(change, error, *note)
            return
        await self._of_task(change.task, change.want.key, error)

    async def vanished(self, task: TaskId, what: Vanished) -> None:
        """The task's place is gone before anything is due there: whoever waits for an answer would wait in vain."""
        error = PlatformRefused("people removed it", code="removed" if what.removed else "no-place")
        await self._of_task(task, what.id, error)

    async def closed(self, task: TaskId) -> None:
        """Something may have begun to wait since nothing is shown there anymore."""
        await self._of_task(task, "", PlatformRefused("I've stopped trying", code="no-place"))

    async def _of_task(self, task: TaskId, item: str, error: PlatformRefused) -> None:
        state = await self._desk.state(task)
        if error.code in LASTING and item:
            await self._posts.close(task, error.code)
        link = f"{self._link}/t/{task}" if self._link else ""
        said = notice(state, item, error, link)
        if said is None or state.request is None:
            return
        if await self._desk.noted(f"{self._platform.name}/told", said.key) is not None:
            return
        place = said.place or await self._direct(state.request.by)
        if place is not None:
            ping = said.ping and not place.private
            await self._tell(said.key, place, said.words, to=state.request.by, ping=ping, link=link)

    async def _privately(self, change: DueChange, error: PlatformRefused, key: str, told: e.Told) -> None:
        direct = None if told.to is None or told.place.private else await self._direct(told.to)
        if direct is not None or error.code in LASTING:
            await self._posts.give_up(change.task, change.want.key)
        if direct is not None:
            text = f"{told.text}\n\n{told.elsewhere}" if told.elsewhere else told.text
            await self._tell(f"{key}/direct", direct, text, told.picture, link=told.link)

    async def _direct(self, person: Person) -> Place | None:
        try:
            return await self._platform.direct(person)
        except PlatformFailed as error:
            log.warning("%s can't be reached by direct message: %s", person.id, error)
            return None
