"""What people read while a reply streams: its words, never a mark, a thought or a call, at no moment."""

import json
from itertools import accumulate, pairwise

import pytest

from agents.models.text_calls import read
from agents.models.visible_text import OpenCall, argument_so_far, shown
from tests.unit.test_text_calls import FORMS, TOOLS

CALL = '<tool_call>{"name": "read_file", "arguments": {"path": "a.txt"}}</tool_call>'
START = "<|start|>assistant"
WORDS = (
    "Two and three are five, as far as anybody knows.",
    "Less than <5> of [them] {here}.",
    "Code:\n```\n1 < 2\n```\nThat is all.",
    "Action: call the supplier\nReason: the price is open.",
    "Read the list first; read_file(1) is no call here.",
    "```python\nprint(1)\nprint(2)\n```\nThis prints two numbers.",
    "[1] is the price list, [2] the form.",
    "Print the page: print(page) does it.",
)


def moments(text: str) -> list[str]:
    """What could be read after each character."""
    return [shown(so_far, TOOLS) for so_far in accumulate(text)]


@pytest.mark.parametrize("text", WORDS)
def test_words_are_shown_before_the_end_and_never_taken_back(text: str) -> None:
    seen = moments(text)
    assert seen[-1] == text
    assert all(later.startswith(earlier) for earlier, later in pairwise(seen))
    assert len(set(seen)) > 10


@pytest.mark.parametrize("text", [*FORMS.values(), f"I read it.\n{CALL}", "I read it.\nprint(read_file(path='a.txt'))"])
def test_no_moment_shows_a_part_of_a_call(text: str) -> None:
    final = read(text, TOOLS).text
    assert all(final.startswith(seen) for seen in moments(text)), max(moments(text), key=len)


@pytest.mark.parametrize("form", ["tagged", "JSON in a fence", "square brackets", "a section", "invocation"])
def test_the_words_before_a_call_are_shown(form: str) -> None:
    text = f"I have read the first page, and the second one is next.\n{FORMS[form].removeprefix('I read it.')}"
    assert moments(text)[-1] == read(text, TOOLS).text == text.partition("\n")[0]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<think>They want a sum.</think>\n\nIt is five.", "It is five."),
        ("<think>never ends", ""),
        ("[THINK]They want a sum.[/THINK]It is five.", "It is five."),
        (f"<|channel|>analysis<|message|>They want a sum.<|end|>{START}<|channel|>final<|message|>It is five.",
         "It is five."),
        ("analysisThey want a sum.assistantfinalIt is five.", "It is five."),
        ("analysisThey want a sum.assistantcommentaryI add them.", "I add them."),
    ],
)  # fmt: skip
def test_thoughts_are_never_shown(text: str, read: str) -> None:
    seen = moments(text)
    assert seen[-1] == read
    assert all(read.startswith(one) for one in seen)


def test_thoughts_without_an_opening_mark_are_held_back_once_they_are_expected() -> None:
    text = "They want a sum.\n</think>\n\nIt is five."
    assert [shown(so_far, thinks_aloud=True) for so_far in accumulate(text)][:20] == [""] * 20
    assert shown(text) == shown(text, thinks_aloud=True) == "It is five."


@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_a_spoken_argument_is_read_as_far_as_it_has_come(piece: int) -> None:
    text = 'A “list”:\n- one\t\\ two\n- "three" 😀 €5\u2028end'
    for arguments in (json.dumps({"text": text}), json.dumps({"level": [1, {"a": "b"}], "text": text, "end": "x"})):
        so_far = [arguments[: at + piece] for at in range(0, len(arguments), piece)]
        seen = [argument_so_far(OpenCall("answer", one), "answer", "text") for one in so_far]
        whole = [one.encode("utf-16", "surrogatepass").decode("utf-16", "ignore") for one in seen]
        assert whole[-1] == text
        assert all(text.startswith(one) for one in whole)


@pytest.mark.parametrize(
    "call",
    [
        None,
        OpenCall("propose_plan", '{"text": "no answer"'),
        OpenCall("ans", ""),
        OpenCall("answer", '{"text": {"text": "deeper"}}'),
        OpenCall("answer", '{"words": "other"'),
        OpenCall("answer", '"{\\"text\\": 1}"'),
        OpenCall("answer", "no JSON"),
        OpenCall("answer", "[" * 5000),
    ],
)
def test_nothing_else_of_a_call_is_read(call: OpenCall | None) -> None:
    assert argument_so_far(call, "answer", "text") == ""


@pytest.mark.parametrize("text", ["Action: think hard\n" * 3 + FORMS["action and input"].partition("\n")[2]])
def test_a_call_after_words_that_look_like_one_is_held_back(text: str) -> None:
    assert all("read_file" not in seen for seen in moments(text))
    assert moments(text)[-1] == read(text, TOOLS).text


@pytest.mark.parametrize(
    "text",
    [
        "Action:" + " " * 200_000 + "x",
        "\nAction: read_file" * 20_000,
        "```\n" * 50_000,
        "<think></think>" * 3_000,
        "[" * 200_000,
        "print(" * 50_000,
        "<tool" * 50_000,
        " " * 200_000 + "x",
    ],
)
def test_no_reply_takes_long_to_read(text: str) -> None:
    shown(text, TOOLS)
    argument_so_far(OpenCall("answer", f'{{"text": "{text}'), "answer", "text")


def test_a_long_reply_is_read_in_no_time() -> None:
    text = ("A sentence of an answer, with a number (12.5) and a `name`.\n" * 400) + "```\ncode\n```\nend"
    assert len(shown(text, TOOLS)) == len(text)
