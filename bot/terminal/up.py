"""`threadwork up`: runs everything until it is stopped."""

import asyncio
import signal

from rich.console import Console

from bot.bootstrap.chat_account_status import News
from bot.bootstrap.hub import open_hub
from bot.config.command_name import next_step, told
from bot.config.model_settings import ModelsSettings
from bot.config.settings import Settings
from bot.doctor.import_name_conflicts import check_names
from bot.doctor.optional_parts import optional
from bot.platforms import PLATFORMS
from bot.terminal.local_person import person
from bot.terminal.startup_progress import Steps
from bot.web.sign_in import invite_link


async def up(settings: Settings, *, steps: Steps, rehearsal: bool = False) -> int:
    """Serves until SIGINT or SIGTERM. `steps`: says what the start is doing."""
    console = Console(highlight=False)
    await asyncio.to_thread(check_names)
    if rehearsal:
        settings = settings.model_copy(
            update={"models": ModelsSettings(rehearsal_pause=settings.models.rehearsal_pause)}
        )
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    try:
        hub = await open_hub(settings, tell=steps.tell)
    finally:
        steps.stop()
    try:
        link = await invite_link(hub.desk, person().name, hub.url)
        console.print(f"threadwork is running at {hub.url}. Your sign-in link works once:", soft_wrap=True)
        console.print(f"  {link}", style="bold", soft_wrap=True)
        for line in (*hub.notices, *await asyncio.to_thread(optional, settings)):
            console.print(f"- {told(line)}", markup=False, soft_wrap=True)
        for words in _missing(settings):
            console.print(words, style="yellow", soft_wrap=True)
        if chats := [row.title for row in PLATFORMS if settings.platforms[row.name].serves]:
            console.print(f"- {' and '.join(chats)}: connecting; the result appears below.")
        console.print("Press Ctrl-C to stop. Nothing is lost.", style="dim")
        async with asyncio.TaskGroup() as group:
            telling = group.create_task(_tell(console, hub.news))
            await ended.wait()
            telling.cancel()
    finally:
        await hub.close()
    return 0


def _missing(settings: Settings) -> list[str]:
    """Returns platforms that are only partly set up."""
    found = [(row, settings.platforms[row.name].missing) for row in PLATFORMS]
    return [
        f"- {row.title} is off: also set {f'{row.name}.{field}'!r}, e.g. with `{next_step(f'init {row.name}')}`."
        for row, field in found
        if field
    ]


async def _tell(console: Console, news: asyncio.Queue[News]) -> None:
    while True:
        it = await news.get()
        console.print(f"- {told(it.words)}", style="green" if it.good else "yellow", markup=False, soft_wrap=True)
