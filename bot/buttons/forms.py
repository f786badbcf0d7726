"""Builds a button's form, prefilled, and reads what comes back. Pure; the same on every chat platform.

A form has at most five fields and texts of at most 2,900 characters, which fits every platform's modals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.buttons import form_values, plan_text, question_answers, skill_form
from bot.buttons.press import Press
from bot.cards.card import Button, Card, Checkpoint
from bot.cards.tool_call_wording import cut, shown_args
from bot.chat_platform import Form, Input, Submitted
from orchestrator.domain.ids import ApprovalId, QuestionId, SubtaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.plan import Plan
from orchestrator.domain.task import TaskState
from orchestrator.errors import BadPlan, NotFound, Refused

MOST_FIELDS, MOST_TEXT, MOST_OPTIONS = 5, 2900, 25
NEEDS_FORM: Mapping[str, str] = {
    "edit-plan": "plan", "reject": "reason", "edit": "arguments", "answer": "answers", "request-changes": "changes",
    "replace": "file", "redirect": "words", "edit-skill": "skill",
}  # fmt: skip
_WORDS: Mapping[str, tuple[str, str, str]] = {
    "reason": ("Why not?", "Reject", "The agent will read this and try another way."),
    "changes": ("What should change?", "Request changes", "The agent will deliver a new version."),
    "words": ("What should it do instead?", "Redirect", "The agent will read this before it continues."),
}
"""Form -> label, submit, help."""
TOO_LONG = "This is too long for a form here; edit it in the web workspace."


def find(card: Card, verb: str, ref: str) -> Button | None:
    """Returns the button as the card has it now; None if it is out of date."""
    rows = (b for r in card.rows for b in r.buttons)
    points = (b for p in card.checkpoints for b in p.buttons)
    forms = (_answer(p) for p in card.checkpoints if p.kind == "question" and p.fields and p.buttons)
    return next((b for b in (*card.buttons, *rows, *points, *forms) if (b.verb, b.ref) == (verb, ref)), None)


def _answer(point: Checkpoint) -> Button:
    """A question whose choices are buttons has a form too: older messages show it."""
    return Button(verb="answer", label="Answer", ref=point.id, form="answers")


def form(state: TaskState, button: Button, agents: Sequence[str] = ()) -> Form:
    """Returns the form to show. Raises a kind of Refused if there is nothing to fill in, or if it doesn't fit.

    `agents`: those that a plan may name.
    """
    match button.form:
        case "plan":
            title, submit, fields = "Edit plan", "Save plan", _plan(state, agents)
        case "arguments":
            title, submit, fields = "Edit the call", "Approve", _arguments(state, ApprovalId(button.ref))
        case "answers":
            title, submit, fields = "Answer", "Answer", _answers(state, QuestionId(button.ref))
        case "file":
            mine = Input(name="file", label="Your version of the file", kind="file")
            words = Input(name="words", label="What did you change?", kind="text", required=False)
            title, submit, fields = "Replace the file", "Replace", (mine, words)
        case "reason" | "changes" | "words":
            label, submit, help_ = _WORDS[button.form]
            title, fields = submit, (Input(name="words", label=label, kind="text", help=help_),)
        case "skill":
            title, submit, fields = "Edit the skill", "Save draft", skill_form.skill_inputs(state, button.ref)
        case "":
            raise NotFound(f"The button {button.label!r} has no form.")
    return Form(title=title, task=state.id, verb=button.verb, ref=button.ref, submit=submit, fields=fields)


def again(shown: Form, typed: Mapping[str, str], problem: str) -> Form:
    """Returns the same form with what was typed and what is wrong with it."""
    fields = tuple(f.model_copy(update={"value": typed.get(f.name, f.value)}) for f in shown.fields)
    return shown.model_copy(update={"fields": fields, "problem": problem})


def press(it: Submitted, state: TaskState, file: FileRef | None = None) -> Press:
    """Turns the submitted form into a press. Raises a kind of Refused with a sentence for the form."""
    words = it.values.get("words", "").strip()
    base = Press(id=it.id, by=it.by, task=it.task, verb=it.verb, ref=it.ref, words=words, file=file)
    match it.verb:
        case "edit-plan":
            return replace(base, plan=_read_plan(it.values, state))
        case "edit-skill":
            text, scope = skill_form.read_skill_form(it.values)
            return replace(base, skill=text, scope=scope)
        case "edit":
            values = _under(it.values, "a.")
            return replace(base, arguments=form_values.arguments(values, state, ApprovalId(it.ref)))
        case "answer":
            fields = form_values.question_fields(state, QuestionId(it.ref))
            values = _under(it.values, "q.")
            if "all" in it.values:
                values = question_answers.by_line(it.values["all"], {f.label: f.name for f in fields})
            return replace(base, answers=question_answers.answers(values, fields))
        case _:
            return base


def _under(values: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): text for name, text in values.items() if name.startswith(prefix)}


def _arguments(state: TaskState, approval: ApprovalId) -> tuple[Input, ...]:
    row = state.approvals.get(approval)
    if row is None:
        raise NotFound(f"There's no approval {approval!r} in this task.")
    args = shown_args(row.approval.tool, row.approval.args)
    texts = {name: form_values.argument_text(value) for name, value in args.items()}
    if len(texts) > MOST_FIELDS or any(len(t) > MOST_TEXT for t in texts.values()):
        raise Refused(TOO_LONG)
    if not texts:
        raise Refused("There's nothing to edit in this call; approve or reject it.")
    return tuple(
        Input(
            name=f"a.{name}",
            label=name,
            kind="text" if len(text) > 80 or "\n" in text else "line",
            value=text,
            required=not isinstance(args[name], str),
            help="" if isinstance(args[name], str) else "JSON",
        )
        for name, text in texts.items()
    )


def _answers(state: TaskState, question: QuestionId) -> tuple[Input, ...]:
    fields = form_values.question_fields(state, question)
    if len(fields) > MOST_FIELDS:
        lines = [f"{f.label}: " for f in fields]
        options = "; ".join(f"{f.label} {', '.join(f.options)}" for f in fields if f.options)
        return (Input(name="all", label=cut(state.questions[question].question.text, 45), kind="text",
                      value="\n".join(lines), help=f"{question_answers.ONE_PER_LINE} {options}".strip()),)  # fmt: skip
    return tuple(
        Input(
            name=f"q.{f.name}",
            label=f.label,
            kind="choice" if 0 < len(f.options) <= MOST_OPTIONS else "line" if f.options else "text",
            options=tuple((o, o) for o in f.options) if len(f.options) <= MOST_OPTIONS else (),
            required=f.required,
            help=f"One of: {', '.join(f.options)}" if len(f.options) > MOST_OPTIONS else "",
        )
        for f in fields
    )


def _plan(state: TaskState, agents: Sequence[str]) -> tuple[Input, ...]:
    if state.plan is None:
        raise Refused("There's no plan to edit yet.")
    texts = _pages([*plan_text.written(state.plan), *plan_text.remark(agents)])
    free = [s for s in state.plan.subtasks if not form_values.has_begun(state, s)]
    fields = [Input(name="title", label="Title", value=state.plan.title)]
    fields += [
        Input(name=f"steps{n or ''}", label="Steps, one per line" if n == 0 else "More steps", kind="text",
              value=text, help=plan_text.HELP)
        for n, text in enumerate(texts)
    ]  # fmt: skip
    if len(fields) > MOST_FIELDS:
        raise Refused(TOO_LONG)
    if free and len(fields) + 2 <= MOST_FIELDS:
        fields += _one_step(state.plan, [s.id for s in free])
    return tuple(fields)


def _one_step(plan: Plan, free: Sequence[SubtaskId]) -> tuple[Input, Input]:
    """Lets a person rewrite the instructions of one step without editing the plan's lines."""
    few = len(free) <= MOST_OPTIONS
    which = Input(
        name="step", label="Change one step's instructions", kind="choice" if few else "line", required=False,
        options=tuple((n, cut(f"{n}: {s.title}", 70)) for n in free if (s := plan.subtask(n))) if few else (),
        help="" if few else "The step's name, as written at the start of its line.",
    )  # fmt: skip
    return which, Input(name="instructions", label="Its new instructions", kind="text", required=False)


