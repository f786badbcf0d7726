"""Runs a program that must not outlive us: it ends, with all of its process group, when our standard input does.

A program of its own, run by `running.py`, which holds the other end of that input and never writes. When the host
is killed the kernel closes it; no signal reaches grandchildren, and LibreOffice is one.
Descriptors are passed on, since `running.py` waits until nobody has its own any more.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """The program's exit code; one that was killed takes us along. Expects to lead its process group."""
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, close_fds=False)
    threading.Thread(target=_watch, daemon=True).start()
    code = process.wait()
    if code < 0:
        os.kill(os.getpid(), -code)
    return code


def _watch() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
