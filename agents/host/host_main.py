"""Runs the host as a separate process: frames on standard input and output, messages in its log file."""

import asyncio
import ctypes
import logging
import logging.handlers
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from agents.host import serve_host
from agents.host.channel import Channel
from orchestrator import press_log
from orchestrator.errors import HostFailed

_PR_SET_PDEATHSIG = 1
_SECONDS_TO_END = 5
_NICENESS = 10
"""Lower priority: browsers, LibreOffice and code must not slow down the hub on the same machine."""
_BUFFER = 1 << 20


class _Pipes(NamedTuple):
    source: int
    sink: int


def main() -> None:
    """Serves the hub at the other end of the pipes until it disconnects; then the host ends completely."""
    _die_with_the_hub()
    pipes = _take_the_pipes()
    os.nice(_NICENESS)
    try:
        asyncio.run(_host(pipes))
    except HostFailed as error:
        sys.exit(str(error))


async def _host(pipes: _Pipes) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_BUFFER)
    source, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(pipes.source, "rb")
    )
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), os.fdopen(pipes.sink, "wb")
    )
    loop.add_signal_handler(signal.SIGTERM, reader.feed_eof)
    channel = Channel(reader, asyncio.StreamWriter(transport, protocol, None, loop))
    try:
        await serve_host.serve(channel, begin=_begin)
    finally:
        signal.alarm(_SECONDS_TO_END)  # a tool's thread that never ends must not keep the process
        await channel.end()
        source.close()
        if tempfile.tempdir:
            await asyncio.to_thread(shutil.rmtree, tempfile.tempdir, ignore_errors=True)


def _die_with_the_hub() -> None:
    """Lets the kernel kill this process when the hub is killed, even if the end of input isn't noticed."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _take_the_pipes() -> _Pipes:
    """Moves the frames away from 0 and 1, so that a tool that prints or reads can't disturb them."""
    pipes = _Pipes(os.dup(0), os.dup(1))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return pipes


def _begin(home: Path) -> None:
    _log_into(home)
    scratch = home / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)  # of a host that was killed in the middle of a conversion
    scratch.mkdir()
    tempfile.tempdir = str(scratch)


def _log_into(home: Path) -> None:
    folder = home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(folder / "host.log", maxBytes=5_000_000, backupCount=3)
    logging.raiseExceptions = False  # else a full disk fills the terminal with tracebacks of the log
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    press_log.keep()
