"""Defines the facts about a company and how to find them in a page's text. Pure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_NUMBER = r"(?P<n>\d[\d,]*(?:\.\d+)?)"
_MONEY = r"\$\s?(?P<n>\d[\d,]*(?:\.\d+)?)"


@dataclass(frozen=True)
class Kind:
    """A kind of fact. `patterns` find its number or words in one line; `label` is a line that only names it.

    `header` heads its column in the sheet. `fits` refuses implausible numbers.
    """

    name: str
    header: str
    patterns: tuple[re.Pattern[str], ...]
    label: re.Pattern[str]
    fits: Callable[[float], bool]
    lowest: bool = False
    """Of several hits the lowest counts (the entry price)."""


@dataclass(frozen=True)
class ValueMatch:
    """A value, the exact words it was read from, and the label beside them if they don't name it themselves."""

    value: float | int | str
    quote: str
    locator: str = ""


def _any(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(p, re.IGNORECASE) for p in patterns)


def _whole(low: float, high: float) -> Callable[[float], bool]:
    return lambda n: low <= n <= high and n == int(n)


def _between(low: float, high: float) -> Callable[[float], bool]:
    return lambda n: low <= n <= high


_PEOPLE = r"(?:customers|teams|organi[sz]ations|clinics|shops|workplaces|sites)"

_NOT_A_PRICE = (
    r"(?![.,]?\d)(?!\s*(?:million|billion|bn\b|m\b|k\b))"
    r"(?!.*\b(?:(?:a|per|each|and) (?:year|visit)|set-?up|once)\b)"
)

PRICE = Kind(
    "price per seat",
    "Price per seat, $ per month",
    _any(_MONEY + _NOT_A_PRICE),
    re.compile(r"price per seat(?: per month)?", re.IGNORECASE),
    _between(0.5, 500),
    lowest=True,
)
CUSTOMERS = Kind(
    "customers",
    "Customers",
    _any(rf"{_NUMBER} (?:paying )?{_PEOPLE}\b", rf"\bcustomers:? {_NUMBER}$"),
    re.compile(r"(?:paying )?customers", re.IGNORECASE),
    _whole(100, 10**8),
)
REVENUE = Kind(
    "annual revenue, $ million",
    "Revenue, $ million",
    _any(rf"revenue[^.$]{{0,60}}{_MONEY} ?(?:million|m\b)", rf"{_MONEY} ?(?:million|m\b)[^.]{{0,30}}revenue"),
    re.compile(r"(?:annual )?revenue(?: last year)?", re.IGNORECASE),
    _between(0.1, 10**5),
)
GROWTH = Kind(
    "growth, % per year",
    "Growth, % per year",
    _any(rf"(?:grew|growth|grown|rose)\b[^.%]{{0,50}}?{_NUMBER} ?(?:%|per cent)", rf"{_NUMBER} ?% (?:growth|more)"),
    re.compile(r"growth(?: last year)?", re.IGNORECASE),
    _between(-99, 1000),
)
EMPLOYEES = Kind(
    "employees",
    "Employees",
    _any(rf"{_NUMBER} (?:people|employees|colleagues|of us)\b", rf"\b(?:employees|people):? {_NUMBER}$"),
    re.compile(r"employees|people|team size", re.IGNORECASE),
    _whole(2, 10**6),
)
FOUNDED = Kind(
    "founded",
    "Founded",
    _any(r"(?:founded|started|began|since)\b[^.\d]{0,40}(?P<n>(?:19|20)\d\d)\b"),
    re.compile(r"founded|started|since", re.IGNORECASE),
    _whole(1900, 2100),
)
RATING = Kind(
    "rating out of 5",
    "Rating out of 5",
    _any(r"(?P<n>\d(?:\.\d+)?) (?:out of|of|/) ?(?:5|five)\b(?! (?:plans|people))"),
    re.compile(r"(?:customer )?rating", re.IGNORECASE),
    _between(0, 5),
)
STRENGTH = Kind(
    "known for",
    "Known for",
    _any(r"(?:known|loved|praised|chosen)(?: most)? for:? (?P<words>[^.\n]{4,90})"),
    re.compile(r"known for", re.IGNORECASE),
    _between(1, 0),
)
KINDS = (PRICE, CUSTOMERS, REVENUE, GROWTH, EMPLOYEES, FOUNDED, RATING, STRENGTH)


def find(kind: Kind, text: str) -> ValueMatch | None:
    """Returns the fact in a page's readable text, or None."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    hits = list(_in_lines(kind, lines)) or list(_beside_labels(kind, lines))
    if kind.lowest:
        return min(hits, key=lambda hit: float(hit.value), default=None)
    return hits[0] if hits else None


def _in_lines(kind: Kind, lines: list[str]) -> Iterator[ValueMatch]:
    for line in lines:
        for pattern in kind.patterns:
            for match in pattern.finditer(line):
                words = match.groupdict().get("words")
                if words:
                    yield ValueMatch(words.strip(), _sentence(line, match.start()))
                elif kind.fits(number := _number(match["n"])):
                    yield ValueMatch(number, _sentence(line, match.start()))


def _beside_labels(kind: Kind, lines: list[str]) -> Iterator[ValueMatch]:
    """Returns a figure on its own line, below or above the line that names it."""
    alone = re.compile(r"(?:US)?\$?\s?(?P<n>\d[\d,]*(?:\.\d+)?) ?(?:%|million|m|/ 5)?", re.IGNORECASE)
    for at, line in enumerate(lines):
        if not kind.label.fullmatch(line.rstrip(":")):
            continue
        for other in lines[at + 1 : at + 2] + lines[max(at - 1, 0) : at]:
            match = alone.fullmatch(other)
            if match and kind.fits(number := _number(match["n"])):
                yield ValueMatch(number, other, line)
                break


def _sentence(line: str, at: int) -> str:
    """Returns the line's sentence that contains the position `at`."""
    ends = [m.end() for m in re.finditer(r"[.!?]\s+(?=[A-Z])", line)]
    start = max((end for end in ends if end <= at), default=0)
    stop = min((end for end in ends if end > at), default=len(line))
    return line[start:stop].strip()[:400]


def _number(text: str) -> float | int:
    value = float(text.replace(",", ""))
    return int(value) if value == int(value) and "." not in text else value
