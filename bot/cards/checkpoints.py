"""Builds a card's checkpoints: what needs a decision and what was decided. Pure."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from bot.cards.card import AskField, Button, CardFact, Checkpoint
from bot.cards.tool_call_wording import cut, intent_words, moment, shown_args, value_words
from orchestrator.domain.approvals_and_questions import Approval, Question, Verb
from orchestrator.domain.deliverables import UNSOURCED
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.takeover import COULD_NOT, OUTCOME
from orchestrator.domain.task import Answered, Decided, Reviewed, TaskState

_BUTTON = 24
"""Characters of a scope that fit on a button."""
_CHOICES, _CHOICE = 5, 75
"""Choices of a question that become buttons, and the characters of each."""
_DECIDED: dict[Verb, str] = {
    "approve": "Approved once",
    "approve-for-task": "Approved for this task",
    "edit": "Approved with changes",
    "reject": "Rejected",
}


def checkpoints(state: TaskState) -> tuple[Checkpoint, ...]:
    """Returns undecided checkpoints first, each group in the order of asking, without superseded deliverables."""
    rows = (
        *(_approval(state, row) for row in state.approvals.values()),
        *(_question(state, row) for row in state.questions.values()),
        *(_deliverable(state, row) for row in state.deliverables.values() if row.verdict != "superseded"),
    )
    return tuple(sorted(rows, key=lambda row: bool(row.decided)))


def needs(state: TaskState, subtask: SubtaskId) -> Iterator[str]:
    """Yields what this step needs from people, worded to follow `Needs you:`."""
    for row in state.approvals.values():
        if row.approval.subtask == subtask and row.decision is None:
            yield f"approve “{_intent(row.approval)}”"
    for row in state.questions.values():
        if row.question.subtask == subtask and row.answers is None:
            verb = "take over its page:" if row.question.page else "answer"
            yield f"{verb} “{cut(row.question.text, 80)}”"


def _approval(state: TaskState, row: Decided) -> Checkpoint:
    approval = row.approval
    facts = [CardFact(label="Where", value=approval.target)] if approval.target else []
    shown = shown_args(approval.tool, approval.args)
    if approval.held:
        facts += [CardFact(label="Sends", value=approval.held.words)]
        if approval.held.endpoint:
            facts += [CardFact(label="Approving covers", value=f"{approval.held.endpoint}, for the rest of this task")]
    facts += [CardFact(label=name, value=value_words(value)) for name, value in shown.items()]
    if approval.why:
        facts.append(CardFact(label="Reason", value=approval.why))
    if approval.effects:
        facts.append(CardFact(label="Effect", value=", ".join(sorted(e.replace("-", " ") for e in approval.effects))))
    if scope := _long_scope(approval):
        facts.append(CardFact(label="“For this task” covers", value=scope))
    if approval.expires:
        facts.append(CardFact(label="Expires", value=moment(approval.expires)))
    return Checkpoint(
        id=approval.id,
        kind="approval",
        title=f"“{state.title_of(approval.subtask)}” wants to {_intent(approval)}",
        facts=tuple(facts),
        subtask=approval.subtask,
        arguments=shown,
        decided=_decision(row) or _stopped(state, "decided"),
        decided_at=row.at,
        buttons=_approval_buttons(approval) if _open(state, row.decision is None) else (),
    )


def _long_scope(approval: Approval) -> str:
    """Returns what *Approve for this task* allows from then on, if the title and the button have no room to say it."""
    if approval.login:
        return ""
    scope = approval.target or approval.scope
    return scope if len(scope) > _BUTTON else ""


def _intent(approval: Approval) -> str:
    if approval.login:
        return f"use the login {approval.login!r} ({approval.target}) in this task"
    return intent_words(approval.tool, approval.target)


def _approval_buttons(approval: Approval) -> tuple[Button, ...]:
    name = approval.id
    what = approval.login or approval.target or approval.scope or "this exact call"
    whole = f"Approve {what} for this task" if len(what) <= _BUTTON else "Approve for this task"
    return (
        Button(verb="approve", label="Approve once", ref=name, tone="primary"),
        Button(verb="approve-for-task", label=whole, ref=name),
        Button(verb="edit", label="Edit", ref=name, form="arguments"),
        Button(verb="reject", label="Reject", ref=name, tone="danger", form="reason"),
    )


def _decision(row: Decided) -> str:
    if row.decision is None or row.by is None:
        return ""
    reason = f": {row.decision.reason}" if row.decision.reason else ""
    return f"{_DECIDED[row.decision.verb]} by {row.by.name}{reason}"


def _question(state: TaskState, row: Answered) -> Checkpoint:
    question = row.question
    answered = row.answers is not None
    if question.page and question.subtask:
        return _page(state, row, question.subtask)
    labels = {f.name: f.label for f in question.fields}
    facts = tuple(CardFact(label=labels.get(n, n), value=v) for n, v in (row.answers or {}).items())
    return Checkpoint(
        id=question.id,
        kind="question",
        title=question.text,
        facts=facts,
        subtask=question.subtask or "",
        fields=tuple(AskField(name=f.name, label=f.label, options=f.options, required=f.required)
                     for f in question.fields),
        decided=f"Answered by {row.by.name if row.by else 'someone'}" if answered else _stopped(state, "answered"),
        decided_at=row.at,
        buttons=_question_buttons(question) if _open(state, not answered) else (),
    )  # fmt: skip


def _question_buttons(question: Question) -> tuple[Button, ...]:
    """Shows a few short choices at once; everything else has a form. A link leads to the workspace first."""
    if question.leads_to:
        leads = Button(
            verb="open-link", label=question.leads_to, ref=question.id, tone="primary", page=f"link/{question.id}"
        )
        rest = question.model_copy(update={"link": "", "sign_in": "", "kept": None})
        return (leads, *_question_buttons(rest))
    form = Button(verb="answer", label="Answer", ref=question.id, tone="primary", form="answers")
    if len(question.fields) != 1:
        return (form,)
    (field,) = question.fields
    labels = [" ".join(option.split()) for option in field.options]
    if not 0 < len(set(labels)) == len(labels) <= _CHOICES or any(len(label) > _CHOICE for label in labels):
        return (form,)
    chosen = tuple(Button(verb="choose", label=label, ref=f"{question.id}:{n}") for n, label in enumerate(labels))
    return chosen if field.required else (*chosen, form)


def _page(state: TaskState, row: Answered, subtask: SubtaskId) -> Checkpoint:
    """A request for a person to act on the agent's page; shows who has control of it."""
    name, person = row.question.id, state.of(subtask).takeover_by
    could = (row.answers or {}).get(OUTCOME) != COULD_NOT
    who = row.by.name if row.by else "someone"
    decided = (f"Done by {who}" if could else f"{who} couldn’t do it") if row.answers is not None else ""
    return Checkpoint(
        id=name,
        kind="question",
        title=row.question.text,
        facts=(CardFact(label="Now in control", value=person.name),) if person and not decided else (),
        subtask=subtask,
        decided=decided or _stopped(state, "took over the page"),
        decided_at=row.at,
        picture=row.question.picture,
        buttons=_page_buttons(name, subtask) if _open(state, row.answers is None) else (),
    )


