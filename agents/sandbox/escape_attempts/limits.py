"""Attempts to use more than a command may: memory, files, processes, disk."""
# Plain calls, as an attacker writes them:
# ruff: noqa: PTH109

import mmap
import os
import resource
import signal
import tempfile

from agents.sandbox.escape_attempts.basics import FACTS, attempt


@attempt
def raise_a_limit() -> bool:
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard + 1))
    return True


@attempt
def dump_core() -> bool:
    return resource.getrlimit(resource.RLIMIT_CORE)[1] != 0


@attempt
def take_much_memory() -> bool:
    mmap.mmap(-1, 8 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    return True


@attempt
def make_a_huge_file() -> bool:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with tempfile.TemporaryFile(dir=os.getcwd()) as stream:
        stream.truncate(64 << 30)
    return True


@attempt
def open_many_files() -> bool:
    kept = [os.open("/dev/null", os.O_RDONLY) for _ in range(600)]
    for fd in kept:
        os.close(fd)
    return True


@attempt
def start_many_processes() -> bool:
    children: list[int] = []
    try:
        for _ in range(400):
            pid = os.fork()
            if pid == 0:
                signal.alarm(30)
                signal.pause()
            children.append(pid)
        return True
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@attempt
def fill_the_private_memory_disk() -> bool:
    rooms = [os.statvfs(place) for place in ("/tmp", "/dev/shm")]
    if not FACTS["heavy"] or any(room.f_bavail * room.f_frsize > 600 << 20 for room in rooms):
        return any(room.f_bavail * room.f_frsize > 600 << 20 for room in rooms)
    return any(holds(place, 600) for place in ("/tmp", "/dev/shm"))


def holds(place: str, mebibytes: int) -> bool:
    try:
        with tempfile.TemporaryFile(dir=place) as stream:
            for _ in range(mebibytes):
                stream.write(b"x" * (1 << 20))
    except OSError:
        return False
    return True
