"""Turns a task's state into what its thread should show. Pure: the outbox makes the difference."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.cards.card import Button, Card, CardFact, Checkpoint
from bot.cards.card_projection import project, waiting
from bot.cards.checkpoints import verdict_words
from bot.cards.hide_secrets_in_text import all_without_secrets
from bot.cards.live_drafts import with_drafts
from bot.cards.skill_checkpoints import exported
from bot.cards.tool_call_wording import cut, for_chat, value_words
from bot.chat_platform import CardItem, FileItem, Item, PictureItem, PointItem, Sign, WordsItem
from bot.outbox.pending_decisions import first_of_each
from orchestrator.domain.base_value import Value
from orchestrator.domain.ids import DeliverableId, SubtaskId, digest
from orchestrator.domain.message_context_text import unread
from orchestrator.domain.open_drafts import OpenDraft
from orchestrator.domain.task import TaskState, ThreadLine

CARD = "card"
SOON = 2.5
"""Seconds within which a plan is often ready: where edits are scarce, the card waits for it to save one."""
SETTLE = 3.0
"""A failure that is retried automatically within so many seconds isn't worth a message."""

LOOKS_AWAY = 60.0
"""Seconds of planning after which a person may not be waiting at the screen anymore."""
_MOST_SAID = 3
LONG = 3_000
"""From so many characters on, a chat may not hold the whole text."""


class Mark(Value):
    """A reaction on the request's message; `unseen` removes the first one."""

    mark: Sign


@dataclass(frozen=True, slots=True)
class DesiredMessage:
    """One message or reaction. `fresh`: it may still be posted; otherwise it is only kept up to date.

    `settled`: no change is expected after this content. `after`: seconds it must have been wanted before it is posted.
    `patience`: seconds it may wait to be posted while edits are scarce, because it is about to change. `alarm`: makes
    an ordinary message urgent if it isn't empty and not what the message showed last. `without_drafts`: its fingerprint
    without what models are writing right now; empty if it shows none.
    """

    key: str
    item: Item | Mark
    fingerprint: str
    urgent: bool = False
    fresh: bool = True
    settled: bool = False
    after: float = 0.0
    patience: float = 0.0
    alarm: str = ""
    without_drafts: str = ""

    @property
    def lasting(self) -> str:
        """The same for content that differs only in what models are writing right now."""
        return self.without_drafts or self.fingerprint

    @property
    def once(self) -> bool:
        """Sentences, pictures and reactions are never edited."""
        return isinstance(self.item, WordsItem | PictureItem | Mark)


def wanted(
    state: TaskState, *, link: str = "", large: int = 0, ping: str = "", drafts: Iterable[OpenDraft] = ()
) -> tuple[DesiredMessage, ...]:
    """Returns everything in posting order. `link`: the task in the web workspace, for `large` files and for whatever is
    too long for a message. `ping`: the person to mention when something waits for them and at the end."""
    card = project(state)
    return (
        *_marks(state),
        _with_drafts(_card(state, card), card, state, drafts),
        *_files(state, card, link, large),
        *_exports(state, link, large),
        *_ready(state, ping),
        *_points(state, card, link, ping),
        *_replaced(state),
        *_corrected(state),
        *_unread(state),
        *_words(state, link, ping),
        *_answers(state, card, link),
        *_end(state, link, ping),
    )


def mentioned(state: TaskState) -> str:
    """Returns the person to mention: who asked, unless they are alone with the bot or aren't on that platform."""
    asked = state.request
    known = asked is not None and asked.by.id.startswith(f"{asked.place.platform}:")
    return asked.by.id if asked and known and not asked.place.private else ""


def fingerprint(item: Item | Mark) -> str:
    """The same for content that looks the same; `seq` isn't visible."""
    if isinstance(item, CardItem):
        item = CardItem(card=item.card.model_copy(update={"seq": 0}))
    return digest(type(item).__name__, item.model_dump_json(), length=16)


def _want(
    key: str, item: Item | Mark, *, urgent: bool = False, fresh: bool = True, settled: bool = False
) -> DesiredMessage:
    shown = all_without_secrets(item)
    return DesiredMessage(key, shown, fingerprint(shown), urgent=urgent, fresh=fresh, settled=settled)


def seen_mark(*, fresh: bool = True) -> DesiredMessage:
    """The mark on a message that has been taken."""
    return _want("mark/seen", Mark(mark="seen"), fresh=fresh, settled=True)


def _marks(state: TaskState) -> Iterator[DesiredMessage]:
    if state.trial:
        return  # the message belongs to the original task
    yield seen_mark(fresh=not state.final)
    if state.final:
        mark = Mark(mark="failed" if state.phase == "stopped" else "done")
        yield _want(f"mark/{mark.mark}", mark, urgent=True, settled=True)
        yield _want("mark/unseen", Mark(mark="unseen"), settled=True)


