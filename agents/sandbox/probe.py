"""Does the sandbox hold here? Asked by running it, at the start of every host: no attempt to get out may succeed."""

import asyncio
import json
import os
import platform
import secrets
import shutil
import socket
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from agents.sandbox import seccomp
from agents.sandbox.bubblewrap import Bubblewrap
from agents.sandbox.port import Job, Limits, Sandbox
from agents.sandbox.refused import NoSandbox
from orchestrator.errors import ToolFailed

_WHERE = "/usr/local/bin:/usr/bin:/bin"
_SECONDS = 20
_ATTEMPTS = Path(__file__).with_name("attempts.py")
_MACHINES: dict[str, seccomp.Machine] = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


async def open_sandbox(home: Path, limits: Limits) -> Sandbox:
    """A sandbox that was seen to hold on this machine, or one that says in a sentence why nothing can be run."""
    machine = _MACHINES.get(platform.machine())
    program = shutil.which("bwrap", path=_WHERE)
    if os.geteuid() == 0:
        return NoSandbox("Nothing can be executed: the host runs as root, where the sandbox's limits do not hold.")
    if platform.system() != "Linux" or machine is None:
        return NoSandbox(f"Nothing can be executed: there is no sandbox for {platform.system()} {platform.machine()}.")
    if program is None:
        return NoSandbox("Nothing can be executed: the program 'bwrap' is missing; install the package 'bubblewrap'.")
    sandbox = Bubblewrap(limits, program=program, machine=machine)
    problem = await problem_of(sandbox, home)
    return NoSandbox(f"Nothing can be executed: {problem}") if problem else sandbox


async def problem_of(sandbox: Sandbox, home: Path) -> str:
    """Runs the attempts inside and returns what is wrong as a sentence; empty when all of them failed."""
    bait = _bait(home)
    folder, facts, attempts = await asyncio.to_thread(lambda: (*bait.__enter__(), _ATTEMPTS.read_bytes()))
    try:
        code = {"main.py": attempts, "facts.json": facts.encode()}
        job = Job(command=(sandbox.python, "/code/main.py"), folder=folder, seconds=_SECONDS, code=code)
        return await _problem(sandbox, job, home)
    finally:
        await asyncio.to_thread(bait.__exit__, None, None, None)


async def _problem(sandbox: Sandbox, job: Job, home: Path) -> str:
    try:
        ended = await sandbox.run(job, lambda _: None)
    except ToolFailed as error:
        return str(error)
    if ended.why == "disk":
        return f"the disk that holds {str(home)!r} is nearly full; free some space and start again."
    last = ended.output.strip().splitlines()[-1:] or ["it said nothing"]
    if ended.code or not last[0].startswith("attempts:"):
        return f"a trial run of the sandbox failed ({last[0][:200]!r}). `threadwork doctor` says more."
    succeeded: list[str] = json.loads(last[0].removeprefix("attempts:"))
    return f"the sandbox does not hold here; code inside could {', '.join(succeeded)}." if succeeded else ""


@contextmanager
def _bait(home: Path) -> Generator[tuple[Path, str]]:
    """A folder to run in, and things outside of it that code inside must not reach."""
    token = secrets.token_hex(8)
    with (
        tempfile.TemporaryDirectory(dir=home, prefix="probe-") as place,
        socket.socket(socket.AF_INET) as port,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as path,
    ):
        folder = Path(place) / "workspace"
        folder.mkdir()
        (Path(place) / "secret").write_text(token)
        port.bind(("127.0.0.1", 0))
        abstract.bind(f"\0threadwork-{token}")
        path.bind(unix := f"{place}/s")
        for listening in (port, abstract, path):
            listening.listen()
        facts = {"secret": f"{place}/secret", "home": str(home), "port": port.getsockname()[1], "pid": os.getpid()}
        yield folder, json.dumps(facts | {"abstract": f"threadwork-{token}", "unix": unix})
