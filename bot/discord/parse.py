"""Turns events into what people did. Pure. The one place where interaction payloads enter."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from bot import own_mention
from bot.buttons.oversized_form_inputs import part_of
from bot.buttons.short_replies import GREETING
from bot.chat_platform import Changed, Inbound, Mentioned, Pressed, RemoteFile, Submitted, Summoned, Vanished, Wrote
from bot.discord import markup_to_text, message_text
from bot.discord.components import PICK
from bot.discord.events import DIRECT, HeardMessage, Interaction, Where
from bot.discord.modal import DRAFT
from bot.inbox.parse_connect_command import connector_named
from orchestrator.domain.ids import PersonId, TaskId
from orchestrator.domain.people import Person, Place

PLATFORM = "discord"
COMMAND, MENU = "threadwork", "Work on this"
WORDS = ("", "help", "tasks", "home", "costs", "settings", "graph")
SOMEBODY = Person(id=PersonId("discord:0"), name="Someone")
"""Discord doesn't say who deletes a message, a thread or a channel."""
_ADDRESS = re.compile(rf"{GREETING}(?:<@[!&]?\d+>|@everyone\b|@here\b)", re.IGNORECASE)
"""A message that begins with a mention of other people, perhaps after a greeting."""
Payload = Mapping[str, Any]


class DraftPress(NamedTuple):
    """A press on the desk of a long form: `open` with the page, `send`, `drop`."""

    action: str
    token: str
    page: int


class SentModal(NamedTuple):
    """A submitted modal. `token` and `page` belong to its draft, empty and 0 for a form with one modal."""

    task: TaskId
    verb: str
    ref: str
    values: dict[str, str]
    files: tuple[RemoteFile, ...]
    token: str
    page: int


def place(at: Where, thread: str) -> Place:
    channel = f"{at.team}/{at.channel}"
    return Place(platform=PLATFORM, channel=channel, thread=thread, private=at.team == DIRECT, closed=at.closed)


def message(heard: HeardMessage) -> Mentioned | Wrote | None:
    """Returns a request, a message in a thread, or None if it isn't for us."""
    if not heard.speech:
        return None
    text = heard.text
    for name in heard.names:
        text = text.replace(name, own_mention.NAME)
    pinged = heard.pinged and (text == heard.text or heard.where.team == DIRECT or own_mention.speaks_to(text))
    text = own_mention.without_address(text)
    others = heard.to_others or _ADDRESS.match(text) is not None
    text = _said(heard, text)
    at = place(heard.where, heard.where.thread or heard.id)
    if pinged:
        return Mentioned(id=heard.id, by=heard.by, place=at, text=text, message=heard.id, files=heard.files,
                         in_thread=heard.within, quotes=heard.quotes, replies_to=heard.replies_to,
                         roles=heard.roles)  # fmt: skip
    if heard.where.thread:
        return Wrote(id=heard.id, by=heard.by, place=at, text=text, message=heard.id, files=heard.files,
                     quotes=heard.quotes, replies_to=heard.replies_to, to_others=others, roles=heard.roles)  # fmt: skip
    return None


def _said(heard: HeardMessage, text: str) -> str:
    """Returns everything that the message says. A sticker alone says nothing to the agents of a thread."""
    parts = [markup_to_text.words(text, heard.known), heard.poll]
    if any(parts) or heard.pinged:
        parts += [f"[sticker: {name}]" for name in heard.stickers]
    return "\n".join(part for part in parts if part).strip()


def edited(heard: HeardMessage) -> Changed | None:
    """Returns None if Discord changed the message, not its author: a preview, or a thread made from it."""
    found = message(heard)
    if not heard.edited or (found is None and not heard.speech):
        return None
    words = found.text if found else _said(heard, heard.text.strip())
    at = place(heard.where, heard.where.thread or heard.id)
    asked = found if isinstance(found, Mentioned) else None
    return Changed(id=f"{heard.id}:{heard.edited}", by=heard.by, place=at, message=heard.id, text=words, now=asked)


def deleted(id_: str, at: Where, by: Person = SOMEBODY) -> Changed:
    """A message that was deleted."""
    return Changed(id=f"{id_}:deleted", by=by, place=place(at, at.thread or id_), message=id_, text=None)


def vanished(at: Where, removed: str = "") -> Vanished:
    """A thread or a channel that was deleted or, with the time, a channel that the bot may no longer see."""
    id_ = f"{at.channel}/{at.thread}:{f'left:{removed}' if removed else 'deleted'}"
    return Vanished(id=id_, by=SOMEBODY, place=place(at, at.thread), removed=bool(removed))


def inbound(it: Interaction, asked: str = "") -> Inbound | DraftPress | SentModal | None:
    """`asked`: the bot's message that represents a request made by command."""
    match it.kind:
        case "command":
            return _command(it, asked)
        case "menu":
            return _menu(it)
        case "component":
            return _press(it)
        case "modal":
            return typed(it.data)


def words_of(it: Interaction) -> str:
    """Returns what was written after the slash command."""
    said = next((str(o.get("value", "")) for o in _options(it) if o.get("name") == "request"), "")
    return markup_to_text.words(said, it.known).strip()


