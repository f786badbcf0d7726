"""The table of troubles: what machines do to a program that was tried on another one."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T", bound=Callable[..., object])
KINDS: dict[str, str] = {}
"""The kind of every trouble, by the name of its test."""


def trouble(kind: str) -> Callable[[T], T]:
    """Names the kind of a trouble."""

    def named(test: T) -> T:
        KINDS[test.__name__] = kind
        return test

    return named
