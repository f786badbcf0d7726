"""The peer: plain asyncio and litellm on the same graph, against the same server, keeping nothing."""

import asyncio
import json
from typing import Any

from agents.models.litellm_import import load
from tests.bench.graphs import Graph
from tests.model_server import KEY


async def run(graph: Graph, url: str, tools: list[dict[str, Any]]) -> int:
    """Runs the graph once, with the same tool schemas as ours; the number of model turns."""
    lib = await load()
    ended = {name: asyncio.Event() for name in graph.needs}
    board: list[Any] = []

    async def subtask(name: str) -> int:
        for before in graph.needs[name]:
            await ended[before].wait()
        messages: list[Any] = [
            {"role": "system", "content": "You make documents. " * 40},
            {"role": "user", "content": f"Work on {name}. " * 10},
        ]
        turns = 0
        while True:
            response: Any = await lib.acompletion(
                model="openai/test-model", api_base=url, api_key=KEY, messages=messages, tools=tools, num_retries=0
            )
            message: Any = response.choices[0].message
            turns += 1
            if not message.tool_calls:
                ended[name].set()
                return turns
            messages.append(message.model_dump(exclude_none=True))
            for call in message.tool_calls:
                board.append(json.loads(call.function.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": f"Shared as {len(board)}."})

    return sum(await asyncio.gather(*(subtask(name) for name in graph.needs)))
