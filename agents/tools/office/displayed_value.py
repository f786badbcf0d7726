"""Shows a value of a workbook for reading: as people see it, but dates as ISO dates and nothing hidden."""

from datetime import date, datetime, time, timedelta
from typing import Any

from agents.number_format import formatted, formatted_text, general, is_shortened
from agents.number_format_dates import moment
from agents.number_format_sections import Section, section_for

_LONGEST_DURATION = 366
"""Days; a larger number under a clock's format is a date whose day isn't shown."""


def shown(value: Any, shape: str = "General") -> str:
    """Returns a value that openpyxl has read as people see it under its number format, as wide as Excel shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return _iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return formatted(value / timedelta(days=1), "[h]:mm:ss")
    if isinstance(value, int | float):
        fraction = shape == "General" and isinstance(value, float) and not value.is_integer()
        return f"{value:.10g}" if fraction else formatted(value, shape)
    return formatted_text(str(value), shape)


def displayed_number(number: float, shape: str, *, from_1904: bool = False) -> str:
    """Returns a stored number as people see it. A date is in ISO form; a number shown in thousands, millions or
    powers of ten, or not at all, comes with its digits."""
    section = section_for(number, shape)
    if section is not None and section.is_date:
        return _date(number, shape, section, from_1904=from_1904)
    words = formatted(number, shape)
    if not words:
        return general(number)
    return f"{words} ({general(number)})" if is_shortened(shape, number) else words


def _date(number: float, shape: str, section: Section, *, from_1904: bool) -> str:
    if section.is_elapsed:
        return formatted(number, shape)
    day = any(m.kind == "date" and (m.text[0] in "yYdDeEbB" or len(m.text) > 2) for m in section.marks)
    try:
        if day or abs(number) > _LONGEST_DURATION:
            return _iso(moment(number, from_1904=from_1904))
    except OverflowError:
        return general(number)
    return formatted(number, shape if abs(number) < 1 else "[h]:mm:ss")


def _iso(when: datetime) -> str:
    if when.time() == time():
        return f"{when:%Y-%m-%d}"
    return f"{when:%Y-%m-%d %H:%M}" if not when.second and not when.microsecond else f"{when:%Y-%m-%d %H:%M:%S}"
