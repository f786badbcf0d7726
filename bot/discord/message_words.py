"""Reads a message of Discord's HTTP side wherever its words are: content, embeds, polls, stickers, forwards. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, cast

from bot.chat import Quote, RemoteFile

Payload = Mapping[str, Any]
_SPEECH = (0, 19, 20, 21, 23)


def quote(row: Payload, me: str, how: Literal["thread", "reply"]) -> Quote | None:
    """Returns None for our own messages, Discord's notes, and what says nothing."""
    author = cast(Payload, row.get("author") or {})
    if str(author.get("id")) == me or row.get("type", 0) not in _SPEECH:
        return None
    by = str(author.get("global_name") or author.get("username") or "Someone")
    text, found = words(row), files(row)
    if not text and not found:
        return None
    at = datetime.fromisoformat(str(row["timestamp"])) if row.get("timestamp") else None
    return Quote(how=how, by=by, text=text, files=found, at=at, message=str(row.get("id", "")))


def words(row: Payload) -> str:
    """Returns what a person reads in the message, with what it forwards."""
    text = str(row.get("content") or "")
    for one in _rows(row.get("mentions")):
        name = str(one.get("global_name") or one.get("username") or "")
        text = text.replace(f"<@{one.get('id')}>", f"@{name}").replace(f"<@!{one.get('id')}>", f"@{name}")
    parts = [text, *(_embed(one) for one in _rows(row.get("embeds"))), *_components(row.get("components"))]
    if poll := cast(Payload, row.get("poll") or {}):
        parts.append(_poll(poll))
    parts += [f"[sticker: {one.get('name')}]" for one in _rows(row.get("sticker_items"))]
    parts += [f"Forwarded: {words(one)}" for one in _snapshots(row)]
    return "\n".join(part for part in parts if part.strip()).strip()


def files(row: Payload) -> tuple[RemoteFile, ...]:
    """Returns its own files and those of what it forwards. `id` says where to ask for a fresh link."""
    where = f"{row.get('channel_id', '')}/{row.get('id', '')}"
    own = [_file(one, where) for one in _rows(row.get("attachments"))]
    return (*own, *(_file(one, "") for snapshot in _snapshots(row) for one in _rows(snapshot.get("attachments"))))


def _file(one: Payload, where: str) -> RemoteFile:
    return RemoteFile(
        id=f"{where}/{one['id']}", name=str(one.get("filename", "file")), size=int(one.get("size", 0)),
        media=str(one.get("content_type") or "application/octet-stream"), url=str(one.get("url", "")),
    )  # fmt: skip


def _snapshots(row: Payload) -> list[Payload]:
    return [cast(Payload, one.get("message") or {}) for one in _rows(row.get("message_snapshots"))]


def _embed(one: Payload) -> str:
    author = cast(Payload, one.get("author") or {})
    fields = [f"{f.get('name')}: {f.get('value')}" for f in _rows(one.get("fields"))]
    parts = [author.get("name"), one.get("title"), one.get("description"), *fields]
    return "\n".join(str(part) for part in parts if part)


def _poll(poll: Payload) -> str:
    asked = cast(Payload, poll.get("question") or {}).get("text", "")
    answers = [cast(Payload, one.get("poll_media") or {}).get("text", "") for one in _rows(poll.get("answers"))]
    return "\n".join([f"Poll: {asked}", *(f"- {answer}" for answer in answers)])


def _components(listed: object) -> Iterator[str]:
    for part in _rows(listed):
        if part.get("type") == 10:
            yield str(part.get("content") or "")
        yield from _components(part.get("components"))


def _rows(value: object) -> list[Payload]:
    listed = cast("list[object]", value) if isinstance(value, list) else []
    return [cast(Payload, one) for one in listed if isinstance(one, Mapping)]
