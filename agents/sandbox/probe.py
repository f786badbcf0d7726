"""Does the sandbox hold here? Asked by running it, at the start of every host: no attempt to get out may succeed."""

import asyncio
import json
import os
import platform
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from agents.sandbox import seccomp
from agents.sandbox.bubblewrap import Bubblewrap
from agents.sandbox.causes import because
from agents.sandbox.port import Job, Limits, Sandbox
from agents.sandbox.refused import NoSandbox
from agents.sandbox.seatbelt import Seatbelt
from orchestrator.errors import ToolFailed

_WHERE = "/usr/local/bin:/usr/bin:/bin"
_SECONDS = 20
_ATTEMPTS = Path(__file__).with_name("attempts.py")
_MACHINES: dict[str, seccomp.Machine] = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


async def open_sandbox(home: Path, limits: Limits) -> Sandbox:
    """A sandbox that was seen to hold on this machine, or one that says in a sentence why nothing can be run."""
    sandbox = untried(limits)
    if isinstance(sandbox, NoSandbox):
        return sandbox
    problem, sandbox.withstood = await trial(sandbox, home)
    return NoSandbox(f"Nothing can be executed: {problem}") if problem else sandbox


def untried(limits: Limits) -> Bubblewrap | Seatbelt | NoSandbox:
    """The sandbox for this machine, before anybody knows whether it holds; blocks for a look at the PATH."""
    machine = _MACHINES.get(platform.machine())
    program = shutil.which("bwrap", path=_WHERE)
    if os.geteuid() == 0:
        return NoSandbox("Nothing can be executed: the host runs as root, where the sandbox's limits do not hold.")
    if platform.system() == "Darwin":
        return Seatbelt(limits)
    if platform.system() != "Linux" or machine is None:
        return NoSandbox(f"Nothing can be executed: there is no sandbox for {platform.system()} {platform.machine()}.")
    if program is None:
        return NoSandbox("Nothing can be executed: the program 'bwrap' is missing; install the package 'bubblewrap'.")
    return Bubblewrap(limits, program=program, machine=machine)


class Trial(NamedTuple):
    """What is wrong, as a sentence; empty when all attempts to get out failed. `tried`: how many there were."""

    problem: str
    tried: int = 0


async def trial(sandbox: Sandbox, home: Path) -> Trial:
    """Runs the attempts inside."""
    bait = _bait(home)
    folder, facts, attempts = await asyncio.to_thread(lambda: (*bait.__enter__(), _ATTEMPTS.read_bytes()))
    try:
        code = {"main.py": attempts, "facts.json": facts.encode()}
        job = Job(
            command=(sandbox.python, "/code/main.py", "/code/facts.json"), folder=folder, seconds=_SECONDS, code=code
        )
        return await _outcome(sandbox, job, home)
    finally:
        await asyncio.to_thread(bait.__exit__, None, None, None)


async def _outcome(sandbox: Sandbox, job: Job, home: Path) -> Trial:
    try:
        ended = await sandbox.run(job, lambda _: None)
    except ToolFailed as error:
        return Trial(str(error))
    if ended.why == "disk":
        return Trial(f"the disk that holds {str(home)!r} is nearly full; free some space and start again.")
    last = ended.output.strip().splitlines()[-1:] or ["it said nothing"]
    if ended.code or not last[0].startswith("attempts:"):
        if cause := because(ended.output):
            return Trial(cause)
        return Trial(f"a trial run of the sandbox failed ({last[0][:200]!r}). `threadwork doctor` says more.")
    outcome: dict[str, bool] = json.loads(last[0].removeprefix("attempts:"))
    worked = ", ".join(name for name, success in outcome.items() if success)
    return Trial(f"the sandbox does not hold here; code inside could {worked}." if worked else "", len(outcome))


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
        abstract.bind(f"\0threadwork-{token}" if sys.platform == "linux" else f"{place}/a")
        path.bind(unix := f"{place}/s")
        for listening in (port, abstract, path):
            listening.listen()
        facts = {"secret": f"{place}/secret", "home": str(home), "port": port.getsockname()[1], "pid": os.getpid()}
        yield folder, json.dumps(facts | {"abstract": f"threadwork-{token}", "unix": unix})