def _pages(lines: Sequence[str]) -> list[str]:
    """Packs the lines into as few texts as possible."""
    pages = [""]
    for line in lines:
        if len(pages[-1]) + len(line) + 1 > MOST_TEXT:
            pages.append("")
        pages[-1] += f"{line}\n"
    return [page.rstrip("\n") for page in pages]


def _read_plan(values: Mapping[str, str], state: TaskState) -> Plan:
    if state.plan is None:
        raise Refused("There's no plan to edit yet.")
    text = "\n".join(values[f"steps{n or ''}"] for n in range(MOST_FIELDS) if f"steps{n or ''}" in values)
    begun = {s.id for s in state.plan.subtasks if form_values.has_begun(state, s)}
    plan = plan_text.read(text, title=values.get("title", state.plan.title), old=state.plan, begun=begun)
    name, words = SubtaskId(values.get("step", "").strip()), values.get("instructions", "").strip()
    if not words:
        return plan
    old = plan.subtask(name)
    if old is None:
        raise BadPlan(f"There's no step {name!r}; choose one from the plan." if name else "Choose the step to change.")
    if name in begun:
        raise BadPlan(f"{old.title!r} has started; redirect it instead.")
    new = form_values.subtask(old, {"instructions": words})
    return form_values.plan(plan.title, (new if s.id == name else s for s in plan.subtasks))
