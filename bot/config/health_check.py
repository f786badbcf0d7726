"""One check of something that has to be set up. Pure."""

from typing import Literal, NamedTuple

Level = Literal["ok", "warn", "fail"]


class HealthCheck(NamedTuple):
    """One check: what was checked, the result, a sentence, and what to do about it."""

    name: str
    level: Level
    words: str
    next: str = ""
