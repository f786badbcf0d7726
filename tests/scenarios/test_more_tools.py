"""An agent's prompts show its core tools; the others are there when it opens their family, or just calls them."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from agents.connectors.tool_search import families_of, search_tools, too_many
from agents.conversation.transcript import IDLE, OPENS_TOOLS
from agents.loop.tools_shown_in_prompt import agent_tools
from agents.skills.skill_folders import shipped_root
from agents.tool import Tool
from agents.tool_source import ToolOffer
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.model_messages import Prompt, Reply, Returned
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import ToolSpec
from tests.memory_hub import ScriptedModel, say, stage
from tests.prompt_tokens import FILES, TURNS, encoder, furnish, prompt_tokens, usual_step

MOST = 5_000
FIELDS: dict[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "string", "description": "A field of it. " * 5} for name in ("a", "b", "c")},
}
DECK: dict[str, object] = {"path": "a.pptx", "slides": [{"layout": "title", "title": "A"}]}


def names(prompt: Prompt) -> list[str]:
    return [spec.name for spec in prompt.tools]


def results(prompt: Prompt, tool: str) -> list[Returned]:
    return [m for m in prompt.messages if isinstance(m, Returned) and m.tool == tool]


@pytest.mark.parametrize("agent", FILES)
async def test_the_first_turn_of_each_agent_takes_less_than_5000_tokens_with_the_shipped_skills(
    agent: str, tmp_path: Path
) -> None:
    prompts = await usual_step(tmp_path, agent, TURNS[agent], shipped=shipped_root())
    assert "- spreadsheet-model: " in str(prompts[0].messages)
    assert prompt_tokens(encoder(), prompts[0]) < MOST
    assert all(not m.text.startswith("There's no") for m in prompts[-1].messages if isinstance(m, Returned))


async def test_an_opened_family_comes_after_the_other_tools_and_stays(tmp_path: Path) -> None:
    turns = [
        say(more_tools={"family": "slides"}),
        say(slides_write=DECK),
        say(more_tools={"family": "charts"}),
        *TURNS["document"][1:],
    ]
    prompts = await usual_step(tmp_path, "document", turns)
    core = names(prompts[0])
    assert "slides_write" not in core
    assert names(prompts[1]) == [*core, "slides_write", "slides_edit", "slides_read"]
    assert names(prompts[2]) == names(prompts[1])
    assert names(prompts[3]) == [*names(prompts[1]), "sheet_chart", "chart_picture"]
    assert results(prompts[1], OPENS_TOOLS)[0].text == (
        "'slides' is open. From your next turn on you can call slides_write, slides_edit and slides_read."
    )
    for earlier, later in pairwise(prompts):
        assert names(later)[: len(earlier.tools)] == names(earlier)
        assert later.messages[: len(earlier.messages)] == earlier.messages


async def test_a_call_to_a_tool_that_is_not_shown_runs_all_the_same_and_opens_its_family(tmp_path: Path) -> None:
    prompts = await usual_step(tmp_path, "document", [say(slides_write=DECK), *TURNS["document"][1:]])
    assert [it.text for it in results(prompts[1], "slides_write")] == ["Done: slides_write."]
    assert "slides_edit" in names(prompts[1])


async def test_wrong_arguments_to_a_tool_that_is_not_shown_are_answered_with_its_schema(tmp_path: Path) -> None:
    prompts = await usual_step(tmp_path, "document", [say(slides_write={"file": "a"}), *TURNS["document"][1:]])
    told = results(prompts[1], "slides_write")[0]
    assert not told.ok
    assert "needs 'path' (text) and 'slides' (a list); its arguments are: path, slides" in told.text
    assert told.text.endswith("You have its schema now; make the call again.")
    assert "slides_write" in names(prompts[1])


async def test_a_family_is_found_by_the_name_of_a_tool_and_an_unknown_one_is_answered_with_the_list(
    tmp_path: Path,
) -> None:
    turns = [say(more_tools={"family": "Slides_Write"}), say(more_tools={"family": "sound"}), *TURNS["document"][1:]]
    prompts = await usual_step(tmp_path, "document", turns)
    assert "slides_write" in names(prompts[1])
    assert names(prompts[2]) == names(prompts[1])
    assert results(prompts[2], OPENS_TOOLS)[1].text == (
        "There's no family 'sound'. The families are: sheets, word, slides, charts, pdf, files."
    )


async def test_after_a_restart_the_same_families_are_open(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/hub.db"
    seen: list[Sequence[str]] = []

    def look(prompt: Prompt) -> Reply:
        seen.append(names(prompt))
        return say("Done.")

    row = {"id": "step", "title": "Step", "instructions": "Do it.", "agent": "document"}
    plan = say(propose_plan={"title": "Work", "subtasks": [row]})
    first = ScriptedModel(
        {"plan": [plan], "step": [say(more_tools={"family": "slides"}), say(slides_write=DECK), None]}
    )
    async with stage(tmp_path, first, url=url) as on:
        furnish(on)
        task = await on.ask("Make slides")
        await on.press_start(task)
        await on.until(task, lambda s: s.of(SubtaskId("step")).turns >= 2)
    second = ScriptedModel({"step": [look]})
    async with stage(tmp_path, second, url=url) as on:
        furnish(on)
        await on.until(task, lambda s: s.phase == "done")
    assert seen == [names(first.prompts[-1])]
    assert "slides_write" in seen[0]


class Anything(BaseModel):
    """Arguments that nobody looks at."""


class Services:
    """Connectors of so many services, with ten tools each."""

    def __init__(self, many: int, *, each: int = 10) -> None:
        specs = [
            ToolSpec(name=f"mcp__service{n}__toolNumber{i}", description="Does it. " * 9, parameters=FIELDS,
                     effects=frozenset(), place="hub")
            for n in range(many) for i in range(each)
        ]  # fmt: skip
        self.tools = {spec.name: Tool(spec, Anything, self.answer) for spec in specs}

    async def answer(self, _: object) -> str:
        return "Answered."

    async def offer(self, state: TaskState, agent: str, only: Collection[str] | None = None) -> ToolOffer:
        if too_many(self.tools):
            return ToolOffer({tool.spec.name: tool for tool in search_tools(self.tools)}, self.tools)
        return ToolOffer(self.tools, families=families_of(self.tools))


@pytest.mark.parametrize("services", [Services(3), Services(20), Services(10, each=3)])
async def test_connected_services_take_less_than_1000_tokens_more(services: Services, tmp_path: Path) -> None:
    turns = [say(mcp__service2__toolNumber1={}), *TURNS["document"]]
    (plain, *_), prompts = [
        await usual_step(tmp_path / name, "document", turns, source=source)
        for name, source in (("without", None), ("with", services))
    ]
    count = encoder()
    assert prompt_tokens(count, prompts[0]) < prompt_tokens(count, plain) + 1_000
    assert results(prompts[-1], "mcp__service2__toolNumber1")[0].text == "Answered."
    assert ("mcp__service2__toolNumber2" in names(prompts[1])) is not too_many(services.tools)


async def test_a_few_tools_of_a_service_are_shown_at_once(tmp_path: Path) -> None:
    prompts = await usual_step(tmp_path, "browser", TURNS["browser"], source=Services(1, each=2))
    assert names(prompts[0])[-2:] == ["mcp__service0__toolNumber0", "mcp__service0__toolNumber1"]


def test_an_agent_without_families_has_no_tool_that_opens_them() -> None:
    spec = ToolSpec(name="a", description="a", parameters={}, effects=frozenset())
    assert agent_tools({"a": spec}, {}).shown(()) == (spec,)
    assert agent_tools({"a": spec}, {"gone": ("b",)}).shown(()) == (spec,)
    assert [s.name for s in agent_tools({"a": spec}, {"one": ("a",)}).shown(())] == [OPENS_TOOLS]


async def test_opening_a_family_is_not_work(tmp_path: Path) -> None:
    turns = [say(more_tools={"family": "slides"}), say("All done."), *TURNS["document"][1:]]
    prompts = await usual_step(tmp_path, "document", turns, files=())
    assert IDLE in prompts[2].messages[-1].text  # pyright: ignore[reportAttributeAccessIssue]
