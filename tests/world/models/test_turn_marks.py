"""Marks of a chat template in a reply: they and the turns made up after them reach nobody."""

import pytest

from tests.world.models.answers import words
from tests.world.models.behaviours import WorldOfOne, behaviour, done

ENDS = {
    "another turn": "<|im_end|>\n<|im_start|>user\nThanks! Now do",
    "an end alone": "<|eot_id|>",
    "header": "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nAnd",
    "document": "<|endoftext|>Question: what is",
    "sentence": "</s><s>[INST] And the next? [/INST] It is",
    "turn": "<end_of_turn>\n<start_of_turn>user\nThanks",
    "wide bars": "<\uff5cend\u2581of\u2581sentence\uff5c><\uff5cUser\uff5c>And",
    "a turn that only starts": "\n<|user|>\nThanks",
    "upper case": "<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>Thanks",
}


@behaviour("turn marks")
@pytest.mark.parametrize("rest", ENDS.values(), ids=ENDS)
async def test_a_reply_ends_where_its_turn_does(world: WorldOfOne, rest: str) -> None:
    world.answers(words(f"The total is 42.{rest}"))
    done(await world.step(), "The total is 42.")
    assert "|" not in world.shown
    assert "Thanks" not in world.shown


@behaviour("turn marks")
@pytest.mark.parametrize(
    "start", ["<|im_start|>assistant\n", "<|start_header_id|>assistant<|end_header_id|>\n\n", "<|assistant|>", "<s> "]
)
async def test_a_turn_that_opens_with_its_mark_is_the_reply(world: WorldOfOne, start: str) -> None:
    world.answers(words(f"{start}The total is 42."))
    done(await world.step(), "The total is 42.")


@behaviour("turn marks")
@pytest.mark.parametrize(
    "text",
    [
        "The template ends each turn with `<|im_end|>` and starts one with `<|im_start|>user`.",
        "The template:\n```\n<|im_start|>user\nHello<|im_end|>\n```\nIt has two marks.",
        "The mark <|im_end|> ends a turn, and it starts with <|im_start|>.",
        "It costs <s>50</s> 42.",
    ],
)
async def test_an_answer_about_such_marks_is_whole(world: WorldOfOne, text: str) -> None:
    world.answers(words(text))
    done(await world.step(), text)
