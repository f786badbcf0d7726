"""Writes raised and lowered text so that it keeps its meaning in plain text: 10⁶ isn't 106."""

_HIGH = str.maketrans("0123456789+-−()=n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾⁼ⁿ")
_LOW = str.maketrans("0123456789+-−()=", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎₌")
_PLAIN = frozenset(("st", "nd", "rd", "th", "er", "re", "ème", "tm", "sm", "™", "®", "*", "†", "‡"))
"""What is raised for its looks: ordinals, marks, and footnote signs."""
SIGNS = frozenset("^_⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾⁼ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₍₎₌")
"""What raised and lowered text begins with."""


def raised(text: str) -> str:
    """Returns a power as such: '6' becomes '⁶', 'x' becomes '^x'; ordinals and marks of notes stay."""
    return _moved(text, _HIGH, "^")


def lowered(text: str) -> str:
    """Returns an index as such: '2' becomes '₂', 'max' becomes '_max'."""
    return _moved(text, _LOW, "_")


def _moved(text: str, table: dict[int, int], sign: str) -> str:
    bare = text.strip()
    if not bare or bare.lower() in _PLAIN or bare[0] == "[":
        return text
    moved = bare.translate(table)
    there = moved if all(ord(letter) in table for letter in bare) else f"{sign}{bare}"
    return text.replace(bare, there, 1)
