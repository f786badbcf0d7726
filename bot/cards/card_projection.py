"""Projects a TaskState to its Card. Pure, and defined for every state."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Literal

from bot.cards.card import Button, Card, CardFact, Checkpoint, FileLine, FindingLine, Post, State, StepRow
from bot.cards.checkpoints import checkpoints, corrected_since, judged, needs, verdict_words
from bot.cards.hide_secrets_in_text import all_without_secrets, without_secrets
from bot.cards.skill_checkpoints import may_save, skill_points
from bot.cards.spending_wording import UNPRICED, spent, spent_briefly
from bot.cards.step_rows import edges, rows
from bot.cards.tool_call_wording import cut, value_words
from orchestrator.domain.message_context_text import unread
from orchestrator.domain.people import FileRef
from orchestrator.domain.plural import counted
from orchestrator.domain.task import Reviewed, Shared, TaskState


def project(state: TaskState) -> Card:
    """Returns the card of a task at `state.seq`, with every undecided checkpoint, error and file. Never raises."""
    return all_without_secrets(_card(state))


def _card(state: TaskState) -> Card:
    shown_rows, asked = rows(state, partial(needs, state)), checkpoints(state)
    return Card(
        task=state.id,
        seq=state.seq,
        title=_title(state),
        state=_state(state, shown_rows, asked),  # a skill never holds a task up
        headline=_headline(state, shown_rows, asked),
        rehearsal=state.rehearsal,
        plan_version=state.version,
        plan_editable=state.plan is not None and state.phase in ("review", "running", "paused"),
        rows=shown_rows,
        edges=edges(state),
        checkpoints=tuple(sorted((*asked, *_skills(state)), key=lambda point: bool(point.decided))),
        files=_files(state),
        posts=_posts(state),
        findings=_findings(state),
        opened=state.opened,
        closed=state.closed,
        cost=state.cost,
        spent=spent(state.cost, state.used),
        spent_briefly=spent_briefly(state.cost, state.used),
        turns=state.turns,
        buttons=_buttons(state),
    )


def _skills(state: TaskState) -> Iterator[Checkpoint]:
    """Yields the skills made from the task. What the card hides of one would be in its file all the same."""
    for point in skill_points(state):
        if all(without_secrets(fact.value) == fact.value for fact in point.facts):
            yield point
            continue
        words = "It seems to contain a password or a key. Remove it before you approve."
        caution = CardFact(label="Careful", value=words)
        yield point.model_copy(update={"facts": (caution, *point.facts)})


def waiting(points: tuple[Checkpoint, ...]) -> tuple[Checkpoint, ...]:
    """Returns the undecided checkpoints."""
    return tuple(p for p in points if not p.decided)


def _title(state: TaskState) -> str:
    if state.trial:
        return f"Trial of the skill {state.trial.skill}"
    if state.plan:
        return state.plan.title
    text = cut(state.request.text, 90) if state.request else ""
    return text or "New task"


def _state(state: TaskState, shown: tuple[StepRow, ...], points: tuple[Checkpoint, ...]) -> State:
    match state.phase:
        case "stopped":
            return "stopped"
        case "stuck" | "review":
            return "needs-you"
        case "paused":
            return "paused"
        case "done" | "answered" | "planning" | "running":
            if waiting(points) or (state.phase == "running" and _stalled(shown)):
                return "needs-you"
            return "done" if state.phase in ("done", "answered") else "running"


def _stalled(shown: tuple[StepRow, ...]) -> bool:
    """Says whether nothing runs because of a failed step."""
    return any(r.state == "failed" for r in shown) and not any(r.state == "running" for r in shown)


def _headline(state: TaskState, shown: tuple[StepRow, ...], points: tuple[Checkpoint, ...]) -> str:
    match state.phase:
        case "planning":
            asked = [p for p in waiting(points) if p.kind == "question" and not p.subtask]
            if asked:
                return f"Needs you: {asked[0].title}"
            return "Drafting a plan" if state.rounds == 1 else "Drafting a new plan"
        case "stuck":
            errors = [n.text for n in state.lines if n.level == "error"]
            return f"No plan yet: {errors[-1]}" if errors else "No plan yet: the planner gave up"
        case "review":
            return f"A plan with {counted(len(shown), 'step')} is ready: press Start, or edit it first"
        case "running":
            return _progress(shown, points)
        case "paused":
            return f"Paused. {_count(shown, 'done')} of {counted(len(shown), 'step')} done"
        case "done" | "answered" | "stopped":
            default = {"done": "Done", "answered": "Answered", "stopped": "Stopped"}[state.phase]
            return state.words or default


def _progress(shown: tuple[StepRow, ...], points: tuple[Checkpoint, ...]) -> str:
    parts = [f"{_count(shown, 'done')} of {counted(len(shown), 'step')} done"]
    if at_work := _count(shown, "running"):
        parts.append(f"{at_work} running")
    if failed := _count(shown, "failed"):
        parts.append(f"{failed} failed")
    if skipped := _count(shown, "skipped"):
        parts.append(f"{skipped} skipped")
    words = ", ".join(parts)
    if asked := len(waiting(points)):
        words += f". {counted(asked, 'thing')} {'needs' if asked == 1 else 'need'} you"
    elif _stalled(shown):
        words += ". Retry or skip the failed steps"
    return words


def _count(shown: tuple[StepRow, ...], wanted: State) -> int:
    return sum(1 for row in shown if row.state == wanted)


def _files(state: TaskState) -> tuple[FileLine, ...]:
    """Returns every version in order of arrival; all but the newest of each file are marked earlier."""
    places = [(it.deliverable.subtask, it.deliverable.file.name) for it in state.deliverables.values()]
    last = {place: number for number, place in enumerate(places)}
    lines: list[FileLine] = []
    for number, (place, row) in enumerate(zip(places, state.deliverables.values(), strict=True)):
        earlier = last[place] != number
        lines.append(_file(state, row, earlier=earlier or row.replacement is not None))
        if row.replacement:
            lines.append(_own(row, row.replacement, earlier=earlier))
    return tuple(lines)


def _own(row: Reviewed, file: FileRef, *, earlier: bool) -> FileLine:
    """Returns a person's own version, without checks or sources: those belong to the agent's file."""
    it = row.deliverable
    return FileLine(
        id=it.id,
        file=file,
        version=it.version,
        words=f"Replaces {it.file.name}",
        by=row.by.name if row.by else "Someone",
        verdict=f"Used instead of the agent’s version {it.version}",
        judged=row.at,
        own=True,
        earlier=earlier,
    )


def _file(state: TaskState, row: Reviewed, *, earlier: bool) -> FileLine:
    it = row.deliverable
    return FileLine(
        id=it.id,
        file=it.file,
        version=it.version,
        words=it.words,
        by=state.title_of(it.subtask),
        verdict=verdict_words(state, row),
        judged=judged(row),
        problems=(
            *(f"{c.name}: {c.words}" if c.words else c.name for c in it.checks if not c.ok),
            *_outdated(state, row),
        ),
        previews=it.previews,
        provenance=it.provenance,
        findings=len(it.findings),
        skills=tuple(one.words for one in it.skills),
        earlier=earlier,
    )


def _outdated(state: TaskState, row: Reviewed) -> tuple[str, ...]:
    """Returns a warning for a current file by an agent that is based on corrected findings."""
    corrected = state.outdated(row)
    if not corrected or row.verdict in ("superseded", "replaced"):
        return ()
    how = "press Revise" if state.revisable(row) else "ask in the thread"
    return (f"{corrected_since(len(corrected))}: {how} to update it",)


def _posts(state: TaskState) -> tuple[Post, ...]:
    said = [
        Post(
            seq=n.seq,
            at=n.at,
            by=n.by.name if n.by else "",
            text=n.text if n.subtask is None else f"To {state.title_of(n.subtask)}: {n.text}" if n.by
            else f"{state.title_of(n.subtask)}: {n.text}",
            level=n.level,
            files=n.files,
        )
        for n in (*state.lines, *state.remarks)
    ]  # fmt: skip
    said += [_beside(n.seq, n.at, text) for n in state.lines if (text := unread(n.background))]
    said += [_beside(one.seq, one.at, UNPRICED.format(one.model), level="info") for one in state.unpriced]
    if state.request is None or state.opened is None:
        return tuple(said)
    asked, left = state.request, unread(state.request.background)
    first = Post(seq=0, at=state.opened, by=asked.by.name, text=asked.text, files=asked.files)
    return (first, *([_beside(0, state.opened, left)] if left else []), *sorted(said, key=lambda post: post.at))


def _beside(seq: int, at: datetime, text: str, *, level: Literal["info", "warning"] = "warning") -> Post:
    """What else there is to say about the fact `seq`: what couldn't be read of a message, for one. Its own number is
    negative, because the fact's own post has the positive one."""
    return Post(seq=-1 - seq, at=at, by="", text=text, level=level)


