"""Handles what people of one workspace do: takes it first, then acknowledges, then answers.

An event that couldn't be taken in time isn't acknowledged, so Slack sends it again. Interactions are never sent again:
they are acknowledged in time, and the person gets the answer or a sentence when it's ready.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from bot.chat_platform import Answer, Form, Inbound, Mentioned, Take, Whisper
from bot.slack import parse
from bot.slack.add_message_details import MessageCompletion
from bot.slack.bolt_app import Ack, Body
from bot.slack.home_refresh import HomeRefresh
from bot.slack.lookups import Conversations, People
from bot.slack.modal import modal
from bot.slack.parse import BotIdentity
from bot.slack.private_answers import Asked, PrivateAnswers
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person
from orchestrator.errors import Refused, ThreadworkError

log = logging.getLogger(__name__)
PATIENCE = 2.5
"""Seconds until an acknowledgement goes out, or an event counts as not taken: Slack waits for three."""

Later = Callable[[Coroutine[Any, Any, None]], None]
"""Runs something after the acknowledgement, within the platform's own run."""
T = TypeVar("T")
NOBODY = Person(id=PersonId("slack:"), name="", kind="guest")


class SlackEventHandler:
    """Listens as `me`. `later` owns the work after the acknowledgement. Implements `Listener`."""

    def __init__(
        self, me: BotIdentity, people: People, rooms: Conversations, completion: MessageCompletion,
        answers: PrivateAnswers, take: Take, later: Later,
    ) -> None:  # fmt: skip
        self._me, self._people, self._rooms, self._completion = me, people, rooms, completion
        self._answers, self._take, self._later = answers, take, later
        self._homes = HomeRefresh(take, later)

    @property
    def me(self) -> BotIdentity:
        return self._me

    async def heard(self, inbound: Inbound, asked: Asked) -> None:
        """A message or visit. The answer to a message outside threads goes to the channel, because Slack shows nobody a
        private answer in a thread that doesn't exist."""
        alone = asked.place is not None and isinstance(inbound, Mentioned) and not inbound.in_thread
        if asked.place is not None and alone:
            asked = asked._replace(place=asked.place.model_copy(update={"thread": ""}))
        answer = await self._take(await self._rooms.placed(inbound))
        if asked.home:
            self._homes.opened(asked.user, inbound, answer, partial(self._answers.give, asked=asked))
        self._later(self._answers.give(answer, asked))

    async def event(self, body: Body) -> None:
        """Raises TimeoutError if it couldn't be taken in time; work that has started continues."""
        work = await self._in_time(self._taken(body))
        if not work.done():
            raise TimeoutError("the event wasn't handled in time")
        work.result()

    async def interaction(self, body: Body, ack: Ack) -> None:
        work = await self._in_time(self._answered(body, self._understood))
        await ack()
        self._later(self._give(work))

    async def submission(self, body: Body, ack: Ack) -> None:
        work = await self._in_time(self._answered(body, self._understood))
        if not work.done():
            await ack()
            self._later(self._give(work))
            return
        answer, asked = work.result()
        if isinstance(answer, Form) and asked.place is not None:
            try:
                await ack(response_action="update", view=modal(answer, asked.place))
                return
            except Refused as error:
                answer = Whisper(words=str(error))
        await ack()
        self._later(self._answers.give(answer, asked))

    async def command(self, body: Body, ack: Ack) -> None:
        """Answers known words; anything else becomes a visible request in the name of its author."""
        request: list[str] = []

        async def understood(body: Body) -> Inbound | None:
            who = parse.actor(body, self._me)
            if who is None:
                return None
            found = parse.command(body, await self._people.of(who, self._me), self._me)
            if isinstance(found, str):
                request.append(found)
                return None
            return found

        async def served(work: asyncio.Task[tuple[Answer, Asked]]) -> None:
            await self._give(work)
            if request:
                await self._request(body, request[0], work.result()[1])

        work = await self._in_time(self._answered(body, understood))
        await ack()
        self._later(served(work))

    async def _taken(self, body: Body) -> None:
        who = parse.actor(body, self._me)
        lost = parse.left(body, NOBODY, self._me) or parse.lost(body, NOBODY, self._me)
        if who is None and lost is not None:
            await self._take(lost)
        if who is None or parse.event(body, NOBODY, self._me) is None:
            return  # of no interest to us, so nobody is looked up for it
        whole = {**body, "event": await self._completion.in_time(body["event"], self._me)}
        inbound = parse.event(whole, await self._people.of(who, self._me), self._me)
        if inbound is not None:
            asked = Asked(user=who.user, place=inbound.place, home=inbound.id.startswith("home:"))
            await self.heard(inbound, asked)

    async def _understood(self, body: Body) -> Inbound | None:
        if (who := parse.actor(body, self._me)) is None:
            return None
        if body.get("type") == "message_action":
            body = {**body, "message": await self._completion.in_time(body["message"], self._me)}
        return parse.interaction(body, await self._people.of(who, self._me), self._me)

    async def _in_time(self, doing: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Waits for it as long as Slack waits for us. It continues in the background, and ends with the platform's
        run."""
        work = asyncio.ensure_future(doing)
        self._later(_ended(work))
        await asyncio.wait({work}, timeout=PATIENCE)
        return work

    async def _give(self, work: asyncio.Task[tuple[Answer, Asked]]) -> None:
        await asyncio.wait({work})
        if work.exception() is None and work.result()[0] is not None:
            await self._answers.give(*work.result())

    async def _request(self, body: Body, text: str, asked: Asked) -> None:
        row = await self._answers.request(str(body.get("channel_id", "")), text, asked)
        who = parse.actor(body, self._me)
        if row is None or who is None:
            return
        try:
            inbound = parse.message(row, await self._people.of(who, self._me), self._me)
            if inbound is not None:
                await self.heard(inbound, asked)
        except ThreadworkError as error:
            await self._answers.give(Whisper(words=str(error)), asked)

    async def _answered(
        self, body: Body, understood: Callable[[Body], Coroutine[Any, Any, Inbound | None]]
    ) -> tuple[Answer, Asked]:
        who = parse.actor(body, self._me)
        asked = Asked(
            user=who.user if who else "",
            place=None,
            response_url=str(body.get("response_url") or ""),
            trigger=str(body.get("trigger_id") or ""),
        )
        try:
            inbound = await understood(body)
            if inbound is None:
                return None, asked
            asked = asked._replace(place=inbound.place)
            return await self._take(await self._rooms.placed(inbound)), asked
        except ThreadworkError as error:
            log.warning("A press or form couldn't be handled: %s", error)
            return Whisper(words=str(error)), asked


async def _ended(work: asyncio.Task[Any]) -> None:
    """Runs until it ends, or until the platform's run does."""
    try:
        await asyncio.wait({work})
    finally:
        work.cancel()
    if not work.cancelled() and (error := work.exception()) is not None:
        log.warning("An event couldn't be handled: %s", error, exc_info=error)
