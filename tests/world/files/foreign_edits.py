"""Edits each file of a folder in one place and counts the parts that change; reads each in a process of its own.

`python -m tests.world.files.foreign_edits FOLDER` prints one line per file, and the slowest reads with their memory.
"""

import asyncio
import multiprocessing
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from agents.tools.office import zip_package
from agents.tools.office.libreoffice import convert
from agents.tools.office.sheets.read_workbook import opened
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk

_MOST, _MOST_TRIED = 30, 12
_NEEDED = {
    "docx": r"word/document\.xml",
    "xlsx": r"xl/worksheets/[^/]+\.xml|xl/workbook\.xml|xl/styles\.xml",
    "pptx": r"ppt/presentation\.xml|ppt/_rels/presentation\.xml\.rels|\[Content_Types\]\.xml",
}
"""The parts that such an edit may change: the text, the sheet and what rests on it, the list of slides."""


class Edited(NamedTuple):
    """What one edit did to a file's parts. `odd`: changed though the edit doesn't need it; `refused`: why not done."""

    name: str
    parts: int = 0
    changed: int = 0
    odd: tuple[str, ...] = ()
    refused: str = ""


class ReadCost(NamedTuple):
    """What reading a file takes: seconds, and megabytes at the highest."""

    name: str
    seconds: float
    memory: float


async def edited(file: Path) -> Edited:
    """Changes the file in one place with our tools, as an agent would."""
    suffix, before = file.suffix[1:], await asyncio.to_thread(file.read_bytes)
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        desk.workspace.write(file.name, before)
        try:
            await _EDITS[suffix](desk, file.name, before)
        except ToolFailed as error:
            return Edited(file.name, refused=str(error))
        old, new = (zip_package.parts(c, file.name) for c in (before, desk.workspace.read(file.name)))
    changed = sorted(n for n in old if old[n] != new.get(n))
    odd = tuple(n for n in changed if not re.fullmatch(_NEEDED[suffix], n))
    return Edited(file.name, len(old), len(changed), odd)


async def _document(desk: Desk, name: str, _: bytes) -> None:
    """Changes the first rare word that can be changed, in a paragraph or a table."""
    text = (await desk.call("document_read", path=name)).text
    words = Counter(re.findall(r"\w{4,}", re.sub(r"\[[^\]]*\]", "", text)))
    refused = ToolFailed("It has no words.")
    for word, times in sorted(words.items(), key=lambda w: w[1])[:_MOST_TRIED]:
        change = {"do": "replace", "old": word, "new": f"{word}x", "every": times > 1}
        try:
            await desk.call("document_edit", path=name, changes=[change], track=False)
        except ToolFailed as error:
            refused = error
        else:
            return
    raise refused


async def _workbook(desk: Desk, name: str, content: bytes) -> None:
    """Writes one number below what the first sheet holds."""
    sheet = next(s for s in opened(content, name).sheets if not s.kind)
    await desk.call("sheet_write", path=name, sheet=sheet.title, cell="C4000", rows=[[12.5]])


async def _deck(desk: Desk, name: str, _: bytes) -> None:
    """Duplicates the first slide."""
    await desk.call("slides_edit", path=name, action="duplicate", number=1)


_EDITS: dict[str, Any] = {"docx": _document, "xlsx": _workbook, "pptx": _deck}


async def edits(folder: Path) -> list[Edited]:
    """Edits files of each kind, by name, until 30 of it are done."""
    found: list[Edited] = []
    for kind in _EDITS:
        done = 0
        for file in sorted(folder.glob(f"*.{kind}")):  # noqa: ASYNC240 one short list
            if done < _MOST:
                found.append(await edited(file))
                done += not found[-1].refused
    await convert.close()
    return found


def costs(files: Iterable[Path]) -> list[ReadCost]:
    """Returns what reading each file takes, the slowest first."""
    found: list[ReadCost] = []
    for file in files:
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as alone:
            found.append(ReadCost(f"{file.parent.name}/{file.name}", *alone.submit(_read, file).result()))
    return sorted(found, key=lambda c: c.seconds, reverse=True)


def _read(file: Path) -> tuple[float, float]:
    """Reads the file as an agent would, in a process of its own; the memory is that of the largest process."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        desk.workspace.write(file.name, file.read_bytes())
        tool = "sheet_read" if file.suffix.startswith(".xls") else "document_read"
        begun = time.monotonic()
        asyncio.run(_called(desk, tool, file.name))
        seconds = time.monotonic() - begun
    return seconds, max(
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ) / 1024


async def _called(desk: Desk, tool: str, name: str) -> None:
    try:
        await desk.call(tool, path=name)
    except ToolFailed:
        pass
    finally:
        await convert.close()


def table(found: Sequence[Edited]) -> str:
    """Returns one line per file and one per kind."""
    lines = [
        f"{e.name:24} {e.refused[:90]}" if e.refused else f"{e.name:24} {e.parts:4} parts, {e.changed} changed"
        + (f", not needed: {', '.join(e.odd)}" if e.odd else "")
        for e in found
    ]  # fmt: skip
    for kind in _EDITS:
        done = [e for e in found if e.name.endswith(kind) and not e.refused]
        parts, changed, odd = sum(e.parts for e in done), sum(e.changed for e in done), sum(len(e.odd) for e in done)
        lines.append(f"{kind}: {len(done)} edited, {parts} parts, {changed} changed, {odd} of them not needed")
    return "\n".join(lines)


def main(folder: Path) -> None:
    slowest = costs(p for p in sorted(folder.iterdir()) if p.suffix not in (".md", ".msg"))[:3]
    print(table(asyncio.run(edits(folder))))
    for cost in slowest:
        print(f"{cost.name}: {cost.seconds:.1f} s, {cost.memory:.0f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
