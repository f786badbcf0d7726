"""What the sandbox costs: a command inside against the same command as a bare subprocess, in turns, in one run.

`python -m tests.bench.sandbox` alone. Run by root, it becomes the unprivileged user first, as the agent host does.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from agents.egress.allowed_targets import Grant
from agents.egress.proxy import Proxy
from agents.egress.proxy_listeners import at_socket
from agents.host.unprivileged_host_user import unprivileged
from agents.sandbox.limits import SandboxLimits
from agents.sandbox.open_tested_sandbox import open_sandbox
from agents.sandbox.sandbox_interface import Job, Sandbox

ROUNDS, AT_ONCE = 30, 50
COMMANDS = {"true": ("/bin/true",), "python -I -c pass": ("PYTHON", "-I", "-c", "pass")}


async def seconds(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def bare(command: tuple[str, ...]) -> None:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env={})
    await process.communicate()


async def inside(sandbox: Sandbox, job: Job) -> None:
    ended = await sandbox.run(job, lambda _: None)
    assert ended.code == 0, ended.output


async def networked(sandbox: Sandbox, job: Job) -> None:
    async with at_socket(Proxy(Grant(("example.com",)))) as way:
        await inside(sandbox, Job(job.command, job.folder, job.seconds, egress=way))


async def measured(home: Path) -> None:
    sandbox = await open_sandbox(home, SandboxLimits())
    if sandbox.refused:
        print(f"sandbox: not measured. {sandbox.refused}")
        return
    folder = home / "workspace"
    folder.mkdir()
    for name, words in COMMANDS.items():
        command = tuple(sandbox.python if word == "PYTHON" else word for word in words)
        job = Job(command, folder, 60)
        ways = (lambda c=command: bare(c), lambda j=job: inside(sandbox, j), lambda j=job: networked(sandbox, j))
        rows = [[await seconds(way) for way in ways] for _ in range(ROUNDS)]
        alone, boxed, proxied = (statistics.median(column) for column in zip(*rows, strict=True))
        print(
            f"sandbox, {name}: ÷ bare subprocess {boxed / alone:.1f} ({(boxed - alone) * 1000:.0f} ms more on "
            f"{alone * 1000:.0f} ms); with a network {proxied / alone:.1f} ({(proxied - alone) * 1000:.0f} ms more)"
        )
    job = Job(("/bin/true",), folder, 60)
    crowd = await seconds(lambda: asyncio.gather(*(inside(sandbox, job) for _ in range(AT_ONCE))))
    plain = await seconds(lambda: asyncio.gather(*(bare(("/bin/true",)) for _ in range(AT_ONCE))))
    print(f"sandbox, {AT_ONCE} at once: {crowd:.2f} s, ÷ bare subprocesses {crowd / plain:.1f}")


def report() -> None:
    """In a process of its own: who gave up root cannot take it back."""
    if (child := os.fork()) == 0:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as home:
            if os.geteuid() == 0:
                user = unprivileged()
                os.chown(home, *user)
                os.setgroups([])
                os.setresgid(user.gid, user.gid, user.gid)
                os.setresuid(user.uid, user.uid, user.uid)
            asyncio.run(measured(Path(home)))
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)


if __name__ == "__main__":
    report()
