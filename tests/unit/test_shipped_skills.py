"""What ships in `skills/` follows the format, in the eyes of the reference and in ours."""

from pathlib import Path

import pytest
from skills_ref import validate

from agents.skills.places import shipped_root
from agents.skills.read_folder import read_skill

ROOT = shipped_root()
FOLDERS = sorted(path.parent for path in ROOT.path.glob("*/SKILL.md"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_it_follows_the_format_and_is_short_enough_to_be_read(folder: Path) -> None:
    assert validate(folder) == []
    skill = read_skill(folder, ROOT)
    assert skill.sheet.repairs == ()
    assert len(skill.sheet.body.splitlines()) < 500
    assert len(skill.sheet.description) <= 400


def test_there_is_one() -> None:
    assert FOLDERS
