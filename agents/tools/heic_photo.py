"""Decodes HEIC, the format of iPhone photos, which needs a program: its decoders aren't permissively licensed."""

import shutil

from agents.tools.run_on_file import run_on_file
from orchestrator.errors import ToolFailed

_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_PROGRAMS = ("heif-convert", "heif-dec")
"""Both names that libheif's own program has had."""
_SLOWEST = 30.0


def is_heic(content: bytes) -> bool:
    """Returns whether it is a HEIC photo. AVIF has the same container, and Pillow opens it."""
    return content[4:8] == b"ftyp" and content[8:12] in _BRANDS and b"avif" not in content[8:64]


async def decodable(content: bytes, path: str) -> bytes:
    """Returns the picture in a format that Pillow opens. Raises ToolFailed for HEIC that this machine can't decode."""
    if not is_heic(content):
        return content
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise ToolFailed(
            f"{path!r} is a HEIC photo, which this host can't open. Ask for it as JPEG (on an iPhone: Settings > "
            "Camera > Formats > Most Compatible); the person who runs this host can also install libheif-examples."
        )
    decoded = await run_on_file(
        content,
        (".heic", ".png"),
        lambda source, target: (program, str(source), str(target)),
        limit=_SLOWEST,
    )
    if decoded is None:
        raise ToolFailed(f"{path!r} is a HEIC photo that can't be decoded. Ask for it as JPEG.")
    return decoded
