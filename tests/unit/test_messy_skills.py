"""The loader of skills against a messy collection: nothing raises, what can be used is usable, the rest says why."""

import re
from pathlib import Path

import pytest
from skills_ref import validate

from agents.skills.find_skills import FoundSkills, SkillFinder
from agents.skills.read_folder import SkillRoot
from tests.messy_skills import MessySkill, collection, write


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[MessySkill], FoundSkills]:
    root, skills = tmp_path_factory.mktemp("skills"), collection()
    write(skills, root)
    return root, skills, SkillFinder().find(SkillRoot("team", root))


def test_two_thirds_are_invalid_in_the_eyes_of_the_reference(
    messy: tuple[Path, list[MessySkill], FoundSkills],
) -> None:
    root, skills, _ = messy
    invalid = sum(one.defect != "valid" for one in skills)
    assert len(skills) == 500
    assert 0.6 < invalid / len(skills) < 0.7
    assert not any(validate(root / one.folder) for one in skills if one.defect == "valid")
    refused = sum(_refused(root / one.folder) for one in skills if one.defect != "valid")
    assert refused > 0.85 * invalid


def _refused(folder: Path) -> bool:
    """The reference raises for what isn't UTF-8, and for links in a loop."""
    try:
        return bool(validate(folder))
    except (UnicodeDecodeError, OSError):
        return True


def test_at_least_95_of_100_that_a_lenient_client_could_use_are_usable(
    messy: tuple[Path, list[MessySkill], FoundSkills],
) -> None:
    _, skills, found = messy
    loaded = {Path(one.path).name for one in found.skills}
    usable = [one for one in skills if one.usable]
    lost = {one.defect for one in usable if one.folder not in loaded}
    assert sum(one.folder in loaded for one in usable) / len(usable) >= 0.95, lost
    assert lost <= {"a date as name"}  # several have this one name, and one of them counts


def test_each_skipped_one_says_why_in_one_sentence(messy: tuple[Path, list[MessySkill], FoundSkills]) -> None:
    _, skills, found = messy
    assert len(found.skills) + len(found.skipped) == len(skills)
    for one in found.skipped:
        assert re.fullmatch(r"The skill '[^']+' isn't used: .+[^.]\.", one.words), one.words
        assert "\n" not in one.words
        assert not re.search(r"Errno|Traceback|None|Error\b", one.words), one.words


def test_what_differs_from_the_format_is_told_exactly_where_the_reference_refuses(
    messy: tuple[Path, list[MessySkill], FoundSkills],
) -> None:
    root, skills, found = messy
    repaired = {Path(one.path).name: one.sheet.repairs for one in found.skills}
    differ = {
        one.defect
        for one in skills
        if one.folder in repaired and bool(repaired[one.folder]) != _refused(root / one.folder)
    }
    assert differ == set()
