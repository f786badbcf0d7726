"""How a platform is set up, step by step: what `threadwork init` says, asks for and checks."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bot.config.health_check import HealthCheck

Answers = Mapping[str, str]
"""The answers so far, by field of the platform's section."""


class SecretQuestion(NamedTuple):
    """One secret. `words`: its name for people; `variable`: its usual name in the environment; `before`: how to get it;
    `look`: checks it, given the earlier answers."""

    field: str
    words: str
    variable: str
    look: Callable[[str, Answers], Awaitable[Sequence[HealthCheck]]]
    before: str = ""


class Last(NamedTuple):
    """What is left to do after the secrets are saved, until `look` passes."""

    words: str
    look: Callable[[Answers], Awaitable[Sequence[HealthCheck]]]


class Walk(NamedTuple):
    """The walk from no account to a working one. `make`: how to create the account, shown if there is none; `paste`: a
    file to paste for that. `use` is said at the end; it may contain `{up}`, `{look}` and `{request}`."""

    head: str
    asks: tuple[SecretQuestion, ...]
    use: str
    make: str = ""
    paste: Path | None = None
    last: Last | None = None
