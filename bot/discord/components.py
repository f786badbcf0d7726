"""Builds the pieces of a Components V2 message as plain values. Pure.

discord.py's view objects live in a registry that forgets every button of a class when one view is used twice, and
modals aren't in it after a restart. Plain values need no event loop, and all presses are recognized by their custom id,
which carries everything (`verb|task|ref`), so last month's buttons still work.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from bot.cards.card import Button
from bot.discord.safe_text import bare, units
from orchestrator.domain.ids import digest
from orchestrator.domain.people import FileRef

Payload = dict[str, Any]
V2, EPHEMERAL, SUPPRESS_EMBEDS = 1 << 15, 1 << 6, 1 << 2
TEXT, COMPONENTS, PER_ROW, OPTIONS, ID, LABEL = 3900, 40, 5, 25, 100, 80
"""TEXT leaves some of Discord's 4000 characters for what a count might miss."""
PICK = "pick"
"""The verb of a select whose options are presses."""
Colour = Literal["blue", "orange", "green", "red", "grey"]
_COLOURS: dict[Colour, int] = {
    "blue": 0x3B82F6, "orange": 0xF59E0B, "green": 0x22C55E, "red": 0xEF4444, "grey": 0x6B7280,
}  # fmt: skip
_STYLES = {"plain": 2, "primary": 1, "danger": 4}


@dataclass(frozen=True)
class Upload:
    """A file that goes with a message: `content`, or a shelf file that still has to be read."""

    name: str
    content: bytes | None = None
    file: FileRef | None = None
    alt: str = ""


@dataclass(frozen=True)
class DiscordMessage:
    """A message of ours before it is sent."""

    components: tuple[Payload, ...]
    uploads: tuple[Upload, ...] = ()
    pings: tuple[str, ...] = ()
    """Ids of people whom it mentions when it is sent."""


def number(*of: str) -> int:
    """Returns a component id that can be found again: positive, 31 bits, apart from the small ones Discord assigns."""
    return (int(digest("discord", *of, length=8), 16) & 0x3FFFFFFF) | 0x40000000


def text(content: str) -> Payload:
    return {"type": 10, "content": content}


def line_between() -> Payload:
    return {"type": 14, "divider": True, "spacing": 1}


def container(parts: list[Payload], colour: Colour, id_: int = 0) -> Payload:
    made: Payload = {"type": 17, "accent_color": _COLOURS[colour], "components": parts}
    return {**made, "id": id_} if id_ else made


def custom_id(verb: str, task: str, ref: str, most: int = ID) -> str:
    """Returns what a press sends back. A ref too long for Discord is replaced by its digest, which is answered with `no
    such thing`."""
    whole = f"{verb}|{task}|{ref}"
    return whole if units(whole) <= most else f"{verb[:24]}|{task[:40]}|~{digest(ref)}"


def button(task: str, one: Button, label: str = "") -> Payload:
    return {
        "type": 2,
        "style": _STYLES[one.tone],
        "label": bare(label or one.label, LABEL),
        "custom_id": custom_id(one.verb, one.task or task, one.ref),
    }


def link(label: str, url: str) -> Payload:
    return {"type": 2, "style": 5, "label": bare(label, LABEL), "url": url}


def pressable(task: str, buttons: Iterable[Button]) -> list[Payload]:
    """Returns what can be pressed, plus links to pages if Discord accepts their address."""
    fits = [b for b in buttons if not b.page or (b.page.startswith(("http://", "https://")) and len(b.page) <= 512)]
    return [link(b.label, b.page) if b.page else button(task, b) for b in fits]


def rows(buttons: list[Payload]) -> list[Payload]:
    """Puts buttons into rows of five, each only once."""
    unique = list({one.get("custom_id", one.get("url")): one for one in buttons}.values())
    return [{"type": 1, "components": unique[n : n + PER_ROW]} for n in range(0, len(unique), PER_ROW)]


def choice(id_: str, placeholder: str, options: list[Payload]) -> Payload:
    """A row with a select of at most 25 options."""
    select = {"type": 3, "custom_id": id_, "placeholder": bare(placeholder, 150), "options": options}
    return {"type": 1, "components": [{**select, "min_values": 1, "max_values": 1}]}


def option(label: str, value: str, description: str = "") -> Payload:
    made: Payload = {"label": bare(label, 100), "value": value}
    return {**made, "description": bare(description, 100)} if description else made
