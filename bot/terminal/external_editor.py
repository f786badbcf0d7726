"""Edits a text, or a JSON value, in the person's own editor."""

import asyncio
import shlex
import tempfile
from pathlib import Path
from typing import Any, cast

from bot.config.settings import editor
from orchestrator.domain import clean_outside_text
from orchestrator.errors import Refused

KEYS = {
    "vi": "type :wq to save and close, or :q! to discard your changes; set EDITOR to use another editor",
    "vim": "type :wq to save and close, or :q! to discard your changes; set EDITOR to use another editor",
    "nano": "press Ctrl-O and Enter to save, Ctrl-X to close; set EDITOR to use another editor",
}


def opens() -> str:
    """Says what opens, and how to leave it."""
    name = Path(shlex.split(editor())[0]).name
    return f"Opens in {name}; {KEYS.get(name, 'save and close it to continue')}."


async def edited_json(text: str, name: str) -> dict[str, Any] | None:
    """Returns the JSON object as the person left it; None if nothing was changed. Raises Refused if it isn't one."""
    after = await edited(text, f"{name}.json")
    if after is None:
        return None
    try:
        value = clean_outside_text.parsed(after)
    except clean_outside_text.Unfit as error:
        raise Refused(f"This is {error}.") from None
    if not isinstance(value, dict):
        raise Refused("This must be a JSON object in braces.")
    return cast("dict[str, Any]", value)


async def edited(text: str, name: str) -> str | None:
    """Returns the text as the person left it in a file of that name; None if nothing was changed."""
    folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="threadwork-")
    try:
        path = Path(folder.name, name)
        await asyncio.to_thread(path.write_text, text + "\n", "utf-8")
        code = await _run([*shlex.split(editor()), str(path)])
        after = (await asyncio.to_thread(path.read_text, "utf-8")).strip()
    finally:
        await asyncio.to_thread(folder.cleanup)
    return None if code != 0 or after == text.strip() else after


async def _run(command: list[str]) -> int:
    try:
        process = await asyncio.create_subprocess_exec(*command)
    except OSError as error:
        raise Refused(
            f"The editor {command[0]!r} can't be started ({error.strerror}); set EDITOR to another one."
        ) from None
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
