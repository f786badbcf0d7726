"""Replies that go round in circles are no results."""

import pytest

from tests.world.models.answers import words
from tests.world.models.behaviours import WorldOfOne, behaviour, done, failed


@behaviour("circles")
@pytest.mark.parametrize(("text", "finish"), [("The launch is on Friday. " * 100, "length"), ("!" * 3000, "stop")])
async def test_a_reply_that_goes_round_in_circles_is_never_done_and_gets_no_more_room(
    world: WorldOfOne, text: str, finish: str
) -> None:
    world.answers(words(text, finish=finish))
    failed(await world.step(), "repeated the same words over and over", "choose another model")
    assert all("max_tokens" not in request for request in world.requests)
    assert len(world.requests) == 3


@behaviour("circles")
async def test_a_reply_with_many_equal_rows_is_not_one(world: WorldOfOne) -> None:
    text = "| Company | Price |\n" + "| Northwind | 49 |\n" * 60 + "All prices are the same."
    world.answers(words(text))
    done(await world.step(), text)
