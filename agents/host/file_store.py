"""Stores the host's files by content hash: from tools and from the hub. Files never change."""

import hashlib
import os
import secrets
import time
from pathlib import Path

from orchestrator.domain.ids import Sha
from orchestrator.errors import HostFailed, OutOfSpace


class FileStore:
    """Files below `folder`, named by their SHA-256. Its methods block; call them from a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, sha: Sha) -> bool:
        return self.path(sha).is_file()

    def path(self, sha: Sha) -> Path:
        """Returns the path of that content, whether it exists or not."""
        return self._folder / sha[:2] / sha

    def keep(self, content: bytes) -> Sha:
        """Stores content; storing the same content again only marks it as used. Raises OutOfSpace."""
        sha = Sha(hashlib.sha256(content).hexdigest())
        if self.has(sha):
            os.utime(self.path(sha))
            return sha
        half = self.half()
        try:
            with half.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            half.unlink(missing_ok=True)
            raise OutOfSpace(
                f"The host couldn't store {len(content):,} bytes on its disk: {error.strerror}."
            ) from error
        self.adopt(half, sha)
        return sha

    def half(self) -> Path:
        """Returns a path for a partial file; pass it to `adopt` when it is complete."""
        return self._folder / f"half-{secrets.token_hex(8)}"

    def adopt(self, file: Path, sha: Sha) -> None:
        """Adopts a complete file whose content has that hash."""
        home = self.path(sha)
        home.parent.mkdir(exist_ok=True)
        file.replace(home)

    def forget(self, *, older_than: float) -> None:
        """Deletes what was unused for that many seconds."""
        oldest = time.time() - older_than
        for file in self._folder.glob("*/*"):
            if file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)

    def forget_halves(self) -> None:
        """Deletes partial files of an earlier process. Call it before the first `half`."""
        for file in self._folder.glob("half-*"):
            file.unlink(missing_ok=True)


class IncomingFile:
    """An incoming file, piece by piece. Its methods block; call them from a thread."""

    def __init__(self, path: Path, sha: Sha, *, most: int) -> None:
        self.path = path
        self._sha = sha
        self._most = most
        self._size = 0
        self._hash = hashlib.sha256()
        try:
            # for our eyes only: it may lie in a folder that everybody may look into
            self._stream = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")
        except OSError as error:
            raise OutOfSpace(f"The file couldn't be received: {error.strerror}.") from error

    def add(self, piece: bytes) -> None:
        """Adds a piece. Raises HostFailed if the file gets too large, OutOfSpace if the disk is full."""
        self._size += len(piece)
        if self._size > self._most:
            raise HostFailed(f"The file is larger than {self._most:,} bytes. Make it smaller.")
        self._hash.update(piece)
        try:
            self._stream.write(piece)
        except OSError as error:
            raise OutOfSpace from error

    def finish(self) -> Path:
        """Returns the complete file. Raises HostFailed if its hash differs from the announced one."""
        try:
            self._stream.flush()
            os.fsync(self._stream.fileno())
        except OSError as error:
            raise OutOfSpace from error
        finally:
            self._stream.close()
        if self._hash.hexdigest() != self._sha:
            raise HostFailed(
                f"A file arrived damaged: its hash doesn't match {self._sha[:12]!r}. It will be sent again."
            )
        return self.path

    def drop(self) -> None:
        """Discards it; has no effect after `adopt`."""
        self._stream.close()
        self.path.unlink(missing_ok=True)
