"""Reads messages of a thread as they are now: those before a mention, and those that a link leads to."""

import asyncio
from typing import Any, Literal, cast

from bot.chat_platform import Mentioned, Quote, QuotedMessages
from bot.slack import message_text
from bot.slack.add_message_details import MessageCompletion
from bot.slack.lookups import People
from bot.slack.parse import BotIdentity, Sender, channel_of
from bot.slack.web_api import SlackWebApi, next_cursor
from orchestrator.errors import PlatformFailed, RateLimited

PAGE, MOST_PAGES = 200, 10
MOST_WAIT = 65.0
"""Seconds: Slack lets distributed apps outside its Marketplace read one page of 15 messages a minute."""
_SPEECH = (None, "", "file_share", "thread_broadcast", "me_message", "bot_message")
Row = dict[str, Any]


class SlackThreadReader:
    """One workspace's threads, read as `me`."""

    def __init__(self, web: SlackWebApi, people: People, completion: MessageCompletion, me: BotIdentity) -> None:
        self._web, self._people, self._completion, self._me = web, people, completion, me

    async def before(self, it: Mentioned) -> QuotedMessages:
        """Returns the thread's messages before the mention, oldest first, without our own."""
        rows, problems = await self._all(it)
        mine = {self._me.user, self._me.bot} - {""}
        said = [r for r in rows if not {r.get("user"), r.get("bot_id")} & mine]
        quotes = [one for row in said for one in await self.quotes(row, "thread")]
        return QuotedMessages(quotes=tuple(quotes), problems=tuple(problems))

    async def rows(self, channel: str, thread: str, **more: object) -> list[Row]:
        """Returns one page of the thread. Raises PlatformFailed."""
        return cast("list[Row]", (await self._page({"channel": channel, "ts": thread, **more}, 0.0))["messages"])

    async def quotes(self, row: Row, how: Literal["thread", "link"], where: str = "") -> list[Quote]:
        """Returns the message and what it forwards. `where`: its channel, if it is another one."""
        if row.get("subtype") not in _SPEECH:
            return []
        row = dict(await self._completion.of(row, self._me))
        by, at = await self._author(row), message_text.moment(row["ts"])
        text, files = message_text.words(row, self._me.user), message_text.files(row.get("files"))
        own = Quote(how=how, by=by, text=text, files=files, at=at, message=str(row["ts"]), where=where)
        passed_on = (_passed_on(one, by, how) for one in message_text.forwards(row, self._me.user))
        return [*([own] if text or files else []), *passed_on]

    async def _all(self, it: Mentioned) -> tuple[list[Row], list[str]]:
        found: list[Row] = []
        cursor = ""
        for _ in range(MOST_PAGES):
            asked = {"channel": channel_of(it.place), "ts": it.place.thread, "limit": PAGE, "cursor": cursor}
            try:
                page = await self._page(asked, 0.0 if found else MOST_WAIT)
            except PlatformFailed as error:
                part = "The rest of" if found else "The earlier messages in"
                return found, [f"{part} this thread couldn't be read: {error}"]
            rows = cast("list[Row]", page["messages"])
            found += [row for row in rows if float(row["ts"]) < float(it.message or "inf")]
            cursor = next_cursor(page)
            if not cursor:
                break
        return found, []

    async def _page(self, asked: Row, wait: float) -> Row:
        try:
            return await self._web.read("conversations.replies", "reading the thread", **asked)
        except RateLimited as busy:
            if busy.seconds > wait:
                raise
            await asyncio.sleep(busy.seconds)
        return await self._web.read("conversations.replies", "reading the thread", **asked)

    async def _author(self, row: Row) -> str:
        profile = cast(Row, row.get("bot_profile") or {})
        if row.get("bot_id") or not row.get("user"):
            return str(row.get("username") or profile.get("name") or "An app")
        who = Sender(str(row.get("user_team") or row.get("team") or self._me.team), str(row["user"]))
        try:
            return (await self._people.of(who, self._me)).name
        except PlatformFailed:
            return who.user


def _passed_on(one: Quote, by: str, how: Literal["thread", "link"]) -> Quote:
    """A message that somebody forwarded into the thread."""
    return one.model_copy(update={"how": how, "by": f"{one.by}, forwarded by {by}"})
