"""Implements the Linux sandbox: bubblewrap with our system call filter and limits. README.md lists the traps it
avoids."""

import asyncio
import math
import shlex
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from agents.egress import bridge
from agents.process_group import kill_group, started
from agents.sandbox import bubblewrap_arguments, disk_limit, in_memory_files, python_mounts, seccomp
from agents.sandbox.limits import SandboxLimits
from agents.sandbox.output import Output
from agents.sandbox.sandbox_interface import Ended, Job
from orchestrator.errors import ToolFailed

_START, _BRIDGE = "/code/.start", "/code/.bridge"
_PIECE = 65_536


class Bubblewrap:
    """A Sandbox that uses the program `bwrap`.

    bubblewrap dies with the *thread* that started it, so commands are started on the event loop's own thread; use it
    on a loop that lives as long as the process.
    """

    def __init__(self, limits: SandboxLimits, *, program: str, machine: seccomp.Machine) -> None:
        self._limits = limits
        self._program = program
        self._machine: seccomp.Machine = machine
        self.refused = ""
        self.withstood = 0
        self._shown = python_mounts.shown(python_mounts.running())
        self.python = self._shown.program
        self._bridge = Path(bridge.__file__).read_bytes()

    async def run(self, job: Job, on_line: Callable[[str], None]) -> Ended:
        stdin = asyncio.subprocess.PIPE if job.talk else asyncio.subprocess.DEVNULL
        seconds = min(job.seconds, self._limits.background if job.talk else self._limits.seconds)
        output = Output(on_line)
        with self._descriptors(job, seconds) as (arguments, inherited):
            try:
                process = await started(
                    asyncio.create_subprocess_exec(
                        self._program, "--args", str(arguments), "--", "/bin/bash", _START, *job.command,
                        stdin=stdin, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env={},
                        pass_fds=inherited, cwd="/", start_new_session=True,
                    )
                )  # fmt: skip
            except OSError as error:
                raise ToolFailed(f"The sandbox {self._program!r} can't be started: {error.strerror}.") from error
        if job.talk:
            job.talk.begin(process.stdin)
        try:
            why = await self._watched(process, job, seconds, output)
        finally:
            if process.returncode is None:
                # Kills bubblewrap and the namespace's first process, which share a group; bubblewrap alone would leave
                # it behind. Therefore no `--new-session`: the command gets a session of its own inside.
                kill_group(process)
            await process.wait()
        output.add(b"", final=True)
        return Ended(code=process.returncode or 0, output=output.text(), why=why, seconds=seconds)

    def _becoming(self, job: Job) -> bytes:
        """Returns the end of the script: the command itself, or first the bridge to its proxy."""
        if not job.egress:
            return b'exec setsid "$@"\n'
        return f'exec {shlex.quote(self.python)} -I -S {_BRIDGE} {bubblewrap_arguments.PROXY} "$@"\n'.encode()

    async def _watched(
        self, process: asyncio.subprocess.Process, job: Job, seconds: float, output: Output
    ) -> Literal["exit", "seconds", "disk"]:
        """Waits until everything inside has ended, or for a limit."""
        reading = asyncio.create_task(_read(process, job.talk.hear if job.talk else output.add))
        filling = asyncio.create_task(disk_limit.overflow(job.folder, self._limits))
        try:
            done, _ = await asyncio.wait({reading, filling}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if reading in done:
                return "exit"
            return "disk" if filling in done else "seconds"
        finally:
            if not reading.done() and process.returncode is None:
                kill_group(process)
            filling.cancel()
            await asyncio.wait({reading, filling})

    @contextmanager
    def _descriptors(self, job: Job, seconds: float) -> Generator[tuple[int, tuple[int, ...]]]:
        """Returns the descriptor of bubblewrap's arguments, and all descriptors that it inherits.

        Arguments go through a descriptor because the sandbox can read bubblewrap's command line, which would reveal
        host paths.
        """
        content = {**bubblewrap_arguments.INVENTED, **self._shown.files, **job.known} | {
            f"/code/{name}": text for name, text in job.code.items()
        }
        content[_START] = limiting(self._limits, seconds) + self._becoming(job)
        content |= {_BRIDGE: self._bridge} if job.egress else {}
        with in_memory_files.files((seccomp.program(self._machine), *content.values())) as (filter_, *fds):
            placed = dict(zip(content, fds, strict=True))
            options = bubblewrap_arguments.arguments(
                job, self._limits, python=self._shown, seccomp=filter_, content=placed
            )
            bubblewrap_arguments.check(options)
            with in_memory_files.files(["\0".join([*options, ""]).encode()]) as (arguments,):
                yield arguments, (arguments, filter_, *fds)


async def _read(process: asyncio.subprocess.Process, hear: Callable[[bytes], None]) -> None:
    assert process.stdout is not None
    while piece := await process.stdout.read(_PIECE):
        hear(piece)
    await process.wait()  # the pipe closes a moment before the exit code is known


def limiting(limits: SandboxLimits, seconds: float) -> bytes:
    """Returns a script that lowers the limits. Inside a user namespace they can't be raised again.

    Memory is bounded as data, not as address space: node, Go, and Java reserve many times what they use. Where all of
    the machine's memory runs out, the kernel ends these commands first.
    """
    return (
        "{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null\n"
        f"ulimit -c 0 -n {limits.open_files} -u {limits.processes} -f {limits.file_size >> 10} "
        f"-d {limits.memory >> 10} -t {math.ceil(seconds) + 5} || exit 126\n"
    ).encode()
