"""`threadwork ask`: one request from the terminal, followed until it ends."""

import asyncio
import sys
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from bot.bootstrap.hub import open_hub
from bot.bootstrap.open_desk import ledger_desk
from bot.config.command_name import next_step
from bot.config.hub_lock import hub_running
from bot.config.model_settings import ModelsSettings
from bot.config.settings import Settings
from bot.doctor import machine_checks
from bot.doctor.optional_parts import browser_hints
from bot.terminal.follow import Follower
from bot.terminal.forms import Forms
from bot.terminal.line_input import Keyboard
from bot.terminal.live_view import LiveView
from bot.terminal.local_person import PLATFORM, own_desk_of, person
from orchestrator.clock import SystemClock
from orchestrator.desk import Desk, PersonalDesk
from orchestrator.domain.commands import OpenTask
from orchestrator.domain.ids import TaskId, slug
from orchestrator.domain.people import Place, Request


async def ask(
    settings: Settings, request: str, files: tuple[Path, ...], *, yes: bool = False, out: Path = Path(),
    task: str | None = None, rehearsal: bool = False,
) -> int:  # fmt: skip
    """Returns the exit code, see `threadwork ask --help`. `task`: follow this one instead of opening another."""
    console = Console(highlight=False)
    if rehearsal:
        settings = settings.model_copy(
            update={"models": ModelsSettings(rehearsal_pause=settings.models.rehearsal_pause)}
        )
    async with _working_desk(settings) as desk:
        for words in await asyncio.to_thread(browser_hints, settings):
            console.print(f"- {words}", style="yellow", markup=False, soft_wrap=True)
        own_desk = own_desk_of(desk)
        followed = TaskId(task) if task else await _open(own_desk, request, files)
        follower = Follower(
            own_desk,
            followed,
            console,
            LiveView(console, SystemClock()),
            Forms(console, Keyboard(), desk.shelf),
            out,
            yes=yes,
            interactive=sys.stdin.isatty() and console.is_terminal,
        )
        try:
            return await follower.follow()
        except asyncio.CancelledError:
            console.print(
                f"Nothing is lost. To continue, run: {next_step(f'ask --task {followed}')}  (or: {next_step('up')})",
                soft_wrap=True,
            )
            raise


async def _open(own_desk: PersonalDesk, text: str, paths: tuple[Path, ...]) -> TaskId:
    """Opens the task. The command's id is new each time, because asking twice means wanting it twice."""
    by, name = person(), uuid.uuid4().hex
    files = tuple([await own_desk.shelf.put_file(path) for path in paths])
    place = Place(platform=PLATFORM, channel=slug(by.name), thread=name)
    request = Request(text=text, by=by, place=place, files=files)
    return (await own_desk.submit(OpenTask(id=name, by=by, request=request))).task


@asynccontextmanager
async def _working_desk(settings: Settings) -> AsyncGenerator[Desk]:
    """Opens a desk whose tasks are worked on: by the hub that runs on this home, else by our own."""
    if hub_running(settings) is not None:
        async with ledger_desk(settings) as desk:
            hearing = asyncio.create_task(desk.follow(after=await desk.position()))
            try:
                yield desk
            finally:
                hearing.cancel()
                await asyncio.gather(hearing, return_exceptions=True)
        return
    hub = await open_hub(_on_a_port_that_is_free(settings))
    try:
        yield hub.desk
    finally:
        await hub.close()


def _on_a_port_that_is_free(settings: Settings) -> Settings:
    """Returns the usual port if it's free: pages that a rehearsal had open are then found again after a restart."""
    if machine_checks.port(settings).level == "ok":
        return settings
    return settings.model_copy(update={"web": settings.web.model_copy(update={"port": 0})})
