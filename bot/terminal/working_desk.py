"""A desk whose tasks are worked on: by the hub that runs on this home, else by one of our own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bot.bootstrap.desk import ledger_desk
from bot.bootstrap.hub import open_hub
from bot.config.hub_lock import hub_running
from bot.config.settings import Settings
from bot.doctor import machine
from orchestrator.desk import Desk


@asynccontextmanager
async def working_desk(settings: Settings) -> AsyncGenerator[Desk]:
    """For as long as the command lasts."""
    if hub_running(settings) is not None:
        async with ledger_desk(settings) as desk:
            hearing = asyncio.create_task(desk.follow(after=await desk.position()))
            try:
                yield desk
            finally:
                hearing.cancel()
                await asyncio.gather(hearing, return_exceptions=True)
        return
    hub = await open_hub(_on_a_port_that_is_free(settings))
    try:
        yield hub.desk
    finally:
        await hub.close()


def _on_a_port_that_is_free(settings: Settings) -> Settings:
    """The usual port where it can be had: pages that a rehearsal had open are found again after a restart."""
    if machine.port(settings).level == "ok":
        return settings
    return settings.model_copy(update={"web": settings.web.model_copy(update={"port": 0})})
