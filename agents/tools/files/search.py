"""Finds files by glob and lines by regular expression, in a process that can be stopped."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from agents.tool import CallContext, Workspace, tool
from orchestrator.domain.escape_file_names import real, shown
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import ToolFailed

MOST_TEXT_FILE = 5_000_000
MOST_SEARCHED = 50_000_000
SEARCH_SECONDS = 10
MOST_CONTEXT = 20
Below = Annotated[str, "folder or file to search; may be a hidden folder such as .github; default: the whole workspace"]
Include = Annotated[list[str], "only files matching one of these globs, e.g. '*.py' or 'src/**/*.ts'; default: all"]
Exclude = Annotated[list[str], "skip files matching one of these, e.g. 'tests/' or '*.lock'"]


class _Feed(NamedTuple):
    """Input of the searching process, and how many files were left out."""

    rows: list[str]
    left_out: int


@tool(effects=[Effect.READ], parallel=True)
async def search_files(
    room: CallContext,
    pattern: Annotated[str, "a Python regular expression, applied to each line"],
    below: Below = "",
    include: Include = [],  # noqa: B006 - becomes the schema's default
    exclude: Exclude = [],  # noqa: B006
    ignore_case: Annotated[bool, "ignore case"] = False,
    literal: Annotated[bool, "treat the pattern as plain text"] = False,
    context: Annotated[int, f"lines shown before and after each match, at most {MOST_CONTEXT}"] = 0,
    show: Annotated[Literal["lines", "counts"], "the matching lines, or only a count per file"] = "lines",
) -> str:
    """Search the lines of text files; hidden folders, node_modules, and __pycache__ only if `below` includes them.

    A match is shown as path:line: text, a line around it as path-line- text.
    """
    if not 0 <= context <= MOST_CONTEXT:
        raise ToolFailed(f"'context' is {context}; choose 0 to {MOST_CONTEXT}, or use read_file to see more of a file.")
    asked = {"pattern": pattern, "ignore_case": ignore_case, "literal": literal, "context": context, "show": show}
    found = await asyncio.to_thread(lambda: _feed(room.workspace, fitting(room.workspace, below, include, exclude)))
    if not found.rows and not found.left_out:
        raise ToolFailed("No file matches 'below', 'include', and 'exclude'. Call list_files to see what exists.")
    words = await _searched("\n".join([json.dumps(asked), *found.rows]).encode())
    unread = f"[skipped {counted(found.left_out, 'file')} (not text, or too large in total); narrow the search]"
    return f"{words}\n{unread}" if found.left_out else words


def fitting(workspace: Workspace, below: str, include: Sequence[str], exclude: Sequence[str]) -> list[tuple[str, int]]:
    """Returns paths and sizes of the selected files."""
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
    """Matches globs as people write them: '*.py' anywhere, a folder's name for everything in it, '**/' also for
    nothing."""
    glob = glob.removeprefix("./").strip("/")
    tries = {t for shape in (glob, glob.replace("**/", "")) for t in (shape, f"{shape}/*")}
    return any(fnmatchcase(path, t) or fnmatchcase(path, f"*/{t}") for t in tries)


def _feed(workspace: Workspace, files: Sequence[tuple[str, int]]) -> _Feed:
    """Returns the text files, one line of JSON each."""
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
    return _Feed(rows, left_out)


def _read_or_nothing(workspace: Workspace, path: str) -> bytes:
    try:
        return workspace.read(path, most=MOST_TEXT_FILE)
    except ToolFailed:  # it changed or disappeared while we were searching, so there is nothing to find in it
        return b""


async def _searched(feed: bytes) -> str:
    """Searches in a separate process: a slow pattern could run for years, and only a process can be stopped."""
    script = Path(__file__).with_name("match_lines.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", str(script), str(os.getpid()), env={},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(SEARCH_SECONDS):
            output, _ = await process.communicate(feed)
    except TimeoutError as error:
        raise ToolFailed(f"The search took more than {SEARCH_SECONDS} seconds. Use a simpler pattern.") from error
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    words = output.decode()
    if (process.returncode or 0) < 0:
        raise ToolFailed("The system killed the search. Search again, or limit it to one folder.")
    if process.returncode:
        raise ToolFailed(words or "The search failed. Use a simpler pattern.")
    return words