def _findings(state: TaskState) -> tuple[FindingLine, ...]:
    gone = state.superseded()
    return tuple(_finding(state, row, superseded=row.finding.id in gone) for row in state.board)


def _finding(state: TaskState, row: Shared, *, superseded: bool) -> FindingLine:
    it, source = row.finding, row.finding.source
    where = " · ".join(p for p in (source.where, source.locator) if p) if source else ""
    return FindingLine(
        id=it.id,
        by=state.title_of(it.by),
        kind=it.kind,
        value=value_words(it.value),
        where=where,
        quote=source.quote if source else "",
        at=row.at,
        superseded=superseded,
    )


def edit_ref(state: TaskState) -> str:
    """Returns what an *Edit plan* button and its form refer to: the version shown, and whether it has started."""
    return f"{state.version}:{'running' if state.started else 'waiting'}"


def _buttons(state: TaskState) -> tuple[Button, ...]:
    edit = Button(verb="edit-plan", label="Edit plan", ref=edit_ref(state), form="plan")
    stop = Button(verb="stop", label="Stop", tone="danger")
    match state.phase:
        case "planning":
            return (stop,)
        case "stuck":
            return (Button(verb="retry-planning", label="Try again", tone="primary"), stop)
        case "review":
            start = Button(verb="start", label="Start", ref=str(state.version), tone="primary")
            return (start, edit, Button(verb="stop", label="Cancel", tone="danger"))
        case "running":
            return (Button(verb="pause", label="Pause"), edit, stop)
        case "paused":
            return (Button(verb="resume", label="Resume", tone="primary"), edit, stop)
        case "done" | "answered" | "stopped":
            return (Button(verb="save-skill", label="Save as skill"),) if may_save(state) else ()