def _card(state: TaskState, card: Card) -> DesiredMessage:
    """Says whether it needs people, has failed, or has ended; starting or continuing work isn't urgent."""
    failed = [f"{r.id}:{r.problem}" for r in card.rows if r.state == "failed"]
    alarm = digest(card.state, state.phase, *(p.id for p in waiting(card.checkpoints)), "|", *failed)
    calm = card.state == "running" and not failed
    patience = SOON if state.phase == "planning" and state.plan is None else 0.0
    item = CardItem(card=card)
    return DesiredMessage(
        CARD, item, fingerprint(item), settled=state.final, patience=patience, alarm="" if calm else alarm
    )


def _with_drafts(want: DesiredMessage, card: Card, state: TaskState, drafts: Iterable[OpenDraft]) -> DesiredMessage:
    """The live card is also where people read along."""
    shown = with_drafts(card, state, drafts)
    if not shown.drafts:
        return want
    item = CardItem(card=shown)
    return replace(want, item=item, fingerprint=fingerprint(item), without_drafts=want.fingerprint)


def _ready(state: TaskState, ping: str) -> Iterator[DesiredMessage]:
    """The card shows a new plan; if that took long, the person may be looking elsewhere."""
    asked = max((line.at for line in state.lines if line.by), default=state.opened)
    if not ping or state.phase != "review" or state.planned_by or not (asked and state.planned_at):
        return
    if (state.planned_at - asked).total_seconds() >= LOOKS_AWAY:
        item = WordsItem(text="The plan is ready: press Start on the card.", ping=ping)
        yield _want(f"ready/{state.rounds}", item, settled=True)


def _points(state: TaskState, card: Card, link: str, ping: str) -> Iterator[DesiredMessage]:
    first = first_of_each(state) if ping else frozenset[str]()
    for point in card.checkpoints:
        long = len(point.title) + sum(len(fact.value) for fact in point.facts) > LONG
        calls = ping if point.id in first else ""
        shown = _led(_sourced(state, point, link), link)
        yield _point(state, card.title, shown, link if long else "", ping=calls)
        if point.picture:
            text = f"The page when “{state.title_of(SubtaskId(point.subtask))}” asked"
            item = PictureItem(text=for_chat(text), picture=point.picture)
            yield _want(f"picture/{point.id}", item, fresh=not point.decided, settled=True)


def _sourced(state: TaskState, point: Checkpoint, link: str) -> Checkpoint:
    """A file to review leads to where its figures come from."""
    row = state.deliverables.get(DeliverableId(point.id))
    if row is None or point.decided or not link or not (row.deliverable.provenance or row.deliverable.findings):
        return point
    leads = Button(verb="sources", label="Where do the figures come from?", page=f"{link}#sources-{point.id}")
    return point.model_copy(update={"buttons": (*point.buttons, leads)})


_WITHOUT_LINK = {"Take over": "in the web workspace, in this task's Browser panel"}


def _led(point: Checkpoint, link: str) -> Checkpoint:
    """Turns its links to the workspace into full addresses; without one, the text says where to go."""
    if point.kind != "question" or not any(b.page for b in point.buttons):
        return point
    if not link:
        leads = next(b.label for b in point.buttons if b.page)
        fact = CardFact(label=leads, value=_WITHOUT_LINK.get(leads, "in the web workspace, in this task's thread"))
        buttons = tuple(b for b in point.buttons if not b.page)
        return point.model_copy(update={"buttons": buttons, "facts": (*point.facts, fact)})
    buttons = tuple(b.model_copy(update={"page": f"{link}/{b.page}"}) if b.page else b for b in point.buttons)
    return point.model_copy(update={"buttons": buttons})


def _replaced(state: TaskState) -> Iterator[DesiredMessage]:
    """Files that a newer version replaced are no longer checkpoints, but their messages must lose their buttons."""
    for row in state.deliverables.values():
        if row.verdict == "superseded":
            point = Checkpoint(
                id=row.deliverable.id,
                kind="deliverable",
                title=f"Review {row.file.name}",
                subtask=row.deliverable.subtask,
                decided=verdict_words(state, row),
            )
            yield _point(state, state.plan.title if state.plan else "", point)


