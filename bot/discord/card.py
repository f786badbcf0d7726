"""Draws the live card in one container: within 40 components and 4000 characters, whatever the task's size. Pure.

It first cuts what people can see elsewhere: details of steps, then steps that need nobody. Whatever waits for people,
has failed or was delivered is always named; if even the names don't fit, it is counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.cards.card import Card, State, StepRow
from bot.cards.card_projection import waiting
from bot.cards.live_drafts import draft_words
from bot.cards.markdown import gist
from bot.cards.tool_call_wording import plain
from bot.discord.components import (  # fmt: skip
    OPTIONS,
    PICK,
    TEXT,
    Colour,
    DiscordMessage,
    Payload,
    button,
    choice,
    container,
    custom_id,
    line_between,
    option,
    rows,
    text,
)
from bot.discord.safe_text import bare, line, paragraph, units
from orchestrator.domain.plural import counted

MARKS: dict[State, str] = {
    "waiting": "⚪", "running": "🔵", "needs-you": "🟠", "done": "✅",
    "failed": "❌", "skipped": "⏭️", "paused": "⏸️", "stopped": "⏹️",
}  # fmt: skip
COLOURS: dict[State, Colour] = {
    "waiting": "grey", "running": "blue", "needs-you": "orange", "done": "green",
    "failed": "red", "skipped": "grey", "paused": "grey", "stopped": "grey",
}  # fmt: skip
_WIDTHS = (160, 110, 80, 56, 40, 28)
_DRAFT = 8
"""Lines of drafts, of the width of a step's."""
_LAST, _NAMED = 20, 24
_SKILLS = 200
_MOST_SELECTS, _MOST_RETRIES, _MOST_BUTTONS = 9, 5, 20


@dataclass(frozen=True)
class _Shown:
    """How much of a card is shown: how wide a line may be, which steps, and how many of each kind that must be named.

    `brief`: names only.
    """

    width: int
    steps: Sequence[StepRow]
    most: int = 10_000
    brief: bool = False


def card_message(card: Card, id_: int = 0) -> DiscordMessage:
    """Returns the card as a message with one container."""
    parts = [text(part) for part in _texts(card)]
    spaced = [p for n, part in enumerate(parts) for p in ((line_between(), part) if n == 1 else (part,))]
    return DiscordMessage((container([*spaced, *_controls(card)], COLOURS[card.state], id_),))


def _texts(card: Card) -> list[str]:
    for shown in _ways(card):
        texts = list(_sections(card, shown))
        if sum(units(t) for t in texts) <= TEXT:
            return texts
    raise AssertionError("the narrowest way always fits")


def _ways(card: Card) -> Iterator[_Shown]:
    for width in _WIDTHS:
        yield _Shown(width, card.rows)
    urgent = [row for row in card.rows if row.problem or row.state in ("failed", "needs-you")]
    for width in _WIDTHS[-3:]:
        yield _Shown(width, urgent)
    yield _Shown(_LAST, urgent, brief=True)
    yield _Shown(_LAST, urgent[:_NAMED], _NAMED, brief=True)


def _sections(card: Card, shown: _Shown) -> Iterator[str]:
    yield _header(card, 80 if shown.brief else 300)
    points = waiting(card.checkpoints)
    if points:
        named = [f"🟠 {line(plain(p.title), shown.width)}" for p in points[: shown.most]]
        yield "\n".join(["**Needs you** (below in this thread)", *named, *_more(points, shown.most, "thing")])
    if card.rows:
        named_ids = {row.id for row in shown.steps}
        hidden = [row for row in card.rows if row.id not in named_ids]
        named = [_step(row, shown) for row in shown.steps]
        yield "\n".join([*named, *_hidden(hidden)])
    if card.drafts and not shown.brief:
        yield "\n\n".join(_drafts(card, shown.width * _DRAFT))
    wrong = [p for p in card.posts if p.level == "error"]
    if wrong:
        last = wrong[-shown.most :]
        named = [f"❗ {line(plain(p.text), shown.width)}" for p in last]
        yield "\n".join([*_more(wrong, shown.most, "error"), *named])
    if card.files:
        verdict = 12 if shown.brief else min(shown.width, 60)
        bad = {f.id: " · ⚠️" if f.problems else "" for f in card.files}
        files = [f"📄 **{line(f.file.name, min(shown.width, 60))}** · {line(f.verdict, verdict)}{bad[f.id]}"
                 for f in card.files[: shown.most]]  # fmt: skip
        yield "\n".join([*files, *_more(card.files, shown.most, "file")])
    if footer := _footer(card):
        yield footer


