"""Files and folders that only their owner may read: the ledger holds what people asked and agents answered."""

import os
from pathlib import Path


def private_file(path: Path) -> None:
    """Makes the file, or takes an existing one of ours, so that nobody else can read or write it."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        # Not opened here: closing it would drop the locks that SQLite holds on it in this process.
        found = path.stat()
        if found.st_uid == os.geteuid() and found.st_mode & 0o077:
            path.chmod(0o600)


def passable_folder(path: Path) -> None:
    """Makes a folder whose names nobody else can list; an agent host below it can still pass through."""
    path.mkdir(mode=0o711, parents=True, exist_ok=True)
