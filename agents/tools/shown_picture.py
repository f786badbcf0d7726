"""Prepares a picture for a model: small enough to send with every turn, without camera metadata."""

import io
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

from orchestrator.errors import ToolFailed

MOST_SIDE = 1568
"""Pixels of the longer side; models use no more."""
_MOST_PIXELS = 100_000_000
_PNG_BYTES, _QUALITY = 350_000, 85
_SMALL = (960, 600)


class ShownPicture(NamedTuple):
    """Returns the picture for a model, its file extension, and a smaller JPEG for people."""

    content: bytes
    suffix: Literal[".png", ".jpg"]
    small: bytes


def fitted(content: bytes, path: str, *, side: int = MOST_SIDE) -> ShownPicture:
    """Returns the picture, its longer side at most `side` pixels. Raises ToolFailed for a damaged or oversized one."""
    with opened(content, path) as image:
        image.draft("RGB", (side, side))
        return _shown(_on_white(ImageOps.exif_transpose(image)), side)


@contextmanager
def opened(content: bytes, path: str) -> Generator[Image.Image]:
    """The picture, not yet decoded. Raises ToolFailed for a damaged or oversized one, also while it's decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as image:
                if image.width * image.height > _MOST_PIXELS:
                    raise ToolFailed(
                        f"{path!r} is {image.width:,} x {image.height:,} pixels, which is too large. Ask for a smaller "
                        "copy."
                    )
                yield image
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ToolFailed(
            f"{path!r} can't be read as a picture and may be damaged. Ask for it again as png or jpg."
        ) from error


def for_people(content: bytes) -> bytes:
    """Returns a small JPEG of a picture that we took ourselves."""
    with Image.open(io.BytesIO(content)) as image:
        return _preview(_on_white(image))


def _on_white(image: Image.Image) -> Image.Image:
    """Returns an RGB copy; transparency becomes white."""
    if image.mode.startswith("I"):  # 16 bits of grey, which no conversion scales
        image = image.point(lambda value: value / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image.convert("RGBA"))
    return ground.convert("RGB")


def _shown(image: Image.Image, side: int) -> ShownPicture:
    image.thumbnail((side, side))
    png = _saved(image, "PNG")
    preview = _preview(image)
    if len(png) <= _PNG_BYTES:
        return ShownPicture(png, ".png", preview)
    return ShownPicture(_saved(image, "JPEG", quality=_QUALITY), ".jpg", preview)


def _preview(image: Image.Image) -> bytes:
    small = image.copy()
    small.thumbnail(_SMALL)
    return _saved(small, "JPEG", quality=60)


def _saved(image: Image.Image, kind: str, **how: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, optimize=True, **how)
    return out.getvalue()
