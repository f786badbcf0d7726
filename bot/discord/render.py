"""Turns what people should see into messages within Discord's limits. Pure; only this and `card.py` cut text."""

from collections.abc import Sequence
from typing import assert_never

from bot.cards.card import Button, Checkpoint
from bot.cards.tool_call_wording import plain
from bot.chat_platform import CardItem, FileItem, Item, PictureItem, PointItem, WordsItem
from bot.discord.card import COLOURS, card_message
from bot.discord.components import (  # fmt: skip
    TEXT,
    Colour,
    DiscordMessage,
    Payload,
    Upload,
    container,
    link,
    number,
    pressable,
    rows,
    text,
)
from bot.discord.prose import prose
from bot.discord.safe_text import bare, clean, escape, file_name, fits, line, moment, paragraph, units

FILE_SIZE, REQUEST_SIZE = 10 * 2**20, 24 * 2**20
"""The limit of a server without boosts; one request has to carry all files of a message."""
_PICTURES = 4
_KINDS = {"approval": "🔐", "question": "❓", "deliverable": "📄", "skill": "📘"}
_LEVELS: dict[str, tuple[str, Colour]] = {
    "said": ("", "blue"), "info": ("ℹ️ ", "grey"), "warning": ("⚠️ ", "orange"), "error": ("❗ ", "red"),
}  # fmt: skip


def render(item: Item, *, id_: int = 0, limit: int = FILE_SIZE) -> DiscordMessage:
    """Returns the item as a message. `id_`: how the message can be found again; `limit`: this server's largest file."""
    match item:
        case CardItem(card=card):
            return card_message(card, id_)
        case PointItem():
            return _point(item, id_)
        case WordsItem():
            return _words(item, id_)
        case FileItem():
            return _file(item, id_, limit)
        case PictureItem(text=said, picture=picture):
            name = file_name(picture.name)
            seen = {"media": {"url": f"attachment://{name}"}, "description": bare(said, 256)}
            parts = [text(line(plain(said), 600)), {"type": 12, "items": [seen]}]
            return DiscordMessage((container(parts, "blue", id_),), (Upload(name, file=picture, alt=said),))
        case _:
            assert_never(item)


def whisper(words: str, task: str = "", buttons: Sequence[Button] = ()) -> DiscordMessage:
    """Returns a sentence for one person, with buttons."""
    return DiscordMessage((text(paragraph(words, TEXT) or "–"), *rows(pressable(task, buttons))))


def _called(item: PointItem | WordsItem) -> tuple[str, ...]:
    return (item.ping.rpartition(":")[2],) if item.ping else ()


def _point(item: PointItem, id_: int) -> DiscordMessage:
    point = item.point
    called = _called(item)
    asked = _asked(point)
    head = f"### {_KINDS[point.kind]} {asked}\n-# {line(item.title, 150)}"
    signed = f"\n**{line(point.decided, 700)}**{moment(point.decided_at)}" if point.decided else ""
    body, uploads = _facts(point, TEXT - units(head) - units(signed) - 120)
    parts = [*(text(f"<@{one}>") for one in called), text(head), *([text(body)] if body else [])]
    if uploads:
        parts.append(_shown_file(uploads[0].name))
    if signed:
        parts.append(text(signed.strip()))
    buttons = pressable(item.task, point.buttons[:20])
    colour: Colour = "grey" if point.decided else "orange"
    return DiscordMessage((container([*parts, *rows(buttons)], colour, id_),), uploads, called)


def _asked(point: Checkpoint) -> str:
    """Puts the question in a heading; a longer one continues below it."""
    title = plain(point.title)
    if units(title) <= 200 and title.count("\n") < 2:
        return line(title, 400) or "Needs you"
    return f"{line(title, 100)}\n{prose(point.title, 1_800)[0]}"


