"""A file was approved, then what it rests on is corrected: people are told and press *Revise*, on every platform."""

from pathlib import Path

from orchestrator.domain.ids import FindingId, SubtaskId
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.task import TaskState
from tests.memory_hub import ScriptedModel, say
from tests.scenarios.any_surface import anywhere
from tests.scenarios.chat_platforms import EVERYWHERE
from tests.scenarios.test_everywhere import HANDED_IN, note, until
from tests.scenarios.test_request_to_files import plan, row

WRITE = SubtaskId("write")


def price(value: int, **more: str) -> Reply:
    return say(share_finding={"kind": "price", "value": value, "source_url": "http://a.test", **more})


def versions(state: TaskState) -> list[tuple[int, str]]:
    return [(r.deliverable.version, r.verdict) for r in state.deliverables.values()]


@EVERYWHERE
async def test_an_approved_file_of_an_ended_task_is_revised_with_what_a_later_round_found(
    tmp_path: Path, name: str
) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("find", "browser"), note(after=["find"])), plan(row("again", "browser"))],
            "find": [price(12), say("Found.")],
            "write": [HANDED_IN, say("Written."), HANDED_IN, say("Revised.")],
            "again": [price(15, supersedes="find.1"), say("Looked again.")],
        }
    )
    async with anywhere(tmp_path, name, model) as (it, on):
        ada, bob = it.person("Ada"), it.person("Bob")
        root = await it.says(ada, "write a note")
        on.host.rests = (FindingId("find.1"),)
        await it.presses(ada, root, "start")
        await it.presses(ada, root, "accept")
        state = await until(on, lambda s: s.phase == "done")
        (first,) = state.deliverables.values()
        await it.says(ada, "is the price still right?", to=root)
        await it.presses(ada, root, "start")
        state = await until(on, lambda s: s.phase == "done" and len(s.board) == 2)
        assert versions(state) == [(1, "approved")]

        await it.reads(root, "1 finding behind it has been corrected since" if name == "web" else "price is now 15")
        button = await it.sees(root, "revise", first.deliverable.id)
        on.host.rests = (FindingId("again.1"),)
        await it.presses(bob, root, "revise", first.deliverable.id)
        state = await until(on, lambda s: len(s.deliverables) == 2 and s.of(WRITE).status == "review")
        assert versions(state) == [(1, "superseded"), (2, "waiting")]
        heard = next(p for p in reversed(model.prompts) if "/write/" in p.topic)
        told = "\n".join(m.text for m in heard.messages)
        assert "Bob asks for changes to note.md: Revise whatever is based on the corrected findings." in told
        assert "find.1 was corrected by again.1 (price = 15). uses_of_findings ['find.1'] lists the places." in told
        await it.presses(ada, root, "revise", first.deliverable.id, on=button)

        await it.presses(ada, root, "accept", list(state.deliverables)[1])
        state = await until(on, lambda s: s.phase == "done")
        assert versions(state) == [(1, "superseded"), (2, "approved")]
        assert state.plan and [s.id for s in state.plan.subtasks] == ["find", "write", "again"]
        await it.reads(root, "Done, 1 file: note.md.")
        assert await on.desk.shelf.get(first.deliverable.file.sha)
