"""Finds replies that go round in circles, as models and broken servers produce them. Pure."""

_TAIL = 2_000
"""Characters that are looked at."""
_LEAST = 400
"""Characters: what is shorter can be meant, such as a line."""
_TIMES = 8


def goes_round(text: str) -> bool:
    """Returns whether a text ends with the same words over and over."""
    tail = text.strip()[-_TAIL:]
    return len(tail) >= _LEAST and _period(tail) * _TIMES <= len(tail)


def only_repeats(text: str) -> bool:
    """Returns whether a whole text is the same words over and over."""
    plain = text.strip()
    return goes_round(plain) and goes_round(plain[:_TAIL]) and len(set(plain)) <= len(plain) // _TIMES


def _period(text: str) -> int:
    """Returns after how many characters a text repeats; its length if it doesn't."""
    border = [0] * len(text)
    for at in range(1, len(text)):
        same = border[at - 1]
        while same and text[at] != text[same]:
            same = border[same - 1]
        border[at] = same + (text[at] == text[same])
    return len(text) - border[-1]
