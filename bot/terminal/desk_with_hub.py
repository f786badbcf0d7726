"""Opens a desk whose tasks are worked on, whether or not a hub is running on this home."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol

from bot.bootstrap.open_desk import ledger_desk
from bot.config.hub_lock import hub_running
from bot.config.settings import Settings
from bot.doctor import machine_checks
from orchestrator.desk import Desk


class WorkingDesk(NamedTuple):
    """A desk, and the address of the hub that works on its tasks; empty while that one starts."""

    desk: Desk
    url: str


class OwnHub(Protocol):
    """A hub of this process."""

    @property
    def desk(self) -> Desk: ...

    @property
    def url(self) -> str: ...

    @property
    def close(self) -> Callable[[], Awaitable[None]]: ...


@asynccontextmanager
async def working_desk(
    settings: Settings, open_hub: Callable[[Settings], Awaitable[OwnHub]]
) -> AsyncGenerator[WorkingDesk]:
    """Yields the desk of the hub that runs on this home, or of our own, which ends with the context."""
    url = hub_running(settings)
    if url is not None:
        async with ledger_desk(settings) as desk:
            hearing = asyncio.create_task(desk.follow(after=await desk.position()))
            try:
                yield WorkingDesk(desk, url)
            finally:
                hearing.cancel()
                await asyncio.gather(hearing, return_exceptions=True)
        return
    hub = await open_hub(_on_a_port_that_is_free(settings))
    try:
        yield WorkingDesk(hub.desk, hub.url)
    finally:
        await hub.close()


def _on_a_port_that_is_free(settings: Settings) -> Settings:
    """Returns the usual port if it's free: pages that a rehearsal had open are then found again after a restart."""
    if machine_checks.port(settings).level == "ok":
        return settings
    return settings.model_copy(update={"web": settings.web.model_copy(update={"port": 0})})
