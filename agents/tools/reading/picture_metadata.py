"""Describes a picture without looking at it."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

from orchestrator.errors import ToolFailed

_MOST_PIXELS = 100_000_000


def described(content: bytes, path: str) -> str:
    """Returns format and size, no camera metadata. Raises ToolFailed for a damaged or oversized picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as image:
                if image.width * image.height > _MOST_PIXELS:
                    raise ToolFailed(f"{path!r} is {image.width:,} x {image.height:,} pixels. Ask for a smaller copy.")
                image.load()
                return _words(image, path)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ToolFailed(
            f"{path!r} can't be read as a picture and may be damaged. Ask for it again as png or jpg."
        ) from error


def _words(image: Image.Image, path: str) -> str:
    frames = int(getattr(image, "n_frames", 1))
    moving = f", {frames} frames" if frames > 1 else ""
    grey = "grey" if image.mode in ("1", "L", "LA", "I", "F") else "colour"
    return (
        f"{path}: {image.format} picture, {image.width} x {image.height} pixels, {grey}{moving}. look_at shows it. "
        f"There's no OCR here, so if you can't see pictures, ask the person what it says."
    )
