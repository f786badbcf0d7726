"""Reads the parts of other programs' office files, with odd names, strict Open XML, dangling relations or damage."""

import io
import posixpath
import re
import time
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple, Self
from urllib.parse import unquote

from agents.tools.office import unsafe_files, xml
from orchestrator.errors import ToolFailed

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_LARGEST_TREE = 60_000_000
"""Bytes of a part that is parsed as a whole; a tree takes ten to twenty times as much memory."""
_MOST_TAGS = 8_000_000
"""A tree takes about 120 bytes for each, however short they are."""
_LARGEST_PIECE = 30_000_000
_SLOWEST = 25.0
"""Seconds for all streamed parts of one read; the rest of the 30 is for what is around them."""


_ODD = (LookupError, TypeError, AttributeError, ArithmeticError, *unsafe_files.UNREADABLE)


class Relation(NamedTuple):
    """What a part points to: a part that exists, or an address outside."""

    id: str
    kind: str
    target: str
    external: bool


class WatchedStream:
    """A part's bytes as they're unpacked. Bounds what a zip bomb can cost, whatever the file says about its sizes.

    Raises ToolFailed when the whole read takes too long, or when one piece of it, such as a row, is too large for a
    tree.
    """

    def __init__(self, stream: IO[bytes], path: str, until: float) -> None:
        self._stream, self._path, self._until, self._piece = stream, path, until, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def read(self, size: int) -> bytes:
        if time.monotonic() > self._until:
            raise ToolFailed(
                f"{self._path!r} takes longer than 30 seconds to read. Read an earlier range, or ask for it as CSV."
            )
        found = self._stream.read(size)
        self._piece += len(found)
        if self._piece > _LARGEST_PIECE:
            raise ToolFailed(
                f"{self._path!r} has a row or another piece of more than {_LARGEST_PIECE // 1_000_000} MB, like a zip "
                "bomb, so it wasn't read."
            )
        return found

    def done(self) -> None:
        """Begins the next piece."""
        self._piece = 0


class PackageReader:
    """One file's parts, read when they are needed. `damaged` names parts that couldn't be read."""

    def __init__(self, content: bytes, path: str, *, streamed: bool = False) -> None:
        self.path = path
        self.kind = unsafe_files.looked_at(content, path, streamed=streamed)
        self.damaged: list[str] = []
        self._until = time.monotonic() + _SLOWEST
        self._related: dict[str, dict[str, Relation]] = {}
        self._archive = zipfile.ZipFile(io.BytesIO(content))
        self._names = {name.replace("\\", "/").lstrip("/").lower(): name for name in self._archive.namelist()}

    def names(self, start: str) -> Iterator[str]:
        return (name for name in self._names if name.startswith(start))

    def has(self, name: str) -> bool:
        return name.lower() in self._names

    def part(self, name: str) -> bytes:
        """Returns the part with the namespaces of ordinary Open XML; empty if it's missing or damaged."""
        if not self.has(name):
            return b""
        try:
            content = self._archive.read(self._names[name.lower()])
        except unsafe_files.UNREADABLE:
            self.damaged.append(name)
            return b""
        return ordinary(content) if name.lower().endswith((".xml", ".rels", ".vml")) else content

    def stream(self, name: str) -> WatchedStream:
        return WatchedStream(self._archive.open(self._names[name.lower()]), self.path, self._until)

    def tree(self, name: str) -> Any:
        """Returns the part's root; None if it's missing or not XML. Raises ToolFailed for one that is too large."""
        content = self.part(name)
        if len(content) > _LARGEST_TREE or content.count(b"<") > _MOST_TAGS:
            raise ToolFailed(
                f"{self.path!r} contains a {len(content) // 1_000_000:,} MB part, which is too large to read at once. "
                "Ask for it to be split into several files."
            )
        found = xml.tolerantly(content) if content else None
        if content and found is None and name not in self.damaged:
            self.damaged.append(name)
        return found

    def main(self) -> str:
        """Returns the name of the document's own part. Raises ToolFailed if there is none."""
        for relation in self.related(""):
            if relation.kind == "officeDocument":
                return relation.target
        usual = ("word/document.xml", "xl/workbook.xml", "ppt/presentation.xml")
        found = next((name for name in usual if self.has(name)), None)
        if found is None:
            raise ToolFailed(f"{self.path!r} has no content: its main part is missing. Ask for the file again.")
        return found

    def related(self, name: str, *kinds: str) -> list[Relation]:
        """Returns what a part points to, in order; what isn't in the file is left out."""
        return [r for r in self._known(name).values() if not kinds or r.kind in kinds]

    def relation(self, name: str, key: str) -> Relation | None:
        return self._known(name).get(key)

    def _known(self, name: str) -> dict[str, Relation]:
        if name not in self._related:
            self._related[name] = {r.id: r for r in self._relations(name)}
        return self._related[name]

    def _relations(self, name: str) -> Iterator[Relation]:
        folder, _, file = name.rpartition("/")
        tree = self.tree(f"{folder}/_rels/{file}.rels".lstrip("/"))
        for each in tree if tree is not None else ():
            kind = str(each.get("Type") or "").rpartition("/")[2]
            external = each.get("TargetMode") == "External"
            target = str(each.get("Target") or "")
            where = target if external else _inside(folder, target)
            if external or self.has(where):
                yield Relation(str(each.get("Id")), kind, where, external)

    def notes(self) -> list[str]:
        """Returns a line for people and models about what couldn't be read."""
        names = ", ".join(dict.fromkeys(self.damaged))
        return [f"[Damaged parts were left out: {names}.]"] if names else []


@contextmanager
def odd_content(path: str) -> Generator[None]:
    """Turns what a reader stumbles over in an odd file into one sentence without an exception's name."""
    try:
        yield
    except _ODD as error:
        raise ToolFailed(
            f"{path!r} contains something that can't be read here. Ask for it as a PDF, or ask for a copy saved "
            "again by its program."
        ) from error


def ordinary(content: bytes) -> bytes:
    """Returns XML with the namespaces of transitional Open XML, which mean the same as the strict ones."""
    return _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", content)


def relation_id(element: Any, name: str = "id") -> str:
    return str(element.get(f"{_RELATED}{name}") or "")


def _inside(folder: str, target: str) -> str:
    """Returns the name of the part that a relation means."""
    words = unquote(target.partition("#")[0]).replace("\\", "/")
    return posixpath.normpath(posixpath.join("/" + folder, words)).lstrip("/")
