"""`agents`: who works on steps, what is wrong with a file, a turn on trial, and the way back to an earlier version."""

import asyncio
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.bootstrap import own_agents
from bot.bootstrap.try_agent_without_hub import try_without_hub
from bot.config.command_name import told
from bot.config.settings import Settings
from bot.terminal.local_person import person


async def listed(settings: Settings) -> int:
    """Lists all agents, and says what is wrong with the files that can't be used."""
    console, table = Console(highlight=False), Table(box=None, pad_edge=False)
    for name in ("agent", "version", "from", "model", "what it does"):
        table.add_column(name, overflow="fold")
    rows = await asyncio.to_thread(own_agents.listed, settings)
    for row in rows:
        if not row.problems:
            table.add_row(row.name, row.version, row.source, row.model, row.description)
    console.print(table, markup=False)
    for words in [words for row in rows for words in (*row.problems, *row.doubts)]:
        console.print(told(words), style="yellow", soft_wrap=True, markup=False)
    return 0


async def show(settings: Settings, name: str) -> int:
    """Prints one agent's file."""
    row, text = await asyncio.to_thread(own_agents.shown, settings, name)
    console = Console(highlight=False)
    version = f" {row.version}" if row.version else ""
    for line in (f"{row.name}{version} ({row.source})", *([row.file] if row.file else []), "", text.strip()):
        console.print(line, soft_wrap=True, markup=False)
    return 0


async def check(settings: Settings, file: Path) -> int:
    """Says what is wrong with a file. Returns 1 if its agent can't be used."""
    console = Console(highlight=False)
    mistakes, doubts = await asyncio.to_thread(own_agents.checked_file, settings, file)
    for words in mistakes:
        console.print(f"✗ {told(words)}", style="red", soft_wrap=True, markup=False)
    for words in doubts:
        console.print(f"! {told(words)}", style="yellow", soft_wrap=True, markup=False)
    if not mistakes and not doubts:
        console.print(f"✓ {file.name!r} can be used.", style="green", soft_wrap=True, markup=False)
    return int(bool(mistakes))


async def try_out(settings: Settings, name: str, words: str) -> int:
    """Takes one turn with an agent, and prints what it would do. Nothing of it is done."""
    tried = await try_without_hub(settings, name, words, person())
    console = Console(highlight=False)
    if tried.said or not tried.calls:
        console.print(tried.said or "It said nothing.", soft_wrap=True, markup=False)
    for call in tried.calls:
        console.print(f"{call.tool} ({call.verdict})", style="bold", soft_wrap=True, markup=False)
        console.print(call.args, soft_wrap=True, markup=False)
    console.print(f"({tried.model}, {tried.spent})", style="dim", soft_wrap=True, markup=False)
    return 0


async def roll_back(settings: Settings, name: str, to: int | None) -> int:
    """Lets an earlier version count again."""
    words = await asyncio.to_thread(own_agents.rolled_back, own_agents.roster_of(settings), name, to)
    Console(highlight=False).print(words, soft_wrap=True, markup=False)
    return 0
