"""Decides what a message typed in a task's thread means: an answer, a start, words for the agents, or nothing for us.

Pure, and the same on every platform. An approval is never given by typing: whoever tries is shown the button.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.buttons import short_replies
from bot.buttons.press import Press
from bot.buttons.short_replies import Kind
from bot.buttons.status_questions import nudges, standing
from bot.buttons.typed_choice import certain, fitted, names_a_choice, offers, own_words
from bot.cards.card import Button
from bot.cards.tool_call_wording import cut
from orchestrator.domain.approvals_and_questions import Question
from orchestrator.domain.ids import QuestionId, SubtaskId
from orchestrator.domain.task import Reviewed, SubtaskState, TaskState
from orchestrator.errors import NotFound

ANSWER_WITH, CHANGE_WITH, APPROVE_WITH, PASS_ON = "answer-with", "change-with", "approve-with", "pass-on"
NEW_REQUEST = "new-request"
"""Verbs of buttons that use the words a person has already typed."""
KEPT = frozenset((ANSWER_WITH, CHANGE_WITH, APPROVE_WITH, PASS_ON, NEW_REQUEST))
MOST_BUTTONS, TALK = 10, "talk"
_TITLE = 60
_TO_END = "To end the task, press Stop on the card."


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
    """It does nothing, so the person is shown what would, once per `about`. `says`: the agents hear it all the same.
    `buttons`: use these words, so they are shown every time."""

    words: str
    about: str
    says: bool = False
    buttons: tuple[Button, ...] = ()


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
    `to_others`: it speaks to other people; `in_talk`: people were just speaking to each other. `subtask`: the only step
    it is for. `attached`: names of its files, and what else it carries, as words for a message without text."""

    text: str
    kept: str
    attached: str = ""
    replies_to: str = ""
    to_others: bool = False
    in_talk: bool = False
    subtask: SubtaskId | None = None


def attached(files: Sequence[str], *, forwards: bool = False) -> str:
    """Returns words for what a message carries besides its text; empty for nothing."""
    named = f"See the attached {'file' if len(files) == 1 else 'files'}: {', '.join(files)}." if files else ""
    return " ".join(part for part in (named, "See the forwarded message." if forwards else "") if part)


def meaning(state: TaskState, typed: Typed) -> Meaning:
    """Returns what the message means now."""
    if typed.to_others:
        return Nothing()
    typed = replace(typed, text=own_words(typed.text) or typed.attached)
    if state.phase == "stopped":
        return Points("This task was stopped. Mention me to start another.", "stopped")
    said = frozenset[Kind]() if typed.attached else short_replies.kinds(typed.text)
    asked = open_questions(state, typed.subtask)
    quoted = next((q for q in asked if q.id == typed.replies_to), None)
    decided = list(decided_by_buttons(state, typed))
    if quoted is None and decided and (short_replies.agrees(said) or short_replies.refuses(said) or "done" in said):
        return _to_buttons(decided, asked)
    if (
        quoted is None
        and not state.final
        and "stop" in said
        and not any(fitted(q, typed.text) for q in asked if offers(q))
    ):
        return Points("Press Stop on the card to end this task.", f"stop/{state.rounds}")
    if quoted is not None or asked:
        return _to_question(typed, said, [quoted] if quoted else asked)
    return _without_question(state, typed, said)


def open_questions(state: TaskState, subtask: SubtaskId | None = None) -> list[Question]:
    """Returns the questions that words can answer now. `subtask`: only those of this step."""
    rows = [r.question for r in state.questions.values() if r.answers is None and r.question.takes_words]
    return [q for q in rows if subtask in (None, q.subtask)]


