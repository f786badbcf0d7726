"""Computes the contrast between text and its background."""


def contrast(one: str, other: str) -> float:
    """Returns WCAG 2's ratio for two colors such as "1F4E5F": 1 (equal) to 21 (black on white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def channels(colour: str) -> list[float]:
    """Returns red, green and blue from 0 to 1."""
    return [int(colour[n : n + 2], 16) / 255 for n in (0, 2, 4)]


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
