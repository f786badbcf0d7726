"""From an address to a ledger."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.clock import SystemClock
from orchestrator.errors import BadSettings
from orchestrator.ledger.memory import MemoryLedger
from orchestrator.ledger.sqlite import SqliteLedger
from orchestrator.ports import Clock, Ledger
from orchestrator.private_files import passable_folder

if TYPE_CHECKING:
    from orchestrator.ledger.postgres import PostgresLedger


async def open_ledger(url: str, clock: Clock | None = None) -> Ledger:
    """The ledger at `sqlite:///absolute/path`, `postgresql://…` or `memory://`.

    Makes and migrates it when needed. Raises BadSettings for another address, LedgerTooOld when a newer version of
    threadwork made it, LedgerFailed when it cannot be reached.
    """
    clock = clock or SystemClock()
    scheme, _, rest = url.partition("://")
    match scheme:
        case "memory":
            return MemoryLedger(clock)
        case "sqlite":
            return await SqliteLedger.open(await asyncio.to_thread(sqlite_path, rest), clock)
        case "postgresql" | "postgres":
            # Lazy: without a server nobody needs to pay for the import of its driver.
            postgres = await asyncio.to_thread(_postgres)
            return await postgres.open(url, clock)
        case _:
            raise BadSettings(
                f"The database scheme {scheme!r} is unknown; use sqlite:///…, postgresql://… or memory://."
            )


async def migrate(url: str) -> None:
    """Brings the database up to date, as opening it does."""
    await (await open_ledger(url)).close()


def _postgres() -> type["PostgresLedger"]:
    from orchestrator.ledger.postgres import PostgresLedger

    return PostgresLedger


def sqlite_path(rest: str) -> Path:
    """The file behind `sqlite://` + rest; its folder is made."""
    path = Path("/" + rest.lstrip("/"))
    if not rest.startswith("/") or not path.name:
        raise BadSettings(
            f"The SQLite address {'sqlite://' + rest!r} needs an absolute path, like sqlite:///home/ada/x.db."
        )
    passable_folder(path.parent)
    return path
