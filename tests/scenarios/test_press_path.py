"""The way of one approval press, from Slack's payload to the tool's function: how many of our files act on it.

What only decides or draws (the modules of the purity contract) is left out, and so is what shows the card meanwhile.
The bound only ever goes down.
"""

import sys
import threading
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from agents.host.config import HostConfig
from agents.host.in_process_host import InProcessHost
from orchestrator.domain.policy import Rule, Verdict
from orchestrator.policy_gate import Gate
from orchestrator.ports import HostLink, Shelf
from tests.memory_hub import ScriptedModel, say, stage
from tests.scenarios.any_surface import listening
from tests.scenarios.chat_platforms import chat
from tests.scenarios.test_request_to_files import plan, row

ROOT = Path(__file__).resolve().parents[2]
OURS = tuple(f"{ROOT / package}/" for package in ("bot", "orchestrator", "agents"))
PURE = next(
    contract["source_modules"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    if contract["name"] == "What decides is pure"
)
SHOWING = (
    "bot.outbox",
    "orchestrator.draft_store",
    "bot.slack.platform",
    "bot.slack.posts",
    "bot.slack.web_api",
    "bot.slack.errors",
)
EFFECT = "agents/tools/files/tools.py"
MOST = 30


@contextmanager
def traced() -> Iterator[dict[str, dict[str, None]]]:
    """Our files that run meanwhile, in order of their first call, each with its functions."""
    found: dict[str, dict[str, None]] = {}

    def called(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and EFFECT not in found and code.co_filename.startswith(OURS):
            file = str(Path(code.co_filename).relative_to(ROOT))
            found.setdefault(file, {})[code.co_qualname] = None

    threading.setprofile(called)
    sys.setprofile(called)
    try:
        yield found
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # pyright: ignore[reportArgumentType]


async def test_from_a_press_to_its_effect_and_back(tmp_path: Path) -> None:
    hosts: list[InProcessHost] = []

    def link(shelf: Shelf) -> HostLink:
        hosts.append(InProcessHost(HostConfig(home=str(tmp_path / "host")), shelf))
        return hosts[0]

    gate = Gate((Rule(verdict=Verdict.ASK, tool="write_file", why="try it"),))
    turns = [say(write_file={"path": "a.txt", "content": "x"}), say("Written.")]
    model = ScriptedModel({"plan": [plan(row("a", "developer"))], "a": turns})
    async with chat("slack", faster=20) as it, stage(tmp_path, model, gate=gate, link=link) as on:
        await hosts[0].ready()
        async with listening(it, on, tmp_path, faster=20):
            ada = it.person("Ada")
            root = await it.says(ada, "write it")
            await it.presses(ada, root, "start")
            spot = await it.sees(root, "approve")
            with traced() as found:
                await it.presses(ada, root, "approve", on=spot)
                await it.reads(root, "Approved once by Ada")
                await it.reads(root, "Done, no files")
        for host in hosts:
            await host.close()
    acting = {file: names for file, names in found.items() if not _within(file, (*PURE, *SHOWING))}
    way = "\n".join(f"{n}. {file}: {', '.join(names)}" for n, (file, names) in enumerate(acting.items(), 1))
    print(way)
    assert [*found][-1] == EFFECT
    assert len(acting) <= MOST, way


def _within(file: str, modules: Sequence[str]) -> bool:
    name = file.removesuffix(".py").replace("/", ".")
    return any(f"{name}.".startswith(f"{module}.") for module in modules)
