"""Prepares a picture for a model: small enough to send with every turn, without camera metadata."""

import io
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

MOST_SIDE = 1568
"""Pixels of the longer side; models use no more."""
_MOST_PIXELS = 250_000_000
_PNG_BYTES, _QUALITY = 350_000, 85
_SMALL = (960, 600)
_STRIPE = 64
"""Rows that a large picture is made small by at a time."""
_SHRINK_FIRST = 2


class ShownPicture(NamedTuple):
    """Returns the picture for a model, its file extension, and a smaller JPEG for people."""

    content: bytes
    suffix: Literal[".png", ".jpg"]
    small: bytes


def fitted(
    content: bytes, path: str, *, side: int = MOST_SIDE, page: int = 1, most: int = _MOST_PIXELS
) -> ShownPicture:
    """Returns the picture, its longer side at most `side` pixels. Raises ToolFailed for a damaged one, or
    for one of more than `most` pixels."""
    return _shown(upright(content, path, side=side, page=page, most=most), side)


def upright(content: bytes, path: str, *, side: int, page: int = 1, most: int = _MOST_PIXELS) -> Image.Image:
    """Returns a page or frame of the picture in RGB, turned as the camera says, its longer side at most `side` pixels.

    Raises ToolFailed for a damaged or oversized one, or a page that it doesn't have.
    """
    with opened(content, path, most) as image:
        count = frames_of(image)
        if not 1 <= page <= count:
            raise ToolFailed(f"{path!r} has {counted(count, 'page')}; there's no page {page}.")
        image.seek(page - 1)
        image.draft("RGB", (side, side))
        image.load()  # a TIFF turns itself while it's decoded
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
        image = _shrunk(image, side) if max(image.size) >= side * 2 else image
        image.getexif()[ExifTags.Base.Orientation] = orientation
        image = _on_white(ImageOps.exif_transpose(image))
        image.thumbnail((side, side))
        return image


def small_picture(content: bytes, path: str, *, side: int, page: int = 1) -> bytes:
    """Returns the same as a PNG."""
    return _saved(upright(content, path, side=side, page=page), "PNG")


def frames_of(image: Image.Image) -> int:
    """Returns how many pages or frames a picture has. The second picture of a phone's JPEG is only for the phone."""
    return 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    """Returns a copy that is at least `side` pixels long, made in stripes: another one of full size is too much."""
    factor = max(image.size) // side
    stripe = factor * _STRIPE
    parts = [_reduced(image.crop((0, y, image.width, min(y + stripe, image.height))), factor)
             for y in range(0, image.height, stripe)]  # fmt: skip
    made = Image.new(parts[0].mode, (parts[0].width, sum(part.height for part in parts)))
    for n, part in enumerate(parts):
        made.paste(part, (0, n * _STRIPE))
    return made


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    if image.mode in ("1", "P", "PA") or image.mode.startswith("I;"):
        image = image.convert({"1": "L", "P": "RGBA", "PA": "RGBA"}.get(image.mode, "I"))
    return image.reduce(factor)


@contextmanager
def opened(content: bytes, path: str, most: int = _MOST_PIXELS) -> Generator[Image.Image]:
    """The picture, not yet decoded. Raises ToolFailed for a damaged or oversized one, also while it's decoded."""
    try:
        Image.MAX_IMAGE_PIXELS = _MOST_PIXELS  # Pillow refuses twice as many, which we say better
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as image:
                if image.width * image.height > most:
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
