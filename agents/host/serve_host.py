"""Serves a host from its first frame to its end, over any connection."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from agents.host import host_tools, wire
from agents.host.call_journal import Journal
from agents.host.channel import Channel
from agents.host.config import HostConfig
from agents.host.file_store import FileStore
from agents.host.hub_connection import Session
from agents.host.task_workspace import forget_halves
from agents.host.tool_call_worker import Worker
from orchestrator.errors import HostFailed, ThreadworkError

_LOCK_TRIES, _LOCK_PAUSE = 100, 0.05
_DAY = 86_400.0
_TIDY_EVERY = 6 * 3600.0


class Opened(NamedTuple):
    """A host that is ready."""

    worker: Worker
    notices: tuple[str, ...]


async def serve(channel: Channel, *, begin: Callable[[Path], None] = lambda home: None) -> None:
    """Waits for `hello`, opens the host it describes, and works until the hub disconnects.

    Calls `begin(home)` in a thread once the folder is locked.
    Sends what prevents the start to the hub as `sorry`. Raises HostFailed for bytes that aren't a frame.
    """
    frame = await channel.receive()
    if frame is None:
        return
    if not isinstance(frame.message, wire.Hello):
        raise HostFailed(f"The first frame was {frame.message.type!r} instead of 'hello'.")
    if frame.message.version != wire.VERSION:
        channel.post(wire.Sorry(words="The hub and the host have different versions. Update the older one."))
        return
    try:
        async with opened(frame.message.config, begin=begin) as host:
            channel.post(wire.Welcome(tools=host.worker.specs, notices=host.notices))
            await Session(channel, host.worker).serve()
    except ThreadworkError as error:
        channel.post(wire.Sorry(words=str(error)))
        raise


@asynccontextmanager
async def opened(config: HostConfig, *, begin: Callable[[Path], None]) -> AsyncGenerator[Opened]:
    """Opens the host on its locked home folder. Raises HostFailed with a sentence if it can't start."""
    home = Path(config.home)
    async with _alone(home):
        await asyncio.to_thread(begin, home)
        journal = await Journal.open(home / "journal.db")
        try:
            store = await asyncio.to_thread(FileStore, home / "shelf")
            await asyncio.to_thread(store.forget_halves)
            equipped = await host_tools.equip(config)
            worker = Worker(config, equipped.toolbox, journal, store)
            tidying = asyncio.create_task(_tidy(home / "workspaces", journal, worker, config.keep_days * _DAY))
            try:
                yield Opened(worker, equipped.notices)
            finally:
                tidying.cancel()
                await asyncio.wait({tidying})
                await worker.close()
        finally:
            await journal.close()


@asynccontextmanager
async def _alone(home: Path) -> AsyncGenerator[None]:
    """Locks the home folder; waits a few seconds for an earlier host that is exiting."""
    lock = await asyncio.to_thread(_open_lock, home)
    try:
        for _ in range(_LOCK_TRIES):
            if _try_lock(lock):
                break
            await asyncio.sleep(_LOCK_PAUSE)
        else:
            raise HostFailed(f"Another host is using the folder {str(home)!r}. Stop it, or use another folder.")
        yield
    finally:
        os.close(lock)


def _open_lock(home: Path) -> int:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(home / "host.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise HostFailed(
            f"The host's folder {str(home)!r} can't be used: {error.strerror}. Check its permissions."
        ) from error


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _tidy(workspaces: Path, journal: Journal, worker: Worker, age: float) -> None:
    """Deletes what a killed host left half-written, old calls, and a day later the files that their results named."""
    await asyncio.to_thread(forget_halves, workspaces, before=time.time())
    while True:
        await journal.forget(older_than=age)
        await asyncio.to_thread(worker.store.forget, older_than=age + _DAY)
        await asyncio.to_thread(worker.skills.forget, older_than=age)
        await asyncio.sleep(_TIDY_EVERY)
