"""Compares a figure with a value, exact or rounded: "about 15,000", "more than 14,000", "nearly 15,000". Pure."""

import re

from agents.tools.office.claims.figures_in_text import Figure

_OVER = re.compile(
    r"\b(?:more than|(?<!turned )(?<!turns )over|just over|above|at least|exceeds|exceeding|no less than)\s*$",
    re.IGNORECASE,
)
_UNDER = re.compile(r"\b(?:less than|under|below|fewer than|at most|up to|no more than)\s*$", re.IGNORECASE)
_NEARLY = re.compile(r"\b(?:nearly|almost|just under|close to)\s*$", re.IGNORECASE)
_ABOUT = re.compile(r"(?:\b(?:about|around|roughly|approximately|some|circa|c\.|approx\.)|[~≈])\s*$", re.IGNORECASE)
_FAR, _CLOSE = 0.2, 0.06


def rounded(before: str, figure: Figure, value: float) -> bool:
    """Returns whether the words before a figure make it a fair way to tell this value."""
    shown, value = abs(figure.unit), abs(value)
    if not shown or not value or _digits(shown) > _digits(value):
        return False
    for told, real in ((shown, value), (abs(figure.value), value)):
        if _OVER.search(before) and real * (1 - _FAR) <= told <= real:
            return True
        if _UNDER.search(before) and real <= told <= real * (1 + _FAR):
            return True
        if _ABOUT.search(before) and abs(told - real) <= real * _CLOSE:
            return True
        if _NEARLY.search(before) and real <= told <= real * (1 + _CLOSE):
            return True
    return False


def _digits(number: float) -> int:
    """Returns how many digits a number has without the zeros around them."""
    return len(f"{number:.12g}".replace(".", "").strip("0"))


def shows(figure: Figure, value: float, *, loose: bool = False) -> bool:
    """Returns whether the figure is this value, rounded to its own digits; a share may be told in percent."""
    slack = figure.step / 2 + 1e-9
    scale = figure.unit / figure.value if figure.value else 1.0
    sights = [(figure.value, slack), (figure.unit, slack * scale)]
    times = (1.0, 100.0) if "%" in figure.words or "cent" in figure.words else (1.0,)
    if loose:
        sights = [(abs(v), s) for v, s in sights]
        value = abs(value)
    return any(abs(shown - value * t) <= s for shown, s in sights for t in times)
