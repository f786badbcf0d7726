"""Words that come partly as text and partly in parts: all of them count, in the order in which they came."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.world.models.answers import Raw, chunk, usage_chunk, words
from tests.world.models.behaviours import WorldOfOne, behaviour, done

TEXT = "The total is 42."
THOUGHT = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}


def part(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


ORDERS: dict[str, Sequence[object]] = {
    "parts, then text": [[part("The total ")], "is ", "42."],
    "text, then parts": ["The ", "total ", [part("is "), part("42.")]],
    "taking turns": [[part("The ")], "total ", [part("is "), {"type": "reference", "reference_ids": [1]}], "42", "."],
    "thoughts between": [[THOUGHT], "The total ", [part("is 42")], "."],
    "thoughts first": [[THOUGHT], [THOUGHT], "The total ", "is 42."],
    "thoughts, then parts": [[THOUGHT], [part("The total ")], [part("is 42.")]],
    "an empty end": ["The total ", [part("is 42.")], ""],
    "a part alone": ["The total ", part("is "), "42."],
    "texts in a list": ["The total ", ["is ", "42."]],
}  # fmt: skip


@behaviour("words in parts")
@pytest.mark.parametrize("pieces", ORDERS.values(), ids=ORDERS)
async def test_words_in_any_form_count_in_their_order(world: WorldOfOne, pieces: Sequence[object]) -> None:
    first, *more = pieces
    start = chunk({"role": "assistant", "content": first})
    rows = (start, *(chunk({"content": piece}) for piece in more), chunk({}, "stop"), usage_chunk())
    world.answers(Raw(rows, words(TEXT).whole("openai")))
    done(await world.step(), TEXT)
