"""Finds our own code where it blocks a running event loop: files, programs, names and sleeping belong in a thread.

Python tells an audit hook about each of them before it happens; the hook fails the test when it happens on the thread
of a running loop, on behalf of `bot`, `orchestrator` or `agents`. What asyncio does itself (starting a program,
connecting a socket that does not block) is asyncio's business.
"""

import asyncio
import inspect
import linecache
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

TOP = Path(__file__).parent.parent
OURS = tuple(f"{TOP / name}/" for name in ("bot", "orchestrator", "agents"))
TESTS = f"{TOP / 'tests'}/"
ASYNCIO = f"{Path(asyncio.__file__).parent}/"
IMPORTING = "<frozen importlib"
EVENTS = frozenset({
    "open", "time.sleep", "subprocess.Popen", "os.system", "socket.getaddrinfo", "socket.connect",
    "sqlite3.connect", "os.listdir", "os.scandir", "os.mkdir", "os.rmdir", "os.remove", "os.rename", "os.link",
    "os.symlink", "os.truncate", "os.chmod", "os.chown", "shutil.rmtree", "shutil.copyfile", "shutil.move",
    "tempfile.mkstemp", "tempfile.mkdtemp",
})  # fmt: skip
ALLOWED = {
    (
        "bot/web/origin_guard.py",
        "__call__",
    ): "the standard library reads the system's file types once, at a first static file",
    ("agents/sandbox/in_memory_files.py", "files"): "they exist only in memory, and no disk is waited for",
    ("bot/web/render.py", "_draw"): "each of our few small templates is read once, at its first use, and kept",
    ("orchestrator/ledger/load_sql_files.py", "*"): "read once, while the ledger opens and nobody waits for anything",
}
"""(file, function or *) -> why it may."""

_looking = False
_hooked = False
found: list[str] = []
"""What blocked, also where the error was swallowed on its way."""


class Blocked(AssertionError):
    """Code of ours blocked the event loop."""


@contextmanager
def refused() -> Generator[None]:
    """Within, blocking a running loop raises Blocked; so does the end, when that was swallowed."""
    global _looking, _hooked
    if not _hooked:
        sys.addaudithook(_hear)  # for ever: Python cannot take one away
        _hooked = True
    found.clear()
    before, _looking = _looking, True
    try:
        yield
    finally:
        _looking = before
    swallowed = "; ".join(dict.fromkeys(found))
    found.clear()
    if swallowed:
        raise Blocked(swallowed)


def _hear(event: str, values: tuple[object, ...]) -> None:
    if _looking and event in EVENTS and asyncio._get_running_loop() is not None:
        who = _culprit(sys._getframe(1))
        if who:
            found.append(f"{who} blocks the event loop with {event} {values[:1]}")
            raise Blocked(found[-1])


def _culprit(frame: FrameType | None) -> str:
    """The nearest code of ours on the stack that asyncio, or a coroutine of ours, has called.

    Not ours to answer for: what asyncio does in between, what a test does directly, what a library imports late, and
    the text of a traceback.
    """
    mine, importing = "", False
    while frame is not None:
        file, code = frame.f_code.co_filename, frame.f_code
        if importing and not file.startswith((*OURS, IMPORTING)):
            return ""
        importing = file.startswith(IMPORTING)
        if file.startswith(ASYNCIO) or file == linecache.__file__:
            return mine
        if file.startswith(TESTS):
            return ""
        if file.startswith(OURS) and code.co_name != "<module>":
            name = str(Path(file).relative_to(TOP))
            if ALLOWED.keys() & {(name, code.co_name), (name, "*")}:
                return ""
            mine = mine or f"{name}:{frame.f_lineno} {code.co_name}"
            if code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
                return mine
        frame = frame.f_back
    return ""