def decided_by_buttons(state: TaskState, typed: Typed) -> Iterator[tuple[str, str]]:
    """Yields what only a button decides: its id, and how to decide it."""
    for row in state.approvals.values():
        if row.decision is None and typed.subtask in (None, row.approval.subtask):
            where = f" ({cut(row.approval.target, _TITLE)})" if row.approval.target else ""
            yield row.approval.id, f"Press Approve once or Reject below the request{where}."
    for row in state.questions.values():
        if row.answers is None and not (q := row.question).takes_words:
            yield q.id, f"Press {'“Done, hand back”' if q.page else 'a button'} below “{cut(q.text, _TITLE)}”."
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
    named = [question for question in asked if fits and names_a_choice(question, typed.text)]
    could = list({question.id: question for question in (*(question for question, _ in fits), *named)}.values())
    about = "/".join(sorted(q.id for q in asked))
    if typed.in_talk and not typed.replies_to and could and not any(certain(q, typed.text) for q in could):
        words = f"I left that between you. To answer “{cut(could[0].text, _TITLE)}”, mention me, or press Answer."
        return Points(words, f"{TALK}/{about}")
    if len(could) == 1:
        return Answers(fits[0][0].id, fits[0][1])
    if could:
        buttons = [kept_button(ANSWER_WITH, q.id, typed, cut(q.text, _TITLE)) for q in could[: MOST_BUTTONS - 1]]
        rest = kept_button(PASS_ON, "", typed, "None of these: pass my message on", tone="plain")
        return Ambiguous(f"Which question does “{cut(typed.text, _TITLE)}” answer?", (*buttons, rest))
    words = " ".join(map(_how, asked[:3]))
    if nudges(typed.text):
        return Points(words, about)
    own = [q for q in asked[: MOST_BUTTONS - 1] if _takes_own_words(q, typed.text)]
    label = "Answer with my own words" if len(asked) == 1 else "Answer “{}” with my own words"
    buttons = [kept_button(ANSWER_WITH, q.id, typed, label.format(cut(q.text, _TITLE // 2))) for q in own]
    return Points(words, about, says=True, buttons=tuple(buttons))


def _takes_own_words(question: Question, text: str) -> bool:
    """Returns whether the text, which isn't clearly an answer, may be one: `blue` as none of the choices, `Berlin?`."""
    few = len(text.split()) == 1 if short_replies.asks(text) else bool(question.fields[0].options)
    return len(question.fields) == 1 and few


def _how(question: Question) -> str:
    named = f"“{cut(question.text, _TITLE)}” is still open."
    if len(question.fields) > 1:
        return f"{named} Press Answer, or write a line for each field, such as “{question.fields[0].label}: …”."
    if question.fields and question.fields[0].options:
        return f"{named} Press a choice."
    return f"{named} Type your answer, or press Answer."


def kept_button(verb: str, ref: str, typed: Typed, label: str, tone: str = "primary") -> Button:
    """Returns a button that uses the words of the message."""
    return Button(verb=verb, label=label, ref=f"{ref}:{typed.kept}", tone="primary" if tone == "primary" else "plain")


def _without_question(state: TaskState, typed: Typed, said: frozenset[Kind]) -> Meaning:
    if short_replies.polite(said) and typed.subtask is None:
        return Nothing()
    if state.phase == "running" and (waits := _unheard(state, typed)):
        return waits
    if typed.subtask is not None:
        return Says()
    match state.phase:
        case "review" if short_replies.starts(said):
            return Starts(state.version)
        case "review" if short_replies.agrees(said) or short_replies.refuses(said):
            words = "The plan is ready. Press Start on the card, or say what should change."
            return Points(words, f"start/{state.version}")
        case "paused" if short_replies.agrees(said):
            return Points("This task is paused. Press Resume on the card to continue.", f"resume/{state.seq}")
        case "paused":
            words = "Passed on to the agents. This task is paused, so press Resume on the card to continue."
            return Points(words, f"paused/{state.rounds}", says=True)
        case "running" | "planning" if short_replies.agrees(said):
            return Nothing()
        case "running" | "planning" if nudges(typed.text):
            return Points(standing(state), f"standing/{state.seq if state.started else state.rounds}")
        case "running":
            words = f"Passed on to the agents, who will read it before their next turn. {_TO_END}"
            if short_replies.asks(typed.text):
                return Points(f"{standing(state)} {words}", f"standing/{state.seq}", says=True)
            return Points(words, f"running/{state.rounds}", says=True)
        case "done" | "answered" if said and not _asked_back(state):
            return Nothing()
        case _:
            return Says()


def _asked_back(state: TaskState) -> bool:
    """Returns whether our last words were a question, so that a `yes` belongs to it."""
    ours = [line.text for line in state.lines if line.by is None]
    return any("?" in text for text in (*ours[-1:], state.words))


def _unheard(state: TaskState, typed: Typed) -> Points | Ambiguous | None:
    """Returns what to show if no step hears these words before a button is pressed; None if one does."""
    names = [s.id for s in state.plan.subtasks if typed.subtask in (None, s.id)] if state.plan else []
    if any(_hears(state.of(name)) for name in names):
        return None
    if typed.subtask is None and all(state.of(name).status in ("review", "done", "skipped") for name in names):
        waiting = state.pending_deliverables()
        return _about_files(typed, waiting) if waiting else None
    waits = [*decided_by_buttons(state, typed), *_failed(state, names)]
    if not waits:
        return None
    how = list(dict.fromkeys(words for _, words in waits))[:3]
    words = " ".join(["Passed on to the agents, but the work is waiting for someone to press a button.", *how, _TO_END])
    return Points(words, "heard/" + "/".join(sorted(id_ for id_, _ in waits)), says=True)


def _hears(step: SubtaskState) -> bool:
    if step.status == "parked":
        return step.waits is None or not (step.waits.approvals or step.waits.questions)
    return step.status in ("running", "retrying", "revising")


def _failed(state: TaskState, names: Sequence[SubtaskId]) -> Iterator[tuple[str, str]]:
    for name in names:
        if state.of(name).status == "failed":
            yield (
                f"{name}:{state.of(name).attempt}",
                f"Press Retry or Skip below “{cut(state.title_of(name), _TITLE)}”.",
            )


def _about_files(typed: Typed, waiting: Sequence[Reviewed]) -> Ambiguous:
    """Nobody works who could hear what is said, so it may be about one of the files that wait for review."""
    buttons: list[Button] = []
    for row in waiting[: MOST_BUTTONS // 2 - 1]:
        buttons.append(kept_button(CHANGE_WITH, row.deliverable.id, typed, cut(f"Change {row.file.name}", _TITLE)))
        buttons.append(
            kept_button(APPROVE_WITH, row.deliverable.id, typed, cut(f"Approve {row.file.name}", _TITLE), tone="plain")
        )
    buttons.append(kept_button(PASS_ON, "", typed, "Neither" if len(waiting) == 1 else "None of these", tone="plain"))
    words = f"The work is waiting for your review. What should happen with “{cut(typed.text, _TITLE)}”?"
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
            if found is None and row and len(row.question.fields) == 1:
                found = {row.question.fields[0].name: own_words(press.words)}
            if found is None:
                raise NotFound("That doesn't answer the question; press Answer.")
            return replace(press, verb="answer", answers=found, own_words=True)
        case "change-with":
            return replace(press, verb="request-changes")
        case "approve-with":
            return replace(press, verb="accept", words="")
        case _:
            return press
