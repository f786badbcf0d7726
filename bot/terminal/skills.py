"""`skills`: what agents can follow, what can't be used and why, what to install, and whom to trust."""

import asyncio
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bot.bootstrap import skills
from bot.bootstrap.open_desk import ledger_desk
from bot.cards.skill_checkpoints import contents_of
from bot.config.command_name import next_step, told
from bot.config.settings import Settings
from bot.terminal.draw_card import clean
from bot.terminal.local_person import own_desk_of
from orchestrator.domain.plural import counted
from orchestrator.domain.skills import SkillSource


async def listed(settings: Settings) -> int:
    """Lists the skills that every task can use, and says why others can't be used."""
    console, table = Console(highlight=False), Table(box=None, pad_edge=False)
    for name in ("skill", "version", "from", "what it does"):
        table.add_column(name, overflow="fold")
    rows, problems = await asyncio.to_thread(skills.installed, settings)
    for row in rows:
        source = f"{row.source}, instead of: {row.others}" if row.others else row.source
        table.add_row(f"/{row.name}", row.version, source, row.description)
    empty = f"No skills yet. Put folders with a SKILL.md in {str(skills.own_folder(settings))!r}."
    console.print(table if rows else empty, soft_wrap=not rows, markup=False)
    for words in problems:
        console.print(told(words), style="yellow", soft_wrap=True, markup=False)
    if gone := await asyncio.to_thread(skills.archived, settings):
        names = ", ".join(f"{one.id} ({one.name} {one.version})".replace(" )", ")") for one in gone)
        console.print(
            f"Archived: {names}. Bring one back: {next_step('skills restore')} NAME", soft_wrap=True, markup=False
        )
    async with ledger_desk(settings) as desk:
        for draft in await skills.waiting_drafts(own_desk_of(desk)):
            words = f"A draft by {draft.by} waits for approval in the task {draft.task}: {draft.name}"
            console.print(clean(words), style="bold", soft_wrap=True, markup=False)
    return 0


async def show(settings: Settings, name: str) -> int:
    """Prints one skill."""
    row, body = await asyncio.to_thread(skills.shown, settings, name)
    console = Console(highlight=False)
    replaced = f", instead of: {row.others}" if row.others else ""
    lines = (f"{row.name} {row.version} ({row.source}{replaced})", row.description, row.path, "", body)
    for line in lines:
        console.print(line, soft_wrap=True, markup=False)
    return 0


async def check(settings: Settings, folder: Path) -> int:
    """Says of each skill in the folder whether it can be used, and what differs from the format. Returns 1 if any can't
    be used."""
    console = Console(highlight=False)
    found = await asyncio.to_thread(skills.checked, folder)
    for one in found:
        if one.refused:
            console.print(f"✗ {one.path}: it can't be used: {one.refused}.", style="red", soft_wrap=True, markup=False)
        elif one.repairs:
            words = "; ".join(one.repairs)
            console.print(f"! {one.name}: it works, but {words}.", style="yellow", soft_wrap=True, markup=False)
        else:
            console.print(f"✓ {one.name}: it follows the format.", style="green", soft_wrap=True, markup=False)
    refused = sum(bool(one.refused) for one in found)
    usable = len(found) - refused
    console.print(f"{counted(usable, 'skill')} can be used, {refused} can't.", soft_wrap=True, markup=False)
    return int(refused > 0)


async def install(settings: Settings, source: str, name: str, whose: tuple[SkillSource, str], *, yes: bool) -> int:
    """Shows what a skill contains and may do, asks, and files it. Returns 1 if it wasn't approved."""
    console = Console(highlight=False)
    offer = await skills.offered(settings, source, name)
    package = offer.package
    console.print(clean(f"{package.name}: {package.description}"), soft_wrap=True, markup=False)
    for fact in contents_of(package):
        console.print(clean(f"{fact.label}: {fact.value}"), soft_wrap=True, markup=False)
    if there := await asyncio.to_thread(skills.version_there, settings, package.name, *whose):
        console.print(f"It replaces {package.name} {there}, which is kept as an earlier version.", soft_wrap=True)
    if not yes and not await asyncio.to_thread(click.confirm, "Install it?", default=False):
        console.print("Nothing was changed.")
        return 1
    made = await asyncio.to_thread(skills.install, settings, offer, *whose)
    console.print(f"Installed {made.name} {made.version} in {made.path}", soft_wrap=True, markup=False)
    return 0


async def restore(settings: Settings, name: str) -> int:
    """Makes an archived skill count again."""
    one = await asyncio.to_thread(skills.bring_back, settings, name)
    Console(highlight=False).print(f"Agents can use {one.name} again.", soft_wrap=True, markup=False)
    return 0


async def trust(settings: Settings, folder: Path, *, yes: bool) -> int:
    """Shows the skills of a shared folder with their hash, and asks whether agents may follow them."""
    console = Console(highlight=False)
    for shared in await asyncio.to_thread(skills.to_trust, settings, folder):
        console.print(f"{shared.root.path}:", soft_wrap=True, markup=False)
        for one in shared.found.skills:
            console.print(f"  {one.name}: {one.sheet.description}", soft_wrap=True, markup=False)
        console.print(f"  SHA-256 of all of them: {shared.hash_}", soft_wrap=True, markup=False)
        if shared.trusted:
            console.print("  These are already trusted.", soft_wrap=True, markup=False)
            continue
        question = "  Agents will follow these instructions, and may run their scripts in the sandbox. Trust them?"
        if not yes and not await asyncio.to_thread(click.confirm, question, default=False):
            console.print("  Nothing was changed.", soft_wrap=True, markup=False)
            return 1
        await asyncio.to_thread(skills.trust, settings, shared)
        console.print("  Trusted, until one of their files changes.", soft_wrap=True, markup=False)
    return 0
