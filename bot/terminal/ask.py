"""`threadwork ask`: one request from the terminal, followed until it ends."""

import asyncio
import sys
import uuid
from pathlib import Path

from rich.console import Console

from bot.bootstrap.hub import open_hub
from bot.config.command_name import next_step
from bot.config.model_settings import ModelsSettings
from bot.config.settings import Settings
from bot.doctor.optional_parts import browser_hints
from bot.terminal.desk_with_hub import working_desk
from bot.terminal.fill_button_form import Forms
from bot.terminal.follow_task import Follower
from bot.terminal.line_input import Keyboard
from bot.terminal.live_view import LiveView
from bot.terminal.local_person import PLATFORM, own_desk_of, person
from orchestrator.clock import SystemClock
from orchestrator.desk import PersonalDesk
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
    async with working_desk(settings, open_hub) as (desk, _):
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
