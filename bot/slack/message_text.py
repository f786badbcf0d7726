"""Reads the words of a message wherever Slack keeps them: text, blocks, attachments, and forwarded messages. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from bot import own_mention
from bot.chat_platform import Quote, RemoteFile
from bot.link_as_plain_text import linked
from bot.slack import markup_to_text

Payload = Mapping[str, Any]
_ADDRESSES = ("url", "title_url", "image_url")
_CLIPS = ("slack_audio", "slack_video")
_UNREADABLE = {
    "tombstone": "was deleted",
    "hidden_by_limit": "is hidden by Slack's free plan",
    "external": "is stored outside Slack; share the file itself",
    "quip": "is a canvas, which can't be downloaded; share it as a file",
    "docs": "is a canvas, which can't be downloaded; share it as a file",
    "list": "is a Slack list, which can't be downloaded; share it as a file",
}


def words(row: Payload, me: str) -> str:
    """Returns what a person reads in a message of anybody, without forwarded messages."""
    text = markup_to_text.words(str(row.get("text") or ""), me)
    inside = own_mention.without_address(_joined(_of_blocks(_rows(row.get("blocks")), me)))
    own = inside if not text or (row.get("bot_id") and len(inside) > len(text)) else _more(text, [row], me)
    notes = (_of_attachment(one, me) for one in _rows(row.get("attachments")) if not _forwarded(one))
    spoken = (transcript(one) for one in _rows(row.get("files")))
    return _joined([own, *(note for note in notes if note and note not in own), *spoken])


def forwards(row: Payload, me: str) -> tuple[Quote, ...]:
    """Returns the messages that this one forwards, with their files."""
    return tuple(_forward(one, me) for one in _rows(row.get("attachments")) if _forwarded(one))


def files(listed: object) -> tuple[RemoteFile, ...]:
    """Returns the files of a message; those that can't be fetched say why."""
    return tuple(_file(row) for row in _rows(listed) if row.get("id"))


def transcript(file: Payload) -> str:
    """Returns what is said in a voice or video clip, as far as Slack has written it down."""
    known = cast(Payload, file.get("transcription") or {})
    preview = cast(Payload, known.get("preview") or {})
    words = str(preview.get("content") or "").strip() if known.get("status") == "complete" else ""
    return f"{words} [the recording continues]" if words and preview.get("has_more") else words


def transcribing(file: Payload) -> bool:
    """Returns whether Slack is still writing it down."""
    return cast(Payload, file.get("transcription") or {}).get("status") == "processing"


