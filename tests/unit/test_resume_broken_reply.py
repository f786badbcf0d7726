"""What is kept of a reply that broke off, and how the rest of it is joined to that."""

import pytest

from agents.models.resume_broken_reply import LEAST, NOTHING_KEPT, KeptWords, continued, joined_words, kept, whole
from orchestrator.domain.ids import CallId
from orchestrator.domain.model_messages import Answer, Prompt, Reply, Said
from orchestrator.domain.tool_calls import Call

LINES = [f"Line {n} of the report says something about the year {1990 + n}." for n in range(10)]
TEXT = "\n".join(LINES)


def test_words_are_kept_up_to_the_last_whole_line_or_word() -> None:
    assert kept(NOTHING_KEPT, TEXT) == KeptWords("\n".join(LINES[:-1]), "\n")
    flat = "word " * 100 + "hal"
    assert kept(NOTHING_KEPT, flat) == KeptWords(("word " * 100).strip(), " ")
    assert kept(NOTHING_KEPT, "x" * (LEAST - 50) + " and") == NOTHING_KEPT
    before = kept(NOTHING_KEPT, TEXT)
    assert kept(before, "") == before
    assert kept(before, LINES[-1] + "\nOne more l").text == TEXT


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (LINES[-1], TEXT),
        ("\n" + LINES[-1], TEXT),
        (LINES[-2] + "\n" + LINES[-1], TEXT),
        (TEXT, TEXT),
        ("    indented code", "\n".join(LINES[:-1]) + "\n    indented code"),
        (LINES[-2], "\n".join(LINES[:-1])),
    ],
)
def test_the_rest_is_joined_without_repeating_anything(more: str, text: str) -> None:
    assert joined_words(kept(NOTHING_KEPT, TEXT), more) == text


def test_only_words_are_continued_and_an_empty_answer_stays_empty() -> None:
    words = kept(NOTHING_KEPT, TEXT)
    prompt = Prompt(model="m", messages=(Said(role="user", text="Go."),))
    assert continued(prompt, NOTHING_KEPT) == prompt
    forced = prompt.model_copy(update={"must_call": True})
    assert continued(forced, words) == forced
    assert continued(prompt, words).messages[1] == Reply(text=words.text)
    assert whole(words, Answer(reply=Reply(), model="m")).reply == Reply()
    call = Call(id=CallId("1"), tool="read_file", args={})
    assert whole(words, Answer(reply=Reply(calls=(call,)), model="m")).reply == Reply(text=words.text, calls=(call,))


FACTS = (
    "The notes hold two facts about the launch.\nFirst, the launch is planned for Friday, and nothing says which one.\n"
    "Second, the budget is 40,000 euros, without a word about what it pays for or who decided on it."
)


def test_a_reply_that_starts_again_in_other_words_replaces_the_kept_ones() -> None:
    again = (
        "There are two facts in the notes: a launch planned for Friday, without saying which one, and a budget of "
        "40,000 euros, with no word on what it pays for. Nobody is named as the owner."
    )
    assert joined_words(KeptWords(FACTS, "\n"), again) == again


def test_a_rest_on_the_same_subject_is_still_joined() -> None:
    rest = "Third, the launch has no owner, so somebody should be asked who answers for the budget on Friday."
    assert joined_words(KeptWords(FACTS, "\n"), rest) == f"{FACTS}\n{rest}"
    names = [
        f"{name} lists no price on its page and sells through partners." for name in ("Northwind", "Lakeview", "Harbor")
    ]
    assert joined_words(KeptWords("\n".join(names), "\n"), names[0].replace("Northwind", "Summit")).count("\n") == 3
