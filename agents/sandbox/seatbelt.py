"""Implements the macOS sandbox: `sandbox-exec` with a profile that denies by default. UNTESTED: no Mac has run it yet.

The profile is a plain function of folders with unit tests. Running it goes through the same trial as on Linux at every
start of a host: if an escape attempt succeeds, or the trial doesn't run, nothing is executed. There are no namespaces:
the workspace keeps its own path, and leftover processes are ended by process group. Memory isn't limited.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from agents.process_group import kill_group, started
from agents.sandbox.limits import SandboxLimits
from agents.sandbox.output import Output
from agents.sandbox.sandbox_interface import Ended, Job
from orchestrator.errors import ToolFailed

PROGRAM = "/usr/bin/sandbox-exec"
_SYSTEM = ("/usr", "/bin", "/sbin", "/System", "/Library", "/private/etc", "/private/var/db/timezone", "/dev")
_FIXED = (
    "(version 1)",
    "(deny default)",
    '(import "system.sb")',
    "(allow process-fork)",
    "(allow signal (target same-sandbox))",
    "(allow sysctl-read)",
    "(allow ipc-posix-shm*)",
    '(allow file-write* (literal "/dev/null") (literal "/dev/tty"))',
)


def profile(*, reads: Iterable[Path], writes: Iterable[Path]) -> str:
    """Returns the rules: system programs, `reads` and `writes` can be read, `writes` changed; no network."""
    seen = [_below(Path(place)) for place in _SYSTEM] + [_below(place) for place in (*reads, *writes)]
    return "\n".join(
        (
            *_FIXED,
            f"(allow file-read* process-exec* {' '.join(seen)})",
            f"(allow file-read-metadata {' '.join(_way(reads, writes))})",
            f"(allow file-write* {' '.join(_below(place) for place in writes)})",
            "(deny network*)",
        )
    )


def _way(*groups: Iterable[Path]) -> list[str]:
    """Returns the folders above, which Python checks to find its environment: their metadata, not their content."""
    above = sorted({folder for group in groups for place in group for folder in place.parents})
    return [_below(folder).replace("subpath", "literal", 1) for folder in above]


def _below(place: Path) -> str:
    """Returns a path as a rule's filter. A quote or a backslash in it must not end the string."""
    text = str(place)
    if any(ord(letter) < 32 for letter in text):
        raise ToolFailed(
            f"The folder {text!r} has a control character in its name, so code can't be given access to it."
        )
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'(subpath "{escaped}")'


class Seatbelt:
    """A Sandbox that uses `sandbox-exec`. Has no network and no background commands."""

    def __init__(self, limits: SandboxLimits) -> None:
        self._limits = limits
        self.refused = ""
        self.withstood = 0
        self.python = sys.executable

    async def run(self, job: Job, on_line: Callable[[str], None]) -> Ended:
        if job.egress or job.talk:
            raise ToolFailed(
                "On macOS, commands can't use the network or run in the background. Run this one without either."
            )
        place = await asyncio.to_thread(tempfile.TemporaryDirectory)
        try:
            return await self._run(job, Path(await asyncio.to_thread(os.path.realpath, place.name)), on_line)
        finally:
            await asyncio.to_thread(place.cleanup)

    async def _run(self, job: Job, place: Path, on_line: Callable[[str], None]) -> Ended:
        code, scratch = place / "code", place / "tmp"
        await asyncio.to_thread(_lay_out, code, scratch, job)
        reads = (code, *await asyncio.to_thread(_pythons), *job.folders.values(), *job.skills.values())
        rules = profile(reads=reads, writes=(job.folder.resolve(), scratch))
        command = [word.replace("/code/", f"{code}/", 1) if word.startswith("/code/") else word for word in job.command]
        seconds, output = min(job.seconds, self._limits.seconds), Output(on_line)
        process = await started(
            asyncio.create_subprocess_exec(
                PROGRAM, "-p", rules, "/bin/bash", "-c", _limiting(self._limits, seconds), "x", *command,
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
                env={"PATH": f"{sys.prefix}/bin:/usr/bin:/bin", "HOME": str(scratch), "TMPDIR": str(scratch)},
                cwd=job.folder, start_new_session=True,
            )
        )  # fmt: skip
        assert process.stdout is not None
        why = "exit"
        try:
            async with asyncio.timeout(seconds):
                while piece := await process.stdout.read(65_536):
                    output.add(piece)
                await process.wait()
        except TimeoutError:
            why = "seconds"
        finally:
            kill_group(process)
            await process.wait()
        output.add(b"", final=True)
        return Ended(code=process.returncode or 0, output=output.text(), why=why, seconds=seconds)


def _pythons() -> list[Path]:
    """Returns the environment and the interpreter, by the paths they are named with and by their real ones."""
    named = (Path(sys.prefix), Path(sys.base_prefix))
    return list(dict.fromkeys((*named, *(path.resolve() for path in named), Path(sys.executable).resolve())))


def _lay_out(code: Path, scratch: Path, job: Job) -> None:
    code.mkdir()
    scratch.mkdir()
    for name, content in job.code.items():
        (code / name).write_bytes(content)


def _limiting(limits: SandboxLimits, seconds: float) -> str:
    return (
        f"ulimit -c 0 -n {limits.open_files} -u {limits.processes} -f {limits.file_size >> 9} -t {int(seconds) + 5}"
        ' || exit 126; exec "$@"'
    )
