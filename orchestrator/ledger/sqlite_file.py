"""Opens the ledger's SQLite file, migrates its schema, and translates its errors."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from orchestrator.errors import LedgerBusy, LedgerFailed, LedgerTooOld, OutOfSpace
from orchestrator.ledger.fact_records import StoredFact
from orchestrator.ledger.load_sql_files import migrations, queries
from orchestrator.ledger.task_rows import FILLED_BY, columns, listed
from orchestrator.private_files import private_file

OLDEST = (3, 35)
"""The first SQLite with `returning`."""
PATIENCE = 10.0
"""Seconds to wait for another program's lock."""


@contextmanager
def sqlite_errors(path: Path) -> Generator[None]:
    """Translates SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error, path) from error


def connect(path: Path) -> sqlite3.Connection:
    """Returns a connection to the migrated file. It may be used from another thread, but only one at a time."""
    if sqlite3.sqlite_version_info < OLDEST:
        raise LedgerFailed(f"SQLite {sqlite3.sqlite_version!r} is too old; install 3.35 or newer.")
    with sqlite_errors(path):
        _private(path)
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
            migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _private(path: Path) -> None:
    try:
        private_file(path)
    except OSError as error:  # SQLite says the same in its own words, which are translated
        raise sqlite3.OperationalError(f"unable to open database file ({error.strerror})") from error


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Runs the remaining migrations in one transaction. Raises LedgerTooOld for a file from a newer version."""
    road = migrations("sqlite")
    if _version(connection) == len(road):
        return
    connection.execute("begin immediate")
    try:
        version = _version(connection)  # again: another process may have migrated while we waited for the lock
        if version > len(road):
            raise LedgerTooOld(
                f"The database {str(path)!r} has schema {version}, but this version supports {len(road)}; "
                "install a newer version."
            )
        for step in road[version:]:
            for statement in step.statements:
                connection.execute(statement)
        if 0 < version < FILLED_BY:
            _fill_tasks(connection)
        connection.execute(f"pragma user_version = {len(road)}")
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def _fill_tasks(connection: sqlite3.Connection) -> None:
    sql = queries("sqlite")
    rows = connection.execute(sql["facts"])
    facts = (
        StoredFact(p, stream, seq, key, datetime.fromisoformat(at), text) for p, stream, seq, key, at, text in rows
    )
    for entry in listed(facts):
        connection.execute(sql["list_task"], columns(entry))


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("pragma user_version").fetchone()
    return int(version)


def _translated(error: sqlite3.Error, path: Path) -> LedgerFailed | OutOfSpace:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LedgerBusy(f"The database {str(path)!r} is locked by another program; close it or try again.")
    if code == sqlite3.SQLITE_FULL:
        return OutOfSpace(f"The disk that holds {str(path)!r} is full; free some space and press Retry.")
    return LedgerFailed(
        f"The database {str(path)!r} can't be used ({error}); check the file, its folder, and the disk, "
        "or choose another with THREADWORK_DATABASE__URL."
    )