def is_request(it: Interaction) -> bool:
    """Returns whether the slash command asks for work rather than for `tasks`, `help`, or `connect`."""
    known = words_of(it).lower() in WORDS or connector_named(words_of(it)) is not None
    return not known or any(o.get("name") == "file" for o in _options(it))


def _command(it: Interaction, asked: str) -> Inbound | None:
    if it.data.get("name") != COMMAND:
        return None
    at = place(it.where, it.where.thread or asked)
    if not is_request(it):
        return Summoned(id=it.id, by=it.by, place=at, words=words_of(it).lower(), roles=it.roles)
    return Mentioned(id=it.id, by=it.by, place=at, text=words_of(it), message=asked,
                     files=tuple(_attached(it, asked)), in_thread=bool(it.where.thread), roles=it.roles)  # fmt: skip


def _options(it: Interaction) -> list[Payload]:
    return list(cast(list[Payload], it.data.get("options") or []))


def _attached(it: Interaction, asked: str) -> Iterator[RemoteFile]:
    known = _resolved(it.data)
    for one in _options(it):
        if one.get("name") == "file" and str(one.get("value")) in known:
            yield _file(known[str(one["value"])], f"{it.where.channel}/{asked or 0}")


def _menu(it: Interaction) -> Inbound | None:
    target = str(it.data.get("target_id", ""))
    resolved = cast(Payload, it.data.get("resolved") or {})
    found = cast(dict[str, Payload], resolved.get("messages") or {}).get(target)
    if it.data.get("name") != MENU or found is None:
        return None
    found = {"channel_id": it.where.thread or it.where.channel, "id": target, **found}
    return Mentioned(
        id=it.id, by=it.by, place=place(it.where, it.where.thread or target), text=message_text.words(found, it.known),
        message=target, files=message_text.files(found), in_thread=bool(it.where.thread), roles=it.roles,
    )  # fmt: skip


def _press(it: Interaction) -> Pressed | DraftPress | None:
    id_ = str(it.data.get("custom_id", ""))
    chosen = [str(v) for v in cast(list[Any], it.data.get("values") or [])]
    if id_.startswith(f"{DRAFT}|"):
        _, what, token = (*id_.split("|", 2), "", "")[:3]
        name, _, page = what.partition(".")
        return DraftPress(name, token, _number(chosen[0] if chosen else page))
    if id_.startswith(f"{PICK}|") and chosen:
        id_ = chosen[0]
    verb, task, ref = _split(id_)
    if not verb or not task:
        return None
    return Pressed(id=it.id, by=it.by, place=about(it), task=TaskId(task), verb=verb, ref=ref, message=it.message,
                   roles=it.roles)  # fmt: skip


def typed(data: Payload) -> SentModal | None:
    """Reads a modal's fields: several chosen values on lines, the pieces of a long text joined."""
    id_, _, draft = str(data.get("custom_id", "")).rpartition("|")
    verb, task, ref = _split(id_)
    if not verb:
        return None
    values: dict[str, str] = {}
    chosen: list[str] = []
    for field in _fields(data):
        name = part_of(str(field.get("custom_id", "")))[0]
        if field.get("type") == 19:
            chosen += [str(v) for v in cast(list[Any], field.get("values") or [])]
        elif "values" in field:
            values[name] = "\n".join(str(v) for v in cast(list[Any], field["values"]))
        else:
            values[name] = values.get(name, "") + str(field.get("value") or "")
    known = _resolved(data)
    files = tuple(_file(known[c], "") for c in chosen if c in known)
    token, _, page = draft.partition(".")
    return SentModal(TaskId(task), verb, ref, values, files, token, _number(page))


def about(it: Interaction) -> Place:
    """Returns the task's place: the thread or, in a direct conversation, the request that the pressed message replies
    to."""
    return place(it.where, it.where.thread or (it.answers if it.where.team == DIRECT else "") or it.message)


def submitted(it: Interaction, sent: SentModal) -> Submitted:
    """Reads a whole form."""
    return Submitted(
        id=it.id, by=it.by, place=about(it), task=sent.task, verb=sent.verb, ref=sent.ref,
        values=sent.values, files=sent.files, roles=it.roles,
    )  # fmt: skip


def _fields(data: Payload) -> Iterator[Payload]:
    for part in cast(list[Payload], data.get("components") or []):
        if inner := part.get("component"):
            yield cast(Payload, inner)
        yield from cast(list[Payload], part.get("components") or [])


def _resolved(data: Payload) -> dict[str, Payload]:
    resolved = cast(Payload, data.get("resolved") or {})
    return cast(dict[str, Payload], resolved.get("attachments") or {})


def _file(one: Payload, lies: str) -> RemoteFile:
    return RemoteFile(
        id=f"{lies}/{one['id']}",
        name=str(one.get("filename", "file")),
        size=int(one.get("size", 0)),
        media=str(one.get("content_type") or "application/octet-stream"),
        url=str(one.get("url", "")),
    )


def _split(id_: str) -> tuple[str, str, str]:
    verb, _, rest = id_.partition("|")
    task, _, ref = rest.partition("|")
    return verb, task, ref


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
