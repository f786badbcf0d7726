"""Makes text and data from outside fit to be stored and sent; the one place that decides what is fit. Pure.

Models, platforms, hosts, web forms, search servers and file names can carry lone surrogates and NUL, which UTF-8 and
PostgreSQL refuse, and JSON that no other program can read: numbers that aren't finite, integers of thousands of digits,
lists a thousand levels deep. Text is cleaned, because most of it is still worth reading; data is refused.
"""

import json
import math
import re
from enum import Enum
from typing import Any, TypeVar, cast

from pydantic import JsonValue, ValidationError

from orchestrator.domain.base_value import Value

MOST_DEPTH = 64
"""Levels of lists and objects."""
MOST_DIGITS = 300
"""For an integer; a float has at most 309 before its point."""
REPLACEMENT = "\ufffd"
_UNFIT = re.compile("[\ud800-\udfff\0]")
_TOO_LARGE = 10**MOST_DIGITS
V = TypeVar("V", bound=Value)


class Unfit(ValueError):
    """Data that can't be stored; the message gives the reason, worded to follow "it is" or "they are"."""


def text(words: str) -> str:
    """Returns the same text; surrogate pairs are joined, and a lone surrogate or NUL becomes a replacement
    character."""
    if not _UNFIT.search(words):
        return words
    joined = words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.replace("\0", REPLACEMENT)


def data(value: object) -> JsonValue:
    """Returns the same JSON with its text cleaned. Raises Unfit for anything that isn't valid JSON everywhere."""
    return cast(JsonValue, _cleaned(value, MOST_DEPTH, closed=True))


def parsed(raw: str | bytes) -> JsonValue:
    """Parses the JSON in this text. Raises Unfit."""
    try:
        return data(json.loads(raw))
    except Unfit:
        raise
    except RecursionError:
        raise Unfit(_TOO_DEEP) from None
    except ValueError as error:
        raise Unfit(f"not JSON ({error})") from None


def value(it: V) -> V:
    """Returns the same value with all its text cleaned; the same object if there is nothing to clean. Raises Unfit."""
    try:
        dumped = it.model_dump(warnings=False)  # data nested too deep, which is refused below
    except (ValueError, RecursionError):
        raise Unfit(_TOO_DEEP) from None
    cleaned = _cleaned(dumped, MOST_DEPTH + 16, closed=False)  # the levels of the value itself are ours
    if cleaned is dumped:
        return it
    try:
        return type(it).model_validate(cleaned)
    except ValidationError as error:
        raise Unfit(f"not understood ({error.errors()[0]['type']})") from error


_TOO_DEEP = f"nested more than {MOST_DEPTH} levels deep"


def _cleaned(value: Any, depth: int, *, closed: bool) -> Any:
    """`closed`: only JSON may be in there. Anything that needs no change is returned as it is."""
    match value:
        case None | bool() | Enum():
            return value
        case str():
            return text(value)
        case int():
            if abs(value) >= _TOO_LARGE:
                raise Unfit(f"an integer of more than {MOST_DIGITS} digits")
            return value
        case float():
            if not math.isfinite(value):
                raise Unfit("a number that isn't finite, which JSON doesn't allow")
            return value
        case dict() | list() | tuple() | set() | frozenset() if depth == 0:
            raise Unfit(_TOO_DEEP)
        case dict():
            rows = cast("dict[Any, Any]", value)
            pairs = [(_key(k, closed=closed), _cleaned(v, depth - 1, closed=closed)) for k, v in rows.items()]
            same = all(k is a and v is b for (a, b), (k, v) in zip(rows.items(), pairs, strict=True))
            return rows if same else dict(pairs)
        case list() | tuple():
            return _items(cast("list[Any]", value), depth, closed=closed)
        case set() | frozenset() if not closed:
            return _items(cast("list[Any]", value), depth, closed=closed)
        case _ if closed:
            raise Unfit(f"not JSON (it contains a {type(value).__name__})")
        case _:
            return value


def _items(many: Any, depth: int, *, closed: bool) -> Any:
    before = list(many)
    after = [_cleaned(one, depth - 1, closed=closed) for one in before]
    return many if all(a is b for a, b in zip(before, after, strict=True)) else type(many)(after)


def _key(key: Any, *, closed: bool) -> Any:
    if isinstance(key, str) and not isinstance(key, Enum):
        return text(key)
    if closed:
        raise Unfit("not JSON (an object has a name that isn't text)")
    return key
