"""Waits for a program and all its descendants to exit: neither signals nor `wait` report grandchildren."""

import os
import selectors

_LONGEST = 10.0
"""Seconds; freeing a killed LibreOffice's memory takes one or two on a busy machine."""


def watched() -> tuple[int, int]:
    """Returns a descriptor to wait at, and one for the program to inherit; close ours of the second."""
    return os.pipe()


def wait_until_gone(waiting: int) -> None:
    """Returns once no process has the inherited descriptor, or after ten seconds. Closes `waiting`."""
    with selectors.DefaultSelector() as selector:
        selector.register(waiting, selectors.EVENT_READ)
        selector.select(_LONGEST)
    os.close(waiting)
