"""Shows a value of a workbook as people see it under its number format."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl.styles.numbers import is_date_format, is_timedelta_format
from openpyxl.utils import datetime as _openpyxl_days
from openpyxl.utils.datetime import CALENDAR_WINDOWS_1900

_days: Any = _openpyxl_days
_PADDING = re.compile(r"_.|\*.|\[(?!\$)[^\]]*\]")
_CURRENCY = re.compile(r"\[\$([^-\]]*)(?:-[^\]]*)?\]")


def shown(value: Any, shape: str = "General") -> str:
    """Approximates what Excel shows for a value under a number format; exact enough for widths and for reading."""
    shape = _CURRENCY.sub(r"\1", _PADDING.sub("", shape.partition(";")[0]))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M") if value.time() != time() else value.strftime("%Y-%m-%d")
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, int | float):
        return str(value)
    decimals = len(m[1]) if (m := re.search(r"0\.(0+)", shape)) else 0
    if shape.rstrip().endswith("%"):
        return f"{value * 100:.{decimals}f}%"
    if shape == "0":
        return f"{value:.0f}"
    if "#,##0" in shape:
        head, _, tail = shape.partition("#,##0")
        return f"{_quoted(head)}{value:,.{decimals}f}{_quoted(tail.lstrip('.0'))}"
    return f"{value:.10g}"


def displayed_number(number: float, shape: str, epoch: datetime = CALENDAR_WINDOWS_1900) -> str:
    """Returns a stored number as people see it, also as a date or a duration."""
    if shape != "General" and is_date_format(shape):
        try:
            when: Any = _days.from_excel(number, epoch, timedelta=is_timedelta_format(shape))
        except (ValueError, OverflowError):
            return shown(number)
        if isinstance(when, timedelta):
            seconds = round(when.total_seconds())
            return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
        return shown(when, shape) if isinstance(when, date) else f"{when:%H:%M:%S}".removesuffix(":00")
    return shown(int(number) if number.is_integer() and abs(number) < 1e15 else number, shape)


def _quoted(text: str) -> str:
    return text.replace('"', "").replace("\\", "")
