"""Runs inside the sandbox: tries many ways to escape and reports which worked. Needs only Python.

Never imported by the host; `open_tested_sandbox.py` passes its text to a sandboxed interpreter.
"""

import ctypes
import errno
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

Facts = dict[str, str | int]


def read_outside(facts: Facts) -> bool:
    return Path(str(facts["secret"])).exists() or Path(str(facts["home"])).exists()


def write_outside(facts: Facts) -> bool:
    for place in ("/usr/bin/x", "/etc/x", "/x", "/code/x", f"{facts['home']}/x"):
        try:
            Path(place).write_text("x")
        except OSError:
            continue
        return True
    return False


def connect_to_loopback(facts: Facts) -> bool:
    return _connects(socket.AF_INET, ("127.0.0.1", int(facts["port"])))


def connect_to_abstract_socket(facts: Facts) -> bool:
    return _connects(socket.AF_UNIX, f"\0{facts['abstract']}")


def connect_to_unix_socket(facts: Facts) -> bool:
    return _connects(socket.AF_UNIX, str(facts["unix"]))


def see_other_processes(facts: Facts) -> bool:
    ours = [place.name for place in Path("/proc").iterdir() if place.name.isdigit()]
    return len(ours) > 8 or any(str(facts["home"]).encode() in _command_line(pid) for pid in ours)


def read_the_hosts_environment(facts: Facts) -> bool:
    try:
        return bool(Path("/proc/1/environ").read_bytes().strip(b"\0"))
    except OSError:
        return False


def inherit_open_files(facts: Facts) -> bool:
    for number in range(3, 512):
        try:
            os.fstat(number)
        except OSError:
            continue
        if not os.get_inheritable(number):  # Python's own, opened after the start
            continue
        return True
    return False


def make_a_user_namespace(facts: Facts) -> bool:
    return _syscall(272 if _X86 else 97, 0x10000000) == 0


def use_io_uring(facts: Facts) -> bool:
    return _reaches_kernel(425, 1, None)


def use_bpf(facts: Facts) -> bool:
    return _reaches_kernel(321 if _X86 else 280, 0, None, 0)


def use_key_rings(facts: Facts) -> bool:
    return _reaches_kernel(250 if _X86 else 219, 0, -3, 0)


def trace_processes(facts: Facts) -> bool:
    return _reaches_kernel(101 if _X86 else 117, 0, 0, 0, 0)


def mount_things(facts: Facts) -> bool:
    return _reaches_kernel(165 if _X86 else 40, b"none", b"/tmp", b"tmpfs", 0, None)


def use_unusual_sockets(facts: Facts) -> bool:
    for family in (17, 40, 38, 21, 29):  # packet, vsock, alg, rds, can
        try:
            socket.socket(family, socket.SOCK_DGRAM).close()
        except OSError as error:
            if error.errno == errno.EAFNOSUPPORT:
                continue
        return True
    return False


def have_capabilities(facts: Facts) -> bool:
    status = Path("/proc/self/status").read_text()
    return any(int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("CapEff", "CapBnd")))


_X86 = os.uname().machine == "x86_64"
_LIBC = ctypes.CDLL(None, use_errno=True)
ATTEMPTS: tuple[Callable[[Facts], bool], ...] = (
    read_outside,
    write_outside,
    connect_to_loopback,
    connect_to_abstract_socket,
    connect_to_unix_socket,
    see_other_processes,
    read_the_hosts_environment,
    inherit_open_files,
    make_a_user_namespace,
    use_io_uring,
    use_bpf,
    use_key_rings,
    trace_processes,
    mount_things,
    use_unusual_sockets,
    have_capabilities,
)


ANYWHERE = (read_outside, write_outside, connect_to_loopback, connect_to_unix_socket)
"""Attempts that also make sense outside Linux."""


def _syscall(*args: object) -> int:
    return int(_LIBC.syscall(*args))


def _reaches_kernel(*args: object) -> bool:
    """Returns True unless the call is refused before the kernel checks its arguments."""
    return _syscall(*args) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS)


def _connects(family: int, address: str | tuple[str, int]) -> bool:
    with socket.socket(family) as client:
        client.settimeout(1)
        try:
            client.connect(address)
        except OSError:
            return False
        return True


def _command_line(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


if __name__ == "__main__":
    known = json.loads(Path(sys.argv[1]).read_text())
    ways = ATTEMPTS if sys.platform == "linux" else ANYWHERE
    outcome = {attempt.__name__.replace("_", " "): attempt(known) for attempt in ways}
    sys.stdout.write(f"attempts:{json.dumps(outcome)}\n")
