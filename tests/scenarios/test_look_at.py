"""look_at with the real LibreOffice and pdfium: what a model that can see is shown of every kind of file."""

import hashlib
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.ExifTags import Base

from agents.host.config import HostConfig
from agents.host.in_process_host import InProcessHost
from agents.tools.prepare_picture_for_showing import MOST_SIDE
from agents.tools.vision.page_pictures import MOST
from orchestrator.domain.tool_calls import CallResult, Label
from orchestrator.errors import ToolFailed
from orchestrator.ledger.file_shelf import FolderShelf
from tests.host_fixtures import TASK, a_call, open_folder
from tests.office_workspace import Desk

TEXT = {"type": "paragraph", "text": "A line of a page. " * 30}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def opened(desk: Desk, result: CallResult) -> list[Image.Image]:
    return [Image.open(io.BytesIO(desk.shelf[file.name])) for file in result.shown]


def photo(size: tuple[int, int], kind: str = "JPEG", **how: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, kind, **how)
    return out.getvalue()


def enormous() -> bytes:
    """A few bytes that say they are 16,000 x 16,000 pixels."""
    small = photo((9, 9), "PNG")
    head = b"IHDR" + struct.pack(">II", 16_000, 16_000) + small[24:29]
    return small[:12] + head + struct.pack(">I", zlib.crc32(head)) + small[33:]


@pytest.mark.slow
async def test_the_pages_of_a_document_are_shown_and_how_to_see_the_others(desk: Desk) -> None:
    blocks = [{"type": "heading", "text": "One"}, *[TEXT] * 60]
    await desk.call("document_write", path="a.docx", title="Lines", blocks=blocks)
    result = await desk.call("look_at", path="a.docx")
    assert len(result.shown) == MOST
    assert "shown as pictures: 1, 2, 3, 4, 5, 6. Next: pages='7" in result.text
    pages = opened(desk, result)
    assert {max(page.size) for page in pages} == {1400}
    assert all(sum(page.convert("L").histogram()[:100]) > 100 for page in pages)  # something dark is drawn on it
    seventh = await desk.call("look_at", path="a.docx", pages="7")
    assert [Path(file.name).stem for file in seventh.shown] == ["a-page-7"]
    assert seventh.picture is not None


@pytest.mark.parametrize(
    ("tool", "args"),
    [
        ("slides_write", {"path": "a.pptx", "slides": [{"layout": "title", "title": "Prices"}]}),
        ("sheet_write", {"path": "a.xlsx", "sheet": "S", "cell": "A1", "rows": [["a", "b"], [1, 2]]}),
    ],
)
async def test_what_our_own_tools_made_is_shown_without_taint(desk: Desk, tool: str, args: dict[str, Any]) -> None:
    await desk.call(tool, **args)
    result = await desk.call("look_at", path=args["path"])
    assert len(result.shown) >= 1
    assert result.labels == frozenset()


async def test_what_people_attached_or_nobody_knows_is_untrusted(desk: Desk) -> None:
    (desk.folder / "shot.png").write_bytes(photo((300, 200), "PNG"))
    assert (await desk.call("look_at", path="shot.png")).labels == {Label.UNTRUSTED}
    await desk.call("sheet_write", path="a.xlsx", sheet="S", cell="A1", rows=[[1]])
    (desk.folder / "attachments").mkdir()
    (desk.folder / "attachments" / "b.png").write_bytes(photo((30, 20), "PNG"))
    assert (await desk.call("look_at", path="a.xlsx")).labels == {Label.UNTRUSTED}


async def test_a_photo_is_made_small_upright_and_loses_what_the_camera_noted(desk: Desk) -> None:
    notes = Image.Exif()
    notes[Base.Orientation], notes[Base.Make] = 6, "Camera of Ada"
    (desk.folder / "p.jpg").write_bytes(photo((3000, 2000), exif=notes))
    result = await desk.call("look_at", path="p.jpg")
    (picture,) = opened(desk, result)
    assert picture.size == (round(MOST_SIDE * 2 / 3), MOST_SIDE)
    assert not picture.getexif()
    assert b"Camera of Ada" not in desk.shelf[result.shown[0].name]


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16", "F"])
async def test_pictures_of_every_mode_are_shown(desk: Desk, mode: str) -> None:
    kind = "tiff" if mode in ("CMYK", "F") else "png"
    Image.new(mode, (60, 40)).save(desk.folder / f"a.{kind}")
    (picture,) = opened(desk, await desk.call("look_at", path=f"a.{kind}"))
    assert (picture.size, picture.mode) == ((60, 40), "RGB")


@pytest.mark.parametrize(
    ("name", "content", "pages", "words"),
    [
        ("a.html", b"<p>x", "", "convert it to PDF with pdf_make"),
        ("a.csv", b"a,b", "", "read it"),
        ("a.png", b"not a picture", "", "can't be read as a picture and may be damaged"),
        ("a.png", photo((9, 9), "PNG"), "2", "is a single picture"),
        ("a.docx", b"PK\x03\x04 cut off", "", "damaged or incomplete"),
        ("a.pdf", b"%PDF-1.7 cut", "", "can't be read|damaged"),
        ("big.png", enormous(), "", "16,000 x 16,000 pixels"),
    ],
)
async def test_what_cannot_be_shown_is_said_with_the_next_step(
    desk: Desk, name: str, content: bytes, pages: str, words: str
) -> None:
    (desk.folder / name).write_bytes(content)
    with pytest.raises(ToolFailed, match=words):
        await desk.call("look_at", path=name, pages=pages)


async def test_what_is_shown_crosses_from_the_host_to_the_shelf() -> None:
    with open_folder() as folder:
        shelf = FolderShelf(folder / "shelf")
        place = folder / "host" / "workspaces" / TASK
        place.mkdir(parents=True)
        (place / "p.png").write_bytes(photo((300, 200), "PNG"))
        async with InProcessHost(HostConfig(home=str(folder / "host")), shelf) as host:
            result = await host.call(a_call("look_at", path="p.png"))
            assert result.ok, result.text
            for file in result.carried:
                assert hashlib.sha256(await shelf.get(file.sha)).hexdigest() == file.sha
            assert len(result.carried) == 2
