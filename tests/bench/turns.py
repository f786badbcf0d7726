"""What a long step costs in tokens: how much of its prompts a vendor could reuse, the bill, and the window it needs.

The requests are those that arrive at a local server through litellm; the price is Claude Sonnet 4.5's.
"""

import asyncio
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from agents.host.host_tools import known_specs
from agents.models.endpoint import Endpoint, EndpointModel
from agents.models.litellm_model import LiteLLM
from agents.models.model_windows import ModelWindows
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.model_messages import Prompt
from tests.caching_vendor import Bill, CachingVendor, caching
from tests.long_step import INSTRUCTIONS, STEP, InProcess, LongStep, Renamed, furnish
from tests.memory_hub import ADA, Stage, stage

CLAUDE = "anthropic/claude-sonnet-4-5"
FULL, WRITTEN, CACHED = 3.0, 3.75, 0.3
"""US dollars per million tokens of a prompt."""
WINDOW = 32_000
FAMILIES = {2: "charts", 12: "slides"}
"""What a step with all our tools opens, by turn."""
CORRECTIONS = {30: "Count in euros, not dollars.", 120: "Leave out 1997: that year is disputed."}


def report() -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_cost(Path(folder) / "cost", WINDOW * 100))
        asyncio.run(_cost(Path(folder) / "families", WINDOW * 100, FAMILIES))
        asyncio.run(_cost(Path(folder) / "small", WINDOW // 2))
        asyncio.run(_window(Path(folder) / "window"))


async def _play(on: Stage, brain: LongStep) -> list[e.Record]:
    specs = known_specs().values() if brain.opens else ()
    furnish(on.host, [spec for rows in specs for spec in rows])
    task: list[TaskId] = []

    async def before(turn: int) -> None:
        if turn in CORRECTIONS:
            await on.desk.submit(c.Say(id=f"say-{turn}", by=ADA, task=task[0], text=CORRECTIONS[turn]))

    brain.before = before
    task.append(await on.ask("Read the tables"))
    await on.press_start(task[0])
    await on.until(task[0], lambda s: s.phase == "done", seconds=300)
    return list(await on.desk.records(task[0]))


async def _cost(home: Path, window: int, opens: Mapping[int, str] | None = None) -> None:
    brain = LongStep(40, opens=opens or {})
    async with caching(brain) as vendor:
        endpoint = Endpoint(api_base=vendor.url, api_key="k", rows=(EndpointModel("scripted", window=window),))
        model = LiteLLM(endpoint)
        limits = {"turns": 40, "window": ModelWindows(endpoint)}
        async with stage(home, Renamed(model, CLAUDE), limits=limits) as on:
            await _play(on, brain)
        await model.close()
    size = "large" if window > WINDOW else f"{window // 1000}k"
    size += f" window, {len(opens)} families of all tools opened" if opens else " window"
    print(f"40-turn step, {size}: {vendor.reusable():.1%} of the prompts' tokens could be reused")
    now, before = _dollars(vendor), sum(map(sum, vendor.bills)) * FULL / 1e6
    print(f"  prompts ${now:.3f}; with nothing marked ${before:.3f}: {now / before:.0%}")


def _dollars(vendor: CachingVendor) -> float:
    return sum(map(_price, vendor.bills)) / 1e6


def _price(bill: Bill) -> float:
    return bill.fresh * FULL + bill.written * WRITTEN + bill.cached * CACHED


async def _window(home: Path) -> None:
    windows = ModelWindows(Endpoint(rows=(EndpointModel("scripted", window=WINDOW),)))
    await windows.sizes(())
    brain = LongStep(200, looks_back=150)
    async with stage(home, InProcess(brain), limits={"turns": 200, "window": windows}) as on:
        cpu = time.process_time()
        records = await _play(on, brain)
        spent = (time.process_time() - cpu) / 200 * 1000
    sizes = [sum(await windows.sizes(p.messages)) + await windows.tools_size(p.tools) for p in brain.prompts]
    compacted = sum(isinstance(r.event, e.ConversationCompacted) for r in records)
    print(f"200-turn step, {WINDOW // 1000}k window: largest prompt {max(sizes)} tokens, {compacted} compactions")
    print(f"  CPU of the whole hub per turn {spent:.1f} ms")
    print(f"  in the last prompt: {', '.join(_present(brain.prompts[-1]))}")


def _present(last: Prompt) -> list[str]:
    text = "\n".join(message.model_dump_json() for message in last.messages)
    findings = sum(f"[{STEP}.{n}]" in text for n in range(1, 21))
    corrections = sum(words in text for words in CORRECTIONS.values())
    instructions = "instructions" if INSTRUCTIONS in text else "NO instructions"
    return [instructions, f"{findings} of 20 findings", f"{corrections} of {len(CORRECTIONS)} corrections"]


if __name__ == "__main__":
    report()
