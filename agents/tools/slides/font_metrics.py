"""Measures text in the real font, or in the system's substitute."""

import shutil
import subprocess
from functools import cache
from typing import Any, Final, NamedTuple

from PIL import ImageFont

_SAME: Final = {
    "Calibri": ("Carlito", "Carlito"),
    "Arial": ("Liberation Sans", "LiberationSans"),
    "Helvetica": ("Liberation Sans", "LiberationSans"),
    "Times New Roman": ("Liberation Serif", "LiberationSerif"),
    "Courier New": ("Liberation Mono", "LiberationMono"),
    "Cambria": ("Caladea", "Caladea"),
}
"""Fonts with the same widths, and their files' names."""
_SCALE = 200


class Face(NamedTuple):
    """A font to measure with. `family` is the one found; `same` says whether its widths are those of the requested
    font."""

    font: Any
    family: str
    same: bool

    def width(self, text: str, size: float) -> float:
        """Points."""
        return float(self.font.getlength(text)) * size / _SCALE

    def height(self, size: float) -> float:
        """One line, in points."""
        up, down = self.font.getmetrics()
        return (up + down) * size / _SCALE


@cache
def face(family: str, *, bold: bool = False) -> Face:
    """Returns the face for `family`. Asks fontconfig; without it, uses the metric twin, and finally Pillow's own
    font."""
    twin, stem = _SAME.get(family, (family, family.replace(" ", "")))
    found, file = _matched(family, bold)
    for name in (file, f"{stem}-{'Bold' if bold else 'Regular'}.ttf", f"{stem}.ttf"):
        try:
            font = ImageFont.truetype(name, _SCALE, layout_engine=ImageFont.Layout.BASIC) if name else None
        except OSError:
            continue
        if font is not None:
            here = found or twin
            return Face(font, here, same=here.lower() in (family.lower(), twin.lower()))
    return Face(ImageFont.load_default(_SCALE), "none", same=False)


def _matched(family: str, bold: bool) -> tuple[str, str]:
    program = shutil.which("fc-match")
    if program is None:
        return "", ""
    question = family.replace(":", " ").replace("-", r"\-") + (":bold" if bold else "")
    try:
        answer = subprocess.run(
            [program, "-f", "%{family[0]}\n%{file}", "--", question], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return "", ""
    name, _, file = answer.stdout.partition("\n")
    return name, file
