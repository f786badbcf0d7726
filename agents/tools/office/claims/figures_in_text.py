"""Finds figures in text and compares them with findings. Pure."""

import re
import statistics
from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

from pydantic import JsonValue

_FIGURE = re.compile(
    r"(?<![\w.,])(?<![a-z][-–])(?P<sign>[-−]?)(?P<money>[$€£¥] ?)?"
    r"(?P<digits>\d{1,3}(?:[,\u00a0\u202f’]\d{3})+|\d+)(?P<tail>\.\d+)?"
    r"(?P<unit> ?%| ?(?:percent|per cent|k|thousand|m|mn|million|bn|billion)\b)?(?![\w]|[.,]\d)",
    re.IGNORECASE,
)
_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_COUNTS = 12
"""Whole numbers up to here, without a unit, are counts of things rather than figures from a source."""
_MOST_PAIRED = 12


class Figure(NamedTuple):
    """A number as it appears in a text. `unit`: its value including the word or sign after it."""

    words: str
    value: float
    unit: float
    step: float
    """The value of its last digit, so that a rounded figure agrees with the original."""
    bare: bool
    """Nothing marks it as an amount: no currency, percent sign, unit or decimals."""

    @property
    def year(self) -> bool:
        return self.bare and 1900 <= self.value <= 2100


def figures(text: str) -> list[Figure]:
    """Returns the figures of a text, in order; numbers inside words and codes don't count."""
    return [_figure(match) for match in _FIGURE.finditer(_DAY.sub(" ", text))]


def placed(text: str) -> list[tuple[int, Figure]]:
    """Returns the figures of a text with the place where each begins."""
    bare = _DAY.sub(lambda day: " " * len(day[0]), text)
    return [(m.start() + len(m[0]) - len(m[0].lstrip()), _figure(m)) for m in _FIGURE.finditer(bare)]


def masked(text: str) -> str:
    """Replaces each figure with a sign, so that texts which differ only in figures become the same."""
    return _FIGURE.sub("#", text)


def numbers(value: JsonValue) -> Iterator[float]:
    """Returns every number in a finding's value, including those in its texts."""
    match value:
        case bool() | None:
            return
        case int() | float():
            yield float(value)
        case str():
            for figure in figures(value):
                yield from (figure.value, figure.unit)
        case list():
            for one in value:
                yield from numbers(one)
        case dict():
            for one in value.values():
                yield from numbers(one)


def agrees(figure: Figure, known: Iterable[float]) -> bool:
    """Returns whether it is one of these numbers, exact or rounded, as a share or in percent."""
    half = figure.step / 2 + 1e-9
    scale = figure.unit / figure.value if figure.value else 1.0
    sights = ((abs(figure.value), half), (abs(figure.unit), half * scale))
    return any(abs(shown - abs(k) * times) <= slack for k in known for times in (1.0, 100.0) for shown, slack in sights)


def same(value: float, known: Iterable[float]) -> bool:
    """Returns whether a typed number is one of these, exact, as a share or in percent."""
    return any(abs(value - k * scale) <= 1e-9 * max(1.0, abs(value)) for k in known for scale in (1.0, 100.0, 0.01))


def derived(values: Sequence[float]) -> Iterator[float]:
    """Returns what people derive from several numbers: sum, mean and median; from two also difference, ratio and
    change."""
    if len(values) < 2:
        return
    yield from (sum(values), statistics.fmean(values), statistics.median(values), float(len(values)))
    for a, b in permutations(values[:_MOST_PAIRED], 2):
        yield a - b
        if b:
            yield from (a / b, (a - b) / b)


def counted(figure: Figure) -> bool:
    """Returns whether it is only a count of things, such as the 5 in "5 of 5 companies"."""
    return figure.bare and figure.value <= _COUNTS


def _figure(match: re.Match[str]) -> Figure:
    tail = match["tail"] or ""
    value = float(re.sub(r"\D", "", match["digits"]) + tail) * (-1 if match["sign"] else 1)
    unit = (match["unit"] or "").strip().lower()
    step = 10.0 ** -(len(tail) - 1) if tail else 1.0
    return Figure(match[0].strip(), value, value * _SCALES.get(unit, 1.0), step, not (match["money"] or unit or tail))
