"""Decides what a message typed in a task's thread means: an answer, a start, words for the agents, or nothing for us.

Pure, and the same on every platform. An approval is never given by typing: whoever tries is shown the button.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.buttons import form_values, short_replies
from bot.buttons.press import Press
from bot.buttons.short_replies import Kind
from bot.buttons.typed_choice import choice_of
from bot.cards.card import Button
from bot.cards.tool_call_wording import cut
from orchestrator.domain.approvals import Question
from orchestrator.domain.ids import QuestionId, SubtaskId
from orchestrator.domain.task import Reviewed, TaskState
from orchestrator.errors import NotFound, Refused

ANSWER_WITH, CHANGE_WITH, PASS_ON = "answer-with", "change-with", "pass-on"
"""Verbs of buttons that use the words a person has already typed."""
KEPT = frozenset((ANSWER_WITH, CHANGE_WITH, PASS_ON))
MOST_BUTTONS = 10
_TITLE = 60


@dataclass(frozen=True, slots=True)
class Answers:
    """It answers that question."""

    question: QuestionId
    answers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Starts:
    """It starts the plan."""

    version: int


@dataclass(frozen=True, slots=True)
class Points:
    """It does nothing, so the person is shown what would, once per `about`. `says`: the agents hear it all the same."""

    words: str
    about: str
    says: bool = False


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """It could mean several things; the words wait until the person has pressed a button."""

    words: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Says:
    """It is for the agents or, while nobody works, for the planner."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """It is talk between people."""


Meaning = Answers | Starts | Points | Ambiguous | Says | Nothing


@dataclass(frozen=True, slots=True)
class Typed:
    """A message. `kept`: names it in the refs of buttons. `replies_to`: the checkpoint it replies to, if it quotes one.
    `to_others`: it speaks to other people. `subtask`: the only step it is for."""

    text: str
    kept: str
    files: bool = False
    replies_to: str = ""
    to_others: bool = False
    subtask: SubtaskId | None = None


def meaning(state: TaskState, typed: Typed) -> Meaning:
    """Returns what the message means now."""
    if typed.to_others:
        return Nothing()
    if state.phase == "stopped":
        return Points("This task was stopped. Mention me to start another.", "stopped")
    said = frozenset[Kind]() if typed.files else short_replies.kinds(typed.text)
    asked = open_questions(state, typed.subtask)
    quoted = next((q for q in asked if q.id == typed.replies_to), None)
    decided = list(_decided_by_buttons(state, typed))
    if quoted is None and decided and (short_replies.agrees(said) or short_replies.refuses(said) or "done" in said):
        return _to_buttons(decided, asked)
    if (
        quoted is None
        and not state.final
        and "stop" in said
        and not any(fitted(q, typed.text) for q in asked if _offers(q))
    ):
        return Points("Press Stop on the card to end this task.", f"stop/{state.rounds}")
    if quoted is not None or asked:
        return _to_question(typed, said, [quoted] if quoted else asked)
    return _without_question(state, typed, said)


def belongs_to_the_wait(state: TaskState, text: str) -> bool:
    """Returns whether a new message of a person who is alone with the bot is about what waits in that task: a short
    reply, a choice, or a number."""
    asked = open_questions(state) if state.phase != "stopped" else []
    waits = (
        bool(asked) or state.phase == "review" or any(True for _ in _decided_by_buttons(state, Typed(text, kept="")))
    )
    if not waits or short_replies.polite(short_replies.kinds(text)):
        return False
    number = bool(text.strip()) and not any(c.isalpha() for c in text) and any(c.isdigit() for c in text)
    return bool(short_replies.kinds(text)) or any(fitted(q, text) for q in asked if _offers(q) or number)


def open_questions(state: TaskState, subtask: SubtaskId | None = None) -> list[Question]:
    """Returns the questions that words can answer now. `subtask`: only those of this step."""
    rows = [row.question for row in state.questions.values() if row.answers is None and not row.question.page]
    return [q for q in rows if subtask in (None, q.subtask)]


def fitted(question: Question, text: str) -> dict[str, str] | None:
    """Returns the answers that these words give, by field; None if they don't fit the question."""
    fields, text = question.fields, text.strip()
    if len(fields) == 1 and fields[0].options:
        at = choice_of(text, fields[0].options)
        return None if at is None else {fields[0].name: fields[0].options[at]}
    if len(fields) == 1:
        return {fields[0].name: text} if text and not _asks_back(text) else None
    try:
        lines = form_values.by_line(text, {f.label: f.name for f in fields})
        return form_values.answers(lines, fields) if lines else None
    except Refused:
        return None


def _offers(question: Question) -> bool:
    return any(field.options for field in question.fields)


def _asks_back(text: str) -> bool:
    return text.rstrip().endswith(("?", "？")) and len(text.split()) > 1


