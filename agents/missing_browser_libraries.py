"""Looks for the libraries that the browser's driver needs: a small machine may lack them. Quick: starts nothing."""

import ctypes
import sys
from collections.abc import Mapping

from agents.browser_start_failures import LIBRARIES


def missing_packages(libraries: Mapping[str, str] = LIBRARIES) -> tuple[str, ...]:
    """Returns Debian's packages of the missing libraries."""
    return tuple(package for library, package in libraries.items() if sys.platform == "linux" and not _loads(library))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
