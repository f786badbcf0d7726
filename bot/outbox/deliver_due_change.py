"""Carries out one due change on the platform, and records the result. Raises only for a bug or a failing ledger."""

import logging
from collections.abc import Awaitable, Callable

from bot.chat_platform import ChatPlatform, Posted
from bot.outbox.desired_messages import Mark
from bot.outbox.due_changes import LOOK_AFTER, DueChange
from bot.outbox.rate_limits import Budget
from bot.outbox.record_posted_messages import PostedMessages
from orchestrator.domain.ids import digest
from orchestrator.errors import OutcomeUnknown, PlatformFailed, PlatformRefused, RateLimited

log = logging.getLogger(__name__)
MOST_PAUSE = 30.0
"""Seconds between retries while the platform is down: soon after it is back, everything is shown."""
MOST_AFTER_NO = 600.0
MARK_TRIES = 4
"""A reaction is a courtesy, and its message may be gone."""


class Delivery:
    """`now`: seconds of the same clock as the budget's. `message_of`: the request's message, empty for none.
    `refused`: hears of every clear no to a message."""

    def __init__(
        self,
        platform: ChatPlatform,
        posts: PostedMessages,
        budget: Budget,
        *,
        now: Callable[[], float],
        message_of: Callable[[DueChange], Awaitable[str]],
        refused: Callable[[DueChange, PlatformRefused], Awaitable[None]],
    ) -> None:
        self._platform = platform
        self._posts = posts
        self._budget = budget
        self._now = now
        self._message_of = message_of
        self._refused = refused

    async def do(self, due: DueChange) -> None:
        """Afterward the change is done, or waits with `due.at`; its budget is spent either way."""
        try:
            await self._try(due)
            due.tries, due.since = 0, self._now()
        except RateLimited as error:
            self._budget.refused(due.operation, due.place, self._now(), error.seconds)
            due.at = self._now() + error.seconds
            await self._not_posted(due)
            log.info("%s: %s is waiting %.1f s for the rate limit", due.task, due.want.key, error.seconds)
        except OutcomeUnknown as error:
            self._later(due, least=LOOK_AFTER)
            log.info("%s: the outcome of %s is unknown: %s", due.task, due.want.key, error)
        except PlatformFailed as error:
            refused = isinstance(error, PlatformRefused) and error.code != "token"  # a new one may come
            self._later(due, most=MOST_AFTER_NO if refused else MOST_PAUSE)
            await self._not_posted(due)
            log.warning("%s: can't %s %s yet: %s", due.task, due.operation, due.want.key, error)
            if isinstance(error, PlatformRefused) and refused:
                await self._after_no(due, error)

    async def _try(self, due: DueChange) -> None:
        task, want = due.task, due.want
        match due.operation:
            case "react" | "unreact":
                assert isinstance(want.item, Mark)
                if message := await self._message_of(due):
                    await self._platform.react(due.place, message, want.item.mark)
                await self._posts.made(task, want, Posted(place=due.place, message=""))
            case "edit":
                assert not isinstance(want.item, Mark)
                posted = (await self._posts.of(task)).posted[want.key]
                await self._platform.edit(posted, want.item)
                await self._posts.shows(task, want)
            case "post":
                assert not isinstance(want.item, Mark)
                nonce = await self._nonce(due)
                await self._posts.begin(task, want.key, nonce)
                posted = await self._platform.post(due.place, want.item, nonce=nonce)
                await self._posts.made(task, want, posted)
            case "find":
                if found := await self._platform.find(due.place, nonce=await self._nonce(due)):
                    await self._posts.made(task, want, found, shown=False)
                else:
                    await self._posts.failed(task, want.key)

    async def _nonce(self, due: DueChange) -> str:
        """A message that is posted again has another one: platforms return the first message for a known nonce."""
        again = (await self._posts.of(due.task)).lost.get(due.want.key, 0)
        parts = (due.want.key, str(again)) if again else (due.want.key,)
        return digest(self._platform.name, due.task, *parts, length=24)

    def _later(self, due: DueChange, *, least: float = 1.0, most: float = MOST_PAUSE) -> None:
        due.tries += 1
        due.at = self._now() + min(most, max(least, 2.0 ** min(due.tries - 1, 20)))

    async def _not_posted(self, due: DueChange) -> None:
        if due.operation == "post":
            await self._posts.failed(due.task, due.want.key)

    async def _after_no(self, due: DueChange, error: PlatformRefused) -> None:
        if due.operation in ("react", "unreact"):
            await self._give_up_marks(due)
        elif due.operation == "edit" and error.code == "gone":
            await self._posts.lost(due.task, due.want.key)
        else:
            await self._refused(due, error)

    async def _give_up_marks(self, due: DueChange) -> None:
        if due.tries >= MARK_TRIES:
            nowhere = Posted(place=due.place, message="")
            await self._posts.made(due.task, due.want, nowhere)
