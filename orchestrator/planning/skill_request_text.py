"""Describes a finished task as the model reads it to make a skill from it. Pure."""

from collections.abc import Iterator, Sequence

from orchestrator.domain import events as e
from orchestrator.domain.ids import CallId
from orchestrator.domain.skills import MOST_SCRIPT, KnownSkill
from orchestrator.domain.task import TaskState

_MOST = 24_000
"""Characters in all; the beginning and the end of longer ones are kept."""
_WORDS, _PITFALL, _PITFALLS, _SCRIPTS = 2_000, 300, 12, 3
_PYTHON = "run_python"
"""The tool that runs an agent's own program."""


def described_task(state: TaskState, records: Sequence[e.Record], old: KnownSkill | None, words: str) -> str:
    """Returns what was asked and done, what people corrected, what went wrong, and the skill to change, if any."""
    text = "\n\n".join(_parts(state, records))
    if len(text) > _MOST:
        text = f"{text[: _MOST // 2]}\n[…]\n{text[-_MOST // 2 :]}"
    if old is None:
        return f"{text}\n\nMake a skill from this."
    wish = f"\n\nThe change that a person asked for: {words}" if words else ""
    return f"{text}\n\nThe skill {old.skill.name!r} as it is now:\n{old.text}{wish}\n\nChange this skill."


def _parts(state: TaskState, records: Sequence[e.Record]) -> Iterator[str]:
    if state.request is not None:
        yield f"The request: {_cut(state.request.text)}"
    inputs = [f.name for f in (*(state.request.files if state.request else ()), *_sent(state))]
    if inputs:
        yield f"Files that people provided: {', '.join(inputs[:40])}"
    if state.plan is not None:
        rows = (
            f"- {s.title} ({s.agent}, {state.of(s.id).status}): {_cut(s.instructions)}\n"
            f"  Result: {_cut(state.of(s.id).summary)}"
            for s in state.plan.subtasks
        )
        yield "The steps:\n" + "\n".join(rows)
    if used := [one.words for s in state.subtasks.values() for one in s.skills]:
        yield f"Skills that were followed: {', '.join(used)}"
    if corrections := list(_corrections(records)):
        yield "What people corrected or asked for:\n" + "\n".join(corrections)
    if files := [f"- {r.file.name} ({r.verdict}): {_cut(r.deliverable.words)}" for r in state.deliverables.values()]:
        yield "Files that were handed in:\n" + "\n".join(files)
    if code := list(dict.fromkeys(_code(records)))[-_SCRIPTS:]:
        yield "Python that ran without an error:\n" + "\n".join(code)
    if pitfalls := list(dict.fromkeys(_pitfalls(records)))[:_PITFALLS]:
        yield "What went wrong on the way:\n" + "\n".join(pitfalls)


def _corrections(records: Sequence[e.Record]) -> Iterator[str]:
    for record in records:
        match record.event:
            case e.PersonSaid(by=by, text=text) if text.strip():
                yield f"- {by.name} said: {_cut(text)}"
            case e.DeliverableDecided(verdict="changes", by=by, text=text):
                yield f"- {by.name} asked for changes to a file: {_cut(text)}"
            case e.DeliverableDecided(verdict="replaced", by=by, text=text):
                yield f"- {by.name} replaced a file with their own. {_cut(text)}".rstrip()
            case e.ApprovalDecided(decision=decision, by=by) if decision.verb == "reject":
                yield f"- {by.name} rejected a call: {_cut(decision.reason)}"
            case e.QuestionAnswered(by=by, answers=answers):
                yield f"- {by.name} answered: {_cut('; '.join(answers.values()))}"
            case _:
                pass


def _code(records: Sequence[e.Record]) -> Iterator[str]:
    """Yields programs that a skill's script could be made from."""
    sent: dict[CallId, str] = {}
    for record in records:
        match record.event:
            case e.TurnTaken(reply=reply):
                sent |= {call.id: str(call.args.get("code", "")) for call in reply.calls if call.tool == _PYTHON}
            case e.ToolReturned(call=call, result=result) if result.ok and 0 < len(sent.get(call, "")) <= MOST_SCRIPT:
                yield f"```python\n{sent[call]}\n```"
            case _:
                pass


def _pitfalls(records: Sequence[e.Record]) -> Iterator[str]:
    for record in records:
        match record.event:
            case e.ToolReturned(tool=tool, result=result) if not result.ok:
                yield f"- {tool}: {result.text[:_PITFALL]}"
            case e.SubtaskFailed(problem=problem):
                yield f"- A step failed: {problem[:_PITFALL]}"
            case _:
                pass


def _sent(state: TaskState) -> Iterator[e.FileRef]:
    return (file for line in state.lines if line.by is not None for file in line.files)


def _cut(text: str) -> str:
    return text if len(text) <= _WORDS else f"{text[:_WORDS]} […]"
