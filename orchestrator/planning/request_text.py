"""The request and its conversation as the planner reads them; where they are too long, the oldest messages go first.

Pure.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from orchestrator.domain.message_context_text import described, paths
from orchestrator.domain.people import MessageBackground
from orchestrator.domain.plural import counted
from orchestrator.domain.task import TaskState, ThreadLine

LEAST = 2_000
"""Characters; less than this says too little to plan by."""

_WAITING = "it's waiting for Start: propose_plan replaces its planned steps; answer keeps the plan as it is"


class _Cut(NamedTuple):
    """What is left out: the oldest `messages`, file names beyond `names`, and the ends of texts beyond `words` and of
    the request beyond `request` characters. None: nothing."""

    messages: int = 0
    names: int | None = None
    words: int | None = None
    request: int | None = None


def describe(state: TaskState, most: int | None = None) -> str:
    """Returns the request and the conversation, in `most` characters if that can be done."""
    whole = _text(state, _Cut())
    if most is None or len(whole) <= most:
        return whole
    total = _messages(state)
    cuts = [_Cut(number) for number in range(total + 1)]
    cuts += [_Cut(total, names=20, words=500), _Cut(total, names=5, words=100)]
    found = bisect_left(cuts, True, key=lambda cut: len(_text(state, cut)) <= most)
    if found < len(cuts):
        return _text(state, cuts[found])
    bare = cuts[-1]._replace(request=0)
    return _text(state, bare._replace(request=max(200, most - len(_text(state, bare)))))


def _messages(state: TaskState) -> int:
    """Returns how many messages may be left out: all but the request and the newest of the thread."""
    assert state.request is not None
    said = _said(state)
    quoted = sum(len(line.background.quoted) for line in said)
    return len(state.request.background.quoted) + quoted + max(0, len(said) - 1)


def _said(state: TaskState) -> list[ThreadLine]:
    """Returns what people said, and what the planner answered them."""
    return [line for line in state.lines if line.by is not None or line.level == "said"]


def _text(state: TaskState, cut: _Cut) -> str:
    return "\n\n".join(_parts(state, cut))


def _parts(state: TaskState, cut: _Cut) -> Iterator[str]:
    assert state.request is not None
    yield f"Request from {state.request.by.name}:\n{_within(state.request.text, cut.request)}"
    if state.request.files:
        yield f"Attached files: {_names([file.name for file in state.request.files], cut)}"
    if cut.messages:
        yield f"({counted(cut.messages, 'earlier message')} left out, because this would be too long.)"
    if words := described(_newest(state.request.background, cut.messages), state.request.text):
        yield words
    yield from _thread(state, cut, cut.messages - len(state.request.background.quoted))
    for row in state.questions.values():
        if row.question.subtask is None and row.answers is not None:
            pairs = "; ".join(f"{name}: {_within(text, cut.words)}" for name, text in row.answers.items())
            yield f"You asked: {_within(row.question.text, cut.words)}\nThe answer: {pairs}"
    if state.plan is not None:
        rows = [
            f"- {s.id} ({state.of(s.id).status}): {s.title}. {_within(state.of(s.id).summary, cut.words)}"
            for s in state.plan.subtasks
        ]
        yield f"The plan so far ({_WAITING if state.has_unstarted_plan else 'only add what is new'}):\n" + "\n".join(
            rows
        )


def _thread(state: TaskState, cut: _Cut, skip: int) -> Iterator[str]:
    """Yields what was said in the thread, without the oldest `skip` messages."""
    for line in _said(state):
        older = max(0, skip)
        skip -= len(line.background.quoted)
        if skip > 0:
            skip -= 1
            continue
        if line.by is None:
            yield f"You answered: {_within(line.text, cut.words)}"
            continue
        attached = f" [attached: {_names([paths([file]) for file in line.files], cut)}]" if line.files else ""
        words = described(_newest(line.background, older), line.text)
        if line.text or attached or words:
            yield f"{line.by.name} says: {_within(line.text, cut.request)}{attached}"
            if words:
                yield words


def _newest(background: MessageBackground, skipped: int) -> MessageBackground:
    """Returns the background without its oldest messages."""
    return background.model_copy(update={"quoted": background.quoted[skipped:]}) if skipped else background


def _names(names: Sequence[str], cut: _Cut) -> str:
    shown = ", ".join(names[: cut.names])
    left = len(names) - (len(names) if cut.names is None else cut.names)
    return f"{shown} and {counted(left, 'more file')}" if left > 0 else shown


def _within(text: str, most: int | None) -> str:
    if most is None or len(text) <= most:
        return text
    return f"{text[:most]} [{len(text) - most} more characters left out]"
