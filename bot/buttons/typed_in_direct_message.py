"""Decides whether a new message of a person who is alone with the bot is about what waits there, or is a new request.

Pure. In a direct message people don't reply in the task's thread, least of all where there are no threads.
"""

import unicodedata
from collections.abc import Sequence

from bot.buttons import short_replies
from bot.buttons.typed_choice import certain, fitted, own_words
from bot.buttons.typed_reply import (
    ANSWER_WITH,
    MOST_BUTTONS,
    NEW_REQUEST,
    PASS_ON,
    Ambiguous,
    Typed,
    decided_by_buttons,
    kept_button,
    open_questions,
)
from bot.cards.card import Button
from bot.cards.tool_call_wording import cut
from orchestrator.domain.approvals_and_questions import Question
from orchestrator.domain.task import TaskState

MOST_REPLY = 100
_SHORT_WORDS, _SHORT_COLUMNS = 4, 24
"""Of an answer that is taken without asking."""
_SAID, _TITLE = 60, 40


def belongs_to_the_wait(state: TaskState, typed: Typed) -> bool:
    """Returns whether the message is surely about what waits in that task: a short reply, a choice, or a number."""
    text = own_words(typed.text)
    if typed.attached or len(text) > MOST_REPLY:
        return False
    asked = open_questions(state) if state.phase != "stopped" else []
    waits = bool(asked) or state.phase == "review" or any(True for _ in decided_by_buttons(state, typed))
    said = short_replies.kinds(text)
    if not waits or short_replies.polite(said):
        return False
    return bool(said) or any(fitted(q, text) for q in asked if certain(q, text))


def waits_for_words(state: TaskState) -> bool:
    """Returns whether the person's next words may well be for this task."""
    return state.phase != "stopped" and (state.phase == "review" or bool(open_questions(state)))


def meant(state: TaskState, typed: Typed) -> bool | Ambiguous:
    """Returns whether other words are for the only task that waits for words, or how to ask the person."""
    asked, text = open_questions(state), own_words(typed.text) or typed.attached
    if short_replies.polite(short_replies.kinds(typed.text)):
        return False
    if len(asked) == 1 and _free(asked[0]) and (not typed.text.strip() or _short(text)):
        return True
    words = f"“{cut(_title(state), _SAID)}” is waiting for you. What is “{cut(text, _SAID)}”?"
    request = kept_button(NEW_REQUEST, "", typed, "A new request", tone="plain")
    return Ambiguous(words, (*_uses(asked, typed), request))


def which(states: Sequence[TaskState], typed: Typed) -> Ambiguous:
    """Returns how to ask for which of several tasks that wait the words are."""
    text = own_words(typed.text) or typed.attached
    words = f"{len(states)} of your tasks are waiting for you. What is “{cut(text, _SAID)}”?"
    each = [button for state in states for button in _uses_in(state, typed)]
    request = kept_button(NEW_REQUEST, "", typed, "A new request", tone="plain")
    return Ambiguous(words, (*each[: MOST_BUTTONS - 1], request))


def _uses_in(state: TaskState, typed: Typed) -> list[Button]:
    """Offers the same as `_uses`, with the task's title."""
    title = cut(_title(state), _TITLE // 2)
    answers = [q for q in open_questions(state) if len(q.fields) == 1]
    made = [kept_button(ANSWER_WITH, q.id, typed, f"{title}: {cut(q.text, _TITLE)}") for q in answers]
    return [one.model_copy(update={"task": state.id}) for one in made or [kept_button(PASS_ON, "", typed, title)]]


def _title(state: TaskState) -> str:
    return state.plan.title if state.plan else state.request.text if state.request else ""


def _uses(asked: Sequence[Question], typed: Typed) -> list[Button]:
    """Offers what the words can be in that task."""
    if not asked:
        return [kept_button(PASS_ON, "", typed, "A change to this plan")]
    answers = [q for q in asked if len(q.fields) == 1][: MOST_BUTTONS - 2]
    buttons = [kept_button(ANSWER_WITH, q.id, typed, f"The answer to “{cut(q.text, _TITLE)}”") for q in answers]
    return [*buttons, kept_button(PASS_ON, "", typed, "A message about this task", tone="plain")]


def _free(question: Question) -> bool:
    return len(question.fields) == 1 and not question.fields[0].options


def _short(text: str) -> bool:
    """A few words that ask nothing."""
    wide = sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)
    few = len(text.split()) <= _SHORT_WORDS and wide <= _SHORT_COLUMNS
    return few and not short_replies.asks(text) and "://" not in text
