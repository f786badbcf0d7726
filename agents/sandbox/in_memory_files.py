"""Passes content to a program as open files that exist only in memory."""

import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager


@contextmanager
def files(contents: Iterable[bytes]) -> Generator[tuple[int, ...]]:
    """Yields one readable descriptor per content, each at its start; closes them at the end."""
    opened: list[int] = []
    try:
        for content in contents:
            opened.append(fd := os.memfd_create("threadwork"))
            with open(fd, "wb", closefd=False) as stream:
                stream.write(content)
            os.lseek(fd, 0, os.SEEK_SET)
        yield tuple(opened)
    finally:
        for fd in opened:
            os.close(fd)
