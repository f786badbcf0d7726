"""Text and data from outside: cleaned or refused, in one place."""

import json

import pytest
from pydantic import JsonValue

from agents.models import openai_format
from orchestrator.domain import clean_outside_text
from orchestrator.domain.ids import CallId
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.tool_calls import Call, CallResult, Label


def nested(levels: int) -> JsonValue:
    value: JsonValue = 1
    for _ in range(levels):
        value = [value]
    return value


def test_a_lone_surrogate_and_nul_become_a_replacement_mark_and_a_pair_is_joined() -> None:
    assert clean_outside_text.text("a\ud800b\0c") == "a\ufffdb\ufffdc"
    assert clean_outside_text.text("\ud83d\ude00!") == "\U0001f600!"
    assert clean_outside_text.text("a\udfff") == "a\ufffd"
    assert clean_outside_text.text("plain 電池 \U0001f600\n") == "plain 電池 \U0001f600\n"


def test_data_is_cleaned_in_its_names_too() -> None:
    assert clean_outside_text.data({"a\ud800": ["\0", 1, None, True, 1.5]}) == {
        "a\ufffd": ["\ufffd", 1, None, True, 1.5]
    }


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (float("nan"), "isn't finite"),
        ([float("inf")], "isn't finite"),
        (10**5000, "digits"),
        (nested(1000), "deep"),
        ({1: 2}, "name that isn't text"),
        ({"a": b"x"}, "bytes"),
    ],
    ids=["nan", "infinity", "huge", "deep", "key", "bytes"],
)
def test_what_json_cannot_hold_everywhere_is_refused(value: object, why: str) -> None:
    with pytest.raises(clean_outside_text.Unfit, match=why):
        clean_outside_text.data(value)


@pytest.mark.parametrize("raw", ["[NaN]", "[1e999]", "1" * 5000, "[" * 100_000, "{", b"\xff"])
def test_json_that_cannot_be_kept_is_refused(raw: str | bytes) -> None:
    with pytest.raises(clean_outside_text.Unfit):
        clean_outside_text.parsed(raw)


def test_a_value_is_cleaned_whole_and_stays_the_same_object_when_it_is_clean() -> None:
    call = Call(id=CallId("a"), tool="t", args={"x": ["\ud800y", 1]})
    cleaned = clean_outside_text.value(Reply(text="a\udfff", calls=(call,)))
    assert cleaned == Reply(text="a\ufffd", calls=(call.model_copy(update={"args": {"x": ["\ufffdy", 1]}}),))
    fine = CallResult(ok=True, text="fine", labels=frozenset({Label.UNTRUSTED}))
    assert clean_outside_text.value(fine) is fine
    assert clean_outside_text.value(fine.model_copy(update={"text": "\0"})).labels == fine.labels


def test_a_value_with_unfit_data_is_refused() -> None:
    call = Call(id=CallId("a"), tool="t", args={})
    for unfit in (float("nan"), 10**5000, nested(1000)):
        with pytest.raises(clean_outside_text.Unfit):
            clean_outside_text.value(call.model_copy(update={"args": {"x": unfit}}))


@pytest.mark.parametrize("arguments", ['{"a": NaN}', '{"a": 1e999}', '{"a": ' + "9" * 5000 + "}", '{"a":' + "[" * 5000])
def test_a_models_unfit_arguments_are_a_problem_that_it_is_told(arguments: str) -> None:
    call = {"id": "1", "function": {"name": "t", "arguments": arguments}}
    found = openai_format.read({"content": "x", "tool_calls": [call]})
    assert found.problem.startswith("the arguments to 't' are ")


def test_a_models_surrogates_are_cleaned_wherever_they_are() -> None:
    call = {"id": "\ud800", "function": {"name": "t\ud800", "arguments": json.dumps({"a\ud800": "\ud800\0"})}}
    found = openai_format.read({"content": "x\ud800", "tool_calls": [call]})
    assert found.problem == ""
    found.reply.model_dump_json()
    assert found.reply.calls[0].args == {"a\ufffd": "\ufffd\ufffd"}
