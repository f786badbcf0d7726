"""What the chat tells -> what people did. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from bot.chat_platform import Changed, Inbound, Mentioned, Pressed, RemoteFile, Submitted, Wrote
from orchestrator.domain.ids import PersonId, TaskId
from orchestrator.domain.people import Person, Place

PLATFORM = "lines"
MENTION = "@threadwork"

Payload = Mapping[str, Any]


def event(it: Payload) -> Inbound | None:
    """None for what means nothing to us: talk of others outside our threads, and messages of bots."""
    by = it["by"]
    who = Person(id=PersonId(f"{PLATFORM}:{by['id']}"), name=str(by["name"]), kind=by["kind"])
    base: dict[str, Any] = {"id": str(it["id"]), "by": who, "place": place(it)}
    match it["event"]:
        case "said":
            return _said(it, base)
        case "edited" | "deleted":
            text = _bare(str(it["text"])) if it["event"] == "edited" else None
            return Changed(**base, message=str(it["message"]), text=text)
        case "pressed":
            verb, task, ref = named(str(it["name"]))
            return Pressed(**base, task=task, verb=verb, ref=ref, message=str(it["message"]))
        case "sent":
            verb, task, ref = named(str(it["about"]))
            values = {str(name): str(value) for name, value in it["values"].items()}
            return Submitted(**base, task=task, verb=verb, ref=ref, values=values, files=_files(it["files"]))
        case _:
            return None


def place(it: Payload) -> Place:
    """The thread is named after the message that it hangs on."""
    return Place(platform=PLATFORM, channel=f"{it['hall']}/{it['room']}", thread=str(it["thread"] or it["message"]))


def named(name: str) -> tuple[str, TaskId, str]:
    """The verb, the task and what it is about, of a button or a form; see `render.name`."""
    verb, task, ref = name.split("|", 2)
    return verb, TaskId(task), ref


def _said(it: Payload, base: dict[str, Any]) -> Inbound | None:
    text, message, files = str(it["text"]), str(it["message"]), _files(it["files"])
    if base["by"].kind == "bot":
        return None
    if text.startswith(MENTION):
        return Mentioned(**base, text=_bare(text), message=message, files=files, in_thread=bool(it["thread"]))
    others = text.startswith("@")
    return Wrote(**base, text=text, message=message, files=files, to_others=others) if it["thread"] else None


def _bare(text: str) -> str:
    return text.removeprefix(MENTION).strip()


def _files(rows: Sequence[object]) -> tuple[RemoteFile, ...]:
    each = cast("Sequence[Payload]", rows)
    return tuple(RemoteFile(id=str(f["id"]), name=str(f["name"]), size=int(f["size"])) for f in each)
