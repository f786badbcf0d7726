"""What agents' prompts cost: a usual step of each agent, and the tokens of its turns."""

import importlib.util
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tiktoken

from agents.host.host_tools import known_specs
from agents.models import openai_format
from agents.search.search_interface import Found, Query
from agents.search.tool import search_tool
from agents.skills.read_folder import SkillRoot
from agents.tool_source import ToolSource
from orchestrator.domain.model_messages import Prompt, Reply, Said
from orchestrator.domain.policy import Rule, Verdict
from orchestrator.domain.tool_calls import HostCall, ToolSpec
from orchestrator.policy_gate import Gate
from tests.memory_hub import ScriptedModel, Stage, say, stage

Count = Callable[[str], int]

REQUEST = (
    "Compare the seat prices of Northwind, Borealis and Cumulus for our sales team of twenty, and tell us which one "
    "to take. We meet on Thursday and need something that we can show there."
)
ROW: Mapping[str, Any] = {
    "title": "Compare the three vendors",
    "instructions": "Compare the price per seat and month of the three vendors, for 20 seats and yearly billing, from "
    "the findings of the others and from prices.csv. Point out what isn't included, and end with one recommendation.",
    "acceptance": ["Every figure has its source.", "The total for 20 seats is computed for each vendor."],
}
FILES = {
    "analyst": ("prices.png",),
    "browser": (),
    "developer": ("prices.py",),
    "document": ("prices.xlsx", "prices.docx"),
}
TURNS: Mapping[str, tuple[Reply, ...]] = {
    "analyst": (
        say(data_look={"file": "prices.csv"}, more_tools={"family": "cleaning"}),
        say(data_clean={"file": "prices.csv", "save_as": "clean.csv", "steps": [{"do": "trim"}]}),
        say(data_query={"files": ["clean.csv"], "sql": "select 1"}),
        say(chart_picture={"path": "prices.png", "kind": "bar", "title": "Borealis is the cheapest"}),
        say(deliver={"path": "prices.png", "words": "Prices per seat."}),
    ),
    "browser": (
        say(web_search={"query": "northwind price per seat"}),
        say(browser_open={"url": "https://northwind.example/pricing"}),
        say(browser_extract={}),
        say(share_finding={"kind": "Northwind: price per seat", "value": 12, "quote": "12"}),
    ),
    "developer": (
        say(list_files={}),
        say(write_file={"path": "prices.py", "content": "print(20 * 12)"}),
        say(run_shell={"command": "python prices.py"}),
        say(deliver={"path": "prices.py", "words": "Computes the totals."}),
    ),
    "document": (
        say(read_findings={}, more_tools={"family": "charts"}),
        say(sheet_write={"path": "prices.xlsx", "sheet": "Prices", "cell": "A1", "rows": [["Vendor", "Price"]]}),
        say(sheet_chart={"path": "prices.xlsx", "sheet": "Prices", "kind": "bar", "data": "A1:B4", "title": "Prices"}),
        say(deliver={"path": "prices.xlsx", "words": "Prices."}),
        say(document_write={"path": "prices.docx", "title": "Prices", "blocks": []}),
        say(deliver={"path": "prices.docx", "words": "A recommendation."}),
    ),
}


def encoder() -> Count:
    """Counts o200k tokens, by the vocabulary that litellm carries: nothing is fetched."""
    place = importlib.util.find_spec("litellm")
    assert place is not None and place.origin is not None
    os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(place.origin).parent / "litellm_core_utils/tokenizers")
    encoding = tiktoken.get_encoding("o200k_base")
    return lambda text: len(encoding.encode(text))


def tools_tokens(count: Count, specs: Sequence[ToolSpec]) -> int:
    """The schemas as vendors get them."""
    return count(json.dumps(openai_format.tools(specs), ensure_ascii=False))


def prompt_tokens(count: Count, prompt: Prompt) -> int:
    """All that the vendor reads."""
    said = sum(count(m.text if isinstance(m, Said) else m.model_dump_json()) for m in prompt.messages)
    return said + tools_tokens(count, prompt.tools)


def furnish(on: Stage) -> None:
    """Gives the host every shipped tool; each answers with a few words."""

    async def done(call: HostCall) -> str:
        return f"Done: {call.tool}."

    on.host.tools_by_name = {spec.name: (spec, done) for specs in known_specs().values() for spec in specs}


async def usual_step(
    folder: Path, agent: str, turns: Sequence[Reply], *, files: Sequence[str] | None = None,
    source: ToolSource | None = None, shipped: SkillRoot | None = None,
) -> list[Prompt]:  # fmt: skip
    """Plays a step of the agent that is fed by another; the step's prompts, turn by turn."""
    feeder = {"id": "read", "title": "Read", "instructions": "Read.", "agent": "browser"}
    promised = FILES[agent] if files is None else files
    row = {"id": "step", "agent": agent, "fed_by": ["read"], "deliverables": [*promised], **ROW}
    plan = say(propose_plan={"title": "Compare", "subtasks": [feeder, row]})
    model = ScriptedModel({
        "plan": [plan],
        "read": [say(read_findings={}), say("Read.")],
        "step": [*turns, say("Take Borealis.")],
    })  # fmt: skip
    gate = Gate((Rule(verdict=Verdict.ALLOW),))
    limits = {"tools": (search_tool(Nowhere()),), "review": False, "source": source}
    async with stage(folder, model, gate=gate, limits=limits, shipped=shipped) as on:
        furnish(on)
        task = await on.ask(REQUEST)
        await on.press_start(task)
        await on.until(task, lambda s: s.phase == "done")
    return [prompt for prompt in model.prompts if prompt.topic.split("/")[1] == "step"]


class Nowhere:
    """A web search that finds nothing."""

    at = "search.example"

    async def find(self, query: Query) -> Found:
        return Found(hits=())
