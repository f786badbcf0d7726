"""An agent made in the workspace: the next plan uses it, a person gives it a step, and its policy holds, everywhere."""

from pathlib import Path

import pytest

from orchestrator.domain.events import ToolReturned
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.tool_calls import Effect, HostCall
from tests.long_tests import sampled
from tests.memory_hub import ScriptedModel, say
from tests.scenarios.agent_workspace import USUAL, Browser, workspace
from tests.scenarios.any_surface import anywhere
from tests.scenarios.test_everywhere import until
from tests.scenarios.test_everywhere_skills import prompts_of
from tests.scenarios.test_request_to_files import plan, row
from tests.scenarios.test_team_agents import shown

WRITE, NEXT = SubtaskId("write"), SubtaskId("next")


@pytest.mark.parametrize("name", sampled(["web", "slack", "discord"], 3))
async def test_an_agent_of_the_workspace_is_planned_given_a_step_and_held_to_its_policy(
    tmp_path: Path, name: str
) -> None:
    """The plan of the first task gives it one step, and a person gives it the other."""
    reads = [say(read_file={"path": "acme.txt"}), say("It says 5.")]
    model = ScriptedModel(
        {
            "plan": [plan(row("write", "contract-reader"), row("next", "document", after=["write"]))],
            "write": [say(run_shell={"command": "ls"}), *reads],
            "next": [say(browser_open={"url": "http://far.test/x"}), *reads],
        }
    )

    async def done(call: HostCall) -> str:
        return "It says 5."

    async with anywhere(tmp_path, name, model) as (it, on):
        on.host.tool("read_file", done, Effect.READ)
        on.host.tool("run_shell", done, Effect.EXECUTE)
        on.host.tool("browser_open", done, Effect.NETWORK_READ, target="url")
        owner = await Browser(workspace(on, tmp_path), on).come_in("Olga")
        made = await owner.sends("/agents/save", {**USUAL, "tools": "read_file, browser_open", "deny": "*.test"})
        assert "Saved." in made.text

        ada = it.person("Ada")
        root = await it.says(ada, "read the contract")
        await until(on, lambda s: s.phase == "review")
        assert "- contract-reader: Reads contracts." in prompts_of(model, "plan")[0]
        form = await it.opens(ada, root, "edit-plan")
        assert "contract-reader" in str(form.values if name != "web" else form.fields)
        assert "names an unknown agent 'contract-writer'" in await form.sends(
            form.steps(next={"agent": "contract-writer"})
        )
        assert not await form.sends(form.steps(next={"agent": "contract-reader"}))
        state = await until(on, lambda s: s.version == 2)
        assert state.plan and [s.agent for s in state.plan.subtasks] == ["contract-reader", "contract-reader"]
        await it.presses(ada, root, "start", "2")
        state = await until(on, lambda s: s.phase == "done")

        offered = ["browser_open", "deliver", "read_file"]
        assert [sorted(names) for names in shown(model, "write")] == [offered] * 3
        results = [r.event.result.text for r in await on.desk.records(state.id) if isinstance(r.event, ToolReturned)]
        assert results[0].startswith("There's no tool 'run_shell'.")
        assert results[2] == (
            "Not allowed: this agent's policy says that it may not do that (*.test). Find another way, or call "
            "ask_person."
        )
        assert [call.tool for call in on.host.calls] == ["read_file", "read_file"]
        assert [one and one.words for one in (state.of(WRITE).agent, state.of(NEXT).agent)] == ["contract-reader 1"] * 2
        if name != "slack":  # whose card names the agent only while a step waits
            await it.reads(root, "contract-reader 1")
        await owner.http.aclose()
