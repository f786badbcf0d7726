"""Makes scans and photos of printed pages: lines of text drawn as a picture, in shadow, at a slant, on a table."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

_FONT = Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"


def printed(
    lines: Sequence[tuple[int, int, str]], size: tuple[int, int], *, letters: int = 30, ends: int = 0
) -> Image.Image:
    """Returns a white page with texts at places; those of figures end at `ends` if that isn't 0."""
    page = Image.new("L", size, 255)
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(str(_FONT), letters)
    for x, y, text in lines:
        left = ends - draw.textlength(text, font=font) if ends and text.replace(".", "").isdigit() else x
        draw.text((left, y), text, fill=30, font=font)
    return page


def photographed(page: Image.Image, *, slant: float = 3.0) -> Image.Image:
    """Returns the page on a dark table, at a slant, with light from one side and grain."""
    turned = page.rotate(slant, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    table = Image.new("L", (turned.width + 200, turned.height + 160), 60)
    table.paste(turned, (100, 80))
    light: Any = np.asarray(table, dtype=np.float32)
    light = light * np.linspace(0.5, 1.0, table.width)[None, :] * np.linspace(1.0, 0.7, table.height)[:, None]
    light += np.random.default_rng(7).normal(0, 5, light.shape)
    return Image.fromarray(np.clip(light, 0, 255).astype(np.uint8))


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    """Returns the picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()
