"""Reads a message of Discord's HTTP side wherever its words are: content, embeds, polls, stickers, forwards. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

from bot.chat_platform import Quote, RemoteFile
from bot.discord import markup_words
from bot.discord.markup_words import NO_NAMES, Names

Payload = Mapping[str, Any]
_SPEECH = (0, 19, 20, 21, 23)
_VOICE = 1 << 13


def quote(row: Payload, me: str, how: Literal["thread", "link"], names: Names = NO_NAMES) -> Quote | None:
    """Returns None for messages of `me`, Discord's notes, and what says nothing."""
    author = cast(Payload, row.get("author") or {})
    if str(author.get("id")) == me or row.get("type", 0) not in _SPEECH:
        return None
    by = _name(author) or "Someone"
    text, found = words(row, names), files(row)
    if not text and not found:
        return None
    at = datetime.fromisoformat(str(row["timestamp"])) if row.get("timestamp") else None
    return Quote(how=how, by=by, text=text, files=found, at=at, message=str(row.get("id", "")))


def words(row: Payload, names: Names = NO_NAMES) -> str:
    """Returns what a person reads in the message, with what it forwards."""
    return markup_words.words(raw(row), names)


def people(row: Payload) -> Names:
    """Returns the names of people that the message itself tells."""
    within = (row, *_snapshots(row), cast(Payload, row.get("referenced_message") or {}))
    each = (one for part in within for one in _rows(part.get("mentions")))
    return {f"@{one.get('id')}": _name(one) for one in each}


class CommandText(NamedTuple):
    """What a command says or is about, as Discord writes it, with the names of people that came along."""

    text: str
    people: Names


def resolved(data: Payload) -> CommandText:
    """Reads a slash command, or a command of a message's menu."""
    known = cast(Payload, data.get("resolved") or {})
    users = cast("Mapping[str, Payload]", known.get("users") or {})
    messages = cast("Mapping[str, Payload]", known.get("messages") or {}).values()
    told = {f"@{id_}": _name(one) for id_, one in users.items()}
    for one in messages:
        told |= people(one)
    options = [str(one.get("value") or "") for one in _rows(data.get("options"))]
    return CommandText("\n".join([*options, *(raw(one) for one in messages)]), told)


def raw(row: Payload) -> str:
    """Does the same as `words`, with mentions as Discord writes them."""
    parts = [
        str(row.get("content") or ""), *(_embed(one) for one in _rows(row.get("embeds"))),
        *_components(row.get("components")), *_extras(row), *(f"Forwarded: {raw(one)}" for one in _snapshots(row)),
    ]  # fmt: skip
    return "\n".join(part for part in parts if part.strip()).strip()


def _extras(row: Payload) -> Iterator[str]:
    if poll := cast(Payload, row.get("poll") or {}):
        yield _poll(poll)
    yield from (f"[sticker: {one.get('name')}]" for one in _rows(row.get("sticker_items")))
    if int(row.get("flags") or 0) & _VOICE:
        yield "[voice message]"


def files(row: Payload) -> tuple[RemoteFile, ...]:
    """Returns its own files and those of what it forwards. `id` says where to ask for a fresh link."""
    where = f"{row.get('channel_id', '')}/{row.get('id', '')}"
    own = [_file(one, where) for one in _rows(row.get("attachments"))]
    return (*own, *(_file(one, "") for snapshot in _snapshots(row) for one in _rows(snapshot.get("attachments"))))


def _name(user: Payload) -> str:
    return str(user.get("global_name") or user.get("username") or "")


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
