"""What people are told when a promised file does not come, when one comes twice, and when a rehearsal was none."""

from pathlib import Path

import pytest

from orchestrator.domain import events as e
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.model_messages import Returned
from orchestrator.domain.people import Place, Request
from tests.memory_hub import ScriptedModel, say, stage
from tests.scenarios.test_request_to_files import plan, row
from tests.unit.task_facts import ADA, a_plan, replayed

WRITE = SubtaskId("write")


async def test_a_step_whose_promised_file_never_came_fails_and_can_be_tried_again(tmp_path: Path) -> None:
    handed_in = [say(deliver={"path": "note.md", "words": "A note."}), say("Written.")]
    model = ScriptedModel(
        {
            "plan": [plan(row("write", deliverables=["m.xlsx", "note.md"]))],
            "write": [*handed_in, say("There it is."), say("It is too large.")],
        }
    )
    async with stage(tmp_path, model) as on:
        task = await on.ask("Make a model")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.of(WRITE).status == "failed")
        said = state.of(WRITE).problem
        assert said == "m.xlsx was promised but not handed in. The agent's last message: It is too large."


async def test_a_file_that_the_plan_promised_in_a_folder_is_handed_in(tmp_path: Path) -> None:
    handed_in = [say(deliver={"path": "note.md", "words": "A note."}), say("Written.")]
    model = ScriptedModel({"plan": [plan(row("write", deliverables=["reports/note.md"]))], "write": handed_in})
    async with stage(tmp_path, model) as on:
        task = await on.ask("Write a note")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.of(WRITE).status in ("failed", "review"))
        assert state.of(WRITE).status == "review"


async def test_the_same_file_handed_in_again_is_no_new_version(tmp_path: Path) -> None:
    once = say(deliver={"path": "note.md", "words": "A note."})
    model = ScriptedModel(
        {"plan": [plan(row("write", deliverables=["note.md"]))], "write": [once, once, say("Written.")]}
    )
    async with stage(tmp_path, model) as on:
        on.host.steady = True
        task = await on.ask("Write a note")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.of(WRITE).status == "review")
        assert [r.deliverable.version for r in state.deliverables.values()] == [1]
        told = [m.text for m in model.prompts[-1].messages if isinstance(m, Returned)]
        assert told[-1] == "note.md has already been handed in (version 1), unchanged."


@pytest.mark.parametrize("asked_as", [True, False])
@pytest.mark.parametrize(
    ("models", "rehearsal"),
    [(["openai/gpt-5"], False), (["rehearsal", "rehearsal"], True), (["rehearsal", "x"], False)],
)
def test_whether_it_was_a_rehearsal_is_told_by_who_thought(asked_as: bool, models: list[str], rehearsal: bool) -> None:
    request = Request(text="Dig", by=ADA, place=Place(platform="terminal", channel="ada", thread="1"))
    turns = [e.PlanDrafted(plan=a_plan(), version=n, model=model) for n, model in enumerate(models, 1)]
    assert replayed(e.TaskOpened(request=request, rehearsal=asked_as), *turns).rehearsal == rehearsal
