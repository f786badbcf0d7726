"""Runs a host as a child process: frames over its standard input and output."""

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path

import agents
from agents.host import run_as_user, unprivileged_host_user
from agents.host.channel import Channel
from agents.host.config import HostConfig
from agents.host.connection_keeper import Connection, Dial, Timing
from agents.host.hub_side_host_link import LinkedHost, Watch, of_this_life
from orchestrator.errors import HostFailed
from orchestrator.ports import Shelf

_PACKAGE = Path(agents.__file__).resolve().parent.parent
# Isolated from the environment and the working folder; the package may be installed or a checkout.
_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from agents.host.host_main import main; main()"
_LOOK = "import os, sys; sys.exit(not all(os.access(path, os.R_OK) for path in sys.argv[1:]))"
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
_SECONDS_TO_END = 4
_LAST_WORDS = 2000
_LONGEST_SCRATCH = 60
"""Characters; programs create sockets there, and a socket's address has at most 108."""


class StdioHost(LinkedHost):
    """The host of `threadwork up`. A hub that is root starts it as an unprivileged user."""

    def __init__(
        self, config: HostConfig, shelf: Shelf, *, timing: Timing | None = None, watch: Watch | None = None
    ) -> None:
        super().__init__(config.name, dial_child(of_this_life(config)), shelf, timing=timing, watch=watch)


def dial_child(config: HostConfig) -> Dial:
    """Starts a host on that configuration, each time it is called."""

    async def dial() -> Connection:
        standing = await asyncio.to_thread(_standing, config)
        if standing.user and standing.ways.closed and not await can_be_staged(standing):
            words = unprivileged_host_user.obstacle(Path(standing.ways.closed[0]), standing.user)
            standing = unprivileged_host_user.HostUser(None, obstacle=words)
        try:
            process = await _spawn(config, standing)
        except PermissionError as error:
            if standing.user is None:
                raise
            problem = f"threadwork couldn't drop root privileges ({error.strerror})."
            words = f"Code can't run and the browser is unavailable: {problem}"
            standing = unprivileged_host_user.HostUser(None, obstacle=words)
            process = await _spawn(config, standing)
        home = await asyncio.to_thread(Path(config.home).resolve)
        return Child(process, config.model_copy(update={"as_root": standing.obstacle, "home": str(home)}))

    return dial


def _standing(config: HostConfig) -> unprivileged_host_user.HostUser:
    further = [name.partition(":")[0].partition(".")[0] for name in config.toolsets]
    return unprivileged_host_user.prepare(Path(config.home), _PACKAGE, further=further, browser=config.browser)


async def _spawn(config: HostConfig, standing: unprivileged_host_user.HostUser) -> asyncio.subprocess.Process:
    # On the loop's thread: the host dies with the thread that started it. In a session of its own, so that Ctrl-C
    # reaches the hub alone, which then ends the host in good order.
    user = None if standing.ways.closed else standing.user
    return await asyncio.create_subprocess_exec(
        *_staging(standing),
        sys.executable, "-I", "-c", _PROGRAM, str(_PACKAGE), f"threadwork-host:{config.name}",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=_surroundings(config.home), cwd="/", start_new_session=True,
        user=user.uid if user else None, group=user.gid if user else None, extra_groups=[] if user else None,
    )  # fmt: skip


def _surroundings(home: str) -> dict[str, str]:
    """Points temporary files to the host's scratch folder, so that leftovers of killed programs are deleted with it."""
    scratch = str(Path(home).resolve() / "scratch")
    return _ENVIRONMENT | {"HOME": home} | ({"TMPDIR": scratch} if len(scratch) <= _LONGEST_SCRATCH else {})


def _staging(standing: unprivileged_host_user.HostUser) -> list[str]:
    if standing.user is None or not standing.ways.closed:
        return []
    return run_as_user.command(*standing.user, **standing.ways._asdict())


async def can_be_staged(standing: unprivileged_host_user.HostUser) -> bool:
    """Tries it with a program that only reads: a container's root may not be allowed to mount."""
    trial = await asyncio.create_subprocess_exec(
        *_staging(standing), sys.executable, "-I", "-S", "-c", _LOOK, *standing.needed, env=_ENVIRONMENT, cwd="/",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    return await trial.wait() == 0


@dataclass
class Child:
    """A Connection to a child. Ending it ends the child."""

    process: asyncio.subprocess.Process
    config: HostConfig

    def __post_init__(self) -> None:
        if self.process.stdin is None or self.process.stdout is None:
            raise HostFailed("The host was started without pipes for input and output.")
        self.channel = Channel(self.process.stdout, self.process.stdin)
        self._stderr = asyncio.create_task(self._listen())

    async def close(self) -> str:
        unread = asyncio.create_task(self._read_on())
        try:
            async with asyncio.timeout(_SECONDS_TO_END):
                await self.channel.end()
                await self.process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
        unread.cancel()
        await asyncio.wait({unread})
        # The only way to let go of a pipe that a grandchild holds open; without it, `wait` would wait forever.
        self.process._transport.close()  # pyright: ignore
        await self.process.wait()
        return (await self._stderr).strip().rpartition("\n")[2]

    async def _read_on(self) -> None:
        """Drains the child's remaining output: an unread child can't exit and keeps our pipe open."""
        while await self.channel.reader.read(1 << 16):
            pass

    async def _listen(self) -> str:
        """Reads the child's other output, so that it never blocks, and keeps the end of it."""
        assert self.process.stderr is not None
        words = b""
        while piece := await self.process.stderr.read(4096):
            words = (words + piece)[-_LAST_WORDS:]
        return words.decode("utf-8", "replace")
