"""Provides the parts of escape attempts. They run inside, one at a time; True means that one succeeded.

A successful attempt harms and reveals nothing, because `doctor` runs them on people's own machines. It opens, writes
to, connects to and signals only bait (`bait.py`): files, sockets and one process made for it in a temporary folder. If
the real thing is needed (programs, kernel settings, password hashes) it is opened and closed without reading or
writing, or an unnamed file is created there that is gone when closed; kernel calls have arguments that change nothing.
`/etc/passwd` and process 1, which may be the machine's if there is a hole, are read and discarded: only a name and yes
or no leave the sandbox.
"""
# Plain calls, as an attacker writes them:
# ruff: noqa: PTH123

import ctypes
import json
import os
import signal
import socket
import tempfile
from collections.abc import Callable
from typing import Any

FACTS: dict[str, Any] = {}
"""Where the bait is; `heavy`: whether memory disks are really filled, or only asked for their size."""
ATTEMPTS: dict[str, Callable[[], bool]] = {}
SIGN = "BATTERY "
"""Prefix of the result line."""
X86 = os.uname().machine == "x86_64"
LIBC = ctypes.CDLL(None, use_errno=True)
NEW_USER = 0x10000000


def attempt(function: Callable[[], bool]) -> Callable[[], bool]:
    ATTEMPTS[function.__name__] = function
    return function


def call(x86: int, arm: int, *args: object) -> bool:
    """Makes a system call by its number; returns True if it succeeded."""
    return LIBC.syscall(x86 if X86 else arm, *args) >= 0


def reaches(x86: int, arm: int, *args: object) -> bool:
    """Returns True if the kernel checked the arguments instead of refusing the call."""
    return call(x86, arm, *args) or ctypes.get_errno() not in (1, 38)  # EPERM, ENOSYS


def writes(path: str) -> bool:
    with open(path, "w") as stream:
        stream.write("x")
    return True


def opens_file(path: str, how: int) -> bool:
    """Opens something of the machine; reads and writes nothing."""
    os.close(os.open(path, how))
    return True


def takes_a_file(folder: str) -> bool:
    """Returns whether an unnamed file, gone at once, can be created in a folder of the machine."""
    with tempfile.TemporaryFile(dir=folder) as stream:
        return stream.write(b"x") == 1


def opens(family: int, address: Any, kind: int = socket.SOCK_STREAM) -> bool:
    with socket.socket(family, kind) as client:
        client.settimeout(10)  # a busy machine answers late; a sandbox refuses at once
        client.connect(address)
        client.send(b"x")
        return client.recv(1) == b"y"


def made(family: int, kind: int = socket.SOCK_DGRAM) -> bool:
    socket.socket(family, kind).close()
    return True


def worked(function: Callable[[], bool]) -> bool:
    """Runs in a separate process: what one attempt changes about itself must not affect the next."""
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        try:
            os._exit(0 if function() else 1)
        except BaseException:  # noqa: BLE001 - whatever stopped it, it did not get out
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def make_all(facts: dict[str, Any]) -> None:
    FACTS.update(facts)
    print(SIGN + json.dumps({name: worked(function) for name, function in ATTEMPTS.items()}))  # noqa: T201
