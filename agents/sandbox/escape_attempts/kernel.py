"""Attempts on the kernel: namespaces, mounts, calls that a command never needs, privileges, machine information."""
# Plain calls, as an attacker writes them:
# ruff: noqa: PTH106, PTH109, PTH123

import ctypes
import os
import signal
import socket
import struct
import subprocess
import tempfile

from agents.sandbox.escape_attempts.basics import LIBC, NEW_USER, X86, attempt, call, reaches


@attempt
def unshare_a_user_namespace() -> bool:
    return call(272, 97, NEW_USER)


def _born(pid: int) -> bool:
    """Returns whether a raw fork call succeeded. The child exits here at once."""
    if pid == 0:
        os._exit(0)
    if pid > 0:
        os.waitpid(pid, 0)
    return pid > 0


@attempt
def clone_a_user_namespace() -> bool:
    pid = LIBC.syscall(56 if X86 else 220, NEW_USER | signal.SIGCHLD, None, None, None, None)
    return _born(pid)


@attempt
def clone3_a_user_namespace() -> bool:
    arguments = struct.pack("<8Q", NEW_USER, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    pid = LIBC.syscall(435, ctypes.c_char_p(arguments), len(arguments))
    return _born(pid)


@attempt
def unshare_with_a_program() -> bool:
    done = subprocess.run(["unshare", "-Ur", "true"], stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


@attempt
def join_a_namespace() -> bool:
    return reaches(308, 268, -1, 0)


@attempt
def mount() -> bool:
    place = tempfile.mkdtemp(dir=os.getcwd()).encode()
    try:
        return reaches(165, 40, b"none", place, b"tmpfs", 0, None)
    finally:
        call(166, 39, place, 2)
        os.rmdir(place)


@attempt
def mount_the_new_way() -> bool:
    return reaches(430, 430, b"tmpfs", 0)


@attempt
def unmount() -> bool:
    return reaches(166, 39, os.getcwd().encode(), 2)


@attempt
def change_the_root() -> bool:
    return reaches(161, 51, b"/tmp")


@attempt
def use_io_uring() -> bool:
    return reaches(425, 425, 4, None)


@attempt
def use_bpf() -> bool:
    return reaches(321, 280, 0, None, 0)


@attempt
def use_key_rings() -> bool:
    return reaches(250, 219, 0, -3, 0)


@attempt
def add_a_key() -> bool:
    return reaches(248, 217, b"user", b"x", b"x", 1, -2)  # to the ring that ends with this process


@attempt
def count_performance() -> bool:
    return reaches(298, 241, None, 0, -1, -1, 0)


@attempt
def handle_page_faults() -> bool:
    return reaches(323, 282, 1)


@attempt
def open_by_handle() -> bool:
    return reaches(304, 265, -1, None, 0)


@attempt
def load_a_module() -> bool:
    return reaches(313, 273, -1, b"", 0)


@attempt
def load_a_kernel() -> bool:
    return reaches(246, 104, 0, 1 << 20, None, 1 << 14)  # more pieces than there can be, and a flag that is none


@attempt
def read_the_kernels_log() -> bool:
    return reaches(103, 116, 3, None, 0)


@attempt
def type_into_a_terminal() -> bool:
    with open("/dev/null") as no_terminal:
        return LIBC.ioctl(no_terminal.fileno(), 0x5412, b"x") >= 0 or ctypes.get_errno() != 1


@attempt
def call_in_the_x32_way() -> bool:
    return X86 and call(0x40000000 + 39, 0)


@attempt
def become_root() -> bool:
    os.setuid(0)
    return True


@attempt
def have_capabilities() -> bool:
    return any(
        int(line.split()[1], 16)
        for line in open("/proc/self/status")
        if line.startswith(("CapEff", "CapPrm", "CapBnd", "CapAmb", "CapInh"))
    )


@attempt
def gain_privileges_by_a_program() -> bool:
    return "NoNewPrivs:\t0" in open("/proc/self/status").read()


@attempt
def rename_the_machine() -> bool:
    socket.sethostname(os.uname().nodename)
    return True


@attempt
def guess_the_hosts_name() -> bool:
    return os.uname().nodename != "sandbox"


@attempt
def see_the_hosts_users() -> bool:
    return len(open("/etc/passwd").readlines()) > 5
