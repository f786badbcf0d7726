"""Reads what was said while nobody listened: messages and replies after a mark, channel by channel, oldest first."""

from collections.abc import AsyncIterator
from typing import Any, cast

from bot.slack.web_api import SlackWebApi, next_cursor

LOOK_BACK = 3 * 24 * 3_600.0
"""How long before the mark a thread may have started whose new replies are still looked for, in seconds."""
_PAGE = 200
_KINDS = "public_channel,private_channel,mpim,im"

Row = dict[str, Any]


async def direct(web: SlackWebApi, user: str) -> str:
    """Returns the bot's conversation with that person; empty if there is none."""
    return next((str(row["id"]) for row in await channels(web, "im") if row.get("user") == user), "")


async def channels(web: SlackWebApi, kinds: str = _KINDS) -> list[Row]:
    """Every conversation of these kinds that the bot is in."""
    found: list[Row] = []
    cursor = ""
    while True:
        page = await web.patiently(
            "users.conversations", "listing channels", types=kinds, exclude_archived=True, limit=_PAGE, cursor=cursor
        )
        found += cast("list[Row]", page["channels"])
        cursor = next_cursor(page)
        if not cursor:
            return found


async def missed(web: SlackWebApi, channel: str, mark: str) -> AsyncIterator[Row]:
    """Yields messages in `channel` later than `mark`, including threads, and older ones that were edited after it, or
    deleted at any time."""
    oldest = f"{max(0.0, float(mark) - LOOK_BACK):.6f}"
    roots = [row async for row in _pages(web, channel, oldest)]
    for row in sorted(roots, key=_ts):
        if _later(row.get("ts"), mark) or _later(_edited(row), mark) or row.get("subtype") == "tombstone":
            yield row
        if row.get("reply_count") and _later(row.get("latest_reply"), mark):
            async for reply in _pages(web, channel, mark, thread=str(row["ts"])):
                if reply["ts"] != row["ts"] and _later(reply["ts"], mark):
                    yield reply


async def said(web: SlackWebApi, channel: str, thread: str) -> AsyncIterator[Row]:
    """Yields every message of a thread (or of the channel, if `thread` is empty), with its metadata."""
    async for row in _pages(web, channel, "0", thread=thread):
        yield row


def _edited(row: Row) -> object:
    return cast(Row, row.get("edited") or {}).get("ts")


def _later(ts: object, mark: str) -> bool:
    return bool(ts) and float(str(ts)) > float(mark)


async def _pages(web: SlackWebApi, channel: str, oldest: str, *, thread: str = "") -> AsyncIterator[Row]:
    method = "conversations.replies" if thread else "conversations.history"
    cursor = ""
    while True:
        page = await web.patiently(
            method,
            f"reading messages in {channel!r}",
            channel=channel,
            ts=thread,
            oldest=oldest,
            limit=_PAGE,
            cursor=cursor,
            include_all_metadata=True,
        )
        for row in cast("list[Row]", page["messages"]):
            yield row
        cursor = next_cursor(page)
        if not cursor:
            return


def _ts(row: Row) -> float:
    return float(row["ts"])
