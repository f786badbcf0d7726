"""What attempts to get out of a sandbox are made of. They run inside, alone; True means that one got out.

An attempt harms and tells nothing even where it gets out, as `doctor` makes them on a person's own machine. What it
opens, writes to, connects to or signals is bait (`bait.py`): files, sockets and one process made for it in a temporary
folder. Where the thing itself is meant (programs, kernel settings, password hashes) it is opened and closed again,
with nothing read or written, or a file without a name is made there that is gone when closed; a call to the kernel has
arguments that change nothing. `/etc/passwd` and the first process inside, which may be the machine's where there is a
hole, are read and forgotten: all that leaves the sandbox is a name and yes or no.
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
"""Where the bait is; `heavy`: whether memory disks are really filled, or only asked for their room."""
ATTEMPTS: dict[str, Callable[[], bool]] = {}
SIGN = "BATTERY "
"""Begins the line that tells how it went."""
X86 = os.uname().machine == "x86_64"
LIBC = ctypes.CDLL(None, use_errno=True)
NEW_USER = 0x10000000


def attempt(function: Callable[[], bool]) -> Callable[[], bool]:
    ATTEMPTS[function.__name__] = function
    return function


def call(x86: int, arm: int, *args: object) -> bool:
    """A system call by its number; True when it worked."""
    return LIBC.syscall(x86 if X86 else arm, *args) >= 0


def reaches(x86: int, arm: int, *args: object) -> bool:
    """True when the kernel looked at the arguments instead of refusing the call."""
    return call(x86, arm, *args) or ctypes.get_errno() not in (1, 38)  # EPERM, ENOSYS


def writes(path: str) -> bool:
    with open(path, "w") as stream:
        stream.write("x")
    return True


def opens_file(path: str, how: int) -> bool:
    """Opens what belongs to the machine; reads and writes nothing."""
    os.close(os.open(path, how))
    return True


def takes_a_file(folder: str) -> bool:
    """Whether a file can be made in a folder of the machine: one without a name, gone at once."""
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
    """In a process of its own: what one changes about itself must not help or hinder the next."""
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
