"""Defines the house style of spreadsheets and documents: one restrained palette, one font."""

from typing import Final

FONT: Final = "Calibri"
"""Carlito has the same metrics and is used where Calibri is missing."""

INK: Final = "1F2933"
ACCENT: Final = "1F4E5F"
TINT: Final = "EAF1F3"
LINE: Final = "D3DCE0"
MUTED: Final = "61707A"
LINK: Final = "1B6B8F"
WHITE: Final = "FFFFFF"

INPUT: Final = "1D4ED8"
INPUT_TINT: Final = "FFF8E1"
"""Blue on pale yellow: inputs of a model, the convention in finance."""

SERIES: Final = ("1F4E5F", "C98B2B", "6E9AA6", "8C5A3C", "A3B18A", "9AA5AB")
"""Chart colors in order; neighbors differ in lightness, so they survive a gray print."""
