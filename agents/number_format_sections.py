"""Splits an Excel number format into its sections and their marks."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from operator import eq, ge, gt, le, lt, ne
from typing import Literal, NamedTuple

Kind = Literal["text", "digit", "point", "comma", "percent", "power", "slash", "at", "general", "date", "elapsed"]
_COMPARE: dict[str, Callable[[float, float], bool]] = {"<": lt, ">": gt, "<=": le, ">=": ge, "=": eq, "<>": ne}
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*([-+]?[\d.]+(?:E[-+]?\d+)?)\]", re.IGNORECASE)
_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"?) | \\(?P<escaped>.) | (?P<pad>_.) | (?P<fill>\*.)
      | \[\$(?P<money>[^\]\-]*)(?:-[^\]]*)?\] | \[(?P<elapsed>h+|m+|s+)\] | (?P<setting>\[[^\]]*\])
      | (?P<general>General|Standard) | (?P<noon>AM/PM|A/P) | (?P<power>E[+-]) | (?P<date>y+|m+|d+|h+|s+|e+|b+|g+)
      | (?P<digit>[0#?]) | (?P<point>\.) | (?P<comma>,) | (?P<percent>%) | (?P<slash>/) | (?P<at>@) | (?P<other>.)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


class FormatMark(NamedTuple):
    """One piece of a section: literal text, a placeholder, or a part of a date."""

    kind: Kind
    text: str


class Section(NamedTuple):
    """One section: its marks, what numbers it is for, and whether these are only negative ones."""

    marks: tuple[FormatMark, ...]
    condition: tuple[str, float] | None = None
    unsigned: bool = False

    @property
    def is_date(self) -> bool:
        return any(m.kind in ("date", "elapsed") for m in self.marks)

    @property
    def is_elapsed(self) -> bool:
        return any(m.kind == "elapsed" for m in self.marks)

    def has(self, kind: Kind) -> bool:
        return any(m.kind == kind for m in self.marks)

    def fits(self, number: float) -> bool:
        return self.condition is None or _COMPARE[self.condition[0]](number, self.condition[1])


@cache
def sections(code: str) -> tuple[Section, ...]:
    """Returns the sections in order; the fourth is for text."""
    found = [_section(part) for part in _split(code)]
    return tuple(s._replace(unsigned=_only_negative(found, n)) for n, s in enumerate(found))


def section_for(number: float, code: str) -> Section | None:
    """Returns the section that shows this number; None if Excel has none for it and shows `#`."""
    parts = sections(code)
    numeric = [p for p in parts[:3] if not (p.has("at") and len(parts) > 1)] or list(parts[:1])
    if any(p.condition for p in numeric):
        free = [p for p in numeric if p.condition is None]
        fitting = next((p for p in numeric if p.condition and p.fits(number)), None)
        if fitting is None and len(free) > 1 and numeric[0].condition and number < 0:
            return free[0]
        return fitting or (free[-1] if free else None)
    if len(numeric) == 1 or number > 0:
        return numeric[0]
    if number < 0:
        return numeric[1]
    return numeric[2] if len(numeric) > 2 else numeric[0]


def text_section(code: str) -> Section | None:
    """Returns the section that shows text; None if text is shown as it is."""
    parts = sections(code)
    if len(parts) > 3:
        return parts[3]
    last = parts[len(parts) - 1]
    return last if last.has("at") else None


def _only_negative(found: Sequence[Section], n: int) -> bool:
    condition = found[n].condition
    if condition is not None:
        sign, limit = condition
        return (sign == "<" and limit <= 0) or (sign in ("<=", "=") and limit < 0)
    return n == 1 and found[0].condition is None


def _split(code: str) -> list[str]:
    parts, start = list[str](), 0
    for found in _TOKEN.finditer(code):
        if found["other"] == ";":
            parts.append(code[start : found.start()])
            start = found.end()
    return [*parts, code[start:]]


def _section(part: str) -> Section:
    marks = list[FormatMark]()
    condition = None
    for found in _TOKEN.finditer(part):
        kind, text = found.lastgroup or "", found[0]
        if kind == "setting":
            if limit := _CONDITION.fullmatch(text):
                condition = (limit[1], float(limit[2]))
            continue
        match kind:
            case "quoted":
                marks.append(FormatMark("text", text.strip('"')))
            case "escaped" | "money" | "elapsed":
                marks.append(FormatMark("elapsed" if kind == "elapsed" else "text", found[kind]))
            case "pad":
                marks.append(FormatMark("text", " "))
            case "noon":
                marks.append(FormatMark("date", text))
            case "digit" | "point" | "comma" | "percent" | "power" | "slash" | "at" | "general" | "date":
                marks.append(FormatMark(kind, text))
            case "fill":
                pass
            case _:
                marks.append(FormatMark("text", text))
    return Section(tuple(marks), condition)
