"""What every platform's modal does with long texts and with choices that its selects can't hold. Pure.

A text longer than one input is split over several (`name`, `name~1`, …) and joined when the form comes back.
"""

import re
from collections.abc import Callable

from bot.chat import Input

_PART = re.compile(r"~\d+$")


def part_name(name: str, number: int) -> str:
    """The name of an input that holds the part of that number."""
    return f"{name}~{number}" if number else name


def part_of(name: str) -> tuple[str, int]:
    """The field and the number of the part that an input of that name holds."""
    found = _PART.search(name)
    return (name[: found.start()], int(found.group()[1:])) if found else (name, 0)


def typeable(field: Input, fits: Callable[[Input], bool]) -> Input:
    """A choice that no select can hold is typed; what may be typed is its help."""
    if field.kind not in ("choice", "choices") or fits(field):
        return field
    listed = "One of: " + " · ".join(value for value, _ in field.options)
    return field.model_copy(update={"kind": "text", "help": f"{field.help} {listed}".strip()})
