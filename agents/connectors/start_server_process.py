"""Starts the process that runs a connector's server in the sandbox, without rights on this machine."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

import agents
from agents.connectors.call_types import ConnectorFailed
from agents.connectors.incoming_limits import LastWords
from agents.connectors.server_launch_spec import ServerJob
from agents.connectors.stdio_transport import Pipes
from agents.host import run_as_user, unprivileged_host_user
from agents.host.child_process_host import can_be_staged
from agents.host.path_access import User, blocked_at
from agents.process_group import kill_group, started

_PACKAGE = Path(agents.__file__).resolve().parent.parent
_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from agents.connectors.sandbox_child import main; main()"
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
_SECONDS_TO_END = 3.0
_BUFFER = 1 << 20


@asynccontextmanager
async def running(job: ServerJob, home: Path, last_words: LastWords) -> AsyncGenerator[Pipes]:
    """Yields the pipes of the server. `home`: the folder of all servers. Raises ConnectorFailed.

    Its own output goes into `last_words`. The process and all it started are gone at the end.
    """
    process = await _started(job, home)
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    listening = asyncio.create_task(_listen(process.stderr, last_words))
    try:
        process.stdin.write(job.model_dump_json().encode() + b"\n")
        with contextlib.suppress(ConnectionError):
            await process.stdin.drain()
        yield Pipes(process.stdout, process.stdin)
    finally:
        with anyio.CancelScope(shield=True):  # a cancelled scope would interrupt every wait
            process.stdin.close()
            await _end(process)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        process._transport.close()  # pyright: ignore  # a grandchild may hold the pipe open


async def _started(job: ServerJob, home: Path) -> asyncio.subprocess.Process:
    standing = await asyncio.to_thread(unprivileged_host_user.prepare, home, _PACKAGE)
    if standing.obstacle or (standing.user and standing.ways.closed and not await can_be_staged(standing)):
        raise ConnectorFailed(standing.obstacle or "the sandbox's user can't reach threadwork's own files")
    if unseen := await asyncio.to_thread(_unseen, job, home, standing.user):
        raise ConnectorFailed(unseen)
    staged = standing.user is not None and bool(standing.ways.closed)
    before = run_as_user.command(*standing.user, **standing.ways._asdict()) if standing.user and staged else []
    user = None if staged else standing.user
    try:
        return await started(
            asyncio.create_subprocess_exec(
                *before, sys.executable, "-I", "-c", _PROGRAM, str(_PACKAGE),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                env=_ENVIRONMENT | {"HOME": str(home)}, cwd="/", start_new_session=True, limit=_BUFFER,
                user=user.uid if user else None, group=user.gid if user else None, extra_groups=[] if user else None,
            )
        )  # fmt: skip
    except OSError as error:
        raise ConnectorFailed(f"its process can't be started ({error.strerror})") from error


def _unseen(job: ServerJob, home: Path, user: User | None) -> str:
    """Says which of its folders is missing or can't be read by the sandbox's user; empty if all is well. Blocks."""
    for name, path in job.folders.items():
        folder = Path(path)
        if not folder.is_dir():
            return f"its folder {name!r} doesn't exist ({path})"
        blocked = blocked_at(folder, user) if user and not folder.is_relative_to(home) else None
        if blocked is not None:
            return (
                f"the sandbox's user can't read {str(blocked)!r} on the way to its folder {name!r}; let others read it"
            )
    return ""


async def _end(process: asyncio.subprocess.Process) -> None:
    """Gives the server a moment after the end of its input, then kills it with everything it started."""
    try:
        async with asyncio.timeout(_SECONDS_TO_END):
            await process.wait()
    except TimeoutError:
        pass
    finally:
        kill_group(process)
    await process.wait()


async def _listen(stderr: asyncio.StreamReader, last_words: LastWords) -> None:
    while line := await stderr.readline():
        last_words.hear(line)
