"""Turns addresses and dates into the numbers by which a worksheet's part stores them, and back."""

from datetime import date, datetime, time, timedelta

_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 Excel knows no time zones


def serial(value: datetime | date | time | timedelta) -> float:
    """Returns a date as Excel counts days."""
    if isinstance(value, time):
        value = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    elif isinstance(value, datetime):
        value = value.replace(tzinfo=None) - _DAY_ZERO
    elif isinstance(value, date):
        value = datetime(value.year, value.month, value.day) - _DAY_ZERO  # noqa: DTZ001 Excel knows no time zones
    return value / timedelta(days=1)


def address(text: str) -> tuple[int, int]:
    letters = text.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(text[len(letters) :] or 0), column
