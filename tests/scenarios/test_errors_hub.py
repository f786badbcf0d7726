"""What goes wrong around a whole hub: disk, database, host, keys. One sentence where people see it; nothing is lost."""

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest

from bot.bootstrap.agent_host import RESTARTED
from bot.bootstrap.hub import Hub, open_hub
from bot.cards.card_projection import project
from bot.platforms import load
from bot.web.sign_in import invite_link
from orchestrator.domain import commands as c
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.domain.people import Place, Request
from orchestrator.domain.task import TaskState
from orchestrator.errors import LedgerBusy
from orchestrator.ledger import sqlite_file
from orchestrator.ledger_desk import LedgerDesk
from tests.host_fixtures import open_folder, processes
from tests.memory_hub import ADA, ScriptedModel, say
from tests.model_server import serving
from tests.scenarios.error_fixtures import brain, holding, nowhere, plan, row

A = SubtaskId("a")


@pytest.fixture
def home() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@asynccontextmanager
async def hub_with(home: Path, model: ScriptedModel | None = None, **settings: object) -> AsyncGenerator[Hub]:
    found = load(home=home, web={"port": 0}, environment={}, **settings)  # pyright: ignore
    hub = await open_hub(found, wrap_model=(lambda _: model) if model else None)  # pyright: ignore
    try:
        yield hub
    finally:
        await hub.close()


async def ask(hub: Hub) -> TaskId:
    request = Request(text="Do a", by=ADA, place=Place(platform="web", channel="general", thread="1"))
    return (await hub.desk.submit(c.OpenTask(id="m1", by=ADA, request=request))).task


async def until(hub: Hub, task: TaskId, fact: Callable[[TaskState], object], *, seconds: float = 60) -> TaskState:
    async with asyncio.timeout(seconds):
        async for state in hub.desk.watch(task):
            if fact(state):
                return state
    raise AssertionError("the watch ended")


async def start(hub: Hub, task: TaskId) -> None:
    state = await until(hub, task, lambda s: s.phase == "review")
    await hub.desk.submit(c.StartPlan(id="s", by=ADA, task=task, base=state.version))


async def in_trouble(hub: Hub) -> str:
    """The trouble's words, once there is one."""
    async with asyncio.timeout(60):
        if not hub.desk.trouble:
            await anext(aiter(hub.desk.trouble_changes()))
    return hub.desk.trouble


async def page_of(hub: Hub, task: TaskId) -> str:
    """The task's page, as a browser that came in by a link before gets it."""
    async with httpx.AsyncClient(base_url=hub.url, headers={"origin": hub.url}) as client:
        link = await invite_link(hub.desk, "Ada", hub.url)
        door = (await client.get(link)).text
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', door))
        await client.post(link, data=fields)
        assert isinstance(hub.desk, LedgerDesk)
        hub.desk._logs.trouble.say("The disk is full.")  # pyright: ignore[reportPrivateUsage]
        return (await client.get(f"/t/{task}")).text


