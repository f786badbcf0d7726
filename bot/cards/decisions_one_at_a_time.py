"""Finds what a card wants from a person who decides one thing at a time: at the terminal, or in an MCP client. Pure."""

from dataclasses import dataclass
from typing import Literal

from bot.cards.card import Button, Card, Checkpoint

ACCEPTED_BY_YES = {"start", "accept"}
"""What `--yes` may press. An approval is about an outside effect, so a person presses it."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to decide. `key` stays the same until it is decided."""

    key: str
    kind: Literal["plan", "stuck", "stalled", "approval", "question", "deliverable"]
    title: str
    buttons: tuple[Button, ...]
    point: Checkpoint | None = None


def needs(card: Card) -> tuple[Need, ...]:
    """Returns what waits for a person, the most urgent first; empty while everything continues on its own."""
    found = [
        Need(f"{p.kind}/{p.id}", p.kind, p.title, tuple(b for b in p.buttons if not b.page), p)
        for p in card.checkpoints
        if p.buttons and not p.decided and p.kind != "skill"  # it can wait: nothing depends on it
    ]
    verbs = {button.verb for button in card.buttons}
    if "start" in verbs:
        found.append(Need(f"plan/{card.plan_version}", "plan", card.headline, card.buttons))
    if "retry-planning" in verbs:
        found.append(Need(f"stuck/{card.seq}", "stuck", card.headline, card.buttons))
    if card.state == "needs-you" and not at_work(card):
        stop = tuple(button for button in card.buttons if button.verb == "stop")
        found += [
            Need(f"stalled/{r.id}", "stalled", f"{r.title} failed: {r.problem}", (*r.buttons, *stop))
            for r in card.rows
            if r.state == "failed"
        ]
    return tuple(found)


def failed(wanted: tuple[Need, ...]) -> bool:
    """Returns whether a person is needed only because of failures."""
    return bool(wanted) and all(need.kind in ("stuck", "stalled") for need in wanted)


def pressed_by_yes(need: Need) -> Button | None:
    """Returns the button that `--yes` presses, or None if only a person may decide."""
    return next((b for b in need.buttons if b.verb in ACCEPTED_BY_YES), None) if need.kind != "approval" else None


def at_work(card: Card) -> bool:
    """Returns whether work is running that may change the card."""
    return any(row.state == "running" for row in card.rows) or (card.state == "running" and not card.rows)
