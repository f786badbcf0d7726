"""Draws a person's own tasks as the App Home and as a private answer. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.cards.card import Card
from bot.cards.card_projection import waiting
from bot.chat_platform import Home, PointItem
from bot.slack import blocks as b
from bot.slack.blocks import Block
from bot.slack.render import card_message, message
from orchestrator.domain.ids import TaskId

Links = Mapping[str, str]
"""Task -> address of its thread."""
_BLOCKS, _CARDS, _POINTS, _ANSWER = 100, 12, 4, 11_000


def home(page: Home, links: Links | None = None) -> dict[str, Any]:
    """The App Home: a short text, costs, then each task with what waits for a decision, and last the settings."""
    last = [{"type": "divider"}, *_about(page)] if page.settings else []
    made = _head(page)
    shown = 0
    for card in page.cards[:_CARDS]:
        blocks = [{"type": "divider"}, *_task(card, (links or {}).get(card.task, ""))]
        if len(made) + len(blocks) + len(last) + 1 > _BLOCKS:
            break
        made += blocks
        shown += 1
    if len(page.cards) > shown:
        made.append(b.context(f"and {len(page.cards) - shown} more"))
    made += last
    return {"type": "home", "blocks": made or [b.rich(b.words("Nothing here yet: mention me in a channel."))]}


def home_message(page: Home, links: Links | None = None) -> b.SlackMessage:
    """The same as a private answer, as much of it as fits in one message."""
    made: list[Block] = []
    spent = 0
    for block in (one for one in home(page, links)["blocks"] if one["type"] != "divider"):
        spent += b.weight(block)
        if spent > _ANSWER or len(made) == b.MESSAGE_BLOCKS - 1:
            made.append(b.context("and more: open the Home tab"))
            break
        made.append(block)
    return b.SlackMessage(b.notice(page.words or "Your tasks"), tuple(made))


def _head(page: Home) -> list[Block]:
    made = [b.rich(b.words(b.cut(page.words, 2_900)))] if page.words else []
    return made + ([b.rich(b.words(page.costs))] if page.costs else [])


def _task(card: Card, link: str) -> list[Block]:
    """The card, and each thing to decide as in its thread: nobody decides without seeing the exact effect."""
    made: list[Block] = [*card_message(card, page=True).blocks]
    open_ = waiting(card.checkpoints)
    for point in open_[:_POINTS]:
        made += message(PointItem(task=TaskId(card.task), title=card.title, point=point)).blocks
    if len(open_) > _POINTS:
        made.append(b.context(f"and {len(open_) - _POINTS} more to decide in the thread"))
    own = [b.button(TaskId(card.task), one, at) for at, one in enumerate(card.buttons[: b.BUTTONS_A_ROW - 1])]
    if link:
        own.append({"type": "button", "action_id": "open", "text": b.plain("Open the thread", 75), "url": link})
    return made + b.actions(own)


def _about(page: Home) -> list[Block]:
    said: list[Block] = [b.words("Settings: ", bold=True), b.words(b.cut(page.settings, 2_900))]
    if page.link:
        said += [b.words(" "), {"type": "link", "url": page.link, "text": "Open the web workspace"}]
    return [b.rich(*said)]
