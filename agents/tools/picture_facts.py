"""Describes a picture without showing it."""

from agents.tools.shown_picture import frames_of, opened
from orchestrator.domain.base_value import Value

_MOVING = ("GIF", "WEBP", "PNG", "AVIF")


class PictureFacts(Value):
    """A picture's format and size, whether it is grey, how many pages or frames it has, and whether it moves."""

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
        return PictureFacts(
            format=image.format or "unknown",
            width=image.width,
            height=image.height,
            grey=image.mode in ("1", "L", "LA", "I", "F") or image.mode.startswith("I;"),
            frames=frames,
            moving=frames > 1 and image.format in _MOVING,
        ).model_dump_json()
