"""LibreOffice writes to nothing that the users of this machine share."""
# ruff: noqa: ASYNC240 - a test looks at files outside of the loop

from pathlib import Path

import pytest

from agents.tools.office.libreoffice import convert
from tests.long_tests import sampled
from tests.office_workspace import Desk

BLOCKS = [{"type": "paragraph", "text": "It works here."}]


@pytest.mark.slow
@pytest.mark.parametrize("bridge", sampled([True, False], 2))
async def test_its_list_of_shared_extensions_is_kept_with_its_profile(
    tmp_path: Path, bridge: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = convert.soffice()
    if program is None:
        pytest.skip("there's no LibreOffice here")
    desk = Desk(tmp_path)
    assert (await desk.call("document_write", path="a.docx", title="Report", blocks=BLOCKS)).ok
    other = tmp_path / "soffice"
    other.symlink_to(program)  # an office of this test alone
    office = convert._office(str(other))
    monkeypatch.setattr(office, "bridge", bridge)
    try:
        assert await convert.convert((tmp_path / "a.docx").read_bytes(), ".docx", "pdf", program=str(other))
        assert len(list(Path(office.folder.name).glob("*/shared"))) == 1
    finally:
        await convert.close()
