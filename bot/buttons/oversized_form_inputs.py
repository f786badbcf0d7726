"""Splits long texts and replaces choices that a platform's selects can't hold. Pure.

A text longer than one input is split over several (`name`, `name~1`, …) and joined when the form comes back.
"""

import re
from collections.abc import Callable

from bot.chat_platform import Input

_PART = re.compile(r"~\d+$")


def part_name(name: str, number: int) -> str:
    """Returns the name of the input that holds that part."""
    return f"{name}~{number}" if number else name


def part_of(name: str) -> tuple[str, int]:
    """Returns the field, and the number of the part, of an input with that name."""
    found = _PART.search(name)
    return (name[: found.start()], int(found.group()[1:])) if found else (name, 0)


def typeable(field: Input, fits: Callable[[Input], bool]) -> Input:
    """Turns a choice that no select can hold into a text field whose help lists the options."""
    if field.kind not in ("choice", "choices") or fits(field):
        return field
    listed = "One of: " + " · ".join(value for value, _ in field.options)
    return field.model_copy(update={"kind": "text", "help": f"{field.help} {listed}".strip()})
