"""Our figures, mostly ratios.

`python -m tests.bench [ROUNDS | ten | start | memory | chats | sandbox | browser [--peers] | office | turns | prompts |
skills]`

Both sides run in this process, in turns, against one model server with 200 ms latency in a process of its own. With a
name only that part is measured; `--peers` installs what the browser is compared with. It ends with an error when a chat
was not all right.
"""

import asyncio
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench import (
    browser,
    chats,
    idle,
    memory,
    office,
    ours,
    peers,
    plain,
    prompts,
    resume,
    sandbox,
    skills,
    startup,
    turns,
)
from tests.bench.graphs import CHAIN, REPORT, TURNS, WIDE, Graph, spread

LATENCY, SLOWEST = 0.2, 2.0
GRAPHS = (REPORT, WIDE, CHAIN)


class Peer(NamedTuple):
    """What the peer needs: the server, and our tool schemas."""

    url: str
    tools: list[dict[str, Any]]


@contextlib.contextmanager
def model_server(least: float, most: float) -> Generator[str]:
    """The URL of a model server in another process, that takes so many seconds for an answer."""
    command = [sys.executable, "-m", "tests.bench.server", str(least), str(most)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


async def walls(url: str, home: Path, rounds: int) -> None:
    """Wall time against the critical path and the peer, and CPU per turn."""
    async with ours.hub_at(url, home) as hub:
        tools = await ours.tools_of(hub)
        await plain.run(REPORT, url, tools)  # both sides warm: litellm's import and first call are paid
        await ours.run(hub, await ours.opened(hub, REPORT, "warm"))
        for graph in GRAPHS:
            await compare(hub, graph, Peer(url, tools), rounds)
        await ten_at_once(hub, Peer(url, tools))


async def throughput(url: str, home: Path, rounds: int = 5) -> None:
    """Ten jobs at once and fifty steps side by side, against the peer, several times."""
    async with ours.hub_at(url, home) as hub:
        tools = await ours.tools_of(hub)
        await plain.run(REPORT, url, tools)
        await ours.run(hub, await ours.opened(hub, REPORT, "warm"))
        for number in range(rounds):
            await ten_at_once(hub, Peer(url, tools), number)
        await compare(hub, WIDE, Peer(url, tools), rounds)


async def compare(hub: ours.Hub, graph: Graph, peer: Peer, rounds: int) -> None:
    critical = graph.depth * TURNS * LATENCY
    mine: list[float] = []
    theirs: list[float] = []
    my_cpu: list[float] = []
    their_cpu: list[float] = []
    for number in range(rounds):
        task = await ours.opened(hub, graph, f"{graph.name} {number}")
        cpu = time.process_time()
        run = await ours.run(hub, task)
        my_cpu.append((time.process_time() - cpu) / run.turns * 1000)
        mine.append(run.wall / critical)
        began, cpu = time.perf_counter(), time.process_time()
        turns = await plain.run(graph, peer.url, peer.tools)
        their_cpu.append((time.process_time() - cpu) / turns * 1000)
        theirs.append((time.perf_counter() - began) / critical)
    ratio = [m / t for m, t in zip(mine, theirs, strict=True)]
    print(f"{graph.name}: wall ÷ critical path {spread(mine)}; plain asyncio + litellm {spread(theirs)}")
    print(f"  ours ÷ plain {spread(ratio)}")
    print(f"  CPU per model turn, ms: ours {spread(my_cpu)}, plain {spread(their_cpu)}")


async def ten_at_once(hub: ours.Hub, peer: Peer, number: int = 0) -> None:
    """Throughput: ten report jobs at the same time."""
    tasks = [await ours.opened(hub, REPORT, f"ten {number}.{i}") for i in range(10)]
    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(ours.run(hub, task) for task in tasks))
    mine, my_cpu = time.perf_counter() - began, time.process_time() - cpu
    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(plain.run(REPORT, peer.url, peer.tools) for _ in range(10)))
    theirs, their_cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"ten report jobs at once: ours {10 / mine:.2f} jobs/s, plain {10 / theirs:.2f}, ratio {theirs / mine:.2f}")
    print(f"  CPU seconds: ours {my_cpu:.2f}, plain {their_cpu:.2f}", flush=True)


def main() -> None:
    """Everything in one run, or one part."""
    given = sys.argv[1] if len(sys.argv) > 1 else "3"
    parts = {"sandbox": sandbox.report, "browser": browser.report, "office": office.report, "turns": turns.report,
             "prompts": prompts.report, "skills": skills.report}  # fmt: skip
    if part := parts.get(given):
        if "--peers" in sys.argv:
            peers.install()
        part()
        return
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        home = Path(folder)
        home.chmod(0o755)
        if given == "memory":
            memory.report(home / "memory")
            return
        if given == "start":
            startup.report(home / "start")
            with model_server(LATENCY, LATENCY) as url:
                resume.report(url, home)
            return
        if given == "ten":
            with model_server(LATENCY, LATENCY) as url:
                asyncio.run(throughput(url, home / "ten"))
            return
        if given != "chats":
            with model_server(LATENCY, LATENCY) as url:
                asyncio.run(walls(url, home / "walls", int(given)))
                idle.report(home)
                resume.report(url, home)
            startup.report(home / "start")
            sandbox.report()
            browser.report()
            office.report()
            turns.report()
            prompts.report()
            skills.report()
        with model_server(LATENCY, SLOWEST) as url:
            wrong = chats.report(url, home)
    if wrong:
        sys.exit(f"The chats were not all right: {'; '.join(wrong)}.")


if __name__ == "__main__":
    main()
