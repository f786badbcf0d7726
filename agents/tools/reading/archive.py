"""Lists zip archives and extracts one file. Never unpacks anything that could harm the host."""

import io
import stat
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import PurePosixPath

from agents.tools.office.unsafe_files import UNREADABLE, unpacks_to_much
from orchestrator.domain.escape_file_names import real, shown
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_MOST_FILES, _MOST_SHOWN, _MOST_MEMBER = 20_000, 300, 50_000_000
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".jar", ".zst", ".lz4")


def listing(content: bytes, path: str) -> str:
    """Returns the files with their sizes, and why some can't be extracted."""
    with _opened(content, path) as archive:
        entries = [e for e in archive.infolist() if not e.is_dir()]
    lines = [f"- {_name(e)}  {counted(e.file_size, 'byte')}{_because(e)}" for e in entries[:_MOST_SHOWN]]
    more = f"\n… and {len(entries) - _MOST_SHOWN:,} more." if len(entries) > _MOST_SHOWN else ""
    size = sum(e.file_size for e in entries)
    head = (
        f"{path}: {counted(len(entries), 'file')}, {counted(size, 'byte')} unpacked. Extract one with "
        "archive_extract.\n"
    )
    return head + "\n".join(lines) + more


def member(content: bytes, path: str, name: str) -> bytes:
    """Returns one file of the archive. Raises ToolFailed for a missing, harmful, locked or oversized one."""
    with _opened(content, path) as archive:
        held = [(e, _name(e)) for e in archive.infolist()]
        wanted = (name, shown(real(name)))
        entry = next((e for e, shown_name in held if shown_name in wanted and not e.is_dir()), None)
        if entry is None:
            near = [known for _, known in held if PurePosixPath(known).name == PurePosixPath(name).name]
            hint = f"; did you mean {near[0]!r}" if near else "; document_read lists them"
            raise ToolFailed(f"{path!r} doesn't contain a file named {name!r}{hint}.")
        if reason := _harm(entry):
            raise ToolFailed(f"{name!r} can't be extracted from {path!r}: it is {reason}. Ask for the file separately.")
        try:
            with archive.open(entry) as stream:
                taken = stream.read(_MOST_MEMBER + 1)
        except UNREADABLE as error:
            raise ToolFailed(
                f"{name!r} can't be extracted from {path!r} ({error}). Ask for the file separately."
            ) from error
    if len(taken) > _MOST_MEMBER:
        raise ToolFailed(f"{name!r} in {path!r} is larger than 50 MB. Ask for a smaller file.")
    return taken


def refuse_bomb(entries: Sequence[zipfile.ZipInfo], path: str) -> None:
    """Raises ToolFailed for a zip bomb."""
    size, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if len(entries) > _MOST_FILES or unpacks_to_much(size, packed):
        raise ToolFailed(
            f"{path!r} unpacks to {size // 1_000_000:,} MB in {counted(len(entries), 'file')}, like a zip bomb, so it "
            "wasn't opened. Ask for the files separately."
        )


_IS_UTF_8 = 0x800


def _name(entry: zipfile.ZipInfo) -> str:
    """Returns the name to show. A name without the UTF-8 flag counts as cp437, but many programs forget the flag."""
    name = entry.filename
    if not entry.flag_bits & _IS_UTF_8 and not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return shown(name)


def _opened(content: bytes, path: str) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except UNREADABLE as error:
        raise ToolFailed(f"{path!r} isn't a valid zip archive ({error}). Ask for the file again.") from error
    refuse_bomb(archive.infolist(), path)
    return archive


def _because(entry: zipfile.ZipInfo) -> str:
    reason = _harm(entry)
    return f"  (can't be extracted: {reason})" if reason else ""


def _harm(entry: zipfile.ZipInfo) -> str:
    """Returns why a file may not be extracted; empty if it may."""
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
        return "named so that it would be written outside the workspace"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a link to another file"
    if entry.flag_bits & 1:
        return "password-protected"
    if name.suffix.lower() in _ARCHIVES:
        return "an archive inside an archive"
    if unpacks_to_much(entry.file_size, entry.compress_size):
        return "far larger than it claims"
    return ""
