"""Stores files by the hash of their content, in a folder."""

import asyncio
import contextlib
import errno
import hashlib
import mimetypes
import os
import re
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

from orchestrator.domain.ids import Sha
from orchestrator.domain.people import FileRef
from orchestrator.errors import NotFound, OutOfSpace
from orchestrator.private_files import private_folder

PIECE = 1 << 20
UNKNOWN = "application/octet-stream"
_SHA = re.compile(r"[0-9a-f]{64}")


class FolderShelf:
    """Implements ports.Shelf: `ab/cdef…` below one folder.

    A file appears whole or not at all, and is read back before it counts as stored. Reading verifies it again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, content: bytes, *, name: str, media: str | None = None) -> FileRef:
        return await asyncio.to_thread(self._put, iter((content,)), name, media)

    async def put_file(self, path: Path, *, name: str | None = None) -> FileRef:
        return await asyncio.to_thread(self._put, _pieces(path), name or path.name, None)

    async def get(self, sha: Sha) -> bytes:
        return await asyncio.to_thread(self._get, sha)

    async def path(self, sha: Sha) -> Path:
        return await asyncio.to_thread(self._path, sha)

    def _put(self, pieces: Iterator[bytes], name: str, media: str | None) -> FileRef:
        with _no_space(self._folder):
            private_folder(self._folder)
            handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".new-")
            try:
                sha, size = _written(handle, pieces)
                self._keep(Path(temporary), sha)
            finally:
                Path(temporary).unlink(missing_ok=True)
        guess = media or mimetypes.guess_type(name)[0] or UNKNOWN
        return FileRef(name=name.replace("\\", "/").rsplit("/", 1)[-1], sha=sha, size=size, media=guess)

    def _keep(self, temporary: Path, sha: Sha) -> None:
        if _hash(temporary) != sha:
            raise OSError(errno.EIO, f"what was written to {str(self._folder)!r} read back differently; check the disk")
        place = self._place(sha)
        if place.exists() and _hash(place) == sha:
            return
        private_folder(place.parent)
        temporary.chmod(0o400)
        temporary.replace(place)
        _sync_folder(place.parent)

    def _get(self, sha: Sha) -> bytes:
        content = self._path(sha).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha:
            raise NotFound(f"The file {sha[:12]!r} on the shelf is damaged; restore it from a backup.")
        return content

    def _path(self, sha: Sha) -> Path:
        # The pattern also keeps a forged hash from leading out of the folder.
        if not _SHA.fullmatch(sha) or not (place := self._place(sha)).is_file():
            raise NotFound(f"There's no file {sha[:12]!r} on the shelf; deliver it again.")
        return place

    def _place(self, sha: Sha) -> Path:
        return self._folder / sha[:2] / sha[2:]


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _written(handle: int, pieces: Iterator[bytes]) -> tuple[Sha, int]:
    hashed, size = hashlib.sha256(), 0
    with os.fdopen(handle, "wb") as file:
        for piece in pieces:
            file.write(piece)
            hashed.update(piece)
            size += len(piece)
        file.flush()
        os.fsync(file.fileno())
    return Sha(hashed.hexdigest()), size


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(PermissionError):  # Windows opens no folders; its rename is durable anyway
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _no_space(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutOfSpace(
                f"The disk that holds {str(folder)!r} is full; free some space and press Retry."
            ) from error
        raise
