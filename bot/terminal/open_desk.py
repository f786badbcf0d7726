"""A desk to work at: the running hub's ledger, or a hub of our own for as long as the command lasts."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bot import bootstrap
from bot.config.settings import Settings
from bot.doctor import machine
from orchestrator.desk import Desk


@asynccontextmanager
async def ledger_desk(settings: Settings) -> AsyncGenerator[Desk]:
    """Ledger and shelf only: what is submitted is done by the hub that runs, or by the next one."""
    desk = await bootstrap.open_desk(settings)
    try:
        yield desk
    finally:
        await bootstrap.close_desk(desk)


@asynccontextmanager
async def working_desk(settings: Settings) -> AsyncGenerator[Desk]:
    """A desk whose tasks are worked on: by the hub that runs on this home, else by one of our own."""
    if bootstrap.hub_running(settings) is not None:
        async with ledger_desk(settings) as desk:
            hearing = asyncio.create_task(_hear(desk, await desk.logs.ledger.position()))
            try:
                yield desk
            finally:
                hearing.cancel()
                await asyncio.gather(hearing, return_exceptions=True)
        return
    hub = await bootstrap.open_hub(_on_a_port_that_is_free(settings))
    try:
        yield hub.desk
    finally:
        await hub.close()


async def _hear(desk: Desk, position: int) -> None:
    """Keeps the desk current with what the hub writes; a hub of our own does this by itself."""
    async for _, record in desk.logs.ledger.tail(after=position):
        desk.logs.hear(record)


def _on_a_port_that_is_free(settings: Settings) -> Settings:
    """The usual port where it can be had: pages that a rehearsal had open are found again after a restart."""
    if machine.port(settings).level == "ok":
        return settings
    return settings.model_copy(update={"web": settings.web.model_copy(update={"port": 0})})
