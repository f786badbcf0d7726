"""`logins`: the sites that agents can be logged in to. A login's content is never shown."""

import asyncio
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.bootstrap import browser_logins
from bot.config.command_name import next_step
from bot.config.settings import Settings


async def listed(settings: Settings) -> int:
    """Lists the logins of every team."""
    console, table = Console(highlight=False), Table(box=None, pad_edge=False)
    for name in ("team", "login", "hosts", "saved (UTC)", "by"):
        table.add_column(name, overflow="fold")
    found = await asyncio.to_thread(browser_logins.listed, settings)
    for row in found.rows:
        hosts, saved = ", ".join(row.domains), row.saved[:16].replace("T", " ")
        table.add_row(row.team, row.name, hosts, "empty so far" if row.empty else saved, row.by)
    empty = f"No logins yet. To add one, run: {next_step('logins add NAME --domain app.example.com --from state.json')}"
    console.print(table if found.rows else empty, soft_wrap=not found.rows, markup=False)
    for file in found.unreadable:
        words = f"{str(file)!r} can't be read: it's damaged, or it was encrypted with another key."
        console.print(words, style="red", soft_wrap=True, markup=False)
    return 0


async def add(settings: Settings, name: str, domains: tuple[str, ...], state: Path | None, team: str) -> int:
    """Creates a login from a storage state, or lets an existing one reach more hosts."""
    row = await asyncio.to_thread(browser_logins.add, settings, name, domains, state, team)
    console = Console(highlight=False)
    console.print(
        f"The login {row.name!r} for {row.team} can reach {', '.join(row.domains)}.", soft_wrap=True, markup=False
    )
    return 0


async def remove(settings: Settings, name: str, team: str) -> int:
    """Removes a login; a page that uses it is closed at its next action."""
    await asyncio.to_thread(browser_logins.remove, settings, name, team)
    Console(highlight=False).print(f"The login {name!r} for {team} was removed.", soft_wrap=True, markup=False)
    return 0