def _decided_by_buttons(state: TaskState, typed: Typed) -> Iterator[tuple[str, str]]:
    """Yields what only a button decides: its id, and how to decide it."""
    for row in state.approvals.values():
        if row.decision is None and typed.subtask in (None, row.approval.subtask):
            where = f" ({cut(row.approval.target, _TITLE)})" if row.approval.target else ""
            yield row.approval.id, f"Press Approve once or Reject below the request{where}."
    for row in state.questions.values():
        if row.answers is None and row.question.page:
            yield row.question.id, f"Press “Done, hand back” below “{cut(row.question.text, _TITLE)}”."
    for row in state.pending_deliverables():
        yield row.deliverable.id, f"Press Approve or Request changes below {row.deliverable.file.name}."


def _to_buttons(decided: Sequence[tuple[str, str]], asked: Sequence[Question]) -> Points:
    how = list(dict.fromkeys(words for _, words in decided))[:3]
    if asked:
        how.append(f"To answer “{cut(asked[0].text, _TITLE)}”, press its button or reply to its message.")
    words = " ".join(["You can't decide this by typing; use the button.", *how])
    return Points(words, "/".join(sorted(id_ for id_, _ in decided)))


def _to_question(typed: Typed, said: frozenset[Kind], asked: Sequence[Question]) -> Meaning:
    if short_replies.polite(said):
        return Nothing()
    fits = [(question, found) for question in asked if (found := fitted(question, typed.text)) is not None]
    if len(fits) == 1:
        return Answers(fits[0][0].id, fits[0][1])
    about = "/".join(sorted(q.id for q in asked))
    if fits:
        buttons = [_with(ANSWER_WITH, q.id, typed, cut(q.text, _TITLE)) for q, _ in fits[: MOST_BUTTONS - 1]]
        rest = _with(PASS_ON, "", typed, "None of these: tell the agents", tone="plain")
        return Ambiguous(f"Which question does “{cut(typed.text, _TITLE)}” answer?", (*buttons, rest))
    return Points(" ".join(map(_how, asked[:3])), about, says=True)


def _how(question: Question) -> str:
    named = f"“{cut(question.text, _TITLE)}” is still open."
    if len(question.fields) > 1:
        return f"{named} It has several fields, so press Answer."
    if question.fields and question.fields[0].options:
        return f"{named} Press a choice, or type its text or number."
    return f"{named} Type your answer, or press Answer."


def _with(verb: str, ref: str, typed: Typed, label: str, tone: str = "primary") -> Button:
    return Button(verb=verb, label=label, ref=f"{ref}:{typed.kept}", tone="primary" if tone == "primary" else "plain")


def _without_question(state: TaskState, typed: Typed, said: frozenset[Kind]) -> Meaning:
    if typed.subtask is not None:
        return Says()
    if short_replies.polite(said):
        return Nothing()
    match state.phase:
        case "review" if short_replies.starts(said):
            return Starts(state.version)
        case "review" if short_replies.agrees(said) or short_replies.refuses(said):
            words = "The plan is ready. Press Start on the card, or say what should change."
            return Points(words, f"start/{state.version}")
        case "paused" if short_replies.agrees(said):
            return Points("This task is paused. Press Resume on the card to continue.", f"resume/{state.seq}")
        case "running" | "planning" if short_replies.agrees(said):
            return Nothing()
        case "done" | "answered" if said and not _asked_back(state):
            return Nothing()
        case "running" if waiting := _only_review_is_left(state):
            return _changes(typed, waiting)
        case _:
            return Says()


def _asked_back(state: TaskState) -> bool:
    """Returns whether our last words were a question, so that a `yes` belongs to it."""
    ours = [line.text for line in state.lines if line.by is None]
    return any("?" in text for text in (*ours[-1:], state.words))


def _only_review_is_left(state: TaskState) -> list[Reviewed]:
    """Returns the files that wait, if nobody works who could hear what is said."""
    ended = (
        all(state.of(s.id).status in ("review", "done", "skipped") for s in state.plan.subtasks)
        if state.plan
        else False
    )
    return list(state.pending_deliverables()) if ended else []


def _changes(typed: Typed, waiting: Sequence[Reviewed]) -> Ambiguous:
    rows = waiting[: MOST_BUTTONS - 1]
    buttons = [_with(CHANGE_WITH, r.deliverable.id, typed, cut(f"Change {r.file.name}", _TITLE)) for r in rows]
    words = f"The work is waiting for your review. Which file is “{cut(typed.text, _TITLE)}” about?"
    return Ambiguous(words, tuple(buttons))


def kept_ref(ref: str) -> tuple[str, str]:
    """Returns what a button is about and the message whose words it uses."""
    about, _, kept = ref.partition(":")
    return about, kept


def pressed(press: Press, state: TaskState) -> Press:
    """Returns the ordinary press that one with kept words means. Raises a kind of Refused."""
    match press.verb:
        case "answer-with":
            row = state.questions.get(QuestionId(press.ref))
            found = fitted(row.question, press.words) if row else None
            if found is None:
                raise NotFound("That doesn't answer the question; press Answer.")
            return replace(press, verb="answer", answers=found)
        case "change-with":
            return replace(press, verb="request-changes")
        case _:
            return press
