"""Finds files by glob and lines by regular expression, in a process that can be stopped."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from agents.tool import Room, Workspace, tool
from orchestrator.domain.calls import Effect
from orchestrator.domain.file_names import real, shown
from orchestrator.errors import ToolFailed

MOST_TEXT_FILE = 5_000_000
MOST_SEARCHED = 50_000_000
SEARCH_SECONDS = 10
MOST_CONTEXT = 20
Below = Annotated[str, "folder or file to look in, also a hidden folder such as .github; empty for the whole workspace"]
Include = Annotated[list[str], "only files that fit one of these globs, as '*.py' or 'src/**/*.ts'; empty: all"]
Exclude = Annotated[list[str], "no files that fit one of these, as 'tests/' or '*.lock'"]


class Feed(NamedTuple):
    """What the searching process reads, and how many files it could not be given."""

    rows: list[str]
    left_out: int


@tool(effects=[Effect.READ], parallel=True)
async def search_files(
    room: Room,
    pattern: Annotated[str, "a Python regular expression, applied to each line"],
    below: Below = "",
    include: Include = [],  # noqa: B006 - becomes the schema's default
    exclude: Exclude = [],  # noqa: B006
    ignore_case: Annotated[bool, "A and a are the same"] = False,
    literal: Annotated[bool, "the pattern is plain text, no regular expression"] = False,
    context: Annotated[int, f"lines shown before and after each match, at most {MOST_CONTEXT}"] = 0,
    show: Annotated[
        Literal["lines", "counts"], "the matching lines, or only how many there are in each file"
    ] = "lines",
) -> str:
    """Find lines of text files; hidden folders, node_modules and __pycache__ only if `below` names them.

    A match is shown as path:line: text, a line around it as path-line- text.
    """
    if not 0 <= context <= MOST_CONTEXT:
        raise ToolFailed(f"'context' is {context}; choose 0 to {MOST_CONTEXT}, or read_file for more of a file.")
    asked = {"pattern": pattern, "ignore_case": ignore_case, "literal": literal, "context": context, "show": show}
    found = await asyncio.to_thread(lambda: _feed(room.workspace, fitting(room.workspace, below, include, exclude)))
    if not found.rows and not found.left_out:
        raise ToolFailed("No file fits 'below', 'include' and 'exclude'; list_files shows what is there.")
    words = await _searched("\n".join([json.dumps(asked), *found.rows]).encode())
    unread = f"[{found.left_out} files were not searched: they are no text, or too large together; name fewer of them]"
    return f"{words}\n{unread}" if found.left_out else words


def fitting(workspace: Workspace, below: str, include: Sequence[str], exclude: Sequence[str]) -> list[tuple[str, int]]:
    """Paths and sizes of the files that are meant."""
    if below and workspace.exists(below):
        file = "/".join(part for part in below.removeprefix("/workspace/").split("/") if part not in ("", "."))
        file = shown(real(file))
        return [(path, size) for path, size in workspace.files(file.rpartition("/")[0]) if path == file]
    return [
        (path, size)
        for path, size in workspace.files(below)
        if (not include or any(_fits(path, glob) for glob in include))
        and not any(_fits(path, glob) for glob in exclude)
    ]


def _fits(path: str, glob: str) -> bool:
    """As people write globs: '*.py' anywhere, a folder's name for all that is in it, '**/' also for nothing."""
    glob = glob.removeprefix("./").strip("/")
    tries = {t for shape in (glob, glob.replace("**/", "")) for t in (shape, f"{shape}/*")}
    return any(fnmatchcase(path, t) or fnmatchcase(path, f"*/{t}") for t in tries)


def _feed(workspace: Workspace, files: Sequence[tuple[str, int]]) -> Feed:
    """The text files, a line of JSON each."""
    rows: list[str] = []
    total = left_out = 0
    for path, size in files:
        content = b"\0"
        if size <= MOST_TEXT_FILE and total + size <= MOST_SEARCHED:
            content = _read_or_nothing(workspace, path)
        if b"\0" in content[:8192]:
            left_out += 1
            continue
        total += len(content)
        rows.append(json.dumps([path, content.decode("utf-8", "replace")]))
    return Feed(rows, left_out)


def _read_or_nothing(workspace: Workspace, path: str) -> bytes:
    try:
        return workspace.read(path, most=MOST_TEXT_FILE)
    except ToolFailed:  # it changed or went while we were searching; then there is nothing to find in it
        return b""


async def _searched(feed: bytes) -> str:
    """Searches in a process of its own: a wicked pattern can run for years, and only a process can be stopped."""
    script = Path(__file__).with_name("match_lines.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", str(script), str(os.getpid()), env={},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(SEARCH_SECONDS):
            output, _ = await process.communicate(feed)
    except TimeoutError as error:
        raise ToolFailed(f"The search took more than {SEARCH_SECONDS} seconds; use a simpler pattern.") from error
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    words = output.decode()
    if (process.returncode or 0) < 0:
        raise ToolFailed("The search was ended from outside; search once more, or below one folder.")
    if process.returncode:
        raise ToolFailed(words or "The search failed; use a simpler pattern.")
    return words
