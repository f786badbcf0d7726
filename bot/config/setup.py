"""How a platform is set up, step by step: what `threadwork init` says, asks for and looks at."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bot.config.check import HealthCheck

Answers = Mapping[str, str]
"""What was answered so far, by field of the platform's section."""


class SecretQuestion(NamedTuple):
    """One secret. `words`: its name for people; `variable`: its usual name in the environment; `before`: how to get it;
    `look`: examines it, knowing the earlier answers."""

    field: str
    words: str
    variable: str
    look: Callable[[str, Answers], Awaitable[Sequence[HealthCheck]]]
    before: str = ""


class Last(NamedTuple):
    """What is left to do after the secrets are saved; it is done once `look` finds something good."""

    words: str
    look: Callable[[Answers], Awaitable[Sequence[HealthCheck]]]


class Walk(NamedTuple):
    """From no account to one that works. `make`: how to make the account, shown where there is none; `paste`: a file
    that is pasted then. `use` is said at the end; it may hold `{up}`, `{look}` and `{request}`."""

    head: str
    asks: tuple[SecretQuestion, ...]
    use: str
    make: str = ""
    paste: Path | None = None
    last: Last | None = None
