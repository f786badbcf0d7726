"""Records the outcome of every call, so that a repeated call is answered instead of run again.

A row is written before a call runs, and again before its answer leaves the host. A row without a result belongs to a
call that is running now, or that was interrupted.
"""

import asyncio
import re
import sqlite3
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple, Self

import aiosqlite

from orchestrator.domain.ids import CallId
from orchestrator.domain.tool_calls import CallResult, HostCall, fingerprint
from orchestrator.errors import HostFailed, HostRefused, OutOfSpace
from orchestrator.network_drives import network_drive


class Entry(NamedTuple):
    """A call's entry: how often it was started by this hub process, and its result if it ended."""

    tries: int
    result: CallResult | None


class Journal:
    """Stores the calls of one host folder. Durable when a method returns."""

    def __init__(self, database: aiosqlite.Connection) -> None:
        self._database = database
        self._writing = asyncio.Lock()  # a statement and its commit belong together; a roll-back must not take others

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Opens or creates the file. Raises HostFailed with a sentence if it can't be used."""
        await asyncio.to_thread(_sql)  # read once, off the loop
        database = aiosqlite.connect(path)
        try:
            await database
            if await asyncio.to_thread(network_drive, path):
                await database.execute("PRAGMA locking_mode = EXCLUSIVE")  # without shared memory, which fails there
            await database.execute("PRAGMA journal_mode = WAL")
            await database.execute(
                "PRAGMA synchronous = FULL"
            )  # a row must survive a power cut: it represents an effect
            await database.execute(_sql()["create"])
            await database.commit()
        except sqlite3.Error as error:
            await database.close()
            raise HostFailed(
                f"The journal {str(path)!r} can't be used: {error}. Check the disk, or move the file away."
            ) from error
        return cls(database)

    async def find(self, call: HostCall, hub: str) -> Entry | None:
        """Returns the call's entry. Raises HostRefused if its id belongs to a different call."""
        async with self._database.execute(_sql()["find"], {"id": call.id, "hub": hub}) as rows:
            row = await rows.fetchone()
        if row is None:
            return None
        if row[0] != _print(call):
            raise HostRefused(
                f"Call {call.id!r} has already been made as {row[1]!r} with different arguments. Use a new ID "
                "for the new call."
            )
        return Entry(int(row[2]), CallResult.model_validate_json(row[3]) if row[3] else None)

    async def start(self, call: HostCall, hub: str) -> None:
        """Records the start of a call or retry. Counts tries per hub process: a hub crash isn't the call's fault."""
        await self._write(
            "start", {"id": call.id, "fingerprint": _print(call), "tool": call.tool, "hub": hub, "at": time.time()}
        )

    async def finish(self, call: CallId, result: CallResult) -> None:
        """Records the call's result."""
        await self._write("finish", {"id": call, "result": result.model_dump_json(), "at": time.time()})

    async def excuse(self, call: CallId) -> None:
        """Records a cancellation, which doesn't count as a failed try."""
        await self._write("excuse", {"id": call})

    async def forget(self, *, older_than: float) -> None:
        """Drops calls unused for that many seconds."""
        await self._write("forget", {"before": time.time() - older_than})

    async def close(self) -> None:
        await self._database.close()

    async def _write(self, statement: str, values: dict[str, str | float]) -> None:
        async with self._writing:
            try:
                await self._database.execute(_sql()[statement], values)
                await self._database.commit()
            except sqlite3.OperationalError as error:
                await self._database.rollback()
                if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                    raise OutOfSpace from error
                raise HostFailed(f"The host's journal can't be written: {error}. Check the disk.") from error


def _print(call: HostCall) -> str:
    return fingerprint(call.tool, call.args)


@cache
def _sql() -> dict[str, str]:
    text = Path(__file__).with_name("journal.sql").read_text(encoding="utf-8")
    return dict(re.findall(r"-- name: (\w+)\n(.*?)(?=\n-- name:|\Z)", text, re.DOTALL))
