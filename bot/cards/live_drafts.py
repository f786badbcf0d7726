"""Adds to a card what models are writing right now. Pure."""

from collections.abc import Iterable, Sequence

from bot.cards.card import Card, DraftLine
from bot.cards.hide_secrets_in_text import without_secrets
from bot.cards.tool_call_wording import plain
from orchestrator.domain.open_drafts import OpenDraft, awaited
from orchestrator.domain.plural import counted
from orchestrator.domain.task import TaskState

WRITING, ANSWERING = "Writing", "Writing an answer"
_MOST_TOLD = 5
_LEAST = 60
"""Characters of a draft that are worth showing."""


def draft_lines(state: TaskState, drafts: Iterable[OpenDraft]) -> tuple[DraftLine, ...]:
    """Returns the drafts that the task is still waiting for."""
    return tuple(
        DraftLine(step=it.subtask or "", title=_title(state, it), text=without_secrets(it.kept, growing=True))
        for it in awaited(state, drafts)
    )


def _title(state: TaskState, draft: OpenDraft) -> str:
    return ANSWERING if draft.subtask is None else f"{WRITING}: {state.title_of(draft.subtask)}"


def with_drafts(card: Card, state: TaskState, drafts: Iterable[OpenDraft]) -> Card:
    """Returns the card of this state with the drafts, and with steps that say that they write."""
    lines = draft_lines(state, drafts)
    if not lines:
        return card
    steps = {line.step for line in lines}
    rows = tuple(
        row.model_copy(update={"doing": WRITING}) if row.id in steps and row.state == "running" else row
        for row in card.rows
    )
    headline = ANSWERING if "" in steps and card.state == "running" else card.headline
    return card.model_copy(update={"drafts": lines, "rows": rows, "headline": headline})


def draft_words(lines: Sequence[DraftLine], most: int) -> list[tuple[str, str]]:
    """Returns titles and the newest words, for chats: plain, and of about `most` characters in all."""
    shown = lines[: max(1, min(_MOST_TOLD, most // _LEAST))]
    each = most // max(1, len(shown))
    rows = [(line.title, newest(plain(line.text), each)) for line in shown]
    left = len(lines) - len(shown)
    return [*rows, (f"{counted(left, 'more step')}", "writing too")] if left else rows


def newest(text: str, most: int) -> str:
    """Returns the end of a text in at most `most` characters, from the start of a line or word."""
    text = text.strip()
    if len(text) <= most:
        return text
    end = text[len(text) - most + 1 :]
    starts = [at + 1 for at in (end.find("\n", 0, most // 3), end.find(" ", 0, most // 3)) if at >= 0]
    return f"…{end[starts[0] if starts else 0 :].lstrip()}"
