"""What people do, as slack-bolt hears it: taken first, then acknowledged, then answered.

An event that could not be taken is not acknowledged, so Slack sends it again. Interactions are never sent again; who
made one gets a sentence instead.
"""

import logging
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, cast

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat import Answer, Form, Inbound, Take, Whisper
from bot.slack import parse
from bot.slack.answers import Answers, Asked
from bot.slack.modal import modal
from bot.slack.parse import Me
from bot.slack.people import People
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person
from orchestrator.errors import Refused, ThreadworkError

log = logging.getLogger(__name__)

Later = Callable[[Coroutine[Any, Any, None]], None]
"""Runs something after the acknowledgement, within the platform's own run."""
Ack = Callable[..., Coroutine[Any, Any, Any]]
Body = Mapping[str, Any]
NOBODY = Person(id=PersonId("slack:"), name="", kind="guest")
_ANY = re.compile(".*", re.DOTALL)


class Hearing:
    """Listens as `me`. `later` owns what is done after the acknowledgement."""

    def __init__(self, me: Me, people: People, answers: Answers, take: Take, later: Later) -> None:
        self._me, self._people, self._answers, self._take, self._later = me, people, answers, take, later

    def app(self, client: AsyncWebClient, token: str) -> AsyncApp:
        """The bolt app. The one `auth.test` of the start stands for every request; events are processed before the
        response, so that an acknowledgement means that the event is stored."""

        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            me = self._me
            return AuthorizeResult(
                enterprise_id=enterprise_id, team_id=team_id, bot_user_id=me.user, bot_id=me.bot, bot_token=token
            )

        app = AsyncApp(
            client=client,
            authorize=authorize,
            process_before_response=True,
            request_verification_enabled=False,  # no request comes over HTTP
            attaching_conversation_kwargs_enabled=False,
        )
        bolt = cast(Any, app)
        bolt.event(_ANY)(self._event)
        bolt.command(_ANY)(self._command)
        bolt.shortcut(_ANY)(self._interaction)
        bolt.action(_ANY)(self._interaction)
        bolt.view(_ANY)(self._submission)
        return app

    async def heard(self, inbound: Inbound, asked: Asked) -> None:
        """Something that happened while nobody listened."""
        self._later(self._answers.give(await self._take(inbound), asked))

    async def _event(self, body: Body) -> None:
        who = parse.actor(body, self._me)
        if who is None or parse.event(body, NOBODY, self._me) is None:
            return  # nothing to us: nobody is looked up for it
        inbound = parse.event(body, await self._people.of(who, self._me), self._me)
        if inbound is not None:
            asked = Asked(user=who.user, place=inbound.place, home=inbound.id.startswith("home:"))
            await self.heard(inbound, asked)

    async def _interaction(self, body: Body, ack: Ack) -> None:
        async def understood() -> Inbound | None:
            who = parse.actor(body, self._me)
            return who and parse.interaction(body, await self._people.of(who, self._me), self._me)

        answer, asked = await self._answered(body, understood)
        await ack()
        self._later(self._answers.give(answer, asked))

    async def _submission(self, body: Body, ack: Ack) -> None:
        async def understood() -> Inbound | None:
            who = parse.actor(body, self._me)
            return who and parse.interaction(body, await self._people.of(who, self._me), self._me)

        answer, asked = await self._answered(body, understood)
        if isinstance(answer, Form) and asked.place is not None:
            try:
                await ack(response_action="update", view=modal(answer, asked.place))
                return
            except Refused as error:
                answer = Whisper(words=str(error))
        await ack()
        self._later(self._answers.give(answer, asked))

    async def _command(self, body: Body, ack: Ack) -> None:
        """Known words are answered; anything else becomes a visible request, in the name of who wrote it."""
        request: list[str] = []

        async def understood() -> Inbound | None:
            who = parse.actor(body, self._me)
            if who is None:
                return None
            found = parse.command(body, await self._people.of(who, self._me), self._me)
            if isinstance(found, str):
                request.append(found)
                return None
            return found

        answer, asked = await self._answered(body, understood)
        await ack()
        if request:
            self._later(self._request(body, request[0], asked))
        else:
            self._later(self._answers.give(answer, asked))

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
        self, body: Body, understood: Callable[[], Coroutine[Any, Any, Inbound | None]]
    ) -> tuple[Answer, Asked]:
        who = parse.actor(body, self._me)
        asked = Asked(
            user=who.user if who else "",
            place=None,
            response_url=str(body.get("response_url") or ""),
            trigger=str(body.get("trigger_id") or ""),
        )
        try:
            inbound = await understood()
            if inbound is None:
                return None, asked
            asked = asked._replace(place=inbound.place)
            return await self._take(inbound), asked
        except ThreadworkError as error:
            log.warning("A press or form could not be taken: %s", error)
            return Whisper(words=str(error)), asked
