"""Builds pieces of Block Kit within their limits. Pure.

Text from a model or a person only appears in *rich text* and *plain text*, where Slack finds no mention, link or
emphasis. Slack parses only the notification text, so only that is escaped.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from bot.cards.card import Button
from bot.cards.tool_call_wording import moment as in_words
from bot.cards.tool_call_wording import plain as unmarked
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
"""The action id of the menu whose chosen value says which button it replaces."""

_STYLES = {"primary": "primary", "danger": "danger"}


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """What a post or an edit carries. `text` is what notifications and screen readers say; it is escaped."""

    text: str
    blocks: tuple[Block, ...]


_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that reverse the direction of everything after them, so that people would read something else."""


def cut(text: str, most: int) -> str:
    """Returns `text` with at most `most` characters, never empty, without anything that JSON or Slack can't carry."""
    clean = literal(text).strip()
    if not clean:
        return "…"
    return clean if len(clean) <= most else clean[: max(1, most - 1)].rstrip() + "…"


def literal(text: str) -> str:
    """Returns `text` as Slack can carry it and people can trust it."""
    return _TURNING.sub("", text.encode("utf-8", "replace").decode("utf-8").replace("\x00", ""))


def line(text: str, most: int) -> str:
    """Returns `text` on one line."""
    return cut(" ".join(text.split()), most)


def escape(text: str) -> str:
    """Escapes notification text: no mention, link or entity survives."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def notice(text: str, most: int = 1_000) -> str:
    """Returns the escaped notification text without Markdown marks, within an edit's limit."""
    return escape(line(unmarked(text[: most * 4]), most))


def plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": line(text, most), "emoji": False}


def words(text: str, *, bold: bool = False, code: bool = False, italic: bool = False, strike: bool = False) -> Block:
    """A run of literal words in a rich text."""
    looks = (("bold", bold), ("code", code), ("italic", italic), ("strike", strike))
    style = {name: True for name, on in looks if on}
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def moment(at: datetime | None) -> list[Block]:
    """Returns ` · ` and a time in the reader's own zone, as runs of a rich text; nothing without one."""
    if at is None:
        return []
    shown = {"timestamp": int(at.timestamp()), "format": "{date_short_pretty} at {time}", "fallback": in_words(at)}
    return [words(" · "), {"type": "date", **shown}]


def rich(*runs: Block) -> Block:
    """Returns a rich text of one paragraph."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(runs)}]}


def rich_lines(title: str, lines: Sequence[str]) -> Block:
    """Returns a bold line with a list below it."""
    items = [{"type": "rich_text_section", "elements": [words(one)]} for one in lines]
    head = {"type": "rich_text_section", "elements": [words(title, bold=True)]}
    return {"type": "rich_text", "elements": [head, {"type": "rich_text_list", "style": "bullet", "elements": items}]}


def mention(person: str) -> list[Block]:
    """Returns a mention of the person with that id of ours, as runs of a rich text; nothing for nobody."""
    return [{"type": "user", "user_id": person.rpartition("/")[2]}, words(" ")] if person else []


def context(*parts: str) -> Block:
    return {"type": "context", "elements": [plain(part, 300) for part in parts if part][:10]}


def button(task: TaskId, button: Button, number: int, *, label: str = "") -> Block:
    """The action id holds the verb, the value task and ref; a number keeps action ids unique in a message. A button
    that leads to a page has no value, so that its press isn't taken for a command."""
    made: Block = {
        "type": "button",
        "action_id": f"{button.verb}:{number}",
        "text": plain(label or button.label, OPTION_TEXT),
        **({"url": button.page} if button.page else {"value": json.dumps([button.task or task, button.ref])}),
    }
    return made | ({"style": _STYLES[button.tone]} if button.tone in _STYLES else {})


def leads(button: Button) -> bool:
    """Returns whether Slack accepts it as a button: addresses have at most 3000 characters."""
    return not button.page or (button.page.startswith(("http://", "https://")) and len(button.page) <= 3_000)


def choices(task: TaskId, buttons: Iterable[Button]) -> list[Block]:
    """Returns rows with these buttons."""
    return actions(button(task, one, at) for at, one in enumerate(buttons))


def actions(buttons: Iterable[Block]) -> list[Block]:
    """Puts the buttons into as many rows as needed."""
    made = list(buttons)
    rows = [made[at : at + BUTTONS_A_ROW] for at in range(0, len(made), BUTTONS_A_ROW)]
    return [{"type": "actions", "elements": row} for row in rows]


def choice(task: TaskId, button: Button) -> str:
    """Returns the value of a menu's option; empty if Slack couldn't carry it."""
    value = json.dumps([button.verb, task, button.ref], separators=(",", ":"))
    return value if len(value) <= OPTION_VALUE else ""


def shares(texts: Sequence[str], budget: int, *, least: int = 30, most: int = 400) -> list[str]:
    """Returns every text on one line, each cut to its share of the budget, and a line that counts those beyond it."""
    if not texts:
        return []
    fitting = max(1, budget // least)
    shown = texts if len(texts) <= fitting else texts[: fitting - 1]
    each = min(most, max(least, budget // len(texts)))
    lines = [line(text, each) for text in shown]
    return lines if len(shown) == len(texts) else [*lines, f"and {len(texts) - len(shown)} more, below in this thread"]


def weight(block: object) -> int:
    """Returns how many characters a block shows."""
    if isinstance(block, dict):
        return sum(weight(part) for part in cast("dict[str, object]", block).values())
    if isinstance(block, list):
        return sum(weight(part) for part in cast("list[object]", block))
    return len(block) if isinstance(block, str) else 0
