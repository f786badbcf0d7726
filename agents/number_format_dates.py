"""Shows a serial number as a date, a time of day or a duration, in English, under a section of a number format."""

from collections.abc import Sequence
from datetime import datetime, timedelta

_DAY = 86_400
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FIRST_1900, _FIRST_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - workbooks have no zones


Mark = tuple[str, str]
"""The kind of a section's piece, and how it is written."""


def moment(number: float, *, from_1904: bool = False) -> datetime:
    """Returns the serial number's date. Raises OverflowError outside the years of a `datetime`."""
    if not from_1904 and 0 <= number < 60:
        number += 1  # Excel's 1900 has a February 29
    return (_FIRST_1904 if from_1904 else _FIRST_1900) + timedelta(seconds=round(number * _DAY, 6))


def dated(number: float, section: Sequence[Mark], *, from_1904: bool = False) -> str:
    """Raises OverflowError for a number that isn't a date."""
    marks, fine = _with_fractions(section)
    seconds = round(abs(number) * _DAY, fine)
    minus = "-" if number < 0 else ""
    when = moment(abs(number) if number < 0 else seconds / _DAY, from_1904=from_1904)
    noon = any(text.upper() in ("AM/PM", "A/P") for kind, text in marks if kind == "date")
    words = [_shown(m, n, marks, when, seconds, noon=noon) for n, m in enumerate(marks)]
    return (minus + "".join(words)).strip()


def _with_fractions(marks: Sequence[Mark]) -> tuple[list[Mark], int]:
    """Joins `.00` to the seconds before it. Returns the marks and the most digits of a second."""
    found, fine, n = list[Mark](), 0, 0
    while n < len(marks):
        mark = marks[n]
        n += 1
        if mark[0] == "point" and found and found[-1][1].lower().startswith("s"):
            zeros = 0
            while n < len(marks) and marks[n] == ("digit", "0"):
                zeros, n = zeros + 1, n + 1
            found[-1] = (found[-1][0], f"{found[-1][1]}.{'0' * zeros}")
            fine = max(fine, zeros)
        else:
            found.append(mark)
    return found, fine


def _shown(mark: Mark, n: int, marks: list[Mark], when: datetime, seconds: float, *, noon: bool) -> str:
    kind, text = mark
    code = text.lower()
    if kind == "elapsed":
        return _elapsed(code, seconds)
    if kind != "date":
        return text
    if code[0] == "a":
        return (("am", "pm")[when.hour >= 12] if code == "am/pm" else "ap"[when.hour >= 12]).upper()
    if code[0] == "m" and _is_minute(n, marks):
        return f"{when.minute:0{len(code)}}"
    hour = (when.hour % 12 or 12) if noon else when.hour
    match code[0]:
        case "y" | "e":
            return f"{when.year % 100:02}" if code in ("y", "yy") else f"{when.year}"
        case "b":
            return f"{when.year + 543}"
        case "m":
            return _named(when.month, _MONTHS[when.month - 1], code)
        case "d":
            return _named(when.day, _DAYS[when.weekday()], code)
        case "h":
            return f"{hour:0{min(2, len(code))}}"
        case "s":
            return _seconds(code, seconds % 60)
        case _:
            return ""


def _named(number: int, name: str, code: str) -> str:
    match len(code):
        case 1 | 2:
            return f"{number:0{len(code)}}"
        case 3:
            return name[:3]
        case 5:
            return name[0] if code[0] == "m" else name
        case _:
            return name


def _elapsed(code: str, seconds: float) -> str:
    if code.startswith("s"):
        return _seconds(code, seconds)
    whole = int(seconds // (3600 if code[0] == "h" else 60))
    return f"{whole:0{len(code)}}"


def _seconds(code: str, seconds: float) -> str:
    whole, _, zeros = code.partition(".")
    digits = len(whole) + (1 + len(zeros) if zeros else 0)
    return f"{seconds if zeros else int(seconds):0{digits}.{len(zeros)}f}"


def _is_minute(n: int, marks: list[Mark]) -> bool:
    """Returns whether this `m` is of a clock: after hours or before seconds."""
    parts = [(i, text.lower()[0]) for i, (kind, text) in enumerate(marks) if kind in ("date", "elapsed")]
    at = next(k for k, (i, _) in enumerate(parts) if i == n)
    return (at > 0 and parts[at - 1][1] == "h") or (at + 1 < len(parts) and parts[at + 1][1] == "s")
