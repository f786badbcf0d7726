"""The rows of a card: each step in words, with its buttons. Pure."""

from collections.abc import Callable, Iterable

from bot.cards.card import Button, Edge, State, StepRow
from bot.cards.spending_wording import spent_briefly
from bot.cards.tool_call_wording import call_words, cut, plain
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.plan import Subtask
from orchestrator.domain.plural import counted
from orchestrator.domain.task import SubtaskState, TaskState, ThreadLine

_OVER = ("done", "skipped")


def rows(state: TaskState, needs: Callable[[SubtaskId], Iterable[str]]) -> tuple[StepRow, ...]:
    """Returns a row per step of the plan, in the plan's order. `needs`: what a step needs from people."""
    subtasks = state.plan.subtasks if state.plan else ()
    used = {name for s in subtasks for name in (*s.after, *s.fed_by)}
    used |= {row.deliverable.subtask for row in state.deliverables.values()}
    return tuple(_row(state, s, tuple(needs(s.id)), answers=s.id not in used) for s in subtasks)


def edges(state: TaskState) -> tuple[Edge, ...]:
    """Returns every edge of the plan; `feeds` edges with the number of findings sent so far."""
    shared: dict[str, int] = {}
    for row in state.board:
        shared[row.finding.by] = shared.get(row.finding.by, 0) + 1
    found: list[Edge] = []
    for s in state.plan.subtasks if state.plan else ():
        found += [Edge(source=n, target=s.id, kind="after") for n in s.after]
        flows = s.id in state.subtasks and state.of(s.id).status != "planned"
        found += [Edge(source=n, target=s.id, kind="feeds", flowed=shared.get(n, 0) if flows else 0) for n in s.fed_by]
    return tuple(found)


def _row(state: TaskState, subtask: Subtask, wanted: tuple[str, ...], *, answers: bool) -> StepRow:
    now = state.of(subtask.id)
    shown = _state(state, now, needed=bool(wanted) and state.phase != "stopped")
    return StepRow(
        id=subtask.id,
        title=subtask.title,
        agent=now.agent.words if now.agent else subtask.agent,
        state=shown,
        doing=f"Needs you: {'; '.join(wanted)}" if wanted and shown == "needs-you" else _doing(state, subtask, now)
        if shown != "stopped" else "",
        waits=_waits(state, subtask, now) if shown in ("waiting", "paused") else "",
        problem=now.problem,
        summary=now.summary,
        answers=answers and now.status == "done" and bool(now.summary),
        model=subtask.model or now.model or "",
        started=now.started,
        ended=now.ended,
        findings=sum(1 for s in state.board if s.finding.by == subtask.id),
        cost=now.cost,
        spent=spent_briefly(now.cost, now.used),
        turns=now.turns,
        picture=now.picture,
        takeover_by=now.takeover_by.name if now.takeover_by else "",
        skills=tuple(one.words for one in now.skills) or (subtask.skills if now.status == "planned" else ()),
        buttons=_buttons(state, subtask.id, now),
    )  # fmt: skip


def _state(state: TaskState, now: SubtaskState, *, needed: bool) -> State:
    if now.status in ("done", "failed", "skipped"):
        return now.status
    if state.phase == "stopped":
        return "stopped"
    if needed or (now.status == "review"):
        return "needs-you"
    if state.phase == "paused":
        return "paused"
    if now.status == "parked" and now.waits and now.waits.paused:
        return "paused"
    if now.status in ("planned", "parked"):
        return "waiting"
    return "running"


def _doing(state: TaskState, subtask: Subtask, now: SubtaskState) -> str:
    match now.status:
        case "running":
            return _at_work(state, subtask.id, now)
        case "review":
            names = [r.file.name for r in state.pending_deliverables(subtask.id)]
            return f"Needs you: review {', '.join(names)}" if names else "Needs you: review its file"
        case "revising":
            asked = [r for r in state.deliverables.values() if r.verdict == "changes"]
            mine = [r for r in asked if r.deliverable.subtask == subtask.id]
            return f"Revising {mine[0].file.name}: “{cut(mine[0].text, 80)}”" if mine else "Revising its file"
        case "retrying":
            return f"Retrying (attempt {now.attempt})"
        case _:
            return ""


def _at_work(state: TaskState, name: SubtaskId, now: SubtaskState) -> str:
    if now.takeover_by:
        return f"{now.takeover_by.name} has control of the page"
    if now.doing:
        first, *others = now.doing
        return call_words(first) + (f" (and {counted(len(others), 'more thing')})" if others else "")
    if (note := _last_note(state, name)) and note.seq > now.saw:
        return cut(plain(note.text), 120)  # newer than anything the agent has seen, so it describes the present
    return cut(plain(now.said), 120) if now.said else "Thinking"


def _last_note(state: TaskState, name: SubtaskId) -> ThreadLine | None:
    return next((n for n in reversed(state.lines) if n.subtask == name and n.by is None), None)


def _waits(state: TaskState, subtask: Subtask, now: SubtaskState) -> str:
    if state.phase == "paused":
        return "Paused"
    if now.status == "parked" and now.waits is not None:
        if now.waits.paused:
            return "Paused"
        if now.waits.findings_after is not None:
            feeders = [f for f in subtask.fed_by if state.of(f).ended_at is None]
            return f"Waiting for findings from {_names(state, feeders)}" if feeders else "Continuing shortly"
        open_ = [q for q in now.waits.questions if q in state.questions and state.questions[q].answers is None]
        if open_:
            return f"Waiting for the answer to “{cut(plain(state.questions[open_[0]].question.text), 80)}”"
        return "Continuing shortly"
    if not state.started:
        return _place(state, subtask)
    open_ = [n for n in subtask.after if state.of(n).status not in _OVER]
    failed = [n for n in open_ if state.of(n).status == "failed"]
    if failed:
        return f"Waiting for {_names(state, failed)}, which failed: retry or skip it"
    return f"Waiting for {_names(state, open_)}" if open_ else "Starts next"


def _place(state: TaskState, subtask: Subtask) -> str:
    """Says when a step that hasn't started will run."""
    after = f"Runs after {_names(state, list(subtask.after))}" if subtask.after else ""
    fed = f"receives findings from {_names(state, list(subtask.fed_by))}" if subtask.fed_by else ""
    words = f"{after}, {fed}" if after and fed else after or fed.capitalize()[:1] + fed[1:]
    return words or "Starts immediately"


def _names(state: TaskState, names: list[SubtaskId]) -> str:
    titles = [state.title_of(n) for n in names]
    if len(titles) > 3:
        titles = [*titles[:2], f"{len(titles) - 2} more"]
    return " and ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles)


def _buttons(state: TaskState, name: SubtaskId, now: SubtaskState) -> tuple[Button, ...]:
    if not state.started or state.phase in ("stopped", "answered"):
        return ()
    found: list[Button] = []
    if now.status in ("failed", "done", "running", "parked", "review"):
        tone = "primary" if now.status == "failed" else "plain"
        found.append(Button(verb="retry", label="Retry", ref=f"{name}:{now.attempt}", tone=tone))
    if now.status not in _OVER and state.phase != "done":
        found.append(Button(verb="skip", label="Skip", ref=f"{name}:{now.attempt}"))
    if now.status in ("running", "parked", "review", "revising", "retrying", "planned") and state.phase != "done":
        found.append(Button(verb="redirect", label="Redirect", ref=name, form="words"))
    return tuple(found)
