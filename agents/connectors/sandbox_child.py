"""Runs one server in the sandbox: a process of its own between the hub and the server, for `start_server_process.py`.

The first line of its input says what to run; after it, input and output are the server's. It has no secrets but the
server's own, and ends with the hub.
"""

import asyncio
import ctypes
import os
import shlex
import signal
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple, NoReturn

from agents.connectors import non_web_port_forwarding
from agents.connectors.server_launch_spec import PACKAGE, ServerJob
from agents.egress.allowed_targets import Grant
from agents.egress.proxy import Proxy
from agents.egress.proxy_listeners import at_socket
from agents.sandbox import bubblewrap_arguments
from agents.sandbox.limits import SandboxLimits
from agents.sandbox.open_tested_sandbox import open_sandbox
from agents.sandbox.process_io import ProcessIO
from agents.sandbox.sandbox_interface import FOLDERS, Job
from orchestrator.errors import ToolFailed

_PR_SET_PDEATHSIG = 1
_DAYS = 30 * 24 * 3600.0
LIMITS = SandboxLimits(
    memory=2 << 30, processes=150, workspace=1 << 30, file_size=256 << 20, background=_DAYS, upload=1 << 30
)
_MOST_FIRST_LINE = 1 << 20
_SCRIPT = """{ports}{exports}cd {place} || exit 1
command -v -- "$1" >/dev/null || {{ echo "the sandbox has no program '$1'; install it under /usr"; exit 127; }}
{{ "$@"; echo $? >/tmp/.code; }} 2> >(head -c 65536 >/tmp/.last-words; exec cat >/dev/null)
wait $!
{{ grep -aE '^([A-Z][a-z]+ )*[A-Za-z_.]*([Ee]rror|ERROR|Exception|FATAL|[Ff]atal)\\b' /tmp/.last-words ||
  grep -a '[[:alpha:]]' /tmp/.last-words; }} | tail -n 1
exit "$(cat /tmp/.code)"
"""
"""Keeps what the server says beside the protocol apart, and repeats the line that says why it ended."""


class _Piped(ProcessIO):
    """Joins our own input and output to the server's."""

    def __init__(self) -> None:
        super().__init__()
        self._pump: asyncio.Task[None] | None = None

    def begin(self, stdin: asyncio.StreamWriter | None) -> None:
        super().begin(stdin)
        if stdin is not None:
            self._pump = asyncio.ensure_future(_pump(stdin))

    def hear(self, piece: bytes) -> None:
        """Blocks while the hub reads slowly: then the server has to wait, and nothing piles up here."""
        while piece:
            piece = piece[os.write(1, piece) :]


async def _pump(stdin: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(0, "rb", closefd=False))
    while piece := await reader.read(1 << 16):
        stdin.write(piece)
        await stdin.drain()
    stdin.close()


def main() -> None:
    """Runs the server until it or the hub ends. Prints one sentence and exits with 1 if it can't be run."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    job = ServerJob.model_validate_json(_first_line())
    try:
        sys.exit(asyncio.run(_run(job)))
    except ToolFailed as error:
        _refuse(str(error))


def _first_line() -> bytes:
    """Reads byte by byte, so that nothing of the protocol is taken."""
    line = bytearray()
    while len(line) < _MOST_FIRST_LINE and (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    return bytes(line)


async def _run(job: ServerJob) -> int:
    folder = Path(job.folder)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o700)
    sandbox = await open_sandbox(folder.parent, LIMITS)
    if sandbox.refused:
        raise ToolFailed(sandbox.refused)
    async with AsyncExitStack() as stack:
        egress = None
        if job.egress:
            proxy = Proxy(Grant(job.egress, job.near), whose=job.name, upload=LIMITS.upload)
            egress = await stack.enter_async_context(at_socket(proxy))
        opened = await asyncio.to_thread(_ports, job)
        inside = Job(
            command=("/bin/bash", "/code/connector", *_command(job, sandbox.python)),
            folder=folder,
            seconds=_DAYS,
            code={"connector": script(job, sandbox.python).encode(), **opened.code},
            known=opened.known,
            folders={name: Path(path) for name, path in job.folders.items()},
            egress=egress,
            talk=_Piped(),
        )
        ended = await sandbox.run(inside, lambda _: None)
    return ended.code if 0 <= ended.code < 256 else 1


def _command(job: ServerJob, python: str) -> tuple[str, ...]:
    """Uses the sandbox's own Python where a Python is asked for."""
    program, *rest = job.command
    return (python if program in ("python", "python3") else program, *rest)


class _NamedPorts(NamedTuple):
    """What a job needs to reach hosts on ports that aren't the web's: a program, and the hosts' names."""

    code: Mapping[str, bytes] = {}
    known: Mapping[str, bytes] = {}


def _ports(job: ServerJob) -> _NamedPorts:
    """Blocks."""
    found = non_web_port_forwarding.addresses(job.egress)
    if not found:
        return _NamedPorts()
    names = "".join(f"{address} {name}\n" for name, address in found.items() if name != address)
    hosts = bubblewrap_arguments.INVENTED["/etc/hosts"] + names.encode()
    return _NamedPorts({"ports": Path(non_web_port_forwarding.__file__).read_bytes()}, {"/etc/hosts": hosts})


def script(job: ServerJob, python: str = "python3") -> str:
    """Returns the script that sets the server's environment and starts it. Secrets are in no command line."""
    opened = " ".join(map(shlex.quote, job.egress)) if non_web_port_forwarding.addresses(job.egress) else ""
    ports = f"{shlex.quote(python)} -I -S /code/ports {opened} || exit 1\n" if opened else ""
    packages = f"{FOLDERS}/{PACKAGE}" if PACKAGE in job.folders else ""
    values = {"NODE_USE_ENV_PROXY": "1", "HOME": "/workspace", "PYTHONPATH": packages, **job.env}
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
    place = f"{FOLDERS}/cwd" if "cwd" in job.folders else "/workspace"
    return _SCRIPT.format(ports=ports, exports=exports, place=place)


def _refuse(words: str) -> NoReturn:
    os.write(1, f"{words}\n".encode())
    sys.exit(1)
