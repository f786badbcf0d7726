"""Makes sure that only one hub works on a SQLite database."""

import sqlite3
from pathlib import Path

from orchestrator.errors import LedgerBusy
from orchestrator.private_files import private_file


class SingleHubLock:
    """A lock that the operating system releases when the process dies, on every platform: SQLite's own."""

    def __init__(self, path: Path) -> None:
        """Raises LedgerBusy if another process holds it."""
        private_file(path)  # anyone who could open it could hold its lock
        self._connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("begin exclusive")
        except sqlite3.OperationalError as error:
            self._connection.close()
            raise LedgerBusy(f"Another hub is already using {str(path.parent)!r}; stop it first.") from error

    def close(self) -> None:
        self._connection.close()