def _corrected(state: TaskState) -> Iterator[DesiredMessage]:
    """A finding behind an approved file was corrected since: the thread says so, once per correction."""
    for row in state.deliverables.values():
        old = [(i, new) for i in state.outdated(row) if (new := state.newest(i))]
        if old and row.verdict == "approved" and state.revisable(row):
            said = "; ".join(f"{new.kind} is now {cut(value_words(new.value), 80)}" for _, new in old[:_MOST_SAID])
            more = f"; and {len(old) - _MOST_SAID} more" if len(old) > _MOST_SAID else ""
            text = f"{row.file.name} was approved, but findings behind it have since been corrected: {said}{more}. "
            item = WordsItem(text=for_chat(f"{text}Press Revise next to the file to update it."), level="warning")
            key = digest(*(new.id for _, new in old))
            yield _want(f"outdated/{row.deliverable.id}/{key}", item, urgent=True, settled=True)


def _point(
    state: TaskState, title: str, point: Checkpoint, link: str = "", *, ping: str = ""
) -> DesiredMessage:  # fmt: skip
    open_ = not point.decided
    item = PointItem(task=state.id, title=title, point=point, link=link, ping=ping)
    # A file's decision can be taken back (the agent didn't follow it), so its message is settled with the task.
    settled = not open_ and (point.kind not in ("deliverable", "skill") or (state.final and not point.buttons))
    return _want(f"point/{point.id}", item, urgent=True, fresh=open_, settled=settled)


def _unread(state: TaskState) -> Iterator[DesiredMessage]:
    asked = [(0, state.request.background)] if state.request else []
    for seq, background in [*asked, *((line.seq, line.background) for line in state.lines)]:
        if text := unread(background):
            item = WordsItem(text=for_chat(text), level="warning")
            yield _want(f"unread/{seq}", item, urgent=True, settled=True)


def _words(state: TaskState, link: str, ping: str) -> Iterator[DesiredMessage]:
    for line in state.lines:
        if (text := for_chat(_spoken(state, line))).strip():
            calls = ping if line.by is None and line.subtask is None and line.level in ("said", "error") else ""
            item = WordsItem(text=text, level=line.level, link=link if len(text) > LONG else "", ping=calls)
            yield _want(f"words/{line.seq}", item, urgent=line.level in ("said", "error"), settled=True)
    for name, now in state.subtasks.items():
        if now.status == "failed":
            text = f"{state.title_of(name)} failed: {now.problem}"
            if state.phase in ("running", "paused"):
                text += "\nRetry or skip it on the card."
            item = WordsItem(text=for_chat(text), level="error", link=link if len(text) > LONG else "", ping=ping)
            key = f"failed/{name}/{now.attempt}"
            yield DesiredMessage(key, item, fingerprint(item), urgent=True, settled=True, after=SETTLE)


def _spoken(state: TaskState, line: ThreadLine) -> str:
    """Returns what the thread should say about a line: nothing that was said there, and no mere information."""
    if line.by is not None:
        here = state.request.place.platform if state.request else ""
        home = line.by.id.partition(":")[0]
        to = f" (to {state.title_of(line.subtask)})" if line.subtask else ""
        return "" if home == here else f"{line.by.name}{to}: {line.text}"
    if line.level == "info":
        return ""
    return f"{state.title_of(line.subtask)}: {line.text}" if line.subtask else line.text


def _files(state: TaskState, card: Card, link: str, large: int) -> Iterator[DesiredMessage]:
    for line in card.files:
        row = state.deliverables[DeliverableId(line.id)]
        # A person's own version is another file, so it gets another message.
        key = f"file/{line.id}/{line.file.sha[:12]}"
        item = FileItem(task=state.id, line=line, link=link if line.file.size > large else "")
        urgent = row.verdict in ("waiting", "replaced")
        yield _want(key, item, urgent=urgent, fresh=row.verdict != "superseded", settled=state.final)


def _exports(state: TaskState, link: str, large: int) -> Iterator[DesiredMessage]:
    for line in exported(state):
        item = FileItem(task=state.id, line=line, link=link if line.file.size > large else "")
        yield _want(f"{line.id}/{line.file.sha[:12]}", item, urgent=True, settled=True)


def _answers(state: TaskState, card: Card, link: str) -> Iterator[DesiredMessage]:
    """The card has room for a line of what a step found; an answer that is longer is a message of its own."""
    for row in card.rows:
        if said := row.long_answer:
            title = f"**{row.title}**\n\n" if len(card.rows) > 1 else ""
            item = WordsItem(text=for_chat(f"{title}{said}"), link=link if len(said) > LONG else "")
            yield _want(f"answer/{row.id}/{state.of(SubtaskId(row.id)).attempt}", item, urgent=True, settled=True)


def _end(state: TaskState, link: str, ping: str) -> Iterator[DesiredMessage]:
    if state.phase == "done" and state.words:
        item = WordsItem(text=for_chat(state.words), link=link if len(state.words) > LONG else "", ping=ping)
        yield _want(f"end/{state.rounds}", item, urgent=True, settled=True)
