"""Unpacks a tar archive in memory: only regular files, within limits, nothing that leads out of it."""

import io
import tarfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import IO

from agents.skills.skill import BadSkill

_MOST_ENTRIES = 20_000
_DAMAGED = (tarfile.TarError, OSError, EOFError, ValueError, zlib.error)


def tar_names(stream: IO[bytes]) -> list[str]:
    """Returns the paths of its files. Raises BadSkill. Blocks."""
    names: list[str] = []
    _each(stream, lambda entry, _: names.append(entry.name))
    return names


def tar_files(stream: IO[bytes], most: int, wanted: Callable[[str], bool] = lambda path: True) -> Mapping[str, bytes]:
    """Returns the wanted files by their paths, at most so many bytes of them. Raises BadSkill. Blocks."""
    found: dict[str, bytes] = {}
    left = most

    def take(entry: tarfile.TarInfo, archive: tarfile.TarFile) -> None:
        nonlocal left
        if not wanted(entry.name):
            return
        if entry.issym() or entry.islnk():
            raise BadSkill(f"its file {entry.name[:80]!r} is a link; it has to be a copy of the file")
        content = archive.extractfile(entry)
        if not entry.isreg() or content is None:
            raise BadSkill(f"its file {entry.name[:80]!r} isn't a regular file; it has to be left out")
        found[entry.name] = content.read(left + 1)
        left -= len(found[entry.name])
        if left < 0:
            raise BadSkill(f"it unpacks to more than {most >> 20} MiB; name one skill in it, or a smaller one")

    _each(stream, take)
    return found


def unpacked_gzip(content: bytes, most: int) -> io.BytesIO:
    """Returns what a gzip file holds. Raises BadSkill if that is more. Blocks."""
    reader = zlib.decompressobj(wbits=31)
    try:
        unpacked = reader.decompress(content, most + 1)
    except zlib.error as error:
        raise BadSkill("the archive is damaged; download it again or ask its author") from error
    if len(unpacked) > most:
        raise BadSkill(f"it unpacks to more than {most >> 20} MiB; use a smaller one")
    return io.BytesIO(unpacked)


def _each(stream: IO[bytes], take: Callable[[tarfile.TarInfo, tarfile.TarFile], None]) -> None:
    stream.seek(0)
    try:
        with tarfile.open(fileobj=stream, mode="r:") as archive:
            for number, entry in enumerate(archive):
                if number >= _MOST_ENTRIES:
                    raise BadSkill(f"the archive has more than {_MOST_ENTRIES:,} files; name a smaller folder")
                path = PurePosixPath(entry.name)
                if path.is_absolute() or ".." in path.parts:
                    raise BadSkill(f"its file {entry.name[:80]!r} would be written outside its folder")
                if not entry.isdir():
                    take(entry, archive)
    except _DAMAGED as error:
        if isinstance(error, BadSkill):
            raise
        raise BadSkill("the archive is damaged; download it again or ask its author") from error
