"""Prepares pictures for vendors: PNG or JPEG, small enough, in a data URL."""

import asyncio
import base64
import io
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping

from PIL import Image

from orchestrator.domain.ids import Sha
from orchestrator.domain.model_messages import Prompt, Said
from orchestrator.errors import NotFound

MOST_SIDE = 1568
"""Pixels of the longer side; vendors shrink larger pictures themselves, and some bill the full size."""
MOST_BYTES = 350_000
"""The library encodes each as JSON three times a turn, on our event loop."""
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_MOST_PIXELS = 40_000_000
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_KEPT = 32
_TRIES = ((1.0, 85), (0.8, 75), (0.6, 60), (0.4, 50))
"""Scale and quality to try until the bytes fit."""


class PictureCache:
    """Makes data URLs by shelf hash, in a thread; caches the newest few because every turn sends them again.

    `read` returns content from the shelf and raises NotFound.
    """

    def __init__(self, read: Callable[[Sha], Awaitable[bytes]]) -> None:
        self._read = read
        self._urls: OrderedDict[Sha, str] = OrderedDict()

    async def urls(self, prompt: Prompt) -> Mapping[Sha, str]:
        """Returns the pictures of the prompt; leaves out missing, damaged or oversized ones."""
        wanted = dict.fromkeys(sha for m in prompt.messages if isinstance(m, Said) for sha in m.pictures)
        return {sha: url for sha in wanted if (url := await self._url(sha))}

    async def _url(self, sha: Sha) -> str:
        if sha not in self._urls:
            try:
                url = await asyncio.to_thread(data_url, await self._read(sha))
            except (NotFound, ValueError, OSError, SyntaxError, *_BOMBS):
                return ""
            self._urls[sha] = url
            while len(self._urls) > _KEPT:
                self._urls.popitem(last=False)
        self._urls.move_to_end(sha)
        return self._urls[sha]


def data_url(content: bytes) -> str:
    """Returns the picture within our limits. Raises ValueError or OSError (including Pillow's) if it isn't a
    picture."""
    media, small = _fitted(content)
    return f"data:{media};base64,{base64.b64encode(small).decode()}"


def _fitted(content: bytes) -> tuple[str, bytes]:
    with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        if image.width * image.height > _MOST_PIXELS:
            raise ValueError(f"{image.width} x {image.height} pixels is too large")
        fits = max(image.size) <= MOST_SIDE and len(content) <= MOST_BYTES
        if fits and image.format in ("PNG", "JPEG"):
            image.load()  # a damaged one fails here, not at the vendor
            return f"image/{image.format.lower()}", content
        image.draft("RGB", (MOST_SIDE, MOST_SIDE))
        return "image/jpeg", _jpeg(_on_white(image))


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image.convert("RGBA"))
    return ground.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    """Returns the first try that fits, or the smallest."""
    made = b""
    for share, quality in _TRIES:
        copy, out = image.copy(), io.BytesIO()
        copy.thumbnail((round(MOST_SIDE * share), round(MOST_SIDE * share)))
        copy.save(out, "JPEG", quality=quality, optimize=True)
        made = out.getvalue()
        if len(made) <= MOST_BYTES:
            break
    return made
