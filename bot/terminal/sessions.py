"""`threadwork sessions`: who uses the web workspace from which browser, and how to end that."""

from rich.console import Console
from rich.table import Table

from bot.bootstrap.open_desk import ledger_desk
from bot.config.command_name import next_step
from bot.config.settings import Settings
from bot.terminal import draw_card
from bot.terminal.local_person import person
from bot.web import sign_in
from orchestrator.errors import NotFound


async def listed(settings: Settings) -> int:
    """Lists the active sessions, newest first."""
    table = Table(box=None, pad_edge=False)
    for name in ("session", "person", "since", "browser"):
        table.add_column(name, no_wrap=name != "browser")
    async with ledger_desk(settings) as desk:
        room, now = await sign_in.room_of(desk), desk.clock.now()
    for stay in sorted(room.stays.values(), key=lambda s: s.since, reverse=True):
        if now < stay.until:
            who = room.people[stay.person].name
            table.add_row(stay.short, draw_card.clean(who), f"{stay.since:%d %b %H:%M}", draw_card.clean(stay.browser))
    console = Console(highlight=False)
    console.print(
        table
        if table.row_count
        else f"No one has joined the web workspace yet. To invite someone, run: {next_step('invite')} NAME"
    )
    return 0


async def end_one(settings: Settings, short: str) -> int:
    """Ends the session with that id."""
    async with ledger_desk(settings) as desk:
        found = [s for s in (await sign_in.room_of(desk)).stays.values() if s.short == short]
        if not found:
            raise NotFound(f"There's no session {short!r}; `threadwork sessions` lists them.")
        await sign_in.end(desk, found[0], person())
    Console(highlight=False).print("The session has ended.")
    return 0


async def remove_person(settings: Settings, name: str) -> int:
    """Removes the person from the workspace."""
    async with ledger_desk(settings) as desk:
        room = await sign_in.room_of(desk)
        found = await sign_in.remove(desk, room, sign_in.person_named(name).id, person())
    Console(highlight=False).print(
        f"Removed {draw_card.clean(found.name)}. To let them back in, invite them again.", markup=False
    )
    return 0
