"""One look at something that has to be set up. Pure."""

from typing import Literal, NamedTuple

Level = Literal["ok", "warn", "fail"]


class HealthCheck(NamedTuple):
    """One look: what, how it is, a sentence, and what to do about it."""

    name: str
    level: Level
    words: str
    next: str = ""
