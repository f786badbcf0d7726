"""Interprets written values: numbers with either decimal mark, money, fractions, placeholders. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from agents.tools.data.in_sandbox.parse_dates import formats_of

NOTHING = frozenset({"", "-", "--", "–", "—", "n/a", "na", "n.a.", "null", "none", "nan", "#n/a", "#ref!", "k.a.", "?"})
"""Upper and lower case are equal."""
_CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|TRY|RUB|UAH|CAD|AUD|NZD|SGD|HKD|TWD|KRW|BRL|"
    "MXN|ARS|CLP|COP|ZAR|ILS|AED|SAR|EGP|THB|IDR|MYR|PHP|VND|NGN|KES|PKR|BDT"
)
_SIGNS = r"(?:US|CA|C|AU|A|NZ|HK|NT|S|R|MX)?\$|[€£¥₹₩₽₺₫₴₦₱₪฿₡₲₵₸₼₭₮₾￥]|zł|Kč|kr\.?|Fr\.?|Rs\.?|Rp\.?|元|円|원"
_MONEY = re.compile(
    rf"^(?:{_SIGNS}|(?:RM|TL)(?=\s)|(?i:{_CODES}))\s*|\s*(?:{_SIGNS}|лв\.?|руб\.?|р\.|грн\.?|Ft|TL|RM|(?i:{_CODES}))$"
)
_POINT = re.compile(r"(\d{1,3}(,\d{3})+|\d{1,2}(,\d{2})+,\d{3}|\d+)(\.\d+)?|\.\d+")
_COMMA = re.compile(r"(\d{1,3}(\.\d{3})+|\d+)(,\d+)?|,\d+")
_POWER = re.compile(r"(\d[.,]\d+E[+-]?\d{1,3}|\d+(?:[.,]\d+)?E[+-]\d{1,3})", re.IGNORECASE)
_FRACTION = re.compile(r"(?:(\d{1,4})[ -])?(\d{1,2})[/⁄](2|3|4|5|8|16|32|64)")
_VULGAR = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8",
           "⅞": "7/8"}  # fmt: skip
_EITHER_WAY = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_LONGEST_NUMBER = 15
_GAPS = {" ": "", "\u00a0": "", "\u202f": "", "\u2009": "", "'": "", "’": ""}
_ASCII = str.maketrans(
    "０１２３４５６７８９．，％（）－＋−‑﹣٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬٪", "0123456789.,%()-+---01234567890123456789.,%"
)
_DASHED = re.compile(r"[–▲△▼▽](?=[\s\d.,€$£¥₹])")
"""A dash, or what Japanese accounts write, as the minus before a number."""
UP = re.compile(r"\s*[▲△]")
_DOWN = re.compile(r"\s*[▼▽]")


def is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


@cache
def number(text: str, decimal: str) -> int | float | None:
    """Returns the number that `text` writes with that decimal mark; None if it isn't one. A percentage becomes a
    fraction.

    Leading zeros, or more digits than a float holds, make it a code, not a number.
    """
    sign, bare, part = _bare(text)
    if (share := _fraction(bare)) is not None:
        return round(sign * share / part, 12)
    if _POWER.fullmatch(bare):
        return sign * float(bare.replace(",", ".")) / part if ("," in bare) <= (decimal == ",") else None
    if not (_COMMA if decimal == "," else _POINT).fullmatch(bare):
        return None
    digits = bare.replace("." if decimal == "," else ",", "").replace(",", ".")
    whole = digits.partition(".")[0]
    if (len(whole) > 1 and whole.startswith("0")) or len(digits) > _LONGEST_NUMBER + 1:
        return None
    value = float(digits) * sign / part
    return int(value) if "." not in digits and part == 1 else round(value, 12)


def _fraction(bare: str) -> float | None:
    for sign, written in _VULGAR.items():
        if sign in bare:
            bare = bare.replace(sign, f" {written}").strip()
    found = _FRACTION.fullmatch(" ".join(bare.split()))
    if found is None or int(found[2]) >= int(found[3]) or found[2] == "0":
        return None
    return int(found[1] or 0) + int(found[2]) / int(found[3])


@cache
def _bare(text: str) -> tuple[int, str, int]:
    """Sign, digits and marks, divisor."""
    bare = text.translate(_ASCII).strip()
    bare = _DASHED.sub("-", bare, count=1) if _DASHED.match(bare) else bare
    sign = 1
    if bare.startswith("(") and bare.endswith(")"):
        sign, bare = -1, bare[1:-1].strip()
    for gap, instead in _GAPS.items():
        if gap in bare and re.search(rf"\d{re.escape(gap)}\d{{3}}(\D|$)", bare):
            bare = re.sub(rf"(?<=\d){re.escape(gap)}(?=\d{{3}})", instead, bare)
    if bare.startswith(("-", "+")):
        sign, bare = (-sign if bare[0] == "-" else sign), bare[1:].strip()
    bare = re.sub(r"(?<=\d),[-–—]{1,2}(?=$|\s)", "", _MONEY.sub("", bare)).strip()
    if bare.startswith("(") and bare.endswith(")") and sign == 1:
        sign, bare = -1, _MONEY.sub("", bare[1:-1]).strip()
    part = 100 if bare.endswith("%") or bare.startswith("%") else 1
    bare = bare.removesuffix("%").removeprefix("%").strip()
    if bare.startswith("-") or (bare.endswith("-") and sign == 1):
        sign, bare = -sign, _MONEY.sub("", bare.strip("-").strip()).strip()
    return sign, bare, part


def either_way(text: str) -> bool:
    """Returns whether it is a number with either decimal mark, but a different one with each, like 1,200."""
    return bool(_EITHER_WAY.fullmatch(_bare(text)[1]))


def level(values: Sequence[Any]) -> list[Any]:
    """Returns the values; where ▼ stands for down, ▲ stands for up and not for a minus."""
    if not any(isinstance(v, str) and _DOWN.match(v) for v in values):
        return list(values)
    return [UP.sub("", v, count=1) if isinstance(v, str) else v for v in values]


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
    return _kind_of_text(value) if isinstance(value, str) else "text"


@cache
def _kind_of_text(value: str) -> str:
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
