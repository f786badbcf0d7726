"""Gives private answers (a sentence, a form, a page), and posts the visible message that a slash command becomes."""

import asyncio
import logging
from typing import Any, NamedTuple, cast

import aiohttp

from bot.chat_platform import Answer, Form, Home, Whisper
from bot.slack import blocks as b
from bot.slack.blocks import SlackMessage
from bot.slack.errors import slack_errors
from bot.slack.home_page import home, home_message
from bot.slack.modal import modal
from bot.slack.parse import REQUEST, channel_of
from bot.slack.thread_permalinks import Links
from bot.slack.web_api import SlackWebApi
from orchestrator.domain.people import Place
from orchestrator.errors import OutcomeUnknown, PlatformFailed, PlatformRefused, RateLimited, Refused

log = logging.getLogger(__name__)
_PAUSES = (2.0, 4.0, 10.0, 20.0)
"""Seconds between attempts to post a request: the command itself never comes again."""


class Asked(NamedTuple):
    """Whom an answer is for, and how to reach them. `home`: they are viewing the App Home."""

    user: str
    place: Place | None
    response_url: str = ""
    trigger: str = ""
    home: bool = False


class PrivateAnswers:
    """Gives answers. An answer that can't be sent is logged, because the request was taken all the same."""

    def __init__(self, web: SlackWebApi, *, me: str) -> None:
        self._web, self._me, self._links = web, me, Links(web)

    async def give(self, answer: Answer, asked: Asked) -> None:
        try:
            await self._give(answer, asked)
        except PlatformFailed as error:
            log.warning("An answer to %r couldn't be sent: %s", asked.user, error)

    async def request(self, channel: str, text: str, asked: Asked) -> dict[str, Any] | None:
        """Posts what a person wrote after the slash command, so that its thread can exist; returns the posted
        message."""
        carried = {"user": asked.user, "text": text[:3_000], "asked": asked.trigger}
        about = {"event_type": REQUEST, "event_payload": carried}
        unsure, why = False, ""
        for pause in _PAUSES:
            try:
                ts = await self._requested(channel, asked) if unsure else ""
                ts = ts or await self._post_request(channel, text, asked.user, about)
                return {"type": "message", "channel": channel, "ts": ts, "user": self._me, "metadata": about}
            except PlatformRefused as error:
                why = str(error)
                break
            except PlatformFailed as error:
                unsure, why = unsure or isinstance(error, OutcomeUnknown), str(error)
                await asyncio.sleep(error.seconds if isinstance(error, RateLimited) else pause)
        words = f"I can't post here. Invite me to this channel, or send me a direct message. ({why})"
        await self.give(Whisper(words=words), asked)
        return None

    async def _post_request(self, channel: str, text: str, user: str, about: dict[str, Any]) -> str:
        shown = [b.rich({"type": "user", "user_id": user}, b.words(f" asks: {b.cut(text, 2_900)}"))]
        said = await self._web.write(
            "chat.postMessage", "posting a request", once=True, channel=channel, blocks=shown, metadata=about,
            text=b.notice(f"A request: {text}"), unfurl_links=False, unfurl_media=False, parse="none",
        )  # fmt: skip
        return str(said["ts"])

    async def _requested(self, channel: str, asked: Asked) -> str:
        """Returns the ts of the request whose answer was lost, if it was posted."""
        page = await self._web.read(
            "conversations.history", "looking for a request", channel=channel, limit=50, include_all_metadata=True
        )
        for row in cast("list[dict[str, Any]]", page["messages"]):
            about = cast("dict[str, Any]", row.get("metadata") or {})
            carried = cast("dict[str, Any]", about.get("event_payload") or {})
            if row.get("user") == self._me and carried.get("asked") == asked.trigger:
                return str(row["ts"])
        return ""

    async def _give(self, answer: Answer, asked: Asked) -> None:
        match answer:
            case None:
                return
            case Whisper(words=said, task=task, buttons=buttons):
                shown = (b.rich(b.words(b.cut(said, 2_900))), *b.choices(task, buttons))
                await self._whisper(SlackMessage(b.notice(said, 2_900), shown), asked)
            case Form():
                await self._open(answer, asked)
            case Home() if asked.home:
                view = home(answer, await self._links.of(answer.places))
                await self._web.write("views.publish", "showing the Home tab", user_id=asked.user, view=view)
            case Home():
                await self._whisper(home_message(answer, await self._links.of(answer.places)), asked)

    async def _open(self, form: Form, asked: Asked) -> None:
        if not asked.trigger or asked.place is None:
            return
        try:
            view = modal(form, asked.place)
        except Refused as error:
            await self._give(Whisper(words=str(error)), asked)
            return
        try:
            await self._web.write("views.open", "opening a form", once=True, trigger_id=asked.trigger, view=view)
        except PlatformFailed as error:
            log.warning("A form for %r didn't open: %s", asked.user, error)
            await self._give(Whisper(words="The form didn't open in time. Press the button again."), asked)

    async def _whisper(self, said: SlackMessage, asked: Asked) -> None:
        thread = asked.place.thread if asked.place else ""
        shown: dict[str, Any] = {"text": said.text, "blocks": list(said.blocks)}
        if thread:
            shown["thread_ts"] = thread
        if asked.response_url:
            with slack_errors("answering"):
                timeout = aiohttp.ClientTimeout(total=30)
                body = {**shown, "response_type": "ephemeral", "replace_original": False}
                async with (
                    aiohttp.ClientSession(timeout=timeout) as session,
                    session.post(asked.response_url, json=body) as answer,
                ):
                    if answer.status != 200:
                        raise PlatformFailed(f"Slack didn't accept a private answer (status {answer.status}).")
        elif asked.place is not None and not channel_of(asked.place):  # pressed on the App Home, which has no channel
            await self._web.write("chat.postMessage", "answering", channel=asked.user, **shown)
        elif asked.place is not None:
            await self._aside(channel_of(asked.place), asked.user, shown)

    async def _aside(self, channel: str, user: str, shown: dict[str, Any]) -> None:
        """Where Slack shows no private answers, e.g. in an archived channel, it goes to the direct conversation."""
        try:
            await self._web.write("chat.postEphemeral", "answering", channel=channel, user=user, **shown)
        except PlatformRefused as error:
            log.info("A private answer is being sent as a direct message instead: %s", error)
            alone = {name: value for name, value in shown.items() if name != "thread_ts"}
            await self._web.write("chat.postMessage", "answering", channel=user, **alone)
