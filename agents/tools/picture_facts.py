"""Describes a picture without showing it."""

from agents.tools.prepare_picture_for_showing import frames_of, opened
from orchestrator.domain.base_value import Value

_TURN, _SIDEWAYS = 0x0112, (5, 6, 7, 8)
"""The tag of EXIF that says how a photo is held, and its values for a picture that lies on its side."""
_MOVING = ("GIF", "WEBP", "PNG", "AVIF")


class PictureFacts(Value):
    """A picture's format and size, whether it is gray, how many pages or frames it has, and whether it moves."""

    format: str
    width: int
    height: int
    grey: bool
    frames: int
    moving: bool


def picture_facts(content: bytes, path: str) -> str:
    """Returns the facts in JSON; no camera metadata. Raises ToolFailed for a damaged or oversized picture."""
    with opened(content, path) as image:
        image.load()
        frames = frames_of(image)
        width, height = (image.height, image.width) if image.getexif().get(_TURN) in _SIDEWAYS else image.size
        return PictureFacts(
            format=image.format or "unknown",
            width=width,
            height=height,
            grey=image.mode in ("1", "L", "LA", "I", "F") or image.mode.startswith("I;"),
            frames=frames,
            moving=frames > 1 and image.format in _MOVING,
        ).model_dump_json()
