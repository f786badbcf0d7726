"""A step whose conversation would outgrow its model's window many times: what stays in it, and what it costs."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from agents.conversation.compaction_notes import HEAD
from agents.conversation.transcript import Transcript
from agents.loop.context_window import RoughWindow
from agents.models.endpoint import Endpoint, EndpointModel
from agents.models.model_windows import ModelWindows
from agents.roster.roster import load
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.model_messages import Message, Prompt, Reply, Returned
from orchestrator.errors import ModelTooLong
from tests.long_step import INSTRUCTIONS, STEP, SUMMARY, InProcess, LongStep, furnish
from tests.memory_hub import ADA, Stage, stage

WINDOW = 32_000
CORRECTIONS = {30: "Count in euros, not dollars.", 120: "Leave out 1997: that year is disputed."}


def spoken(on: Stage, brain: LongStep, task: list[TaskId]) -> None:
    """Ada corrects the agent before some of its turns."""

    async def before(turn: int) -> None:
        if turn in CORRECTIONS:
            await on.desk.submit(c.Say(id=f"say-{turn}", by=ADA, task=task[0], text=CORRECTIONS[turn]))

    brain.before = before


async def played(on: Stage, brain: LongStep) -> Sequence[e.Record]:
    """The whole step; its facts."""
    furnish(on.host)
    task: list[TaskId] = []
    spoken(on, brain, task)
    task.append(await on.ask("Read the tables"))
    await on.press_start(task[0])
    await on.until(task[0], lambda s: s.phase == "done", seconds=100)
    return await on.desk.records(task[0])


def text_of(prompt: Prompt) -> str:
    return "\n".join(message.model_dump_json() for message in prompt.messages)


def whole_calls(messages: Sequence[Message]) -> bool:
    """Whether each call is followed by its result, and each result preceded by its call."""
    asked = [call.id for m in messages if isinstance(m, Reply) for call in m.calls]
    return asked == [m.call for m in messages if isinstance(m, Returned)]


def compactions(records: Sequence[e.Record]) -> list[e.ConversationCompacted]:
    return [r.event for r in records if isinstance(r.event, e.ConversationCompacted)]


@pytest.mark.slow
async def test_two_hundred_turns_stay_within_the_window_with_all_that_counts(tmp_path: Path) -> None:
    windows = ModelWindows(Endpoint(rows=(EndpointModel("scripted", window=WINDOW),)))
    brain = LongStep(200, looks_back=150)
    async with stage(tmp_path, InProcess(brain), limits={"turns": 200, "window": windows}) as on:
        records = await played(on, brain)
    sizes = [sum(await windows.sizes(p.messages)) + await windows.tools_size(p.tools) for p in brain.prompts]
    assert max(sizes) < WINDOW
    assert all(whole_calls(p.messages) for p in brain.prompts)
    last = text_of(brain.prompts[-1])
    assert INSTRUCTIONS in last
    assert SUMMARY in last
    assert "gone/187.csv" in last
    for said in CORRECTIONS.values():
        assert said in last
    for turn in range(5, 200, 10):
        assert f"[{STEP}.{(turn + 5) // 10}]" in last
        assert f"total of table {turn}" in last
    recalled = text_of(brain.prompts[150])
    assert "data/1.csv row 44" in recalled
    assert 5 <= len(compactions(records)) <= 25
    for earlier, later in zip(brain.prompts, brain.prompts[1:], strict=False):
        grown = later.messages[: len(earlier.messages)] == earlier.messages
        assert grown or later.messages[2].text.startswith(HEAD[:14])  # pyright: ignore[reportAttributeAccessIssue]
        assert later.messages[:2] == earlier.messages[:2]


async def test_after_a_crash_at_any_turn_the_next_prompt_is_the_same(tmp_path: Path) -> None:
    brain = LongStep(60)
    async with stage(tmp_path, InProcess(brain), limits={"turns": 200, "window": RoughWindow(9_000)}) as on:
        records = await played(on, brain)
    assert compactions(records)
    prompts = {p.topic.rpartition(".")[2]: p for p in brain.prompts}
    document = load().get("document").prompt
    task = TaskId(records[0].stream)
    rebuilt = Transcript(task, SubtaskId(STEP), 1, document, able=True)
    for record in records:
        if isinstance(record.event, e.TurnTaken):
            assert tuple(rebuilt.before_next(record.event.saw)) == prompts[str(record.event.turn)].messages
        rebuilt.absorb(record)


async def test_a_refused_prompt_is_compacted_and_asked_again_within_its_turn(tmp_path: Path) -> None:
    brain = LongStep(25)
    model, refused = InProcess(brain), 0

    class Small(InProcess):
        async def complete(self, prompt: Prompt, **more: object):  # pyright: ignore
            nonlocal refused
            if len(text_of(prompt)) > 30_000:
                refused += 1
                raise ModelTooLong("too long", window=8_000)
            return await model.complete(prompt)

    async with stage(tmp_path, Small(brain), limits={"turns": 40}) as on:
        records = await played(on, brain)
    turns = [r.event.turn for r in records if isinstance(r.event, e.TurnTaken)]
    assert turns == list(range(1, 26))
    assert refused >= 1
    assert len(compactions(records)) >= refused
