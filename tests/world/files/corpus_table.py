"""Reads every file of a folder and compares the words with LibreOffice's and a second reader's.

`python -m tests.world.files.corpus_table FOLDER` prints one line per file that isn't read whole, then the table.
"""

import asyncio
import multiprocessing
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal, NamedTuple

from agents.tools.office.libreoffice import convert
from agents.tools.office.libreoffice.pool import LibreOfficeFailed
from agents.tools.office.sheets.open_any_book import open_any_book
from agents.tools.office.sheets.read_workbook import whole_workbook
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk
from tests.world.files import second_readers

_BOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls")
_HANGS = 60.0
_EXCEPTION = re.compile(r"\b[A-Z]\w+(Error|Exception)\b| object at 0x")
_SAID = re.compile(r"left out|cut at|more rows|Damaged parts|isn't shown|aren't shown")
_UNSAFE = re.compile(r"password-protected|declares XML entities|like a zip bomb")
_FEW, _PART = 2, 0.01
"""Words that may differ: names of fields and fonts, what a reader makes of odd letters."""
_WORD = re.compile(r"[^\W\d_]{3,}")
Outcome = Literal["ok", "refused rightly", "refused wrongly", "crash", "hang", "silent loss"]
_OUTCOMES: tuple[Outcome, ...] = ("ok", "refused rightly", "refused wrongly", "crash", "hang", "silent loss")


class Reading(NamedTuple):
    """What came of reading one file. `kind`: whether `text` is its text, a refusal, or a traceback's last line."""

    kind: Literal["text", "refused", "crash", "hang"]
    text: str


class Judged(NamedTuple):
    """One file's outcome and why."""

    name: str
    outcome: Outcome
    why: str = ""


def judged(name: str, read: Reading, office: set[str], second: set[str]) -> Judged:
    """Judges a reading by the words that LibreOffice and the second reader see; empty where one sees nothing."""
    if read.kind in ("crash", "hang"):
        return Judged(name, read.kind, read.text)
    if _EXCEPTION.search(read.text):
        return Judged(name, "crash", read.text[:200])
    known = office & second if office and second else office | second
    if read.kind == "refused":
        right = not known or _UNSAFE.search(read.text)
        return Judged(name, "refused rightly" if right else "refused wrongly", read.text)
    seen = _squeezed(read.text)
    lost = sorted(word for word in known if word not in seen)
    if len(lost) > max(_FEW, _PART * len(known)) and not _SAID.search(read.text):
        return Judged(name, "silent loss", f"{len(lost)} of {len(known)} words: {' '.join(lost[:12])}")
    return Judged(name, "ok")


def words(text: str) -> set[str]:
    """Returns the words of a text in one spelling."""
    return {word for found in _WORD.findall(text) if (word := _squeezed(found))}


def _squeezed(text: str) -> str:
    """Returns the text as letters alone, so that neither line ends nor hyphens count."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def table(found: Sequence[Judged]) -> str:
    """Returns one row per kind of file, with the sum below."""
    kinds = Counter((j.name.rpartition(".")[2], j.outcome) for j in found)
    rows = [(kind, [kinds[kind, o] for o in _OUTCOMES]) for kind in sorted({kind for kind, _ in kinds})]
    rows.append(("all", [sum(counts) for counts in zip(*(counts for _, counts in rows), strict=True)]))
    head = ["| kind | files | " + " | ".join(_OUTCOMES) + " |", "|---" * (len(_OUTCOMES) + 2) + "|"]
    lines = [f"| {kind} | {sum(counts)} | {' | '.join(map(str, counts))} |" for kind, counts in rows]
    return "\n".join([*head, *lines])


class _Reader:
    """A process that reads files with our tools; a new one when it hangs or dies."""

    def __init__(self) -> None:
        self._child: Any = None

    def read(self, file: Path) -> Reading:
        if self._child is None or not self._child.is_alive():
            here, there = multiprocessing.Pipe()
            self._pipe = here
            self._child = multiprocessing.get_context("fork").Process(target=_serve, args=(there,), daemon=True)
            self._child.start()
        self._pipe.send(file)
        try:
            if self._pipe.poll(_HANGS):
                return self._pipe.recv()
        except EOFError:
            return Reading("crash", "the process ended")
        self.close()
        return Reading("hang", f"took more than {_HANGS:.0f} seconds")

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.join()


def _serve(pipe: Connection) -> None:
    with asyncio.Runner() as runner:
        while True:
            pipe.send(runner.run(_ours(pipe.recv())))


async def _ours(file: Path) -> Reading:
    """Reads the file as an agent would, part after part; of a workbook every sheet."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        desk.workspace.write(file.name, content := await asyncio.to_thread(file.read_bytes))
        try:
            if file.suffix in _BOOKS:
                first = (await desk.call("sheet_read", path=file.name)).text
                return Reading("text", first + whole_workbook(await open_any_book(content, file.name)))
            return Reading("text", await _whole(desk, file.name))
        except ToolFailed as error:
            return Reading("refused", str(error))
        except Exception as error:  # noqa: BLE001 what this table counts
            return Reading("crash", f"{type(error).__name__}: {error}")


async def _whole(desk: Desk, name: str) -> str:
    parts: list[str] = []
    start = 0
    while True:
        text = (await desk.call("document_read", path=name, start=start)).text
        more = re.search(r"\[[\d,]+ more characters?; continue with start=(\d+)\]$", text)
        parts.append(text[: more.start()] if more else text)
        if more is None:
            return "".join(parts)
        start = int(more[1])


async def _office(file: Path) -> set[str]:
    """Returns the words that LibreOffice shows."""
    program = await convert.program_for(file.suffix)
    if program is None or file.suffix == ".msg":
        return set()
    target = "xlsx" if file.suffix in _BOOKS else "pdf"
    content = await asyncio.to_thread(file.read_bytes)
    try:
        made = await convert.convert(content, file.suffix, target, program=program, limit=_HANGS)
    except LibreOfficeFailed:
        return set()
    return words(second_readers.text_of(made, f"it.{target}")) if made else set()


def compared(files: Iterable[Path]) -> Iterator[Judged]:
    """Yields each file's outcome."""
    reader = _Reader()
    with asyncio.Runner() as runner:
        for file in files:
            read = reader.read(file)
            office = runner.run(_office(file))
            yield judged(file.name, read, office, words(second_readers.text_of(file.read_bytes(), file.name)))
        runner.run(convert.close())
    reader.close()


def main(folder: Path) -> None:
    found: list[Judged] = []
    for one in compared(p for p in sorted(folder.iterdir()) if p.suffix != ".md"):
        found.append(one)
        if one.outcome != "ok":
            print(f"{one.name}: {one.outcome}: {one.why}", flush=True)
    print(table(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
