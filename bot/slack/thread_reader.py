"""Reads what was said in a thread before a mention, as it is now."""

import asyncio
from typing import Any, cast

from bot.chat_platform import Mentioned, Quote, QuotedMessages
from bot.slack import message_words
from bot.slack.lookups import People
from bot.slack.message_completion import MessageCompletion
from bot.slack.parse import BotIdentity, Sender, channel_of
from bot.slack.web import SlackWebApi, next_cursor
from orchestrator.errors import PlatformFailed, RateLimited

PAGE, MOST_PAGES = 200, 10
MOST_WAIT = 65.0
"""Seconds: Slack lets distributed apps outside its Marketplace read one page of 15 messages a minute."""
_SPEECH = (None, "", "file_share", "thread_broadcast", "me_message", "bot_message")
Row = dict[str, Any]


async def before(
    web: SlackWebApi, people: People, completion: MessageCompletion, me: BotIdentity, it: Mentioned
) -> QuotedMessages:
    """Returns the thread's messages before the mention, oldest first, without our own."""
    rows, problems = await _rows(web, it)
    rows = [dict(await completion.of(row, me)) for row in rows]
    mine = (me.user, me.bot)
    said = [r for r in rows if r.get("subtype") in _SPEECH and not {r.get("user"), r.get("bot_id")} & {*mine} - {""}]
    quotes: list[Quote] = []
    for row in said:
        by, at = await _name(people, me, row), message_words.moment(row["ts"])
        text, files = message_words.words(row, me.user), message_words.files(row.get("files"))
        if text or files:
            quotes.append(Quote(how="thread", by=by, text=text, files=files, at=at, message=str(row["ts"])))
        quotes += [_passed_on(one, by) for one in message_words.forwards(row, me.user)]
    return QuotedMessages(quotes=tuple(quotes), problems=tuple(problems))


async def _rows(web: SlackWebApi, it: Mentioned) -> tuple[list[Row], list[str]]:
    found: list[Row] = []
    cursor = ""
    for _ in range(MOST_PAGES):
        try:
            page = await _page(web, it, cursor, wait=0.0 if found else MOST_WAIT)
        except PlatformFailed as error:
            part = "The rest" if found else "The earlier messages"
            return found, [f"{part} of this thread couldn't be read: {error}"]
        rows = cast("list[Row]", page["messages"])
        found += [row for row in rows if float(row["ts"]) < float(it.message or "inf")]
        cursor = next_cursor(page)
        if not cursor:
            break
    return found, []


async def _page(web: SlackWebApi, it: Mentioned, cursor: str, *, wait: float) -> Row:
    asked = {"channel": channel_of(it.place), "ts": it.place.thread, "limit": PAGE, "cursor": cursor}
    try:
        return await web.read("conversations.replies", "reading the thread", **asked)
    except RateLimited as busy:
        if busy.seconds > wait:
            raise
        await asyncio.sleep(busy.seconds)
    return await web.read("conversations.replies", "reading the thread", **asked)


async def _name(people: People, me: BotIdentity, row: Row) -> str:
    profile = cast(Row, row.get("bot_profile") or {})
    if row.get("bot_id") or not row.get("user"):
        return str(row.get("username") or profile.get("name") or "An app")
    who = Sender(str(row.get("user_team") or row.get("team") or me.team), str(row["user"]))
    try:
        return (await people.of(who, me)).name
    except PlatformFailed:
        return who.user


def _passed_on(one: Quote, by: str) -> Quote:
    """A message that somebody forwarded into the thread."""
    return one.model_copy(update={"how": "thread", "by": f"{one.by}, forwarded by {by}"})
