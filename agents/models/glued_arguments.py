"""Takes apart the arguments that a server glued together: of calls side by side, or of one call sent again. Pure."""

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

_DECODER = json.JSONDecoder(strict=False)
_BETWEEN = re.compile(r"[\s,;]*")


def apart(raw: str) -> list[dict[str, Any]]:
    """Returns the different objects that a text consists of; none if it is anything else. An empty object in front of
    others is a server's placeholder."""
    found: list[dict[str, Any]] = []
    at = _after(raw, 0)
    while at < len(raw):
        try:
            value, at = _DECODER.raw_decode(raw, at)
        except (ValueError, RecursionError):
            return []
        if not isinstance(value, dict):
            return []
        if value not in found:
            found.append(cast("dict[str, Any]", value))
        at = _after(raw, at)
    return [one for one in found if one] or found


def whole_arguments(pieces: Sequence[str]) -> str:
    """Returns the arguments that came in pieces; some servers send all that came so far with each piece."""
    text = "".join(pieces)
    repeats = len(pieces) > 1 and all(later.startswith(sooner) for sooner, later in pairwise(pieces))
    return pieces[-1] if repeats and not _is_json(text) and _is_json(pieces[-1]) else text


def _is_json(text: str) -> bool:
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _after(text: str, at: int) -> int:
    return _BETWEEN.match(text, at).end()  # pyright: ignore[reportOptionalMemberAccess]
