"""Composes the first message of an agent: its subtask, the request, and what came before. Pure."""

import re
from collections.abc import Iterable

from agents.conversation.updates_between_turns import finding_line
from orchestrator.domain import events as e
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.message_context_text import described, paths
from orchestrator.domain.plan import Plan, Subtask

HOUSE = """\
You are one of several threadwork agents working on one request at the same time, each on its own step, in one
shared workspace folder. Paths are relative to it. Do only your step. Use the tools. When everything is done and
handed in, answer without a tool call and state the result in one or two sentences. If something can't be done, say so
plainly and say why."""


class Before:
    """Collects what happened before the attempt started and the agent should know. Feed it the records up to that
    point."""

    def __init__(self, records: Iterable[e.Record], subtask: SubtaskId) -> None:
        self.request = self.problem = self.files = self.background = ""
        self.own: list[str] = []
        self.ended: dict[SubtaskId, str] = {}
        self.handed: dict[SubtaskId, set[str]] = {}
        for record in records:
            self._take(record.event, subtask)

    def _take(self, event: e.Event, subtask: SubtaskId) -> None:
        match event:
            case e.TaskOpened(request=request):
                self.request = f"This step is part of a request from {request.by.name}:\n{request.text}"
                self.files = paths(request.files)
                self.background = described(request.background, request.text)
            case e.SubtaskFinished(subtask=name, summary=summary):
                self.ended[name] = summary
            case e.SubtaskSkipped(subtask=name):
                self.ended[name] = "it was skipped."
            case e.DeliverableOffered(deliverable=one):
                self.handed.setdefault(one.subtask, set()).add(one.file.name)
            case e.FindingShared(finding=finding) if finding.by == subtask:
                self.own.append(finding_line(finding))
            case e.SubtaskFailed(subtask=name, problem=problem) if name == subtask:
                self.problem = problem
            case _:
                pass


def assignment(before: Before, subtask: Subtask, plan: Plan) -> str:
    """Returns the subtask, the request and what came before it, as the agent reads them."""
    parts = [f"Step: {subtask.id} — {subtask.title}", f"Instructions: {subtask.instructions}"]
    if subtask.acceptance:
        parts.append("The step is done when:\n" + "\n".join(f"- {line}" for line in subtask.acceptance))
    if subtask.deliverables:
        parts.append(f"Files to hand in with deliver: {', '.join(subtask.deliverables)}")
    parts.append(before.request)
    if before.files:
        parts.append(f"Attached files: {before.files}")
    if before.background:
        parts.append(before.background)
    if subtask.fed_by:
        parts.append(f"Findings stream to you from: {', '.join(subtask.fed_by)}.")
    parts += [_upstream(before, name, plan) for name in subtask.after]
    if before.own:
        parts.append("You have already shared these findings:\n" + "\n".join(before.own))
    if before.problem:
        parts.append(
            f"An earlier attempt failed{_without_advice(before.problem)} Check what it left behind before you continue."
        )
    return "\n\n".join(parts)


def _without_advice(problem: str) -> str:
    """Returns what went wrong, without the sentences that tell people what to press, set or choose."""
    sentences = re.split(r"(?<=[.!?])\s+", problem.strip())
    kept = [one for one in sentences if one and not re.search(r"\bRetry\b|\bPress\b|another model|THREADWORK_", one)]
    return f": {' '.join(kept)}" if kept else "."


def _upstream(before: Before, name: SubtaskId, plan: Plan) -> str:
    row = plan.subtask(name)
    files = sorted(before.handed.get(name, ()))
    handed = f" Files: {', '.join(files)}." if files else ""
    return f"{row.title if row else name} ({name}) ran before you: {before.ended.get(name, '')}{handed}"
