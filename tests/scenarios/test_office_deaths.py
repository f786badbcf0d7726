"""A LibreOffice that is killed, or can't start, is tried again, and a file is never blamed for it."""

import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from agents.tools.office.libreoffice import convert, office_process
from agents.tools.office.libreoffice.pool import LibreOfficeFailed
from orchestrator.domain.deliverables import Inspection
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk

pytestmark = pytest.mark.skipif(convert.soffice() is None, reason="LibreOffice is not installed")


@pytest.fixture
async def fresh() -> AsyncGenerator[None]:
    """Nothing is kept from other tests, and nothing stays."""
    await convert.close()
    yield
    await convert.close()


def without_uno(_program: str) -> str:
    return sys.executable


_MORTAL = """
import json, pathlib, sys
starts = pathlib.Path(__file__).with_name("starts")
count = len(starts.read_text()) if starts.exists() else 0
starts.write_text("x" * (count + 1))
if count < {deaths}:
    sys.exit()
print(json.dumps({{"ready": True}}), flush=True)
for path in json.loads(input())["made"].values():
    pathlib.Path(path).write_bytes(b"%PDF")
print(json.dumps({{"made": ["pdf"], "memory": 0}}), flush=True)
input()
"""


@pytest.mark.parametrize("deaths", [2, 9])
async def test_one_that_keeps_dying_is_started_three_times_and_the_file_is_not_to_blame(
    deaths: int, fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mortal = tmp_path / "uno_program.py"
    mortal.write_text(_MORTAL.format(deaths=deaths))
    monkeypatch.setattr(office_process, "_CONVERTER", mortal)
    monkeypatch.setattr(office_process, "python_of", without_uno)
    desk = Desk(tmp_path / "work")
    await desk.call("document_write", path="a.docx", title="A", blocks=[{"type": "paragraph", "text": "Words."}])
    if deaths == 2:
        assert await convert.convert(b"hello", ".txt", "pdf", program=str(convert.soffice())) == b"%PDF"
    else:
        with pytest.raises(ToolFailed, match="crashed several times; the file may be fine"):
            await desk.call("pdf_make", path="a.pdf", source="a.docx")
        found = Inspection.model_validate_json((await desk.call("inspect_deliverable", path="a.docx")).text)
        (seen,) = [check for check in found.checks if check.name == "preview"]
        assert seen.ok and "not previewed: LibreOffice crashed" in seen.words
    assert len((tmp_path / "starts").read_text()) == (3 if deaths == 2 else 6)


@pytest.mark.parametrize(("ends", "starts"), [("kill -9 $$", 3), ("exit 127", 3), ("exit 0", 1)])
async def test_a_process_of_its_own_that_is_killed_is_started_again_and_the_file_is_not_to_blame(
    ends: str, starts: int, fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office_process, "python_of", without_uno)
    script = tmp_path / "soffice"
    script.write_text(f"#!/bin/sh\necho >> {tmp_path}/starts\n{ends}\n")
    script.chmod(0o755)
    try:
        assert await convert.convert(b"a", ".txt", "pdf", program=str(script)) is None
        assert ends == "exit 0"
    except LibreOfficeFailed:
        assert ends != "exit 0"
    assert len((tmp_path / "starts").read_text()) == starts


async def test_a_drawing_program_that_is_killed_says_so(tmp_path: Path) -> None:
    script = tmp_path / "pdftoppm"
    script.write_text("#!/bin/sh\nkill -9 $$\n")
    script.chmod(0o755)
    with pytest.raises(ToolFailed, match="pdftoppm was killed"):
        await convert.pages(b"%PDF", program=str(script))
