"""One decision as a form of the protocol: what the client's person reads, and what their answer means. Pure."""

from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, create_model

from bot.buttons.form_values import question_fields
from bot.buttons.press import Press
from bot.buttons.question_answers import answers
from bot.cards.card import AskField, Button, Card
from bot.cards.decisions_one_at_a_time import Need
from orchestrator.domain.ids import QuestionId
from orchestrator.domain.people import Person
from orchestrator.domain.task import TaskState
from orchestrator.errors import Refused

DECISION, COMMENT = "decision", "comment"
_WORDS = ("reason", "changes", "words")
"""Forms of buttons that ask for a sentence."""


@dataclass(frozen=True, slots=True)
class ApprovalForm:
    """What one need asks. `buttons`: the choices; none if `fields` are to be filled in."""

    need: Need
    message: str
    buttons: tuple[Button, ...] = ()
    fields: tuple[AskField, ...] = ()


class ApprovalAnswer(BaseModel):
    """What the person answered: a text for each field of the form, which its class knows."""

    model_config = ConfigDict(extra="allow")
    form: ClassVar[ApprovalForm]

    def values(self) -> dict[str, str]:
        """Returns the texts by field."""
        return {name: text for name, text in self.model_dump().items() if isinstance(text, str)}


def form_of(card: Card, need: Need, link: str) -> ApprovalForm | None:
    """Returns the form of a need; None if only the workspace can show it. `link`: the task's address there."""
    buttons = tuple(b for b in need.buttons if not b.page and b.form in ("", *_WORDS))
    where = [f"In the workspace: {link}"] if link else []
    message = "\n".join([need.title, *_details(card, need), *where, f"ID: {need.key}"])
    if need.point is not None and any(b.verb in ("answer", "choose") for b in need.buttons):
        return ApprovalForm(need, message, fields=need.point.fields)
    return ApprovalForm(need, message, buttons=buttons) if buttons else None


def schema_of(form: ApprovalForm) -> type[ApprovalAnswer]:
    """Returns the form as the protocol's library takes it."""
    rows = form.fields or (
        AskField(name=DECISION, label="Decision", options=tuple(b.label for b in form.buttons)),
        *([AskField(name=COMMENT, label=_comment(form.buttons), required=False)] if _comment(form.buttons) else []),
    )
    fields: dict[str, Any] = {f"field_{n}" if form.fields else row.name: _field(row) for n, row in enumerate(rows)}
    made = create_model("Decision", __base__=ApprovalAnswer, **fields)
    made.form = form
    return made


def press_of(form: ApprovalForm, values: dict[str, str], *, id_: str, by: Person, state: TaskState) -> Press:
    """Returns the press that an answer means. Raises Refused with a sentence if it isn't one of the choices."""
    if form.need.point is not None and form.fields:
        ref = form.need.point.id
        given = {field.name: values.get(f"field_{n}", "") for n, field in enumerate(form.fields)}
        found = answers(given, question_fields(state, QuestionId(ref)))
        return Press(id=id_, by=by, task=state.id, verb="answer", ref=ref, answers=found)
    chosen = values.get(DECISION, "")
    button = next((b for b in form.buttons if b.label == chosen), None)
    if button is None:
        raise Refused(f"{chosen!r} isn't one of the choices: {', '.join(b.label for b in form.buttons)}.")
    words = values.get(COMMENT, "").strip() if button.form else ""
    return Press(id=id_, by=by, task=state.id, verb=button.verb, ref=button.ref, words=words)


def _details(card: Card, need: Need) -> list[str]:
    """Returns what the person has to know, in full: nothing that is approved may be cut."""
    if need.kind == "plan":
        return [f"{n}. {row.title} ({row.agent})" for n, row in enumerate(card.rows, 1)]
    if need.point is None:
        return []
    lines = [f"{fact.label}: {fact.value}" for fact in need.point.facts]
    if need.kind == "deliverable":
        files = [line for line in card.files if line.id == need.point.id and not line.own]
        lines += [problem for line in files for problem in line.problems]
    return lines


def _comment(buttons: tuple[Button, ...]) -> str:
    """Says which choices take a sentence; empty if none does."""
    labels = [b.label for b in buttons if b.form in _WORDS]
    return f"Comment, for: {', '.join(labels)}" if labels else ""


def _field(row: AskField) -> tuple[type[str], Any]:
    extra: dict[str, Any] = {"enum": list(row.options)} if row.options and row.required else {}
    title = row.label if row.required or not row.options else f"{row.label} ({', '.join(row.options)})"
    return (str, Field(title=title, json_schema_extra=extra) if row.required else
            Field(default="", title=title, json_schema_extra=extra))  # fmt: skip
