"""Opens the ledger at an address."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.clock import SystemClock
from orchestrator.errors import BadSettings
from orchestrator.ledger.memory import MemoryLedger
from orchestrator.ledger.sqlite import SqliteLedger
from orchestrator.network_drives import network_drive
from orchestrator.ports import Clock, Ledger
from orchestrator.private_files import passable_folder

if TYPE_CHECKING:
    from orchestrator.ledger.postgres import PostgresLedger


async def open_ledger(url: str, clock: Clock | None = None) -> Ledger:
    """Returns the ledger at `sqlite:///absolute/path`, `postgresql://…` or `memory://`.

    Creates and migrates it if needed. Raises BadSettings for another address, LedgerTooOld if a newer version of
    threadwork created it, LedgerFailed if it can't be reached.
    """
    clock = clock or SystemClock()
    scheme, _, rest = url.partition("://")
    match scheme:
        case "memory":
            return MemoryLedger(clock)
        case "sqlite":
            return await SqliteLedger.open(await asyncio.to_thread(sqlite_path, rest), clock)
        case "postgresql" | "postgres":
            # Lazy: without a server, its driver needn't be imported.
            postgres = await asyncio.to_thread(_postgres)
            return await postgres.open(url, clock)
        case _:
            raise BadSettings(
                f"The database scheme {scheme!r} is unknown; use sqlite:///…, postgresql://…, or memory://."
            )


async def migrate(url: str) -> None:
    """Updates the database's schema, as opening it does."""
    await (await open_ledger(url)).close()


def _postgres() -> type["PostgresLedger"]:
    from orchestrator.ledger.postgres import PostgresLedger

    return PostgresLedger


def sqlite_path(rest: str) -> Path:
    """Returns the file behind `sqlite://` + rest, and creates its folder. Raises BadSettings on a network drive."""
    path = Path("/" + rest.lstrip("/"))
    if not rest.startswith("/") or not path.name:
        raise BadSettings(
            f"The SQLite address {'sqlite://' + rest!r} needs an absolute path, like sqlite:///home/ada/x.db."
        )
    if kind := network_drive(path):
        raise BadSettings(
            f"The database {str(path)!r} is on a network drive ({kind}), where SQLite can lose data; set "
            "THREADWORK_HOME to a local folder, or THREADWORK_DATABASE__URL to a PostgreSQL server."
        )
    passable_folder(path.parent)
    return path
