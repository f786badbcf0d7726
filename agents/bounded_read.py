"""Reads a file in a process of its own that may use 30 seconds and 1.5 GiB, so that no file can stop the host."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, TypeVar

from agents.bounded_read_child import REFUSED, SHOWN, TOO_LARGE
from orchestrator.errors import ToolFailed

LONGEST = 30.0
MOST_MEMORY = 3 << 29
_ROOT = Path(__file__).parents[1]
_PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from agents.bounded_read_child import main; main()"
_T = TypeVar("_T", str, bytes)


async def bounded(
    read: Callable[Concatenate[bytes, str, ...], _T],
    content: bytes,
    path: str,
    *,
    longest: float = LONGEST,
    **more: Any,
) -> _T:
    """Returns `read(content, path, **more)`: a function of a module of ours, with arguments that JSON can hold.

    Raises ToolFailed as the function does, or if the file needs more time or memory.
    """
    job = {"module": read.__module__, "function": read.__qualname__, "path": path, "more": more, "memory": MOST_MEMORY,
           "seconds": longest}  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", _PROGRAM, str(_ROOT),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(longest):
            answer, _ = await process.communicate(json.dumps(job).encode() + b"\n" + content)
    except TimeoutError as error:
        raise ToolFailed(
            f"Reading {path!r} took longer than {longest:.0f} seconds, so it was stopped. Ask for fewer pages, or for "
            "a simpler copy of the file."
        ) from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(process.wait())
    return _unpacked(answer, path)


def _unpacked(answer: bytes, path: str) -> Any:
    kind, rest = answer[:1], answer[1:]
    match kind:
        case _ if kind == REFUSED:
            raise ToolFailed(rest.decode())
        case _ if kind == TOO_LARGE:
            raise ToolFailed(
                f"Reading {path!r} took more than 1.5 GiB of memory, so it was stopped. Ask for fewer pages, or for a "
                "smaller copy of the file."
            )
        case b"":
            raise ToolFailed(
                f"{path!r} can't be read: it crashes the program that reads it and may be damaged. Ask for a new one."
            )
        case _:
            return rest.decode() if kind == SHOWN else rest
