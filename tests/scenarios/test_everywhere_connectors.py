"""A connector on every surface: its read, the approval of its write, and its form, up to the end of the task."""

import json
from pathlib import Path

from agents.connectors.connection import ConnectorConnection
from orchestrator.domain.ids import SubtaskId
from orchestrator.ledger.file_shelf import FolderShelf
from tests.connector_stand import connectors, hostile
from tests.memory_hub import ScriptedModel, say
from tests.scenarios.any_surface import anywhere
from tests.scenarios.chat_platforms import EVERYWHERE
from tests.scenarios.test_everywhere import told, until
from tests.scenarios.test_request_to_files import plan, row

FIND = SubtaskId("find")


@EVERYWHERE
async def test_a_task_uses_a_connector_with_an_approval_and_a_form(tmp_path: Path, name: str) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("find", "browser"))],
            "find": [
                say(mcp__boxes__look={"text": "where"}),
                say(mcp__boxes__delete={"text": "all of them"}),
                say(mcp__forms__look={}),
                told,
            ],
        }
    )
    logs = {"boxes": tmp_path / "boxes.log", "forms": tmp_path / "forms.log"}

    def boxes() -> ConnectorConnection:
        return hostile("works", logs["boxes"])

    def forms() -> ConnectorConnection:
        return hostile("asks", logs["forms"])

    servers = {"boxes": boxes, "forms": forms}
    async with (
        connectors(tmp_path / "home", FolderShelf(tmp_path / "shelf"), servers) as source,
        anywhere(tmp_path, name, model, limits={"source": source}) as (it, on),
    ):
        ada = it.person("Ada")
        root = await it.says(ada, "sort the boxes")
        start = await it.sees(root, "start")
        await it.presses(ada, root, "start", on=start)
        await it.reads(root, "wants to use “delete” of the connector “boxes”")
        await it.reads(root, "all of them")
        assert "called delete" not in logs["boxes"].read_text()
        await it.presses(ada, root, "approve")
        await it.reads(root, "The connector “forms” asks:")
        form = await it.opens(ada, root, "answer")
        assert not await form.sends({"q.city": "Ulm", "q.answer-to-connector": "Send"})
        state = await until(on, lambda s: s.phase == "done")
        assert "thank you" in state.of(FIND).summary
        await it.reads(root, "Done")
    assert logs["boxes"].read_text().count("called delete") == 1
    (heard,) = [line for line in logs["forms"].read_text().splitlines() if line.startswith("answered")]
    assert json.loads(heard.removeprefix("answered ")) == {"action": "accept", "content": {"city": "Ulm"}}