def _facts(point: Checkpoint, room: int) -> tuple[str, tuple[Upload, ...]]:
    """Shows the exact effect; if it doesn't fit, it is cut here and attached in full as a file."""
    rows_ = [(f.label, f.value) for f in point.facts]
    if not point.decided:
        rows_ += [("Asks for", f.label + (f" ({', '.join(f.options)})" if f.options else "")) for f in point.fields]
    whole = "\n".join(f"{label}: {value}" for label, value in rows_)
    said = [f"**{line(label, 80)}**: {paragraph(value, room)}" for label, value in rows_]
    body = "\n".join(said)
    if units(body) <= room and all(fits(value, room) for _, value in rows_):
        return body, ()
    each = max(room // max(len(rows_), 1) - 100, 20)
    shown = [f"**{line(label, 60)}**: {paragraph(value, each)}" for label, value in rows_[: room // 130]]
    return "\n".join(shown), (Upload("details.txt", clean(whole).encode()),)


def _words(item: WordsItem, id_: int) -> DiscordMessage:
    mark, colour = _LEVELS[item.level]
    called = _called(item)
    said, left = prose(item.text, TEXT - 40)
    said = said.replace(escape(item.link), item.link) if item.link else said
    shown = text("".join([*(f"<@{one}> " for one in called), mark, said or "–"]))
    if not left and item.level == "said":
        return DiscordMessage(({**shown, "id": id_} if id_ else shown,), pings=called)
    if not left:
        return DiscordMessage((container([shown], colour, id_),), pings=called)
    whole = Upload("message.md", clean(item.text).encode())
    return DiscordMessage(
        (container([shown, _shown_file(whole.name), *_link(item.link)], colour, id_),), (whole,), called
    )


def _link(address: str) -> list[Payload]:
    """Returns the button that leads to the workspace, if Discord accepts the address."""
    known = address.startswith(("https://", "http://")) and len(address) <= 512
    return rows([link("Open in the workspace", address)]) if known else []


def _file(item: FileItem, id_: int, limit: int) -> DiscordMessage:
    it = item.line
    name = file_name(it.file.name)
    head = f"### 📄 {line(it.file.name, 200)}" + (f" · {line(it.edition, 80)}" if it.own or it.version > 1 else "")
    stands = line(" · ".join(p for p in (it.by, it.verdict) if p), 400) + moment(it.judged)
    facts = [line(plain(it.words), 600), f"-# {stands}"]
    facts += [f"-# Made with {line(', '.join(it.skills), 300)}"] if it.skills else []
    facts += [f"⚠️ {line(p, 200)}" for p in it.problems[:8]]
    if len(it.problems) > 8:
        facts.append(f"⚠️ and {len(it.problems) - 8} more failed checks")
    parts: list[Payload] = [text("\n".join(p for p in (head, *facts) if p))]
    pictures, left = _pictures(item, limit), REQUEST_SIZE
    left -= sum(p.file.size for p in pictures if p.file)
    if pictures:
        items = [{"media": {"url": f"attachment://{p.name}"}, "description": bare(p.alt, 256)} for p in pictures]
        parts.append({"type": 12, "items": items, "id": number("pictures", *(p.file.sha for p in pictures if p.file))})
    uploads = list(pictures)
    if any(name == p.name for p in pictures):
        name = f"file_{name}"
    if it.file.size <= min(limit, left):
        uploads.append(Upload(name, file=it.file, alt=it.words))
        parts.append(_shown_file(name) | {"id": number("file", it.file.sha)})
    else:
        where = "open it in the workspace" if item.link else "it's in the task's workspace folder"
        parts.append(text(f"It's {it.file.size / 2**20:.1f} MiB, too large for this server: {where}."))
    parts += _link(item.link)
    return DiscordMessage((container(parts, COLOURS["done"], id_),), tuple(uploads))


def _pictures(item: FileItem, limit: int) -> list[Upload]:
    """Returns the first pages; each fits, and together they leave room."""
    fitting = [p for p in item.line.previews if p.size <= min(limit, REQUEST_SIZE // (_PICTURES * 2))]
    return [
        Upload(f"page_{n}.{file_name(p.name).rpartition('.')[2]}", file=p, alt=f"Page {n} of {item.line.file.name}")
        for n, p in enumerate(fitting[:_PICTURES], 1)
    ]


def _shown_file(name: str) -> Payload:
    return {"type": 13, "file": {"url": f"attachment://{name}"}}
