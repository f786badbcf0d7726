"""Runs one of our git scripts in the sandbox."""

from functools import cache
from pathlib import Path

from agents.sandbox import atomic_file_writer
from agents.sandbox.call_grants import SandboxAccess
from agents.sandbox.sandbox_interface import Ended, Job
from agents.tool import CallContext

REFUSED = 3
_SECONDS = 60


async def run(workshop: SandboxAccess, room: CallContext, name: str, *arguments: str) -> Ended:
    """Returns its outcome; exit code 3 means that the output says what is wrong."""
    job = Job(("/bin/bash", "/code/script", *arguments), room.workspace.root, _SECONDS, {"script": _script(name)})
    return await atomic_file_writer.run(workshop, room, job)


@cache
def _script(name: str) -> bytes:
    return (Path(__file__).parent / name).read_bytes()
