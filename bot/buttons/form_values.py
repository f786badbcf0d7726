"""Turns what people filled in into values, the same on every platform. Pure. Raises Refused for invalid input."""

import json
import re
from collections.abc import Iterable, Mapping

from pydantic import JsonValue, ValidationError

from bot.cards.tool_call_wording import cut, unhidden
from orchestrator.domain import outside_text
from orchestrator.domain.approvals import Ask
from orchestrator.domain.ids import ApprovalId, QuestionId
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.task import TaskState
from orchestrator.errors import BadPlan, NotFound, Refused

ONE_PER_LINE = "One answer per line, after the colon."


def question_fields(state: TaskState, question: QuestionId) -> tuple[Ask, ...]:
    """Returns the question's fields. Raises NotFound."""
    row = state.questions.get(question)
    if row is None:
        raise NotFound(f"There's no question {question!r} here; reload the page.")
    return row.question.fields


def argument_text(value: JsonValue) -> str:
    """Returns an argument as a form shows it: text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def arguments(values: Mapping[str, str], state: TaskState, approval: ApprovalId) -> dict[str, JsonValue]:
    """Returns the edited arguments by name: text stays text, everything else is JSON, and dots keep the secret they
    hide."""
    row = state.approvals.get(approval)
    if row is None:
        raise NotFound(f"There's no approval {approval!r} here; reload the page.")
    call = row.approval
    edited = {name: _argument(name, was, values.get(name, "")) for name, was in call.args.items()}
    return unhidden(call.tool, edited, call.args)


def _argument(name: str, old: JsonValue, text: str) -> JsonValue:
    if isinstance(old, str):
        return text
    try:
        return outside_text.parsed(text)
    except outside_text.Unfit as error:
        raise Refused(f"The argument {name!r} is {error}.") from None


def answers(values: Mapping[str, str], fields: Iterable[Ask]) -> dict[str, str]:
    """Returns the answers by field; a required field may not be empty, and a choice must be one of its options."""
    found: dict[str, str] = {}
    for field in fields:
        text = values.get(field.name, "").strip()
        if field.required and not text:
            raise Refused(f"Fill in {field.label!r} first.")
        if text and field.options and text not in field.options:
            same = [option for option in field.options if _folded(option) == _folded(text)]
            if len(same) != 1:
                raise Refused(f"{text!r} isn't one of the choices for {field.label!r}.")
            (text,) = same
        if text:
            found[field.name] = text
    return found


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def by_line(text: str, names: Mapping[str, str]) -> dict[str, str]:
    """Parses `Label: answer` lines, in upper or lower case; a line without a label continues the answer above it.
    Raises Refused for a first line without one."""
    found: dict[str, str] = {}
    current = ""
    known = {re.compile(rf"\W*{re.escape(label)}\W*?[:：=]", re.IGNORECASE): name for label, name in names.items()}
    for line in text.splitlines():
        label, at = next(((name, at.end()) for begins, name in known.items() if (at := begins.match(line))), ("", 0))
        if label:
            current = label
            found[current] = line[at:].lstrip("*_ ").strip()
        elif current and line.strip():
            found[current] = f"{found[current]}\n{line.strip()}".strip()
        elif line.strip():
            raise Refused(f"The line {cut(line, 60)!r} has no label; {ONE_PER_LINE.lower()}")
    return found


def has_begun(state: TaskState, subtask: Subtask) -> bool:
    """Returns whether an edit of the plan has to leave this subtask unchanged."""
    return state.started and state.of(subtask.id).status not in ("planned", "failed")


def plan(title: str, subtasks: Iterable[Subtask]) -> Plan:
    """Builds the plan from that content. Raises BadPlan."""
    try:
        return Plan(title=title.strip(), subtasks=tuple(subtasks))
    except ValidationError as error:
        raise BadPlan(sentence("The plan", error)) from None


def subtask(old: Subtask | None, changed: Mapping[str, object]) -> Subtask:
    """Returns the subtask with these fields changed. Raises BadPlan."""
    try:
        return Subtask.model_validate({**(old.model_dump() if old else {}), **changed})
    except ValidationError as error:
        name = changed.get("title") or changed.get("id")
        raise BadPlan(sentence(f"The step {name!r}", error)) from None


def sentence(what: str, error: ValidationError) -> str:
    """Describes the first problem."""
    first = error.errors()[0]
    if first["type"] == "value_error":
        return str(first["msg"]).removeprefix("Value error, ")
    field = str(first["loc"][-1]) if first["loc"] else "content"
    if first["type"] == "string_too_short":
        return f"{what} needs a {field}."
    return f"{what} has an invalid {field}: {first['msg'][:1].lower()}{first['msg'][1:]}."
