"""Opens the desk of a home, whether or not a hub is running there."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from agents.roster.roster import FOLDER, Roster
from bot.config import hub_lock
from bot.config.settings import Settings
from orchestrator.clock import SystemClock
from orchestrator.desk import PlanChoices
from orchestrator.domain.audience import Audience
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ledger.open_ledger import open_ledger
from orchestrator.ledger_desk import LedgerDesk
from orchestrator.ports import Clock, Ledger
from orchestrator.task_event_logs import Logs


@asynccontextmanager
async def ledger_desk(settings: Settings) -> AsyncGenerator[LedgerDesk]:
    """Has only the ledger and the shelf: a submitted command is carried out by the running hub, or by the next one."""
    desk = await open_desk(settings)
    try:
        yield desk
    finally:
        await desk.close()


async def open_desk(settings: Settings, *, clock: Clock | None = None) -> LedgerDesk:
    """Opens only the ledger and the shelf, to look and to decide. Close it."""
    clock = clock or SystemClock()
    ledger = await ledger_of(settings, clock)
    choices = PlanChoices(agents=Roster(settings.home / FOLDER).rows)  # only the hub knows which model is used
    return LedgerDesk(Logs(ledger), shelf_of(settings), clock, choices, audience_of(settings))


async def ledger_of(settings: Settings, clock: Clock) -> Ledger:
    """Opens the ledger, and creates the data folder if it is missing."""
    await asyncio.to_thread(hub_lock.ready, settings.home)
    return await open_ledger(settings.database_url, clock)


def shelf_of(settings: Settings) -> FolderShelf:
    return FolderShelf(settings.home / "shelf")


def audience_of(settings: Settings) -> Audience:
    return Audience(owner_sees_private=settings.chats.owner_sees_private)