def _page_buttons(name: str, subtask: SubtaskId) -> tuple[Button, ...]:
    return (
        Button(
            verb="take-over", label="Take over", ref=name, tone="primary", page=f"takeover/{quote(subtask, safe='')}"
        ),
        Button(verb="handed-back", label="Done, hand back", ref=name),
        Button(verb="could-not", label="Something went wrong", ref=name),
    )


def corrected_since(findings: int) -> str:
    """Returns what makes a file outdated."""
    what = "1 finding behind it has" if findings == 1 else f"{findings} findings behind it have"
    return f"{what} been corrected since"


def _deliverable(state: TaskState, row: Reviewed) -> Checkpoint:
    it = row.deliverable
    bad = [CardFact(label=f"Check failed: {c.name}", value=c.words) for c in it.checks if not c.ok]
    facts = [CardFact(label="From", value=state.title_of(it.subtask)), *bad]
    facts += [CardFact(label="Figures", value=c.words) for c in it.checks if c.ok and UNSOURCED in c.words]
    facts += [CardFact(label=f"Note: {c.name}", value=c.words) for c in it.checks if c.ok and c.told]
    if corrected := state.outdated(row):
        facts.append(CardFact(label="Outdated", value=corrected_since(len(corrected))))
    if it.words:
        facts.insert(0, CardFact(label="Description", value=it.words))
    return Checkpoint(
        id=it.id,
        kind="deliverable",
        title=f"Review {it.file.name}",
        facts=tuple(facts),
        subtask=it.subtask,
        decided=verdict_words(state, row) if row.verdict != "waiting" else _stopped(state, "reviewed it"),
        decided_at=judged(row),
        buttons=_file_buttons(state, row),
    )


def _file_buttons(state: TaskState, row: Reviewed) -> tuple[Button, ...]:
    """Returns the review buttons while it waits, and *Revise* if a finding behind it was corrected."""
    usual = deliverable_buttons(row.deliverable.id) if _open(state, row.verdict == "waiting") else ()
    if not state.revisable(row):
        return usual
    return (Button(verb="revise", label="Revise", ref=row.deliverable.id, tone="primary"), *usual)


def deliverable_buttons(name: str) -> tuple[Button, ...]:
    """Returns what a person can do with a file."""
    return (
        Button(verb="accept", label="Approve", ref=name, tone="primary"),
        Button(verb="request-changes", label="Request changes", ref=name, form="changes"),
        Button(verb="replace", label="Replace with my file", ref=name, form="file"),
    )


def verdict_words(state: TaskState, row: Reviewed) -> str:
    """Returns the state of a file's review in words."""
    by = f" by {row.by.name}" if row.by else ""
    match row.verdict:
        case "waiting":
            return _stopped(state, "reviewed it") or "Waiting for your review"
        case "approved":
            return "Made for a comparison" if state.trial else f"Approved{by}"
        case "changes":
            return f"Changes requested{by}: {row.text}" if row.text else f"Changes requested{by}"
        case "replaced":
            return f"Replaced{by} with their own version"
        case "superseded":
            return "Replaced by a newer version"


def judged(row: Reviewed) -> datetime | None:
    """Returns when a person reviewed this version; None if it has no review."""
    return row.at if row.verdict in ("approved", "changes", "replaced") else None


def _stopped(state: TaskState, verb: str) -> str:
    """Returns why nothing can be decided anymore; empty unless the task was stopped."""
    return f"Stopped before anyone {verb}" if state.phase == "stopped" else ""


def _open(state: TaskState, undecided: bool) -> bool:
    return undecided and state.phase != "stopped"
