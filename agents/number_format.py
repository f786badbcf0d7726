"""Shows a number under an Excel number format as people see it: the one formatter of all tools.

Of the libraries, none that is maintained formats values (openpyxl and XlsxWriter only store the code), so it is ours.
"""

import math
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from agents.number_format_dates import dated
from agents.number_format_sections import FormatMark, Section, section_for, sections, text_section

_WHOLE, _LONG = 1e21, 1000
_CODE = frozenset({"text", "digit"})


def formatted(number: float, code: str = "General", *, from_1904: bool = False) -> str:
    """Returns what Excel shows; all digits under General. Falls back to General for what a format can't show."""
    section = section_for(number, code)
    if section is None or not math.isfinite(number):
        return general(number)
    if section.is_date:
        try:
            return dated(number, section.marks, from_1904=from_1904)
        except (OverflowError, ValueError):
            return general(number)
    value = abs(number) if section.unsigned else number
    return _number(value, section)


def formatted_text(text: str, code: str) -> str:
    """Returns a text under the format's section for text."""
    section = text_section(code)
    if section is None or not section.has("at"):
        return text
    return "".join(text if m.kind == "at" else m.text for m in section.marks if m.kind in ("at", "text")).strip()


def general(number: float) -> str:
    """Returns a number with all the digits that Excel keeps, which are fifteen; a whole one without an exponent."""
    if not math.isfinite(number):
        return str(number)
    if float(number).is_integer() and abs(number) < _WHOLE:
        return str(int(number))
    text = f"{number:.15g}"
    return re.sub(r"e([+-])(\d+)", r"E\1\2", text)


def is_code(code: str) -> bool:
    """Returns whether it pads with zeros, as of postal codes and account numbers: a value under it is a name."""
    section = sections(code)[0]
    if section.is_date or not {m.kind for m in section.marks} <= _CODE:
        return False
    digits = "".join(m.text for m in section.marks if m.kind == "digit")
    return digits.endswith("00") and "?" not in digits


def is_shortened(code: str, number: float) -> bool:
    """Returns whether it shows thousands or millions, or a power of ten, in place of the number's digits."""
    section = section_for(number, code)
    if section is None or section.is_date:
        return False
    powered = section.has("power") and float(number).is_integer() and abs(number) >= _LONG
    return powered or _layout(section.marks)[1] > 0


def is_date(code: str) -> bool:
    """Returns whether it shows dates, clocks or durations."""
    return sections(code)[0].is_date


def is_duration(code: str) -> bool:
    """Returns whether it shows hours, minutes or seconds that don't start again each day."""
    return sections(code)[0].is_elapsed


def _number(value: float, section: Section) -> str:
    marks = section.marks
    if section.has("general") or section.has("at"):
        return "".join(general(value) if m.kind in ("general", "at") else m.text for m in marks).strip()
    if not section.has("digit"):
        words = "".join(m.text for m in marks)
        return f"-{words}" if value < 0 and words.strip() else words.strip()
    if section.has("slash"):
        shown = _fraction(value, marks)
    elif section.has("power"):
        shown = _powered(value, marks)
    else:
        shown = _plain(value, marks)
    return shown.strip()


def _plain(value: float, marks: Sequence[FormatMark]) -> str:
    pieces, scale, grouped = _layout(marks)
    exact = Decimal(repr(float(value))) * 100 ** sum(m.kind == "percent" for m in marks) / 1000**scale
    point = next((n for n, m in enumerate(pieces) if m.kind == "point"), len(pieces))
    decimals = sum(m.kind == "digit" for m in pieces[point:])
    rounded = _rounded(exact, decimals)
    whole, _, part = f"{abs(rounded):f}".partition(".")
    minus = "-" if rounded < 0 else ""
    shown = _decimals(part, pieces[point:])
    return minus + _whole(whole.lstrip("0"), pieces[:point], grouped=grouped) + shown


def _rounded(exact: Decimal, decimals: int) -> Decimal:
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) if abs(exact) < Decimal(10) ** 26 else exact


def _layout(marks: Sequence[FormatMark]) -> tuple[list[FormatMark], int, bool]:
    """Returns the marks without commas, how often they divide by a thousand, and whether they group digits."""
    digits = [n for n, m in enumerate(marks) if m.kind == "digit"]
    if not digits:
        return list(marks), 0, False
    point = next((n for n, m in enumerate(marks) if m.kind == "point"), None)
    last_whole = max((n for n in digits if point is None or n < point), default=-1)
    grouped = any(m.kind == "comma" and digits[0] < n < last_whole for n, m in enumerate(marks))
    scale, kept = 0, list[FormatMark]()
    for n, mark in enumerate(marks):
        if mark.kind != "comma":
            kept.append(mark)
        elif n < digits[0]:
            kept.append(FormatMark("text", ","))
        elif _follows_digits(marks, n, (last_whole, digits[-1])):
            scale += 1
        elif n > digits[-1]:
            kept.append(FormatMark("text", ","))
    return kept, scale, grouped


