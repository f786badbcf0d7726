"""How long after `kill -9` a hub has its agents at work again: from exec of the new hub to the next recorded turn."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from bot.bootstrap.open_desk import open_desk
from bot.platforms import load
from orchestrator.desk import Desk
from orchestrator.domain import commands as c
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Place, Request
from tests.bench.graphs import CHAIN, plan_of, spread
from tests.bench.ours import ADA
from tests.bench.startup import START_HOST, imports
from tests.model_server import KEY

KILLS = 8


def report(url: str, home: Path) -> None:
    """Prints the figure."""
    base = sorted(imports() for _ in range(3))[1]
    seconds = asyncio.run(_measure(url, home / "resume"))
    least = sorted(imports(START_HOST) for _ in range(3))[1]
    worst = sorted(seconds)[-1]
    print(f"resume after kill -9 ÷ imports of hub and host side by side: {spread([s / base for s in seconds])}")
    print(f"the same ÷ imports without the tools' libraries: {spread([s / least for s in seconds])}")
    print(f"resume after kill -9, to the next recorded model turn: {spread(seconds)} s, worst of {KILLS} {worst:.2f} s")


def hub(url: str, home: Path) -> subprocess.Popen[bytes]:
    models = {"DEFAULT": "test-model", "API_BASE": url, "API_KEY": KEY}
    env = {**os.environ, **{f"THREADWORK_MODELS__{name}": value for name, value in models.items()}}
    command = [sys.executable, "-m", "bot", "--home", str(home), "up", "--port", "0"]
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)


async def _measure(url: str, home: Path) -> list[float]:
    await asyncio.to_thread(home.mkdir)
    desk = await open_desk(load(home=home, environment={}))
    process = hub(url, home)
    seconds: list[float] = []
    try:
        place = Place(platform="web", channel="bench", thread="resume")
        request = Request(text=f"PLAN:{plan_of(CHAIN).model_dump_json()}", by=ADA, place=place)
        task = (await desk.submit(c.OpenTask(id="resume", by=ADA, request=request))).task
        await _next_turn(desk, task, turns=-1, phase="review")
        await desk.submit(c.StartPlan(id="s", by=ADA, task=task, base=1))
        for _ in range(KILLS):
            turns = await _next_turn(desk, task, turns=(await desk.state(task)).turns + 1)
            process.send_signal(signal.SIGKILL)
            process.wait()
            began = time.perf_counter()
            process = hub(url, home)
            await _next_turn(desk, task, turns=turns)
            seconds.append(time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait()
        await desk.close()
    return seconds


async def _next_turn(desk: Desk, task: TaskId, *, turns: int, phase: str = "running") -> int:
    """The number of recorded turns, once there are more than `turns`."""
    while True:
        state = await desk.state(task)
        if state.turns > turns and state.phase == phase:
            return state.turns
        await asyncio.sleep(0.02)
