"""Says what to set when the web workspace can't listen on its address."""

import errno
import socket

_ELSEWHERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def remedy(error: OSError) -> str:
    """Returns the next step: another address if this machine doesn't have that one, else another port."""
    if isinstance(error, socket.gaierror) or error.errno in _ELSEWHERE:
        return "Set THREADWORK_WEB__HOST to an address of this machine, e.g. ::1 if it has only IPv6."
    return "Set THREADWORK_WEB__PORT; 0 picks a free port."
