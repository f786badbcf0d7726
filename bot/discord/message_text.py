"""Reads a message of Discord's HTTP side wherever its words are: content, embeds, polls, stickers, forwards. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

from bot.chat_platform import Quote, RemoteFile
from bot.discord import markup_to_text
from bot.discord.markup_to_text import NO_NAMES, Names
from bot.link_as_plain_text import linked
from orchestrator.domain.plural import counted

Payload = Mapping[str, Any]
_SPEECH = (0, 19, 20, 21, 23, 46)
"""Also what Discord says in the name of a poll's author when the poll ends."""
_VOICE = 1 << 13
LONG = "message.txt"


def quote(row: Payload, me: str, how: Literal["thread", "link"], names: Names = NO_NAMES) -> Quote | None:
    """Returns None for messages of `me`, Discord's notes, and what says nothing."""
    author = cast(Payload, row.get("author") or {})
    if str(author.get("id")) == me or row.get("type", 0) not in _SPEECH:
        return None
    by = _name(author) or "Someone"
    text, found = words(row, names), files(row)
    if not text and not found:
        return None
    return Quote(how=how, by=by, text=text, files=found, at=_moment(row), message=str(row.get("id", "")))


def forwards(row: Payload, names: Names = NO_NAMES) -> tuple[Quote, ...]:
    """Returns the messages that it forwards, with their files. Discord doesn't say who wrote them."""
    return tuple(
        Quote(how="forward", by="Someone", text=words(one, names), files=files(one), at=_moment(one))
        for one in _snapshots(row)
    )


def words(row: Payload, names: Names = NO_NAMES) -> str:
    """Returns what a person reads in the message, with what it forwards."""
    return markup_to_text.words(raw(row), names)


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
    said = str(row.get("content") or "")
    parts = [
        said, *(_embed(one, said) for one in _rows(row.get("embeds"))),
        *_components(row.get("components")), *_extras(row), *(f"Forwarded: {raw(one)}" for one in _snapshots(row)),
    ]  # fmt: skip
    return "\n".join(part for part in parts if part.strip()).strip()


def _extras(row: Payload) -> Iterator[str]:
    if found := cast(Payload, row.get("poll") or {}):
        yield poll(found)
    yield from (f"[sticker: {one.get('name')}]" for one in _rows(row.get("sticker_items")))
    if int(row.get("flags") or 0) & _VOICE:
        yield "[voice message]"


def files(row: Payload) -> tuple[RemoteFile, ...]:
    """Returns its own files and those of what it forwards. `id` says where to ask for a fresh link."""
    where = f"{row.get('channel_id', '')}/{row.get('id', '')}" if row.get("id") else ""
    own = [_file(one, where) for one in _rows(row.get("attachments"))]
    return (*own, *(_file(one, "") for snapshot in _snapshots(row) for one in _rows(snapshot.get("attachments"))))


def _moment(row: Payload) -> datetime | None:
    return datetime.fromisoformat(str(row["timestamp"])) if row.get("timestamp") else None


def _name(user: Payload) -> str:
    return str(user.get("global_name") or user.get("username") or "")


def _file(one: Payload, where: str) -> RemoteFile:
    name, media = str(one.get("filename", "file")), str(one.get("content_type") or "application/octet-stream")
    return RemoteFile(
        id=f"{where}/{one['id']}", name=name, size=int(one.get("size", 0)), media=media, url=str(one.get("url", "")),
        holds=holds(name, media, spoken=bool(one.get("waveform"))),
    )  # fmt: skip


def holds(name: str, media: str, *, spoken: bool) -> Literal["file", "text", "speech"]:
    """Discord's app makes a file of this name from a message that is too long."""
    return "speech" if spoken else "text" if name == LONG and media.startswith("text/plain") else "file"


def _snapshots(row: Payload) -> list[Payload]:
    return [cast(Payload, one.get("message") or {}) for one in _rows(row.get("message_snapshots"))]


def _embed(one: Payload, said: str) -> str:
    """`said`: the message's own text. A preview of a link in it doesn't repeat the address."""
    if one.get("type") == "poll_result":
        return _poll_result(one)

    def clickable(words: object, address: object) -> str:
        return linked(str(words or ""), "" if str(address or "") in said else str(address))

    author, image = cast(Payload, one.get("author") or {}), cast(Payload, one.get("image") or {})
    fields = [f"{f.get('name')}: {f.get('value')}" for f in _rows(one.get("fields"))]
    parts = [
        clickable(author.get("name"), author.get("url")), clickable(one.get("title"), one.get("url")),
        one.get("description"), *fields, linked("picture", str(image["url"])) if image.get("url") else "",
        cast(Payload, one.get("footer") or {}).get("text"),
    ]  # fmt: skip
    return "\n".join(str(part) for part in parts if part)


def _poll_result(one: Payload) -> str:
    """What Discord says when a poll ends: without a winner nobody voted, or several answers are even."""
    told = {str(field.get("name")): str(field.get("value")) for field in _rows(one.get("fields"))}
    total, winner = told.get("total_votes", "0"), told.get("victor_answer_text", "")
    votes = f"{told.get('victor_answer_votes', '0')} of {counted(_number(total), 'vote')}"
    ended = f"The poll has ended: {told.get('poll_question_text', '')}"
    return f"{ended}\n{f'{winner}: {votes}' if winner else f'No single winner: {votes}'}"


def poll(row: Payload) -> str:
    """Returns the question and the answers; with the votes as soon as there are any, or when the poll has ended."""
    asked = cast(Payload, row.get("question") or {}).get("text", "")
    results = cast(Payload, row.get("results") or {})
    votes = {str(one.get("id")): int(one.get("count") or 0) for one in _rows(results.get("answer_counts"))}
    known = any(votes.values()) or bool(results.get("is_finalized"))

    def line(answer: Payload) -> str:
        text = cast(Payload, answer.get("poll_media") or {}).get("text", "")
        count = counted(votes.get(str(answer.get("answer_id")), 0), "vote")
        return f"- {text}: {count}" if known else f"- {text}"

    return "\n".join([f"Poll: {asked}", *map(line, _rows(row.get("answers")))])


def _components(listed: object) -> Iterator[str]:
    for part in _rows(listed):
        match part.get("type"):
            case 10:
                yield str(part.get("content") or "")
            case 2 if part.get("url"):
                yield linked(str(part.get("label") or ""), str(part["url"]))
            case 11:
                yield str(part.get("description") or "")
            case _:
                pass
        yield from _components(part.get("components"))
        yield from (str(one.get("description") or "") for one in _rows(part.get("items")))
        yield from _components([part.get("accessory")])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _rows(value: object) -> list[Payload]:
    listed = cast("list[object]", value) if isinstance(value, list) else []
    return [cast(Payload, one) for one in listed if isinstance(one, Mapping)]
