"""Runs a program that must not outlive us: it exits with its whole process group when our standard input ends.

A separate program, run by `run_bound_child.py`, which holds the other end of that input and never writes. When the host
is killed, the kernel closes it; no signal reaches grandchildren, and LibreOffice is one. Descriptors are inherited,
because `run_bound_child.py` waits until no process has its own any more.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Returns the program's exit code; if it was killed, we die too. Expects to lead its process group."""
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
