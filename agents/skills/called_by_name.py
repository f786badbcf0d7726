"""Finds the skills that a person calls by name, as in `/weekly-report for May`. Pure."""

import re
from collections.abc import Collection
from typing import NamedTuple

_CALL = re.compile(r"(?:^|(?<=[\s(]))/(?P<name>[^\W_]+(?:-[^\W_]+)*)(?=$|[\s).,:;!?])")
_FIRST = re.compile(r"^\s*(?:<?@[^\s>]+>?[\s,:]*)*/(?P<name>[^\W_]+(?:-[^\W_]+)*)(?=$|[\s).,:;!?])")


class CalledSkills(NamedTuple):
    """Names that exist, in order, and a name at the beginning of the text that doesn't exist; empty if it's none."""

    names: tuple[str, ...] = ()
    unknown: str = ""


def called(text: str, known: Collection[str]) -> CalledSkills:
    """Returns what the text calls. A path such as `/tmp/x` is no call."""
    named = [found["name"].lower() for found in _CALL.finditer(text)]
    first = _FIRST.match(text)
    unknown = first["name"].lower() if first else ""
    return CalledSkills(tuple(dict.fromkeys(n for n in named if n in known)), "" if unknown in known else unknown)
