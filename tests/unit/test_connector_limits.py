"""The limits on what a server sends, and the forms and links that it asks people for."""

from typing import Any

import pytest

from agents.connectors.call_types import Asked, FormAsked, LinkAsked, PersonReply
from agents.connectors.incoming_limits import BURST_BYTES, BURST_MESSAGES, Allowance, LastWords, LineLimit
from agents.connectors.server_questions import ACTION, question, reply
from tests.unit.test_connector_connection import Paused


def test_lines_are_cut_out_of_any_pieces_and_long_ones_are_dropped() -> None:
    limit = LineLimit(most=10)
    pieces = [b"one\ntw", b"o\n", b"x" * 8, b"x" * 8, b"x\nthr", b"ee\n\n"]
    assert [line.line for piece in pieces for line in limit.feed(piece)] == [b"one", b"two", None, b"three", b""]


async def test_a_flood_is_slowed_down_and_a_usual_answer_is_not() -> None:
    clock = Paused()
    allowance = Allowance(clock.now, clock.pause)
    await allowance.spend(BURST_BYTES, BURST_MESSAGES)
    assert clock.waits == []
    await allowance.spend(2 << 20, 1)
    await allowance.spend(0, 300)
    assert clock.waits == pytest.approx([2, 1.01], abs=0.02)
    clock.at += 3600
    await allowance.spend(BURST_BYTES, BURST_MESSAGES)
    assert len(clock.waits) == 2


def test_the_last_words_of_a_server_are_short() -> None:
    last = LastWords()
    last.hear(b"x" * 5000 + b"\xff the end ")
    last.hear(b"  ")
    assert len(last.text) == 300 and last.text.endswith("the end")


def form(**fields: Any) -> FormAsked:
    return FormAsked("Please fill in.", {"type": "object", "properties": fields, "required": ["city"]})


def test_choices_and_yes_or_no_become_options() -> None:
    asked = form(
        city={"type": "string", "enum": ["ulm", "bonn"], "enumNames": ["Ulm", "Bonn"]},
        fast={"type": "boolean", "title": "Quickly?"},
        size={"oneOf": [{"const": "s", "title": "Small"}, {"const": "l", "title": "Large"}]},
    )
    shown = question("boxes", asked)
    assert [field.options for field in shown.fields[:3]] == [("Ulm", "Bonn"), ("yes", "no"), ("Small", "Large")]
    found = reply(asked, {"city": "Ulm", "fast": "no", "size": "Large", ACTION: "Send"})
    assert found.reply == PersonReply("accept", {"city": "ulm", "fast": False, "size": "l"}) and not found.wrong


@pytest.mark.parametrize(
    "asked",
    [
        form(password={"type": "string"}),
        form(city={"type": "string", "title": "API key"}),
        form(city={"type": "object"}),
        form(**{f"f{n}": {"type": "string"} for n in range(8)}),
        FormAsked("x", {"properties": 3}),
        LinkAsked("x", "javascript:alert(1)"),
        LinkAsked("x", "https://good.test@bad.test/"),
        LinkAsked("x", "https://[bad"),
    ],
)
def test_what_must_not_or_cannot_be_asked_is_declined_with_a_sentence(asked: Asked) -> None:
    shown = question("boxes", asked)
    assert shown.problem.startswith("The connector 'boxes' asked for ") and not shown.fields


def test_a_link_names_its_real_host() -> None:
    shown = question("boxes", LinkAsked("Sign in at google.com", "https://xn--ggle-55da.test/?a=google.com"))
    assert "open a page at xn--ggle-55da.test:" in shown.text and shown.link