@contextmanager
def small_disk(megabytes: int) -> Generator[Path]:
    with open_folder() as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)],
            capture_output=True, check=False,
        )  # fmt: skip
        if mounted.returncode:
            pytest.skip("a small disk cannot be mounted here")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> None:
    """Not a byte more."""
    with (disk / "ballast").open("ab", buffering=0) as file:
        for size in (1_000_000, 4096, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue


async def test_a_full_disk_is_told_and_everything_goes_on_when_there_is_room(caplog: pytest.LogCaptureFixture) -> None:
    with small_disk(24) as home:

        def last_words(_: Prompt) -> Reply:
            fill(home)
            return Reply(text="Said on a full disk.")

        model = ScriptedModel({"plan": [plan(row("a"))], "a": [say(list_files={}), last_words]})
        async with hub_with(home, model) as hub:
            task = await ask(hub)
            await start(hub, task)
            words = await in_trouble(hub)
            disk = str(home / "threadwork.db")
            assert words == (
                f"The disk that holds {disk!r} is full; free some space and press Retry. "
                "All work is on hold until this is fixed; nothing is lost."
            )
            (home / "ballast").unlink()
            state = await until(hub, task, lambda s: s.phase == "done")
            assert state.of(A).summary == "Said on a full disk." and state.of(A).attempt == 1
            assert len(model.prompts) == 3 and hub.desk.trouble == ""
        assert "can't record turn-taken yet: The disk that holds" in caplog.text


async def test_a_full_workspace_is_told_to_the_agent_who_can_make_room(home: Path) -> None:
    with small_disk(2) as disk:
        (home / "host").symlink_to(disk)
        writes = [say(write_file={"path": f"{n}.txt", "content": " " * 900_000}) for n in range(3)]
        model = ScriptedModel({"plan": [plan(row("a"))], "a": [*writes, _echo]})
        async with hub_with(home, model) as hub:
            task = await ask(hub)
            await start(hub, task)
            state = await until(hub, task, lambda s: s.phase == "done" or s.of(A).status == "failed")
            assert "disk is full" in state.of(A).summary


async def test_a_locked_database_loses_nothing_and_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "PATIENCE", 0.3)
    other: list[sqlite3.Connection] = []

    def lock(_: Prompt) -> Reply:
        other.append(sqlite3.connect(home / "threadwork.db", isolation_level=None))
        other[0].execute("begin exclusive")
        return Reply(text="Said while locked.")

    model = ScriptedModel({"plan": [plan(row("a"))], "a": [say(list_files={}), lock]})
    async with hub_with(home, model) as hub:
        task = await ask(hub)
        await start(hub, task)
        assert "is locked by another program; close it or try again." in await in_trouble(hub)
        with pytest.raises(LedgerBusy, match="locked by another program"):
            await hub.desk.submit(c.Pause(id="p", by=ADA, task=task))
        other[0].close()
        state = await until(hub, task, lambda s: s.phase == "done")
        assert state.of(A).summary == "Said while locked." and len(model.prompts) == 3
        assert hub.desk.trouble == ""


async def test_trouble_with_writing_stands_on_every_page_of_the_workspace(home: Path) -> None:
    model = ScriptedModel({"plan": [plan(row("a"))]})
    async with hub_with(home, model) as hub:
        task = await ask(hub)
        await until(hub, task, lambda s: s.phase == "review")
        assert 'id="trouble" role="status">The disk is full.<' in await page_of(hub, task)


async def test_a_host_that_dies_is_noted_once_in_the_tasks_at_work(home: Path) -> None:
    def die(_: Prompt) -> Reply:
        for pid in processes("threadwork-host:frail"):
            os.kill(pid, signal.SIGKILL)
        return say(list_files={})

    lines = [say(list_files={}), die, say("Done.")]
    model = ScriptedModel({"plan": [plan(row("a"))], "a": lines})
    async with hub_with(home, model, host={"name": "frail"}) as hub:
        task = await ask(hub)
        await start(hub, task)
        state = await until(hub, task, lambda s: s.phase == "done" and any(x.text == RESTARTED for x in s.lines))
        posts = [p for p in project(state).posts if p.text == RESTARTED]
        assert len(posts) == 1 and posts[0].level == "warning" and state.of(A).attempt == 1


async def test_what_the_host_cannot_do_is_among_the_hubs_notices(home: Path) -> None:
    async with hub_with(home, ScriptedModel({})) as hub:
        assert hub.notices == hub.host.notices  # pyright: ignore


async def test_a_key_that_the_provider_refuses_is_in_no_file_of_the_home(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "sk-canary-0451"
    async with serving(brain()) as server:
        models = {"default": "test-model", "api_base": server.url, "api_key": canary}
        async with hub_with(home, models=models) as hub:
            task = await ask(hub)
            state = await until(hub, task, lambda s: s.phase == "stuck")
            assert "rejected the key for 'test-model'" in project(state).headline
            await nowhere(canary, hub.desk, task, caplog)
    assert not holding(canary, home)


async def test_a_model_of_ones_own_is_asked_under_the_vendors_name(home: Path) -> None:
    async with serving(brain()) as server:
        rows = {"ours": {"model": "openai/test-model", "api_base": server.url, "api_key": "sk-test-0123456789abcdef"}}
        async with hub_with(home, models={"default": "ours", "rows": rows}) as hub:
            await start(hub, task := await ask(hub))
            state = await until(hub, task, lambda s: s.phase == "done")
            assert state.of(A).model == "ours"
        assert {seen.body["model"] for seen in server.log} == {"test-model"} and not server.refused


def _echo(prompt: Prompt) -> Reply:
    """Says what the last tool said."""
    return Reply(text=prompt.messages[-1].text)
