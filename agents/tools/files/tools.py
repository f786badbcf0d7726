"""Defines the file tools: list, read, write, edit; `search.py` finds lines."""

import asyncio
from typing import Annotated

from agents.text_decoding import DecodedText, NoSuchEncoding, NotText, codec_of, decode, no_such_encoding
from agents.tool import CallContext, Tool, Workspace, tool
from agents.tools.files.search import MOST_TEXT_FILE, Below, Include, fitting, search_files
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import ToolFailed

MOST_LISTED = 500
_MOST_PLACES = 8
FilePath = Annotated[str, "path inside the workspace"]


@tool(effects=[Effect.READ], parallel=True)
async def list_files(
    room: CallContext,
    below: Below = "",
    include: Include = [],  # noqa: B006 - becomes the schema's default
) -> str:
    """List the workspace's files with their sizes; hidden folders, node_modules, and __pycache__ only if requested."""
    found = await asyncio.to_thread(fitting, room.workspace, below, include, ())
    if not found:
        return "No file matches." if include else "There are no files yet."
    lines = [f"{path}  {size:,} bytes" for path, size in found[:MOST_LISTED]]
    if len(found) > MOST_LISTED:
        lines.append(f"… and {len(found) - MOST_LISTED:,} more; specify a folder to see them.")
    return "\n".join(lines)


@tool(effects=[Effect.READ], parallel=True)
async def read_file(
    room: CallContext,
    path: FilePath,
    start_line: Annotated[int, "the first line, from 1"] = 1,
    lines: Annotated[int, "how many lines"] = 400,
    encoding: Annotated[str, "default: detected automatically"] = "",
) -> str:
    """Read a text file, or part of it. Lines are numbered."""
    if start_line < 1 or lines < 1:
        raise ToolFailed(f"'start_line' is {start_line} and 'lines' is {lines}; both must be at least 1.")
    text = await asyncio.to_thread(_text, room.workspace, path, encoding)
    rows = text.text.splitlines()
    part = rows[start_line - 1 : start_line - 1 + lines]
    if not part:
        return f"{path!r} has {counted(len(rows), 'line')}, so there's no line {start_line}."
    numbered = "\n".join(f"{number:>5}  {row}" for number, row in enumerate(part, start_line))
    left = len(rows) - (start_line - 1 + len(part))
    more = f"\n[{counted(left, 'more line')}; continue from line {start_line + len(part)}]" if left else ""
    read_as = "" if text.encoding == "UTF-8" else f"\n[read as {text.described}]"
    return numbered + more + read_as + "".join(f"\n[{words}]" for words in text.odd)


@tool(effects=[Effect.WRITE_WORKSPACE])
async def write_file(room: CallContext, path: FilePath, content: Annotated[str, "the complete new content"]) -> str:
    """Write a text file, replacing it if it exists. Creates folders. To change part of a file, use edit_file."""
    body = content.encode()
    await asyncio.to_thread(room.workspace.write, path, body)
    return f"{path!r} is now {len(body):,} bytes long."


@tool(effects=[Effect.WRITE_WORKSPACE], repeat=False)
async def edit_file(
    room: CallContext,
    path: FilePath,
    old: Annotated[str, "text that occurs exactly once in the file, without line numbers"],
    new: Annotated[str, "the replacement; empty to delete"],
    everywhere: Annotated[bool, "replace every occurrence"] = False,
) -> str:
    """Replace one passage in a text file; the rest stays unchanged."""
    places = await asyncio.to_thread(_edit, room.workspace, path, (old, new), everywhere)
    return f"{path!r} was changed on {_lines(places)}."


TOOLS: list[Tool] = [list_files, read_file, write_file, edit_file, search_files]


def _text(workspace: Workspace, path: str, encoding: str) -> DecodedText:
    content = workspace.read(path, most=MOST_TEXT_FILE)
    try:
        return decode(content, encoding)
    except NotText as error:
        raise ToolFailed(f"{path!r} isn't a text file. Use a tool for that file type, or run_python.") from error
    except NoSuchEncoding as error:
        raise ToolFailed(no_such_encoding(encoding)) from error


def _edit(workspace: Workspace, path: str, change: tuple[str, str], everywhere: bool) -> list[int]:
    """Returns the lines where the text was. Windows line ends match plain ones and are kept, and so is the encoding."""
    content = workspace.read(path, most=MOST_TEXT_FILE)
    try:
        codec, mark = codec_of(content)
    except NotText:
        codec, mark = "utf-8", b""  # replaces bytes in what isn't quite text, as before
    try:
        old, new = (text.encode(codec) for text in change)
    except UnicodeEncodeError as error:
        wrong = change[0] if change[0].encode(codec, "replace").decode(codec) != change[0] else change[1]
        raise ToolFailed(
            f"Nothing was changed because {path!r} is in {codec}, which can't write "
            f"{wrong[error.start : error.end]!r}. "
            "Use other letters, or save the whole file as UTF-8 with write_file."
        ) from error
    if not old:
        raise ToolFailed("Nothing was changed because 'old' is empty. Pass the text to replace.")
    end, line = "\r\n".encode(codec), "\n".encode(codec)
    if _split(content, old, codec)[1:] == [] and end in content:
        old, new = (text.replace("\r\n", "\n").replace("\n", "\r\n").encode(codec) for text in change)
    pieces = _split(content.removeprefix(mark), old, codec)
    places = [1 + old.join(pieces[: n + 1]).count(line) for n in range(min(len(pieces) - 1, _MOST_PLACES + 1))]
    if not places:
        near = _near(content.removeprefix(mark).decode(codec, "replace"), change[0])
        hint = (
            f"it differs from {near} only in whitespace, so copy the text from there exactly"
            if near
            else "read the file and copy the text exactly"
        )
        raise ToolFailed(f"Nothing was changed because {change[0][:60]!r} doesn't occur in {path!r}; {hint}.")
    if len(places) > 1 and not everywhere:
        raise ToolFailed(
            f"Nothing was changed because {change[0][:60]!r} occurs {len(pieces) - 1} times in {path!r}, "
            f"on {_lines(places)}; include more of the surrounding text, or set 'everywhere'."
        )
    workspace.write(path, mark + new.join(pieces))
    return places


def _split(content: bytes, old: bytes, codec: str) -> list[bytes]:
    """Splits only between letters: in an encoding of several bytes, the same bytes may also be parts of two others."""
    if codec == "utf-8":
        return content.split(old)
    try:
        return [piece.encode(codec) for piece in content.decode(codec).split(old.decode(codec))]
    except UnicodeError:
        return content.split(old)


def _near(text: str, old: str) -> str:
    """Returns the lines that differ only in white space; empty if there are none."""
    rows, wanted = ([" ".join(row.split()) for row in words.strip("\n").split("\n")] for words in (text, old))
    for n in range(len(rows) - len(wanted) + 1):
        if rows[n : n + len(wanted)] == wanted:
            first = n + 1 + len(text) - len(text.lstrip("\n"))
            return f"line {first}" if len(wanted) == 1 else f"lines {first} to {first + len(wanted) - 1}"
    return ""


def _lines(places: list[int]) -> str:
    shown = ", ".join(str(place) for place in places[:_MOST_PLACES])
    return f"line{'s' if len(places) > 1 else ''} {shown}{', …' if len(places) > _MOST_PLACES else ''}"
