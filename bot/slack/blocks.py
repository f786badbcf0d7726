"""Pieces of Block Kit and their limits. Pure.

Words that a model or a person wrote stand in *rich text* and *plain text* alone: Slack finds no mention, link or
emphasis in those. Only the notification text is parsed by Slack, so only that is escaped.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from bot.cards.card import Button
from bot.cards.wording import moment as in_words
from bot.cards.wording import plain as unmarked
from orchestrator.domain.ids import TaskId

Block = dict[str, Any]

MESSAGE_BLOCKS = 50
BUTTONS_A_ROW = 25
VALUE = 2_000
OPTION_VALUE = 150
OPTION_TEXT = 75
OPTIONS = 100
UPDATE_TEXT = 4_000
PICK = "pick"
"""The action id of the menu whose chosen value says which button it stands for."""

_STYLES = {"primary": "primary", "danger": "danger"}


@dataclass(frozen=True, slots=True)
class Message:
    """What a post or an edit carries. `text` is what notifications and screen readers say; it is escaped."""

    text: str
    blocks: tuple[Block, ...]


_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of all that follows, so that people read something else than what stands there."""


def cut(text: str, most: int) -> str:
    """`text` with at most `most` characters, never empty, and nothing in it that JSON or Slack cannot carry."""
    clean = literal(text).strip()
    if not clean:
        return "…"
    return clean if len(clean) <= most else clean[: max(1, most - 1)].rstrip() + "…"


def literal(text: str) -> str:
    """`text` as Slack can carry it and people can trust it."""
    return _TURNING.sub("", text.encode("utf-8", "replace").decode("utf-8").replace("\x00", ""))


def line(text: str, most: int) -> str:
    """`text` in one line."""
    return cut(" ".join(text.split()), most)


def escape(text: str) -> str:
    """For the notification text: no mention, no link, no entity survives."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def notice(text: str, most: int = 1_000) -> str:
    """The escaped notification text without Markdown's marks, within what an edit may carry."""
    return escape(line(unmarked(text[: most * 4]), most))


def plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": line(text, most), "emoji": False}


def words(text: str, *, bold: bool = False, code: bool = False, italic: bool = False, strike: bool = False) -> Block:
    """A run of literal words in a rich text."""
    looks = (("bold", bold), ("code", code), ("italic", italic), ("strike", strike))
    style = {name: True for name, on in looks if on}
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def moment(at: datetime | None) -> list[Block]:
    """` · ` and a time in the reader's own zone, as runs of a rich text; nothing without one."""
    if at is None:
        return []
    shown = {"timestamp": int(at.timestamp()), "format": "{date_short_pretty} at {time}", "fallback": in_words(at)}
    return [words(" · "), {"type": "date", **shown}]


def rich(*runs: Block) -> Block:
    """A rich text of one paragraph."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(runs)}]}


def rich_lines(title: str, lines: Sequence[str]) -> Block:
    """A bold line with a list below it."""
    items = [{"type": "rich_text_section", "elements": [words(one)]} for one in lines]
    head = {"type": "rich_text_section", "elements": [words(title, bold=True)]}
    return {"type": "rich_text", "elements": [head, {"type": "rich_text_list", "style": "bullet", "elements": items}]}


def context(*parts: str) -> Block:
    return {"type": "context", "elements": [plain(part, 300) for part in parts if part][:10]}


def button(task: TaskId, button: Button, number: int, *, label: str = "") -> Block:
    """The action id says the verb, the value says task and ref; the number keeps action ids unique in a message. What
    leads to a page has no value, so that nobody takes its press for a command."""
    made: Block = {
        "type": "button",
        "action_id": f"{button.verb}:{number}",
        "text": plain(label or button.label, OPTION_TEXT),
        **({"url": button.page} if button.page else {"value": json.dumps([task, button.ref])}),
    }
    return made | ({"style": _STYLES[button.tone]} if button.tone in _STYLES else {})


def leads(button: Button) -> bool:
    """Whether it can be pressed in Slack, which takes addresses of at most 3000 characters."""
    return not button.page or (button.page.startswith(("http://", "https://")) and len(button.page) <= 3_000)


def actions(buttons: Iterable[Block]) -> list[Block]:
    """Buttons in as many rows as they need."""
    made = list(buttons)
    rows = [made[at : at + BUTTONS_A_ROW] for at in range(0, len(made), BUTTONS_A_ROW)]
    return [{"type": "actions", "elements": row} for row in rows]


def choice(task: TaskId, button: Button) -> str:
    """The value of a menu's option; empty when Slack could not carry it."""
    value = json.dumps([button.verb, task, button.ref], separators=(",", ":"))
    return value if len(value) <= OPTION_VALUE else ""


def shares(texts: Sequence[str], budget: int, *, least: int = 30, most: int = 400) -> list[str]:
    """Every text in one line, each cut to its share of the budget; those beyond it become a line that counts them."""
    if not texts:
        return []
    fitting = max(1, budget // least)
    shown = texts if len(texts) <= fitting else texts[: fitting - 1]
    each = min(most, max(least, budget // len(texts)))
    lines = [line(text, each) for text in shown]
    return lines if len(shown) == len(texts) else [*lines, f"and {len(texts) - len(shown)} more, below in this thread"]


def weight(block: object) -> int:
    """Characters that a block shows."""
    if isinstance(block, dict):
        return sum(weight(part) for part in cast("dict[str, object]", block).values())
    if isinstance(block, list):
        return sum(weight(part) for part in cast("list[object]", block))
    return len(block) if isinstance(block, str) else 0
