"""Describes a picture without looking at it."""

from PIL import Image

from agents.tools.shown_picture import opened


def described(content: bytes, path: str) -> str:
    """Returns format and size, no camera metadata. Raises ToolFailed for a damaged or oversized picture."""
    with opened(content, path) as image:
        image.load()
        return _words(image, path)


def _words(image: Image.Image, path: str) -> str:
    frames = int(getattr(image, "n_frames", 1))
    moving = f", {frames} frames" if frames > 1 else ""
    grey = "grey" if image.mode in ("1", "L", "LA", "I", "F") else "colour"
    return (
        f"{path}: {image.format} picture, {image.width} x {image.height} pixels, {grey}{moving}. look_at shows it. "
        f"There's no OCR here, so if you can't see pictures, ask the person what it shows."
    )
