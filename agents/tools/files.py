"""The workspace's files for an agent: list, read, write, edit, search."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Annotated

from agents.tool import Room, Tool, Workspace, tool
from orchestrator.domain.calls import Effect
from orchestrator.errors import ToolFailed

MOST_LISTED = 500
MOST_TEXT_FILE = 5_000_000
MOST_SEARCHED = 50_000_000
SEARCH_SECONDS = 10
FilePath = Annotated[str, "path inside the workspace"]
Below = Annotated[str, "folder to look in; empty for the whole workspace"]


@tool(effects=[Effect.READ], parallel=True)
async def list_files(room: Room, below: Below = "") -> str:
    """List the workspace's files with their sizes."""
    found = await asyncio.to_thread(room.workspace.files, below)
    if not found:
        return "There are no files yet."
    lines = [f"{path}  {size:,} bytes" for path, size in found[:MOST_LISTED]]
    if len(found) > MOST_LISTED:
        lines.append(f"… and {len(found) - MOST_LISTED:,} more; name a folder to see them.")
    return "\n".join(lines)


@tool(effects=[Effect.READ], parallel=True)
async def read_file(
    room: Room,
    path: FilePath,
    start_line: Annotated[int, "the first line to read, from 1"] = 1,
    lines: Annotated[int, "how many lines"] = 400,
) -> str:
    """Read a text file, or a part of it. Lines are numbered."""
    if start_line < 1 or lines < 1:
        raise ToolFailed(f"'start_line' is {start_line} and 'lines' is {lines}; both count from 1.")
    rows = (await asyncio.to_thread(_text, room.workspace, path)).splitlines()
    part = rows[start_line - 1 : start_line - 1 + lines]
    if not part:
        return f"{path!r} has {len(rows)} lines; there is nothing from line {start_line} on."
    numbered = "\n".join(f"{number:>5}  {row}" for number, row in enumerate(part, start_line))
    left = len(rows) - (start_line - 1 + len(part))
    return f"{numbered}\n[{left} more lines; read on from line {start_line + len(part)}]" if left else numbered


@tool(effects=[Effect.WRITE_WORKSPACE])
async def write_file(room: Room, path: FilePath, content: Annotated[str, "the whole new content"]) -> str:
    """Write a text file; what was there before is replaced. Folders are made."""
    body = content.encode()
    await asyncio.to_thread(room.workspace.write, path, body)
    return f"{path!r} has {len(body):,} bytes now."


@tool(effects=[Effect.WRITE_WORKSPACE], repeat=False)
async def edit_file(
    room: Room,
    path: FilePath,
    old: Annotated[str, "text that occurs exactly once in the file"],
    new: Annotated[str, "what stands there instead"],
) -> str:
    """Replace one piece of a text file."""
    await asyncio.to_thread(_edit, room.workspace, path, old, new)
    return f"{path!r} was changed."


@tool(effects=[Effect.READ], parallel=True)
async def search_files(
    room: Room, pattern: Annotated[str, "a Python regular expression, applied to each line"], below: Below = ""
) -> str:
    """Find lines of the workspace's text files that match a regular expression."""
    feed = await asyncio.to_thread(_searchable, room.workspace, pattern, below)
    return await _searched(feed)


TOOLS: list[Tool] = [list_files, read_file, write_file, edit_file, search_files]


def _text(workspace: Workspace, path: str) -> str:
    content = workspace.read(path, most=MOST_TEXT_FILE)
    if b"\0" in content[:8192]:
        raise ToolFailed(f"{path!r} is not a text file; use a tool for its kind, or run_python.")
    return content.decode("utf-8", "replace")


def _edit(workspace: Workspace, path: str, old: str, new: str) -> None:
    content = workspace.read(path, most=MOST_TEXT_FILE)
    count = content.count(old.encode()) if old else 0
    if count != 1:
        there = "'old' is empty" if not old else f"the text {old[:60]!r} occurs {count} times in {path!r}"
        raise ToolFailed(
            f"Nothing was changed: {there}; it must occur exactly once. Read the file and quote more of it."
        )
    workspace.write(path, content.replace(old.encode(), new.encode()))


def _searchable(workspace: Workspace, pattern: str, below: str) -> bytes:
    """The pattern and the text files, a line of JSON each, for the searching process."""
    rows = [json.dumps(pattern)]
    total = 0
    for path, size in workspace.files(below):
        if (total := total + size) > MOST_SEARCHED:
            break
        if size <= MOST_TEXT_FILE and b"\0" not in (content := _read_or_nothing(workspace, path))[:8192]:
            rows.append(json.dumps([path, content.decode("utf-8", "replace")]))
    return "\n".join(rows).encode()


def _read_or_nothing(workspace: Workspace, path: str) -> bytes:
    try:
        return workspace.read(path, most=MOST_TEXT_FILE)
    except ToolFailed:  # it changed or went while we were searching; then there is nothing to find in it
        return b""


async def _searched(feed: bytes) -> str:
    """Searches in a process of its own: a wicked pattern can run for years, and only a process can be stopped."""
    script = Path(__file__).with_name("matching.py")
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
    if process.returncode:
        raise ToolFailed(words or "The search failed; use a simpler pattern.")
    return words or "Nothing was found."
