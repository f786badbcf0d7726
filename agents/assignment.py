"""What an agent is told first: its subtask, the request, and what came before. Pure."""

from agents.news import finding_line
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.plan import Subtask
from orchestrator.domain.task import TaskState

HOUSE = """\
You are one of several agents of threadwork who work on one request at the same time, each on an own subtask, in one
shared workspace folder. Paths are relative to it. Do only your subtask. Use the tools; when everything is done and
handed in, answer without a tool call, in one or two sentences that say what came out. If something cannot be done, say
so plainly and why."""


def assignment(state: TaskState, subtask: Subtask, problem: str) -> str:
    """The subtask, the request and what came before it, as the agent reads them. `problem`: of the attempt before."""
    assert state.request is not None
    parts = [f"Subtask: {subtask.id} — {subtask.title}", f"Instructions: {subtask.instructions}"]
    if subtask.acceptance:
        parts.append("It is done when:\n" + "\n".join(f"- {line}" for line in subtask.acceptance))
    if subtask.deliverables:
        parts.append(f"Files to hand in with deliver: {', '.join(subtask.deliverables)}")
    parts.append(f"It is part of this request of {state.request.by.name}:\n{state.request.text}")
    if state.request.files:
        parts.append("Attached files: " + ", ".join(f"attachments/{f.name}" for f in state.request.files))
    if subtask.fed_by:
        parts.append(f"Findings stream to you from: {', '.join(subtask.fed_by)}.")
    parts += [before for name in subtask.after if (before := _finished(state, name))]
    if own := [finding_line(f) for f in state.findings() if f.by == subtask.id]:
        parts.append("You already shared these findings:\n" + "\n".join(own))
    if problem:
        parts.append(f"An earlier attempt failed: {problem} Look at what is in the workspace before you go on.")
    return "\n\n".join(parts)


def _finished(state: TaskState, name: SubtaskId) -> str:
    row = state.plan.subtask(name) if state.plan else None
    mine = state.of(name)
    if row is None:
        return ""
    files = sorted({r.file.name for r in state.deliverables.values() if r.deliverable.subtask == name})
    handed = f" Files: {', '.join(files)}." if files else ""
    return (
        f"{row.title} ({name}) came before: {'it was skipped.' if mine.status == 'skipped' else mine.summary}{handed}"
    )
