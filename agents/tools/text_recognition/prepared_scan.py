"""Prepares a scan or a photo for Tesseract: evenly lit and large enough."""

import io
from typing import Any

import numpy as np
from PIL import Image, ImageFilter, ImageOps

_LEAST_SIDE, MOST_SIDE = 1_400, 3_600
"""Pixels of the longer side. Enlarging a picture more enlarges its grain too, and Tesseract reads grain."""
_MOST_ENLARGED = 3.0
_SMOOTHED = 1.0
"""Pixels of the original picture. Tesseract takes grain for strokes, a 3 for a 2: without smoothing, it misread 16 of
352 amounts in drawn photos of receipts, and with it, 2."""
_DARK, _MOST_DARK = 0.55, 0.6
"""Brightness below which a place isn't paper, and the share of such places from which on it is dark paper."""
_NIGHT, _EVEN = 90, 40
"""Brightness, up to 255, below which four fifths of a dark screen are, and how much they differ."""


def prepared(image: Image.Image) -> bytes:
    """Returns a gray PNG of the picture."""
    longer = max(image.size)
    scale = min(MOST_SIDE / longer, max(1.0, min(_LEAST_SIDE / longer, _MOST_ENLARGED)))
    grey = image.convert("L")
    if _is_dark(grey):
        grey = ImageOps.invert(grey)
    if scale >= 1.0:  # reducing smooths too
        grey = grey.filter(ImageFilter.GaussianBlur(_SMOOTHED))
    if scale != 1.0:
        size = max(1, round(grey.width * scale)), max(1, round(grey.height * scale))
        grey = grey.resize(size, Image.Resampling.LANCZOS)
    grey = _evenly_lit(grey)
    out = io.BytesIO()
    grey.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _is_dark(grey: Image.Image) -> bool:
    """Returns whether it's bright text on a dark ground, as on a screen: nearly all of it is dark, and evenly so."""
    small: Any = np.asarray(grey.resize((64, 64), Image.Resampling.BOX), dtype=np.float32)
    return bool(np.percentile(small, 80) < _NIGHT and np.percentile(small, 80) - np.percentile(small, 5) < _EVEN)


def _evenly_lit(grey: Image.Image) -> Image.Image:
    """Divides by the brightness around each place, so that shadows become white; what isn't paper becomes white too."""
    small = grey.resize((max(1, grey.width // 8), max(1, grey.height // 8)), Image.Resampling.BOX)
    # The paper is what is bright around the letters.
    paper = small.filter(ImageFilter.MaxFilter(9)).filter(ImageFilter.GaussianBlur(9))
    ground: Any = np.asarray(paper.resize(grey.size, Image.Resampling.BILINEAR), dtype=np.float32)
    light: Any = np.clip(np.asarray(grey, dtype=np.float32) / np.maximum(ground, 24.0), 0, 1)
    table: Any = _around(light) < _DARK
    if table.mean() < _MOST_DARK:
        light[table] = 1.0
    return Image.fromarray((light * 255).astype(np.uint8))


def _around(light: Any) -> Any:
    """Returns the brightness around each place, from 0 to 1."""
    image = Image.fromarray((light * 255).astype(np.uint8))
    small = image.resize((max(1, image.width // 8), max(1, image.height // 8)), Image.Resampling.BOX)
    blurred = small.filter(ImageFilter.GaussianBlur(4)).resize(image.size, Image.Resampling.BILINEAR)
    return np.asarray(blurred, dtype=np.float32) / 255
