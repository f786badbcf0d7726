"""Checks that the sandbox holds, by running it at every start of a host: no escape attempt may succeed."""

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

from agents.sandbox import namespace_rules, seccomp
from agents.sandbox.bubblewrap import Bubblewrap
from agents.sandbox.explain_start_failure import because
from agents.sandbox.limits import SandboxLimits
from agents.sandbox.refuse_without_sandbox import NoSandbox
from agents.sandbox.sandbox_interface import Job, Sandbox
from agents.sandbox.seatbelt import Seatbelt
from orchestrator.errors import ToolFailed

_WHERE = "/usr/local/bin:/usr/bin:/bin"
_SECONDS = 20
_ATTEMPTS = Path(__file__).with_name("startup_escapes.py")
_MACHINES: dict[str, seccomp.Machine] = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


async def open_sandbox(home: Path, limits: SandboxLimits) -> Sandbox:
    """Returns a sandbox that held in a trial on this machine, or one that says why nothing can be run."""
    sandbox = await asyncio.to_thread(untried, limits)
    if isinstance(sandbox, NoSandbox):
        return sandbox
    problem, sandbox.withstood = await trial(sandbox, home)
    return NoSandbox(f"Code can't run: {problem}") if problem else sandbox


def untried(limits: SandboxLimits) -> Bubblewrap | Seatbelt | NoSandbox:
    """Returns the untested sandbox for this machine; blocks to read files."""
    machine = _MACHINES.get(platform.machine())
    program = shutil.which("bwrap", path=_WHERE)
    if os.geteuid() == 0:
        return NoSandbox("Code can't run: the host is running as root, and the sandbox's limits don't apply to root.")
    if platform.system() == "Darwin":
        return Seatbelt(limits)
    if platform.system() != "Linux" or machine is None:
        return NoSandbox(f"Code can't run: no sandbox is available for {platform.system()} {platform.machine()}.")
    if program is None:
        return NoSandbox("Code can't run: the program 'bwrap' is missing. Install the package 'bubblewrap'.")
    return Bubblewrap(limits, program=program, machine=machine)


class Trial(NamedTuple):
    """Returns what is wrong, as a sentence; empty if all escape attempts failed. `tried`: how many there were."""

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
        return Trial(f"the disk with {str(home)!r} is nearly full. Free some space and restart threadwork.")
    last = ended.output.strip().splitlines()[-1:] or ["no output"]
    if ended.code or not last[0].startswith("attempts:"):
        rules = await asyncio.to_thread(namespace_rules.looked_up)
        if cause := because(ended.output, rules):
            return Trial(cause)
        return Trial(f"a trial run of the sandbox failed ({last[0][:200]!r}). Run `threadwork doctor` for details.")
    outcome: dict[str, bool] = json.loads(last[0].removeprefix("attempts:"))
    worked = ", ".join(name for name, success in outcome.items() if success)
    return Trial(
        f"the sandbox isn't secure on this machine; code inside it could {worked}." if worked else "", len(outcome)
    )


@contextmanager
def _bait(home: Path) -> Generator[tuple[Path, str]]:
    """Yields a folder to run in, and things outside of it that code inside must not reach."""
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
