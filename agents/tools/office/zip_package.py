"""Reads and writes office files as zip packages; the same content gives the same bytes."""

import io
import re
import threading
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import PurePosixPath
from weakref import WeakValueDictionary

from agents.tools.office.unsafe_files import UNREADABLE, looked_at
from orchestrator.domain.escape_file_names import real, shown
from orchestrator.errors import ToolFailed

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"<dcterms:(modified|created)[^>]*>[^<]*</dcterms:(modified|created)>")


class _Turn:
    """Something a WeakValueDictionary can hold; a bare lock can't be referenced weakly."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


_turns: WeakValueDictionary[str, _Turn] = WeakValueDictionary()
_door = threading.Lock()


@contextmanager
def one_at_a_time(file: str) -> Generator[None]:
    """Guards one file's read-change-write, so that two calls that edit the same file don't lose each other's work."""
    with _door:
        turn = _turns.setdefault(file, _Turn())
    with turn.lock:
        yield


def tidy(path: str) -> str:
    """Returns one canonical path per file."""
    return shown(real(str(PurePosixPath(path)).removeprefix("/workspace/")))


def parts(content: bytes, name: str) -> dict[str, bytes]:
    """Returns the parts of an office file. Raises ToolFailed if it isn't one or must not be opened."""
    looked_at(content, name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {i.filename: archive.read(i) for i in archive.infolist()}
    except UNREADABLE as error:
        raise ToolFailed(
            f"{name!r} isn't a readable office file ({error}). Check its type or create it again."
        ) from error


def pack(content: dict[str, bytes]) -> bytes:
    """Zips the parts in order, without timestamps: equal parts give equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, part)
    return out.getvalue()


def same(old: dict[str, bytes], new: dict[str, bytes]) -> bool:
    """Returns whether both have the same content, apart from save times."""
    return old.keys() == new.keys() and all(
        part == new[name] or _MODIFIED.sub(b"", part) == _MODIFIED.sub(b"", new[name]) for name, part in old.items()
    )
