"""Versions of a skill, how they are rated, and who may do what with one that is made in chat."""

from pathlib import Path

import pytest

from agents.skills.find_skills import SkillFinder
from agents.skills.read_attached_skills import read_attached
from agents.skills.read_folder import SkillRoot
from agents.skills.versions import archive, earlier, restore, save_version
from agents.skills.write_skill_md import SkillDraft
from agents.skills.zip_skill import archived
from bot.buttons.skill_form import read_skill_form, skill_inputs
from bot.cards.card_projection import project
from orchestrator.domain import events as e
from orchestrator.domain.ids import Key, Stream, TaskId
from orchestrator.domain.saved_skill import SavedSkill
from orchestrator.domain.skill_rates import ROOM, tally, worse_version
from orchestrator.domain.skills import UsedSkill, skill_script, skill_text
from orchestrator.domain.task import TaskState
from tests.memory_hub import ADA, NOON


def draft(body: str) -> SkillDraft:
    return SkillDraft("report", "Writes the report.", body)


def counts(root: Path) -> list[tuple[str, str]]:
    return [(one.version, one.sheet.body) for one in SkillFinder().find(SkillRoot("team", root)).skills]


def test_each_version_is_kept_and_the_earlier_one_counts_again(tmp_path: Path) -> None:
    for body in ("One.", "Two.", "Two."):
        save_version(tmp_path, draft(body))
    assert counts(tmp_path) == [("2", "Two.")]
    folder = tmp_path / "report"
    assert earlier(folder, 2) == 1 and earlier(folder, 1) is None
    restore(folder, 1)
    assert counts(tmp_path) == [("1", "One.")]
    assert save_version(tmp_path, draft("Three.")).version == 3, "a number is never used for two contents"
    assert earlier(folder, 3) == 2


def test_what_someone_changed_by_hand_becomes_a_version_of_its_own(tmp_path: Path) -> None:
    save_version(tmp_path, draft("One."))
    sheet = tmp_path / "report" / "SKILL.md"
    sheet.write_text(sheet.read_text().replace("One.", "By hand."))
    assert save_version(tmp_path, draft("Two.")).version == 3
    restore(tmp_path / "report", 2)
    assert counts(tmp_path) == [("2", "By hand.")]


def test_an_archived_skill_is_kept_and_no_longer_found(tmp_path: Path) -> None:
    save_version(tmp_path, draft("One."))
    archive(tmp_path / "report")
    save_version(tmp_path, draft("Again."))
    archive(tmp_path / "report")
    assert counts(tmp_path) == []
    assert len(list(tmp_path.glob(".archived/*/SKILL.md"))) == 2


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (("Weekly Report", "x", "y"), "single hyphens"),
        (("a" * 65, "x", "y"), "single hyphens"),
        (("report", " ", "y"), "Fill in the description."),
        (("report", "x", ""), "Fill in the instructions."),
        (("report", "x", "y" * 5_601), "at most 5,600 characters"),
    ],
)
def test_a_draft_that_cannot_be_written_says_what_to_change(given: tuple[str, str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        skill_text(*given)


@pytest.mark.parametrize("code", ["x = 'a\u202e b'", "x = 1\u200b", "x = 1\r\ny = 2"])
def test_a_script_that_could_look_like_another_one_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="invisible characters"):
        skill_script("count.py", "Counts.", code)


def rated(version: str, good: int, bad: int) -> list[e.SkillRated]:
    skill = UsedSkill(name="report", digest="0" * 64, source="team", version=version)
    return [
        e.SkillRated(
            task=TaskId(f"{version}-{n}"), skill=skill, owner="slack:T1", good=n < good, corrections=int(n >= good)
        )
        for n in range(good + bad)
    ]


def rates_of(*groups: list[e.SkillRated]):
    events = [one for group in groups for one in group]
    return tally(e.Record(Stream(ROOM), n, Key(str(n)), NOON, one) for n, one in enumerate(events, 1))


@pytest.mark.parametrize(
    ("before", "now", "falls_to"),
    [
        ((4, 1), (2, 4), "1"),
        ((4, 1), (0, 4), ""),  # too few uses to tell
        ((4, 1), (3, 3), ""),  # half of them went well
        ((1, 4), (1, 4), ""),  # no worse than the one before it
        ((0, 0), (0, 9), ""),  # nothing is known about the one before it
    ],
)
def test_a_version_falls_back_when_it_does_worse(before: tuple[int, int], now: tuple[int, int], falls_to: str) -> None:
    second = rated("2", *now)
    assert worse_version(rates_of(rated("1", *before), second), "slack:T1", second[0].skill) == falls_to


def test_a_task_counts_once_however_often_it_was_rated() -> None:
    (first,) = rated("1", 1, 0)
    again = first.model_copy(update={"good": False, "corrections": 2})
    (found,) = rates_of([first], [again]).values()
    assert found.words == "0 of 1 use went well, 1 corrected, 0 rerun"


def waiting_for(body: str) -> TaskState:
    row = SavedSkill(by=ADA, status="waiting", seq=1, draft=skill_text("report", "Writes the report.", body))
    return TaskState(TaskId("t"), saved={1: row})


def test_long_instructions_come_back_from_the_form_as_they_were() -> None:
    body = "\n".join(f"{n}. Do the thing number {n}, and do it well." for n in range(1, 120))
    fields = skill_inputs(waiting_for(body), "1:1")
    assert all(len(field.value) <= 2_900 for field in fields)
    text, scope = read_skill_form({field.name: field.value.replace("\n", "\r\n") for field in fields})
    assert (text.body, scope) == (body, "person")


def test_a_draft_with_a_key_in_it_says_so() -> None:
    (point,) = project(waiting_for("Sign in with sk-ant-abcdefghijklmnop1234567890.")).checkpoints
    assert point.facts[0].label == "Careful"
    assert "abcdefghijklmnop" not in point.model_dump_json()
    (other,) = project(waiting_for("Sign in.")).checkpoints
    assert other.facts[0].label == "When to use it"


def test_a_skill_in_a_hidden_folder_of_an_archive_is_found() -> None:
    """As in a repository that somebody packed."""
    sheet = b"---\nname: tone\ndescription: How we sound.\n---\nWrite short sentences."
    found, files = read_attached("repo.zip", archived("", {".claude/skills/tone/SKILL.md": sheet}))
    assert [one.name for one in found.skills] == ["tone"] and not found.skipped
    assert list(files[found.skills[0].digest]) == ["SKILL.md"]
