"""What can be said about a picture without looking at it."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

from orchestrator.errors import ToolFailed

_MOST_PIXELS = 100_000_000


def described(content: bytes, path: str) -> str:
    """Format and size, nothing of what the camera noted. Raises ToolFailed for a damaged or enormous picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as image:
                if image.width * image.height > _MOST_PIXELS:
                    raise ToolFailed(f"{path!r} has {image.width:,} x {image.height:,} pixels; ask for a smaller copy.")
                image.load()
                return _words(image, path)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ToolFailed(
            f"{path!r} cannot be read as a picture, it may be damaged; ask for it again as png or jpg."
        ) from error


def _words(image: Image.Image, path: str) -> str:
    frames = int(getattr(image, "n_frames", 1))
    moving = f", {frames} frames" if frames > 1 else ""
    grey = "grey" if image.mode in ("1", "L", "LA", "I", "F") else "colour"
    return (
        f"{path}: {image.format} picture, {image.width} x {image.height} pixels, {grey}{moving}. look_at "
        "shows it; text in pictures is not recognised here, so ask the person what it says where you cannot see."
    )
