"""Puts the pictures of an answer on the shelf, small enough for a model."""

import asyncio
import base64
import binascii
from collections.abc import Sequence

from agents.connectors.call_types import PictureBlock
from agents.tools.prepare_picture_for_showing import fitted
from orchestrator.domain.people import FileRef
from orchestrator.errors import ToolFailed
from orchestrator.ports import Shelf

_MOST_PICTURE = 5_000_000
MOST_PIXELS = 25_000_000
"""A picture is unpacked in the hub, and a small file may hold any number of pixels."""


async def kept_pictures(found: Sequence[PictureBlock], shelf: Shelf) -> tuple[FileRef, ...]:
    """Returns those that can be shown; the answer's text names every picture that the server sent."""
    shown = list[FileRef]()
    for picture in found:
        if len(picture.base64) > _MOST_PICTURE:
            continue
        try:
            content = base64.b64decode(picture.base64, validate=True)
            small = await asyncio.to_thread(fitted, content, "picture", most=MOST_PIXELS)
        except (binascii.Error, ValueError, ToolFailed):
            continue
        shown.append(await shelf.put(small.content, name=f"picture{small.suffix}"))
    return tuple(shown)
