"""Commands that show what the ledger contains, and small ones about this home."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.bootstrap.open_desk import ledger_desk
from bot.cards.card_projection import project
from bot.cards.decisions_one_at_a_time import needs
from bot.config.command_name import next_step
from bot.config.hub_lock import hub_running
from bot.config.settings import Settings
from bot.terminal import draw_card
from bot.terminal.local_person import own_desk_of
from bot.web.sign_in import invite_link
from orchestrator.clock import SystemClock
from orchestrator.domain.ids import TaskId
from orchestrator.domain.task_list import TaskQuery


async def tasks(settings: Settings) -> int:
    """Lists the newest tasks and all unfinished ones, newest first."""
    console, table = Console(highlight=False), Table(box=None, pad_edge=False)
    for name in ("task", "state", "since", "title"):
        table.add_column(name, no_wrap=name != "title")
    async with ledger_desk(settings) as desk:
        for state in await own_desk_of(desk).states(TaskQuery(), TaskQuery(unfinished=True, most=None)):
            card = project(state)
            sign, style = draw_card.SIGNS[card.state]
            since = f"{card.opened:%d %b %H:%M}" if card.opened else ""
            table.add_row(
                card.task, Text(f"{sign} {draw_card.standing(card)}", style), since, Text(draw_card.clean(card.title))
            )
    console.print(table if table.row_count else f'No tasks yet. To ask for something, run: {next_step("ask")} "…"')
    return 0


async def show(settings: Settings, task: str) -> int:
    """Prints the whole task."""
    console = Console(highlight=False)
    async with ledger_desk(settings) as desk:
        card = project(await own_desk_of(desk).state(TaskId(task)))
    for post in card.posts:
        console.print(draw_card.post(post))
    console.print(draw_card.card(card, SystemClock().now()))
    for line in card.files:
        console.print(
            Text(draw_card.clean(f"{line.file.name} ({line.edition}): {line.verdict}{draw_card.when(line.judged)}"))
        )
        for problem in line.problems:
            console.print(Text(f"  {draw_card.clean(problem)}", "red"))
    for need in needs(card):
        if need.point:
            console.print(draw_card.checkpoint(need.point))
        if need.kind in ("approval", "deliverable") and need.point:
            console.print(f"  {next_step(f'approve {need.point.id}')}", style="bold", soft_wrap=True)
    if needs(card):
        console.print(f"Decide here: {next_step(f'ask --task {card.task}')}", soft_wrap=True)
    return 0


async def migrate(settings: Settings) -> int:
    """Opens the database, which updates it to this version's schema."""
    async with ledger_desk(settings) as desk:
        position = await desk.position()
    Console(highlight=False).print(f"The database is up to date and contains {position} facts.")
    return 0


async def invite(settings: Settings, name: str, also: tuple[str, ...] = ()) -> int:
    """Prints a person's one-time link."""
    running = hub_running(settings)
    async with ledger_desk(settings) as desk:
        own = running or f"http://{settings.web.host}:{settings.web.port}"
        link = await invite_link(desk, name, settings.web.url or own, also=also)
    console = Console(highlight=False)
    console.print(link, soft_wrap=True, markup=False)
    if not running:
        console.print(f"The link works once, while `{next_step('up')}` is running.", style="dim")
    return 0