def moment(ts: object) -> datetime | None:
    """Returns the time that a message's ts means."""
    try:
        return datetime.fromtimestamp(float(str(ts)), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _file(row: Payload) -> RemoteFile:
    mode = str(row.get("mode") or "")
    outside = bool(row.get("is_external")) or mode == "external"
    problem = _UNREADABLE["external"] if outside else _UNREADABLE.get(mode) or _UNREADABLE.get(str(row.get("filetype")))
    if row.get("file_access") == "access_denied":
        problem = "isn't shared with me"
    return RemoteFile(
        id=str(row["id"]),
        name=str(row.get("name") or row.get("title") or row["id"]),
        size=int(row.get("size") or 0),
        media=str(row.get("mimetype") or "application/octet-stream"),
        url=str(row.get("url_private_download") or row.get("url_private") or ""),
        problem=problem or "",
        holds="speech" if str(row.get("subtype") or "") in _CLIPS else "text" if _pasted(row) else "file",
    )


def _pasted(row: Payload) -> bool:
    """Slack's app makes a text snippet without a name from a message that is too long."""
    untitled = str(row.get("title") or row.get("name") or "").startswith("Untitled")
    return row.get("mode") == "snippet" and untitled and row.get("filetype") in ("text", "auto", None)


def _forwarded(attachment: Payload) -> bool:
    return bool(attachment.get("is_share") or attachment.get("is_msg_unfurl") or attachment.get("is_reply_unfurl"))


def _forward(one: Payload, me: str) -> Quote:
    within = [cast(Payload, m.get("message") or {}) for m in _rows(one.get("message_blocks"))]
    blocks = _joined(_joined(_of_blocks(_rows(m.get("blocks")), me)) for m in within)
    text = markup_to_text.words(str(one.get("text") or ""), me)
    notes = (_of_attachment(it, me) for m in (one, *within) for it in _rows(m.get("attachments")))
    text = _joined([_more(text, within, me) if text else blocks, *notes])
    by = one.get("author_name") or one.get("author_subname") or "Someone"
    where = f"#{one['channel_name']}" if one.get("channel_name") else ""
    previewed = one.get("is_msg_unfurl") and not one.get("is_share")
    return Quote(
        how="link" if previewed else "forward", by=str(by), text=text or str(one.get("fallback") or ""),
        files=files(one.get("files")), at=moment(one.get("ts")), message=str(one.get("ts") or ""), where=where,
    )  # fmt: skip


def _more(text: str, rows: Sequence[Payload], me: str) -> str:
    """Returns the text with what only the blocks of apps say, of which it may be a summary."""
    made = [b for row in rows for b in _rows(row.get("blocks")) if b.get("type") != "rich_text"]
    lines = _joined(_of_blocks(made, me)).splitlines()
    return _joined([text, *(line for line in lines if line.strip() not in text)])


def _of_attachment(one: Payload, me: str) -> str:
    fields = [f"{f.get('title') or ''}: {f.get('value') or ''}".strip(": ") for f in _rows(one.get("fields"))]
    clickable = (("pretext", ""), ("author_name", "author_link"), ("title", "title_link"), ("text", ""))
    named = [linked(str(one.get(part) or ""), str(one.get(link) or "")) for part, link in clickable]
    picture = linked("picture", str(one["image_url"])) if one.get("image_url") else ""
    plain = [markup_to_text.words(part, me) for part in (*named, *fields)]
    plain += [*_texts(one.get("actions")), picture, markup_to_text.words(str(one.get("footer") or ""), me)]
    found = _joined([*plain, *_of_blocks(_rows(one.get("blocks")), me)])
    return found or markup_to_text.words(str(one.get("fallback") or ""), me)


def _of_blocks(blocks: list[Payload], me: str) -> Iterator[str]:
    for block in blocks:
        if block.get("type") == "rich_text":
            yield from (_rich(part, me) for part in _rows(block.get("elements")))
        else:
            yield markup_to_text.words(_joined(_texts(block)), me)


def _rich(part: Payload, me: str) -> str:
    match part.get("type"):
        case "text":
            return str(part.get("text") or "")
        case "link":
            return linked(str(part.get("text") or ""), str(part.get("url") or ""))
        case "user":
            return own_mention.NAME if part.get("user_id") == me else f"@{part.get('name') or part.get('user_id')}"
        case "channel":
            return f"#{part.get('name') or part.get('channel_id')}"
        case "usergroup":
            return f"@{part.get('name') or part.get('usergroup_id')}"
        case "date":
            return str(part.get("fallback") or moment(part.get("timestamp")) or "")
        case "broadcast":
            return f"@{part.get('range')}"
        case "emoji":
            return f":{part.get('name')}:"
        case "rich_text_list":
            return _joined(f"- {_rich(row, me)}" for row in _rows(part.get("elements")))
        case _:
            return "".join(_rich(row, me) for row in _rows(part.get("elements")))


def _texts(value: object) -> Iterator[str]:
    """Every text in a block, in order; what a person could click comes with its address."""
    if isinstance(value, Mapping):
        known = cast(Payload, value)
        own = _joined(_own_texts(known))
        address = next((str(known[name]) for name in _ADDRESSES if known.get(name)), "")
        yield linked(own, address)
        for name in ("fields", "elements", "rows", "accessory"):
            yield from _texts(known.get(name))
        yield from _texts([one for one in _rows(known.get("options")) if one.get("url")])
    elif isinstance(value, list):
        for one in cast("list[object]", value):
            yield from _texts(one)


def _own_texts(known: Payload) -> Iterator[str]:
    for name in ("text", "title", "alt_text"):
        found = known.get(name)
        if isinstance(found, str):
            yield found
        else:
            yield from _texts(found)


def _rows(value: object) -> list[Payload]:
    listed = cast("list[object]", value) if isinstance(value, list) else []
    return [cast(Payload, one) for one in listed if isinstance(one, Mapping)]


def _joined(parts: Any) -> str:
    return "\n".join(part for part in parts if part).strip()
