"""Turns what people filled in into values, the same on every platform. Pure. Raises Refused for invalid input."""

import json
from collections.abc import Iterable, Mapping

from pydantic import JsonValue, ValidationError

from bot.cards.tool_call_wording import unhidden
from orchestrator.domain import clean_outside_text
from orchestrator.domain.approvals_and_questions import Ask
from orchestrator.domain.ids import ApprovalId, QuestionId
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.task import TaskState
from orchestrator.errors import BadPlan, NotFound, Refused


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
        return clean_outside_text.parsed(text)
    except clean_outside_text.Unfit as error:
        raise Refused(f"The argument {name!r} is {error}.") from None


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
