"""Draws a card for the terminal: a live table, or plain lines without a terminal."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.cards.card import Card, Checkpoint, DraftLine, Post, State, StepRow
from bot.cards.decisions_one_at_a_time import failed, needs
from bot.cards.live_drafts import draft_words
from bot.cards.tool_call_wording import moment, plain
from bot.config.command_name import told

SIGNS: dict[State, tuple[str, str]] = {
    "waiting": ("·", "dim"),
    "running": ("▶", "cyan"),
    "needs-you": ("?", "bold yellow"),
    "done": ("✓", "green"),
    "failed": ("✗", "bold red"),
    "skipped": ("-", "dim"),
    "paused": ("‖", "yellow"),
    "stopped": ("■", "red"),
}
REHEARSAL = "Rehearsal: no model is set, so a small script is answering, using fictional sites."
LEVELS = {"said": "", "info": "dim", "warning": "yellow", "error": "bold red"}


def card(shown: Card, now: datetime) -> RenderableType:
    """Draws the whole card. Texts come from models, so they are never interpreted as markup."""
    sign, style = SIGNS[shown.state]
    head = Text.assemble((f"{sign} ", style), (clean(shown.title), "bold"), "  ", (_spent(shown, now), "dim"))
    parts: list[RenderableType] = [
        head,
        Text(clean(_sentence(shown.headline)), style=style if shown.state != "running" else ""),
    ]
    if shown.rehearsal:
        parts.append(Text(REHEARSAL, "magenta"))
    if shown.rows:
        parts.append(_rows(shown, now))
    return Group(*parts)


def drafts(lines: Sequence[DraftLine]) -> RenderableType:
    """Draws the newest words of what models are writing."""
    told = draft_words(lines, 600)
    return Text("\n").join(Text.assemble((f"{clean(title)}\n", "dim"), clean(words)) for title, words in told)


def answer(row: StepRow) -> str:
    """Returns a step's long answer, which the card has no room for."""
    return clean(_sentence(row.long_answer))


def checkpoint(point: Checkpoint) -> RenderableType:
    """Shows in full what a person decides about."""
    table = Table.grid(padding=(0, 1))
    for fact in point.facts:
        value = plain(fact.value) if point.kind == "deliverable" else fact.value
        table.add_row(Text(clean(fact.label), "dim"), Text(clean(value)))
    return Group(Text(clean(_title(point)), "bold yellow"), table)


def post(shown: Post) -> Text:
    """Shows a sentence of the thread."""
    return Text.assemble((f"{clean(shown.by) or 'threadwork'}: ", "bold"), (clean(_said(shown)), LEVELS[shown.level]))


def changes(before: Card | None, shown: Card) -> Iterator[str]:
    """Returns what is new on the card as plain lines: one per row, checkpoint or sentence that changed."""
    if shown.rehearsal and not (before and before.rehearsal):
        yield REHEARSAL
    if before is None or before.headline != shown.headline:
        yield f"{standing(shown)}: {clean(_sentence(shown.headline))}"
    old = {row.id: row for row in before.rows} if before else {}
    for row in shown.rows:
        if _line(old.get(row.id)) != _line(row):
            yield f"  {_line(row)}"
    seen = {p.seq for p in before.posts} if before else {0}
    yield from (f"  {clean(p.by) or 'threadwork'}: {clean(_said(p))}" for p in shown.posts if p.seq not in seen)
    told = {(p.id, p.decided) for p in before.checkpoints} if before else set[tuple[str, str]]()
    for point in shown.checkpoints:
        if (point.id, point.decided) not in told:
            signed = f" — {clean(point.decided)}{when(point.decided_at)}" if point.decided else ""
            yield f"  [{point.id}] {clean(_title(point))}{signed}"


def standing(shown: Card) -> str:
    """Says how the task is doing."""
    return "failed: needs you" if failed(needs(shown)) else shown.state.replace("-", " ")


def duration(begin: datetime | None, end: datetime | None, now: datetime) -> str:
    """Returns `0:42` or `1:02:03`; empty if it hasn't started."""
    if begin is None:
        return ""
    seconds = max(0, int(((end or now) - begin).total_seconds()))
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def when(at: datetime | None) -> str:
    """Returns ` · ` and the time after a decision made then; nothing without one."""
    return f" · {moment(at)}" if at else ""


def clean(text: str) -> str:
    """Removes what a terminal would obey instead of showing."""
    return "".join(c for c in text if c in "\n\t" or (c.isprintable() or c == " "))


def _rows(shown: Card, now: datetime) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, expand=True)
    table.add_column(width=1)
    table.add_column(ratio=3, no_wrap=True, overflow="ellipsis")
    table.add_column(style="dim", no_wrap=True)
    table.add_column(ratio=4, no_wrap=True, overflow="ellipsis")
    table.add_column(justify="right", style="dim", no_wrap=True)
    for row in shown.rows:
        sign, style = SIGNS[row.state]
        spent = " ".join(p for p in (f"{row.findings}◆" if row.findings else "", row.spent) if p)
        took = duration(row.started, row.ended, now)
        words = Text(clean(_words(row)), "red" if row.problem else style if row.state == "needs-you" else "")
        table.add_row(Text(sign, style), Text(clean(row.title)), clean(row.agent), words, f"{spent} {took}".strip())
    return table


def _words(row: StepRow) -> str:
    return (_sentence(row.problem) or row.doing or row.waits or plain(row.summary)).split("\n")[0]


def _said(post: Post) -> str:
    """Text from a person stays as it is."""
    return post.text if post.by else _sentence(post.text)


def _sentence(text: str) -> str:
    """Text from us or an agent, without Markdown marks, with the command as people here type it."""
    return plain(told(text))


def _title(point: Checkpoint) -> str:
    """A question is a model's text; what needs approval is shown verbatim."""
    return plain(point.title) if point.kind == "question" else point.title


def _line(row: StepRow | None) -> str:
    return f"{row.state.replace('-', ' ')}: {clean(row.title)} — {clean(_words(row))}" if row else ""


def _spent(shown: Card, now: datetime) -> str:
    parts = (
        duration(shown.opened, shown.closed, now),
        shown.spent if shown.spent_briefly else "",
        f"task {shown.task}",
    )
    return " · ".join(p for p in parts if p)
