"""Pictures as phones, scanners, and printers write them: turned, moving, of several pages, in print colors, huge."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.ExifTags import Base

from agents.bounded_read import MOST_MEMORY
from agents.tools.heic_photo import is_heic
from agents.tools.prepare_picture_for_showing import MOST_SIDE, upright
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk
from tests.world.files.scan_writer import saved

RED, BLUE = (200, 30, 30), (30, 30, 200)
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)


def halves(left: tuple[int, int, int], right: tuple[int, int, int], size: tuple[int, int] = (60, 40)) -> Image.Image:
    picture = Image.new("RGB", size, left)
    picture.paste(right, (size[0] // 2, 0, *size))
    return picture


def turned() -> bytes:
    """A photo that the camera says to turn clockwise: red above blue."""
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    return saved(halves(BLUE, RED).rotate(180), "JPEG", exif=exif, quality=95)


def several(kind: str, **how: Any) -> bytes:
    pages = [Image.new("RGB", (60, 40), color) for color in (RED, BLUE, (0, 160, 0))]
    return saved(pages[0], kind, save_all=True, append_images=pages[1:], **how)


def print_colors() -> bytes:
    return saved(Image.new("CMYK", (60, 40), (0, 255, 255, 0)), "JPEG", quality=95)


def deep_grey() -> bytes:
    return saved(Image.new("I;16", (60, 40), 60_000), "TIFF")


def near(image: Image.Image, place: tuple[int, int], color: tuple[int, int, int]) -> bool:
    found: Any = image.convert("RGB").getpixel(place)
    return max(abs(a - b) for a, b in zip(found, color, strict=True)) < 60


async def looked(folder: Path, name: str, content: bytes, **more: str) -> tuple[str, list[Image.Image]]:
    desk = Desk(folder)
    desk.workspace.write(name, content)
    result = await desk.call("look_at", path=name, **more)
    return result.text, [Image.open(io.BytesIO(desk.shelf[file.name])) for file in result.shown]


async def test_a_photo_is_turned_as_the_camera_says(tmp_path: Path) -> None:
    _, (shown,) = await looked(tmp_path, "a.jpg", turned())
    assert shown.size == (40, 60)
    assert near(shown, (20, 5), RED) and near(shown, (20, 55), BLUE)


async def test_a_large_photo_is_turned_too() -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    content = saved(halves(BLUE, RED, (6000, 4000)).rotate(180), "TIFF", exif=exif)
    shown = upright(content, "a.tif", side=300)
    assert shown.size == (200, 300)
    assert near(shown, (100, 20), RED) and near(shown, (100, 280), BLUE)


async def test_each_page_of_a_fax_is_shown(tmp_path: Path) -> None:
    text, shown = await looked(tmp_path, "fax.tif", several("TIFF"))
    assert text == "fax.tif has 3 pages; shown as pictures: 1, 2, 3."
    assert [near(one, (20, 20), color) for one, color in zip(shown, (RED, BLUE, (0, 160, 0)), strict=True)] == [
        True
    ] * 3


@pytest.mark.parametrize(("name", "kind"), [("a.gif", "GIF"), ("a.webp", "WEBP"), ("a.png", "PNG")])
async def test_a_moving_picture_shows_its_first_frame_and_any_other(name: str, kind: str, tmp_path: Path) -> None:
    content = several(kind, duration=100, loop=0)
    text, (first,) = await looked(tmp_path, name, content)
    assert f"{name} is shown as a picture. It's animated; this is the first of 3 frames" in text
    assert near(first, (20, 20), RED)
    text, (third,) = await looked(tmp_path, name, content, pages="3")
    assert "has 3 frames; shown as pictures: 3." in text
    assert near(third, (20, 20), (0, 160, 0))


@pytest.mark.parametrize(
    ("name", "content", "color"),
    [
        ("print.jpg", print_colors(), (255, 0, 0)),
        ("deep.tif", deep_grey(), (234, 234, 234)),
        ("new.avif", saved(Image.new("RGB", (60, 40), RED), "AVIF"), RED),
        ("clear.png", saved(Image.new("RGBA", (60, 40), (0, 0, 0, 0)), "PNG"), (255, 255, 255)),
    ],
)
async def test_colors_are_those_that_people_see(
    name: str, content: bytes, color: tuple[int, int, int], tmp_path: Path
) -> None:
    _, (shown,) = await looked(tmp_path, name, content)
    assert near(shown, (20, 20), color)


async def test_a_heic_photo_is_named_with_how_to_send_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    assert is_heic(HEIC) and not is_heic(saved(Image.new("RGB", (9, 9)), "AVIF"))
    desk = Desk(tmp_path)
    desk.workspace.write("photo.heic", HEIC)
    for tool in ("look_at", "document_read"):
        with pytest.raises(ToolFailed, match=r"is a HEIC photo.*Ask for it as JPEG.*libheif-examples"):
            await desk.call(tool, path="photo.heic")


async def test_a_heic_photo_is_called_one_where_a_program_decodes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was called a PNG, which is only what the program makes of it."""
    decoded, program = tmp_path / "decoded.png", tmp_path / "bin/heif-convert"
    decoded.write_bytes(saved(Image.new("RGB", (60, 40), "red"), "PNG"))
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec /bin/cp {decoded} "$2"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    desk = Desk(tmp_path / "desk")
    desk.workspace.write("photo.heic", HEIC)
    assert (await desk.call("look_at", path="photo.heic")).text == "photo.heic is shown as a picture."
    text = (await desk.call("document_read", path="photo.heic")).text
    assert text.startswith("photo.heic: HEIC picture, 60 x 40 pixels, color.")


async def test_a_picture_under_the_name_of_a_pdf_is_read_as_a_picture(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.workspace.write("scan.pdf", saved(Image.new("L", (60, 40), 255), "PNG"))
    assert "scan.pdf: PNG picture, 60 x 40 pixels, gray" in (await desk.call("document_read", path="scan.pdf")).text


LARGE = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[2]),) * 2)
from agents.tools.prepare_picture_for_showing import upright
print(upright(Path(sys.argv[1]).read_bytes(), "a", side=int(sys.argv[3])).size)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds what a process fills")
@pytest.mark.parametrize(("mode", "kind"), [("RGB", "JPEG"), ("RGBA", "PNG"), ("1", "TIFF"), ("CMYK", "TIFF")])
def test_200_megapixels_are_shown_within_the_memory_of_a_read(mode: str, kind: str, tmp_path: Path) -> None:
    place = tmp_path / "a"
    Image.new(mode, (16_000, 12_500)).save(place, kind, **({"compression": "tiff_lzw"} if kind == "TIFF" else {}))
    command = [sys.executable, "-c", LARGE, str(place), str(MOST_MEMORY), str(MOST_SIDE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3])
    assert done.stdout.split() == ["(1568,", "1225)"], done.stderr[-500:]
