"""A planner whose model writes the arguments alone: they are the call if they fit one tool only."""

import json

import pytest

from orchestrator.domain.model_messages import Prompt
from orchestrator.domain.model_messages import Said as Message
from orchestrator.errors import ModelGarbled
from orchestrator.planning.planner_tools import SPECS
from tests.world.models.answers import words
from tests.world.models.behaviours import TOOLS, WorldOfOne, behaviour

PLAN = {
    "title": "Work",
    "subtasks": [{"id": "s", "title": "Read", "instructions": "Read data/a.csv.", "agent": "document"}],
}
TEXT = json.dumps(PLAN)
FORMS = {
    "bare": TEXT,
    "fence": f"```json\n{TEXT}\n```",
    "words and a fence": f"Here is the plan:\n\n```\n{json.dumps(PLAN, indent=2)}\n```",
    "words and lines": f"The plan:\n{json.dumps(PLAN, indent=2)}",
    "Python's quotes": str(PLAN),
    "tag": f"<plan>\n{TEXT}\n</plan>",
}


def asked(*, must: bool = True) -> Prompt:
    said = (Message(role="system", text="Plan it."), Message(role="user", text="Read data/a.csv."))
    return Prompt(model="openai/m", messages=said, tools=tuple(SPECS), must_call=must)


@behaviour("arguments alone")
@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
async def test_arguments_that_fit_one_tool_are_its_call(world: WorldOfOne, text: str) -> None:
    world.answers(words(text))
    (call,) = (await world.brain().inner.complete(asked())).reply.calls
    assert (call.tool, call.args["title"]) == ("propose_plan", "Work")
    assert len(world.requests) == 1


@behaviour("arguments alone")
@pytest.mark.parametrize("text", ['{"total": 42}', "{}", f"{TEXT}\nShall I go on?", f"{TEXT}\n{TEXT}", "{", "Read it."])
async def test_other_data_is_no_call(world: WorldOfOne, text: str) -> None:
    world.answers(words(text))
    with pytest.raises(ModelGarbled):
        await world.brain().inner.complete(asked())
    assert len(world.requests) == 3


@behaviour("arguments alone")
async def test_arguments_that_fit_two_tools_are_no_call(world: WorldOfOne) -> None:
    again = TOOLS[0].model_copy(update={"name": "open_file"})
    world.answers(words('{"path": "a.txt"}'))
    with pytest.raises(ModelGarbled):
        await world.brain().inner.complete(asked().model_copy(update={"tools": (TOOLS[0], again)}))


@behaviour("arguments alone")
async def test_data_is_an_answer_where_no_call_is_demanded(world: WorldOfOne) -> None:
    world.answers(words(TEXT))
    reply = (await world.brain().inner.complete(asked(must=False))).reply
    assert (reply.text, reply.calls) == (TEXT, ())