def _header(card: Card, width: int) -> str:
    rehearsal = "\n-# Rehearsal: no model is set, so a script is answering." if card.rehearsal else ""
    headline = line(gist(card.headline, width), width)
    return f"## {MARKS[card.state]} {line(card.title, width // 2) or 'Task'}\n{headline}{rehearsal}"


def _step(row: StepRow, shown: _Shown) -> str:
    width = shown.width
    detail = (
        ""
        if shown.brief
        else plain(row.problem if row.state == "failed" else "") or (row.doing or row.waits or plain(row.summary))
    )
    words = [f"{MARKS[row.state]} **{line(row.title, min(width, 80)) or 'Step'}**"]
    if width >= 110:
        words.append(line(row.agent, 24))
    if detail:
        words.append(line(detail, width))
    if width >= 80 and row.findings:
        words.append(counted(row.findings, "finding"))
    if width >= 80 and row.state == "running" and row.started:
        words.append(f"since <t:{int(row.started.timestamp())}:R>")
    return " · ".join(words)


def _drafts(card: Card, most: int) -> Iterator[str]:
    """Shows the newest words of what models are still writing."""
    told = draft_words(card.drafts, most)
    for title, newest in told:
        yield f"✍️ **{line(title, 80)}**\n{paragraph(newest, most // len(told)) or '…'}"


def _hidden(steps: Sequence[StepRow]) -> list[str]:
    if not steps:
        return []
    by_state: dict[State, int] = {state: sum(1 for row in steps if row.state == state) for state in MARKS}
    return [" · ".join(f"{MARKS[s]} {n} more {s}" for s, n in by_state.items() if n)]


def _more(rows_: Sequence[object], most: int, one: str) -> list[str]:
    return [f"and {counted(len(rows_) - most, f'more {one}')}"] if len(rows_) > most else []


def _footer(card: Card) -> str:
    words: list[str] = []
    if card.opened:
        words.append(f"opened <t:{int(card.opened.timestamp())}:R>")
    if card.closed:
        words.append(f"closed <t:{int(card.closed.timestamp())}:R>")
    if card.findings:
        words.append(counted(len(card.findings), "finding"))
    if card.skills:
        words.append(f"skills: {line(', '.join(card.skills), _SKILLS)}")
    if card.spent_briefly:
        words.append(card.spent)
    return f"-# {' · '.join(words)}" if words else ""


def _controls(card: Card) -> list[Payload]:
    """Returns the task's buttons, *Retry* for what failed, and selects with everything else people can do with a
    step."""
    made = [button(card.task, b) for b in card.buttons][:_MOST_BUTTONS]
    failed = [(row, b) for row in card.rows if row.state == "failed" for b in row.buttons if b.verb == "retry"]
    made += [button(card.task, b, f"{b.label}: {bare(row.title, 32)}") for row, b in failed[:_MOST_RETRIES]]
    options = {custom_id(b.verb, card.task, b.ref): f"{b.label}: {row.title}" for row in card.rows for b in row.buttons}
    rows_ = [option(label, value) for value, label in options.items()]
    selects = [
        choice(custom_id(PICK, card.task, str(n)), _placeholder(rows_, n), rows_[n : n + OPTIONS])
        for n in range(0, len(rows_), OPTIONS)
    ]
    return [*rows(made), *selects[: _most_selects(made)]]


def _most_selects(made: list[Payload]) -> int:
    """Texts and the container take up to 9 of the 40 components; a row takes itself and its buttons."""
    return min(_MOST_SELECTS, (40 - 9 - len(made) - -(-len(made) // 5)) // 2)


def _placeholder(rows_: list[Payload], n: int) -> str:
    end = min(n + OPTIONS, len(rows_))
    return "Choose an action for a step…" if len(rows_) <= OPTIONS else f"Choose an action for a step… ({n + 1}–{end})"
