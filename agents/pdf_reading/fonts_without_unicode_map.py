"""Tells what letters say whose font doesn't (pure).

Without that table, a PDF only has numbers. Often they are the letters themselves. In fonts that Windows programs embed,
they are mostly the positions in the font, which are 29 less. Otherwise nobody can say.
"""

import sys
from collections.abc import Sequence

TEX = {
    11: "ff", 12: "fi", 13: "fl", 14: "ffi", 15: "ffl", 16: "“", 17: "”", 21: "–", 22: "—", 27: "ff", 28: "fi",
    29: "fl", 30: "ffi", 31: "ffl",
}  # fmt: skip
"""What TeX's fonts have in place of control codes."""
_SHIFT = 29
_FEW = 15
_VOWELS = frozenset("aeiouyäöüéèáàóíåøAEIOUYÄÖÜÉÅØаеёиоуыэюяіїєАЕЁИОУЫЭЮЯІЇЄαεηιουωάέήίόύώΑΕΗΙΟΥΩ")
_MOST_CONTROLS = 0.05
"""TeX puts ligatures there."""
_SCRIPTS = ((0x41, 0x250), (0x370, 0x400), (0x400, 0x500))
"""Latin, Greek, Cyrillic."""
_LEAST_VOWELS, _MOST_VOWELS, _LEAST_PLAIN = 0.22, 0.62, 0.85


def shift(codes: Sequence[int]) -> int | None:
    """Returns what to add to the codes of one font to make them letters: 0 or 29; None if neither reads as text."""
    return next((by for by in (0, _SHIFT) if _reads_as_text([code + by for code in codes])), None)


def _reads_as_text(codes: Sequence[int]) -> bool:
    if sum(code < 32 and code not in (9, 10, 13) for code in codes) > len(codes) * _MOST_CONTROLS:
        return False
    if max(codes) > sys.maxunicode:
        return False
    shown = "".join(map(chr, codes)).split()
    letters = [c for word in shown for c in word if c.isalpha()]
    size = sum(map(len, shown))
    shares = [sum(first <= ord(c) < end or _is_common(c) for word in shown for c in word) for first, end in _SCRIPTS]
    if max(shares) < size * _LEAST_PLAIN:
        return False
    if len(letters) < _FEW:
        return True
    vowels = sum(c in _VOWELS for c in letters) / len(letters)
    return _LEAST_VOWELS <= vowels <= _MOST_VOWELS


def _is_common(c: str) -> bool:
    """Returns whether every script uses it: figures and punctuation."""
    return (c.isascii() and not c.isalpha()) or 0x2010 <= ord(c) < 0x2120