def _follows_digits(marks: Sequence[FormatMark], at: int, ends: tuple[int, ...]) -> bool:
    """Returns whether nothing but commas is between this one and the last digit before it."""
    n = at - 1
    while n >= 0 and marks[n].kind == "comma":
        n -= 1
    return n in ends


def _whole(digits: str, marks: Sequence[FormatMark], *, grouped: bool) -> str:
    places = sum(m.kind == "digit" for m in marks)
    spare = max(0, len(digits) - places)
    queue, left = list(digits.rjust(places, " ")), places + spare
    out, begun = list[str](), False
    for mark in marks:
        if mark.kind != "digit":
            out.append(mark.text)
            continue
        for _ in range(1 + spare):
            digit = queue.pop(0)
            shown = digit if digit != " " else {"0": "0", "?": " "}.get(mark.text, "")
            begun = begun or shown.isdigit()
            left -= 1
            comma = "," if grouped and left and left % 3 == 0 and begun else ""
            out.append(shown + comma)
        spare = 0
    return "".join(out)


def _decimals(digits: str, marks: Sequence[FormatMark]) -> str:
    """Returns what follows the whole digits: a trailing zero only where the format asks for one."""
    rest, out = list(digits), list[str]()
    last = len(digits.rstrip("0"))
    for mark in marks:
        if mark.kind != "digit":
            out.append(mark.text)
            continue
        at = len(digits) - len(rest)
        digit = rest.pop(0) if rest else "0"
        out.append(digit if at < last or mark.text == "0" else " " if mark.text == "?" else "")
    return "".join(out if any(c.strip() for c in out[1:]) or out[:1] != ["."] else out[1:])


def _powered(value: float, marks: Sequence[FormatMark]) -> str:
    at = next(n for n, m in enumerate(marks) if m.kind == "power")
    before, after = marks[:at], marks[at + 1 :]
    point = next((n for n, m in enumerate(before) if m.kind == "point"), len(before))
    whole = sum(m.kind == "digit" for m in before[:point])
    decimals = sum(m.kind == "digit" for m in before[point:])
    exact = Decimal(repr(float(value)))
    power = _power(exact, whole)
    if abs(_rounded(exact.scaleb(-power), decimals)) >= Decimal(10) ** max(1, whole):
        power += max(1, whole)
    mantissa = _plain(float(exact.scaleb(-power)), before)
    sign = "-" if power < 0 else "+" if marks[at].text.endswith("+") else ""
    return f"{mantissa}E{sign}{_plain(abs(power), after)}"


def _power(exact: Decimal, whole: int) -> int:
    return exact.adjusted() // max(1, whole) * max(1, whole) if exact else 0


def _fraction(value: float, marks: Sequence[FormatMark]) -> str:
    slash = next(n for n, m in enumerate(marks) if m.kind == "slash")
    above = slash
    while above and marks[above - 1].kind == "digit":
        above -= 1
    below = slash + 1
    while below < len(marks) and (marks[below].kind == "digit" or marks[below].text.isdigit()):
        below += 1
    whole_marks = marks[:above]
    mixed = any(m.kind == "digit" for m in whole_marks)
    lower = "".join(m.text for m in marks[slash + 1 : below])
    whole, over, under = _parts(abs(value), lower, mixed=mixed)
    shown = ""
    if mixed and (whole or not over or any(m.text == "0" for m in whole_marks)):
        shown = _whole(str(whole).lstrip("0"), whole_marks, grouped=False) or ("0" if not over else "")
        shown = shown if shown.strip() else f"0{shown}" if not over else shown
    elif not mixed:
        shown = "".join(m.text for m in whole_marks)
    part = f"{over}/{under}" if over or not mixed else ""
    rest = "".join(m.text for m in marks[below:])
    return ("-" if value < 0 and (whole or over) else "") + f"{shown}{part}{rest}"


def _parts(value: float, lower: str, *, mixed: bool) -> tuple[int, int, int]:
    """Returns whole, numerator and denominator."""
    whole = int(value) if mixed else 0
    rest = Fraction(repr(value)) - whole
    if lower.strip("0#?"):
        under = int("".join(c for c in lower if c.isdigit()))
        over = math.floor(rest * under + Fraction(1, 2))
    else:
        near = rest.limit_denominator(10 ** len(lower) - 1)
        over, under = near.numerator, near.denominator
    return (whole + 1, 0, under) if mixed and over == under else (whole, over, under)
