"""Interprets written dates and times: many formats, months as words, AM and PM, offsets and zones. Pure."""

import re
from datetime import UTC, date, datetime
from functools import cache

from agents.tools.data.in_sandbox.month_names import FULL, NUMBERS, SHORT

_DAYS = (
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y",
    "%d %b %Y", "%d. %b %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%Y.%m.%d", "%m-%d-%Y", "%d %b %y", "%b %d %Y",
    "%Y %b %d", "%Y-%b-%d", "%d/%b/%Y", "%d.%b.%Y", "%Y年%m月%d日", "%Y년 %m월 %d일",
)  # fmt: skip
_CLOCKS = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f")
_TIMES = (
    "", *(f"{gap}{clock}{zone}" for clock in _CLOCKS for gap in (" ", "T") for zone in ("", "%z")),
    " %I:%M %p", " %I:%M:%S %p", " %I:%M %p%z", " %I:%M:%S %p%z",
)  # fmt: skip
_ZONES = {"Z": "+0000", "UTC": "+0000", "GMT": "+0000", "WET": "+0000", "CET": "+0100", "CEST": "+0200", "EET": "+0200",
          "EEST": "+0300", "MSK": "+0300", "JST": "+0900", "KST": "+0900", "EST": "-0500", "EDT": "-0400",
          "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700", "AEST": "+1000", "AEDT": "+1100"}  # fmt: skip
"""Zones with one meaning; CST, BST and IST have several."""
_ZONE = re.compile(
    rf"(?<=\d|M)\s?({'|'.join(sorted(_ZONES, key=len, reverse=True))})$|(?<=\d|M)\s?([+-]\d\d):?(\d\d)?$"
)
_NOON = re.compile(r"(?<=\d)\s?([ap])\.?\s?m\b\.?", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"^(?:[^\W\d_]+\.?,|(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?)\s+", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+\.?")
_SHORTEST, _LONGEST = 6, 48


@cache
def date_in(text: str, form: str) -> date | datetime | None:
    """Returns the day (or time, if the format has hours) that `text` writes in that format; None if it doesn't. A time
    with an offset or zone becomes UTC."""
    moment = _read(text.strip(), form) or _read(_plain(text, FULL if "%B" in form else SHORT), form)
    if moment is None:
        return None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment if "%H" in form or "%I" in form else moment.date()


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - most files say no time zone
    except (ValueError, OverflowError):
        return None


@cache
def formats_of(text: str) -> tuple[str, ...]:
    """Returns the known formats that `text` fits; two or more if day and month could be swapped."""
    if not _SHORTEST <= len(text) <= _LONGEST or not any(c.isdigit() for c in text):
        return ()
    forms = _FORMATS.get(_shape(_plain(text, SHORT)), ())
    return tuple(form for form in forms if date_in(text, form) is not None)


def in_words(form: str) -> str:
    """Turns '%d.%m.%Y' into 'DD.MM.YYYY'."""
    names = {"%Y": "YYYY", "%y": "YY", "%m": "MM", "%d": "DD", "%b": "Mon", "%B": "Month", "%z": " offset"}
    for code, name in (*names.items(), ("%H", "hh"), ("%I", "hh"), ("%M", "mm"), ("%S", "ss"), ("%f", "f")):
        form = form.replace(code, name)
    return form.replace("%p", "AM/PM")


def has_offset(form: str) -> bool:
    return "%z" in form


def _plain(text: str, months: tuple[str, ...]) -> str:
    """Returns the date without weekday, with English months, AM or PM, and a numeric offset."""
    text = _WEEKDAY.sub("", " ".join(text.split()))
    text = re.sub(r"(?<=\d)(?:st|nd|rd|th|er|º|ª)\b", "", text)
    text = re.sub(r"\s(?:de|del|of)\s|\sd['’]", " ", text)
    text = _NOON.sub(lambda m: f" {m[1].upper()}M", text)
    text = _WORD.sub(lambda m: _month(m[0], months), text)
    text = re.sub(r",\s(?=\d{1,2}:)", " ", text)
    text = re.sub(r"(:\d\d[.,]\d{6})\d+", r"\1", text)
    text = re.sub(r"(:\d\d),(?=\d{1,6})", r"\1.", text)
    return _ZONE.sub(_offset, text) if ":" in text else text


def _month(word: str, months: tuple[str, ...]) -> str:
    number = NUMBERS.get(word.rstrip(".").casefold())
    return months[number - 1] if number else word


def _offset(found: re.Match[str]) -> str:
    return _ZONES[found[1]] if found[1] else f"{found[2]}{found[3] or '00'}"


def _shape(plain: str) -> str:
    """Returns the same text for dates of one form: digits, month and zone as one sign each."""
    plain = re.sub(r"(?<=\d|M)[+-]\d{4}$", "z", plain) if ":" in plain else plain
    plain = re.sub(r"(?<=:\d\d)\.\d{1,6}", "f", plain)
    plain = re.sub(r"\b[AP]M", "p", plain)
    plain = re.sub(rf"\b(?:{'|'.join(SHORT)})\b", "b", plain)
    return re.sub(r"\d{1,2}", "d", re.sub(r"(?<!\d)\d{4}(?!\d)", "Y", plain))


def _shape_of(form: str) -> str:
    form = form.replace(".%f", "f").replace("%z", "z").replace("%p", "p").replace("%b", "b").replace("%Y", "Y")
    return re.sub(r"%[a-zA-Z]", "d", form)


_FORMATS: dict[str, tuple[str, ...]] = {}
for _day in _DAYS:
    for _time in _TIMES:
        _FORMATS[_shape_of(_day + _time)] = (*_FORMATS.get(_shape_of(_day + _time), ()), _day + _time)
