"""Interprets written values: numbers with either decimal mark, dates in many formats, placeholders. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

NOTHING = frozenset({"", "-", "--", "–", "—", "n/a", "na", "n.a.", "null", "none", "nan", "#n/a", "#ref!", "k.a.", "?"})
"""Upper and lower case are equal."""
FORMATS = (
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y",
    "%d %b %Y", "%d %B %Y", "%d. %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y",
    "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M",
)  # fmt: skip
_CODES = "USD|EUR|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK|CAD|AUD"
_MONEY = re.compile(rf"^(?:[$€£¥]|{_CODES}|Fr\.?)\s*|\s*(?:[$€£¥]|{_CODES}|Fr\.?)$", re.IGNORECASE)
_POINT = re.compile(r"(\d{1,3}(,\d{3})+|\d+)(\.\d+)?|\.\d+")
_COMMA = re.compile(r"(\d{1,3}(\.\d{3})+|\d+)(,\d+)?|,\d+")
_EITHER_WAY = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_LONGEST_NUMBER = 15
_GAPS = {" ": "", "\u00a0": "", "\u202f": "", "'": "", "’": "", "−": "-"}


def is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


@cache
def number(text: str, decimal: str) -> int | float | None:
    """Returns the number that `text` writes with that decimal mark; None if it isn't one. A percentage becomes a
    fraction.

    Leading zeros, or more digits than a float holds, make it a code, not a number.
    """
    bare = _bare(text)
    sign, bare, part = bare
    if not (_COMMA if decimal == "," else _POINT).fullmatch(bare):
        return None
    digits = bare.replace("." if decimal == "," else ",", "").replace(",", ".")
    whole = digits.partition(".")[0]
    if (len(whole) > 1 and whole.startswith("0")) or len(digits) > _LONGEST_NUMBER + 1:
        return None
    value = float(digits) * sign / part
    return int(value) if "." not in digits and part == 1 else round(value, 12)


def _bare(text: str) -> tuple[int, str, int]:
    """Sign, digits and marks, divisor."""
    bare = text.strip()
    sign = 1
    if bare.startswith("(") and bare.endswith(")"):
        sign, bare = -1, bare[1:-1].strip()
    for gap, instead in _GAPS.items():
        if gap in bare and re.search(rf"\d{re.escape(gap)}\d{{3}}(\D|$)", bare):
            bare = re.sub(rf"(?<=\d){re.escape(gap)}(?=\d{{3}})", instead, bare)
    bare = bare.replace("−", "-")
    if bare.startswith(("-", "+")):
        sign, bare = (-sign if bare[0] == "-" else sign), bare[1:].strip()
    bare = _MONEY.sub("", bare).strip()
    part = 100 if bare.endswith("%") else 1
    bare = bare.removesuffix("%").strip()
    if bare.startswith("-") or (bare.endswith("-") and sign == 1):
        sign, bare = -sign, bare.strip("-").strip()
    return sign, bare, part


def either_way(text: str) -> bool:
    """Returns whether it is a number with either decimal mark, but a different one with each, like 1,200."""
    return bool(_EITHER_WAY.fullmatch(_bare(text)[1]))


def decimal_of(texts: Iterable[str]) -> str:
    """Returns the decimal mark of most unambiguous numbers; the point if there are none."""
    seen: Counter[str] = Counter()
    for text in texts:
        point, comma = number(text, "."), number(text, ",")
        if not either_way(text) and point != comma:
            seen["." if comma is None else ","] += 1
    return "," if seen[","] > seen["."] else "."


def read_number(text: str, decimal: str) -> int | float | None:
    """Reads it with the column's decimal mark, else with the other one if that is the only possible meaning."""
    value = number(text, decimal)
    return value if value is not None or either_way(text) else number(text, "." if decimal == "," else ",")


@cache
def date_in(text: str, form: str) -> date | datetime | None:
    """Returns the day (or time, if the format has hours) that `text` writes in that format; None if it doesn't."""
    try:
        moment = datetime.strptime(text.strip(), form)  # noqa: DTZ007 - files say no time zone
    except ValueError:
        return None
    return moment if "%H" in form else moment.date()


@cache
def formats_of(text: str) -> tuple[str, ...]:
    """Returns the known formats that `text` fits; two or more if day and month could be swapped."""
    if not 6 <= len(text) <= 30 or not any(c.isdigit() for c in text):
        return ()
    return tuple(form for form in FORMATS if _shaped(text, form) and date_in(text, form) is not None)


def _shaped(text: str, form: str) -> bool:
    """A cheap check before the expensive one: the same marks in the same order, and the same number of year digits."""
    marks = [c for c in text if c in "./-:,T"]
    return marks == [c for c in re.sub(r"%.", "", form) if c in "./-:,T"] and (
        "%Y" not in form or bool(re.search(r"\d{4}", text))
    )


def in_words(form: str) -> str:
    """Turns '%d.%m.%Y' into 'DD.MM.YYYY'."""
    names = {"%Y": "YYYY", "%y": "YY", "%m": "MM", "%d": "DD", "%b": "Mon", "%B": "Month"}
    for code, name in (*names.items(), ("%H", "hh"), ("%M", "mm"), ("%S", "ss")):
        form = form.replace(code, name)
    return form


def kind(value: Any) -> str:
    """Returns 'number', 'date', 'yes/no', 'text' or 'nothing': what a single value is or means."""
    if is_empty(value):
        return "nothing"
    if isinstance(value, bool):
        return "yes/no"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, date):
        return "date"
    if not isinstance(value, str):
        return "text"
    if number(value, ".") is not None or number(value, ",") is not None:
        return "number"
    return "date" if formats_of(value.strip()) else "text"


def outliers(numbers: Sequence[float]) -> tuple[float, float] | None:
    """Returns the limits (three times the interquartile range around it) outside which a number is an outlier."""
    if len(numbers) < 8:
        return None
    ranked = sorted(numbers)
    low, high = ranked[len(ranked) // 4], ranked[(3 * len(ranked)) // 4]
    width = high - low
    return None if width == 0 else (low - 3 * width, high + 3 * width)
