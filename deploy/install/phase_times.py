"""Measures how long each part of an installation takes."""

import time
from collections.abc import Generator
from contextlib import contextmanager


class Phases:
    """Collects parts with their seconds, in the order in which they end; threads may share an instance."""

    def __init__(self) -> None:
        self._ended: list[str] = []

    @contextmanager
    def phase(self, name: str) -> Generator[None]:
        """Notes how long its block takes, unless that raises."""
        began = time.monotonic()
        yield
        self._ended.append(f"{name} {time.monotonic() - began:.1f} s")

    def summary(self) -> str:
        """Returns all parts as one line."""
        return " · ".join([*self._ended, "ready"])
