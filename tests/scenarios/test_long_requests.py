"""Requests that are too long for the planner's model: shortened from the oldest message on, or told in one sentence."""

from pathlib import Path
from typing import Any

import pytest

from orchestrator.domain import events as e
from orchestrator.domain.fold import replay
from orchestrator.domain.ids import Key, Sha, Stream, TaskId
from orchestrator.domain.model_messages import Answer, Prompt, Said
from orchestrator.domain.people import FileRef, MessageBackground, Place, QuotedMessage, Request
from orchestrator.domain.task import TaskState
from orchestrator.domain.token_usage import Usage
from orchestrator.errors import ModelTooLong
from orchestrator.planning.planner import propose
from orchestrator.planning.planner_tools import ProposedAnswer
from orchestrator.planning.request_text import LEAST, describe
from orchestrator.ports import OnDraft
from tests.memory_hub import ADA, NOON, say, stage

GOAL = "Compare the yearly totals of all tables."
FOLLOW_UP = "Leave out 1997, please."


def files(number: int) -> tuple[FileRef, ...]:
    return tuple(FileRef(name=f"table-{n}.csv", sha=Sha("0" * 64), size=1) for n in range(number))


def state(*, quoted: int = 0, lines: int = 0, attached: int = 0, text: str = GOAL) -> TaskState:
    """A task with that many earlier messages, thread lines and files."""
    earlier = tuple(QuotedMessage(how="thread", by="Bob", text=f"Earlier {n}. {'Words. ' * 40}") for n in range(quoted))
    place = Place(platform="web", channel="general", thread="t")
    background = MessageBackground(quoted=earlier)
    asked = Request(text=text, by=ADA, place=place, files=files(attached), background=background)
    said = [f"Thread {n}. {'Words. ' * 40}" for n in range(lines)] + ([FOLLOW_UP] if lines else [])
    facts: list[e.Event] = [e.TaskOpened(request=asked), *(e.PersonSaid(by=ADA, text=one) for one in said)]
    records = [e.Record(Stream("t"), n, Key(str(n)), NOON, fact) for n, fact in enumerate(facts, 1)]
    return replay(TaskId("t"), records)


class Small:
    """A planner's model that holds `most` characters. `names`: it says how many tokens that is."""

    def __init__(self, most: int, *, names: bool = False) -> None:
        self.most, self.names = most, names
        self.asked: list[str] = []

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        self.asked.append("\n".join(m.text for m in prompt.messages if isinstance(m, Said)))
        size = len(self.asked[-1]) + sum(len(str(spec.parameters)) for spec in prompt.tools)
        if size > self.most:
            problem = ModelTooLong("too long", window=self.most // 3 if self.names else None)
            problem.spent = Usage(prompt=5).spent(0.5)
            raise problem
        return Answer(reply=say(answer={"text": "42"}), model="small", usage=Usage(prompt=7), cost=0.25)


LONG = {"thread": {"quoted": 400}, "follow-ups": {"lines": 400}, "files": {"attached": 20_000}, "both": {
    "quoted": 200, "lines": 200, "attached": 9_000}, "words": {"text": f"{GOAL} {'More words. ' * 40_000}"},
}  # fmt: skip


@pytest.mark.parametrize("names", [False, True])
@pytest.mark.parametrize("long", LONG.values(), ids=LONG)
async def test_a_request_that_is_too_long_is_shortened_and_asked_again(long: dict[str, Any], names: bool) -> None:
    task, model = state(**long), Small(60_000, names=names)
    drafted = await propose(task, [], model, "small")
    assert drafted.proposal == ProposedAnswer(text="42")
    assert 2 <= len(model.asked) <= 8
    assert GOAL in model.asked[-1]
    assert (FOLLOW_UP in model.asked[-1]) == bool(long.get("lines"))
    lost = len(model.asked) - 1
    assert (drafted.cost, drafted.usage) == (0.25 + 0.5 * lost, Usage(prompt=7 + 5 * lost))


def test_the_oldest_messages_go_first_then_lists_then_words() -> None:
    task = state(quoted=50, lines=50, attached=300)
    whole = describe(task)
    assert describe(task, len(whole)) == whole
    some = describe(task, len(whole) * 3 // 4)
    assert "Earlier 0." not in some
    assert "Earlier 49." in some
    assert "Thread 0." in some
    assert "earlier messages left out" in some
    assert "table-299.csv" in some
    fewer = describe(task, len(whole) // 4)
    assert "Earlier 49." not in fewer
    assert "Thread 0." not in fewer
    assert "Thread 49." in fewer
    least = describe(task, LEAST)
    assert "table-299.csv" not in least
    assert FOLLOW_UP in least
    assert GOAL in least
    for most in range(LEAST, len(whole), 997):
        assert len(describe(task, most)) <= most


@pytest.mark.parametrize("names", [False, True])
async def test_a_model_that_holds_nothing_is_told_in_one_sentence_after_a_few_tries(names: bool) -> None:
    model = Small(100, names=names)
    with pytest.raises(ModelTooLong, match="too long for 'small', even without the earlier messages") as caught:
        await propose(state(quoted=400, lines=200, attached=1000), [], model, "small")
    assert len(model.asked) <= 12
    assert caught.value.spent.cost == 0.5 * len(model.asked)


async def test_the_thread_says_so_and_what_was_spent_counts(tmp_path: Path) -> None:
    async with stage(tmp_path, Small(100)) as on:  # pyright: ignore[reportArgumentType]
        task = await on.ask("Read it")
        stuck = await on.until(task, lambda s: s.phase == "stuck")
    assert [line.text for line in stuck.lines] == [
        "The request is too long for 'scripted', even without the earlier messages and the file lists. "
        "Choose a planner with a larger context window (models.planner), or ask for less at once."
    ]
    assert stuck.cost == 0.5
