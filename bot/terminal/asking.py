"""`threadwork ask`: one request from the terminal, followed until it ends."""

import asyncio
import getpass
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bot.called import next_step
from bot.settings import Models, Settings
from bot.terminal.following import Follower
from bot.terminal.forms import Forms
from bot.terminal.keyboard import Keyboard
from bot.terminal.opening import working_desk
from bot.terminal.view import View
from orchestrator.clock import SystemClock
from orchestrator.desk import Desk
from orchestrator.domain.commands import OpenTask
from orchestrator.domain.ids import PersonId, TaskId, slug
from orchestrator.domain.people import Person, Place, Request

PLATFORM = "terminal"


@dataclass(frozen=True, slots=True)
class Options:
    """What was typed. `task`: follow this one instead of opening another."""

    request: str
    files: tuple[Path, ...]
    yes: bool = False
    out: Path = Path()
    task: str | None = None


def person() -> Person:
    """Who is at the terminal: the user of this machine."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = "you"
    return Person(id=PersonId(f"{PLATFORM}:{slug(name)}"), name=name)


async def ask(settings: Settings, options: Options, *, rehearsal: bool = False) -> int:
    """The exit code, see `threadwork ask --help`."""
    console = Console(highlight=False)
    if rehearsal:
        settings = settings.model_copy(update={"models": Models(rehearsal_pause=settings.models.rehearsal_pause)})
    async with working_desk(settings) as desk:
        task = TaskId(options.task) if options.task else await _open(desk, options)
        follower = Follower(
            desk,
            task,
            person(),
            console,
            View(console, SystemClock()),
            Forms(console, Keyboard(), desk.shelf),
            options.out,
            yes=options.yes,
            interactive=sys.stdin.isatty() and console.is_terminal,
        )
        try:
            return await follower.follow()
        except asyncio.CancelledError:
            console.print(
                f"Nothing is lost. Go on with: {next_step(f'ask --task {task}')}  (or: {next_step('up')})",
                soft_wrap=True,
            )
            raise


async def _open(desk: Desk, options: Options) -> TaskId:
    """Opens the task. The command's id is new each time: asked twice means wanted twice."""
    by, name = person(), uuid.uuid4().hex
    files = tuple([await desk.shelf.put_file(path) for path in options.files])
    place = Place(platform=PLATFORM, channel=slug(by.name), thread=name)
    request = Request(text=options.request, by=by, place=place, files=files)
    return (await desk.submit(OpenTask(id=name, by=by, request=request))).task
