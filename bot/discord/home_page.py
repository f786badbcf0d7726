"""Draws a person's own tasks as a private answer. Pure."""

from bot.cards.card import Card, Checkpoint
from bot.cards.card_projection import waiting
from bot.chat_platform import Home
from bot.discord import links
from bot.discord.card import MARKS
from bot.discord.components import DiscordMessage, Payload, container, link, pressable, rows, text
from bot.discord.safe_text import fits, line, paragraph
from orchestrator.domain.plural import counted

_WORDS, _TASKS, _POINT, _POINTS = 700, 1_100, 400, 4
_BUTTONS = 4


def home(page: Home) -> DiscordMessage:
    """Text and costs, a line for each task, what waits for a decision with its buttons, and the settings."""
    parts = [text(t) for t in ("\n".join(_head(page)), _tasks(page)) if t]
    points = [*{(card.task, p.id): (card, p) for card in page.cards for p in waiting(card.checkpoints)}.values()]
    for card, point in points[:_POINTS]:
        parts += _point(card, point, _address(page, card))
    if len(points) > _POINTS:
        parts.append(text(f"and {counted(len(points) - _POINTS, 'more thing')} to decide in the threads"))
    if page.settings:
        parts.append(text(f"-# {line(page.settings, _WORDS)}"))
    if page.link.startswith(("https://", "http://")) and len(page.link) <= 512:
        parts += rows([link("Open the web workspace", page.link)])
    return DiscordMessage((container(parts or [text("No tasks yet: mention me in a channel.")], "blue"),))


def _head(page: Home) -> list[str]:
    return [shown for t in (page.words, page.costs) if (shown := paragraph(t, _WORDS))]


def _tasks(page: Home) -> str:
    lines: list[str] = []
    width = next((w for w in (120, 70, 40) if len(page.cards) * (2 * w + 130) <= _TASKS), 24)
    for card in page.cards:
        address = _address(page, card)
        words = f"{MARKS[card.state]} **{line(card.title, width) or 'Task'}** · {line(card.headline, width)}"
        words += f" · {card.spent_briefly}" if card.spent_briefly else ""
        words += f" · [open]({address})" if address else ""
        if sum(len(one) for one in lines) + len(words) > _TASKS:
            break
        lines.append(words)
    if len(page.cards) > len(lines):
        lines.append(f"and {len(page.cards) - len(lines)} more")
    return "\n".join(lines)


def _point(card: Card, point: Checkpoint, address: str) -> list[Payload]:
    """Has buttons only if the exact effect can be read beside them."""
    facts = "\n".join(f"{f.label}: {f.value}" for f in point.facts)
    whole = fits(facts, _POINT // 2) and fits(point.title, _POINT // 3)
    said = f"🟠 **{line(point.title, _POINT // 3)}**\n{paragraph(facts, _POINT // 2)}".strip()
    pressed = pressable(card.task, point.buttons[:_BUTTONS]) if whole else []
    return [text(said), *rows([*pressed, *([link("Open the thread", address)] if address else [])])]


def _address(page: Home, card: Card) -> str:
    at = page.places.get(card.task)
    return links.place(at) if at else ""
