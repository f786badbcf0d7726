"""Finds in a vendor's words how long to wait. Pure."""

import re

_WAIT = re.compile(
    r"(?:\btry(?:ing)? again|\bretry(?:ing)?(?:delay)?|\bwait|\bresets?|\bavailable|\bready|\bexpected)\W+"
    r"(?:(?:in|after|for|at least|about|approximately)\W+)*"
    r"(?P<time>(?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|h(?:ou)?rs?|h|minutes?|mins?|m|seconds?"
    r"|secs?|s|days?|d)\b\s*)"
    r"(?:(?:and |, )?\d+(?:\.\d+)?\s*(?:ms|h(?:ou)?rs?|h|minutes?|mins?|m|seconds?|secs?|s)\b"
    r"\s*)*|(?:\d+(?:\.\d+)?(?:ms|d|h|m|s))+)"
)
_WAIT_FIELD = re.compile(
    r"\b(?:(?:resets?|retry|wait|available)_(?:in|after)|estimated_(?:wait_)?time)"
    r"(?:_(?P<unit>ms|milliseconds|seconds|secs?|s))?\W{1,4}"
    r"(?P<number>\d+(?:\.\d+)?)\b(?!\W?\d)"
)
_RESET_FIELD = re.compile(
    r"\b(?:resets?_at|reset_time|resets?|x-ratelimit-reset)\W{1,4}"
    r"(\d{4}-\d\d-\d\d[t ][\d:.]+(?:z|[+-]\d\d:?\d\d)?|\d{9,13})\b"
)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|milli|d|h|m|s)")
_SECONDS = {"ms": 0.001, "milli": 0.001, "d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0}


def wait_in(text: str) -> float | None:
    """Returns the seconds that the words ask us to wait, such as "try again in 1m2.5s"."""
    if match := _WAIT.search(text):
        return duration(match["time"])
    if match := _WAIT_FIELD.search(text):
        return float(match["number"]) * (0.001 if match["unit"] == "ms" else 1.0)
    return None


def reset_in(text: str) -> str | None:
    """Returns the time, in whatever form, at which the words say that a limit is lifted."""
    match = _RESET_FIELD.search(text)
    return match[1] if match else None


def duration(text: str) -> float | None:
    """Returns the seconds of a duration such as "1m2.5s", "36 s" or "20ms"; None if it is none."""
    parts = _PART.findall(text)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts) if parts else None
