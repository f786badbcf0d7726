"""Skills made in chat, when things go wrong: other people, taken names, crashes, and bad versions."""

from pathlib import Path
from typing import Any

import pytest

from agents.skills.fetch_skill import SkillFetcher
from agents.skills.library import SkillLibrary, SkillPlaces
from agents.skills.saved_skills import SavedSkills
from agents.skills.versions import save_version
from agents.skills.write_skill_md import SkillDraft
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.ids import Key, PersonId, Stream, SubtaskId, TaskId
from orchestrator.domain.people import Person, Place, Request
from orchestrator.domain.skill_rates import ROOM
from orchestrator.domain.skills import UsedSkill, skill_text
from orchestrator.domain.task import TaskState
from orchestrator.errors import NotAllowed, Refused, Stale
from tests.memory_hub import ADA, BOB, ScriptedModel, Stage, say, stage
from tests.recorded_skills import forget
from tests.scenarios.test_everywhere import HANDED_IN, note
from tests.scenarios.test_everywhere_skills import zipped
from tests.scenarios.test_request_to_files import plan

WRITE = SubtaskId("write")
TEXT: dict[str, object] = {"name": "note-style", "description": "How notes look.", "instructions": "Begin with a date."}
GUEST = Person(id=PersonId("web:gus"), name="Gus", kind="guest")


def script(*skill: Any, uses: str = "", plans: int = 1) -> ScriptedModel:
    one = plan(note(skills=[uses]) if uses else note())
    return ScriptedModel(
        {"plan": [one] * plans, "write": [HANDED_IN, say("Written.")] * plans * 2, "skill": list(skill)}
    )


async def done(on: Stage) -> TaskId:
    task = await on.ask("write a note")
    await on.press_start(task)
    state = await on.until(task, lambda s: s.of(WRITE).status == "review")
    (file,) = state.deliverables
    await on.desk.submit(c.Review(id="ok", by=ADA, task=task, deliverable=file, verdict="approved"))
    await on.until(task, lambda s: s.phase == "done")
    return task


async def asked(on: Stage, task: TaskId, by: Person = ADA) -> TaskState:
    number = len((await on.desk.state(task)).saved) + 1
    await on.desk.submit(c.SaveSkill(id=f"save{number}", by=by, task=task))
    return await on.until(task, lambda s: number in s.saved and s.saved[number].status not in ("drafting",))


async def decided(on: Stage, task: TaskId, number: int = 1, by: Person = ADA, **more: Any) -> TaskState:
    row = (await on.desk.state(task)).saved[number]
    given: dict[str, Any] = {"approved": True, "scope": "team", "revision": row.revision, **more}
    await on.desk.submit(c.DecideSkill(id=f"d{row.seq}", by=by, task=task, saving=number, **given))
    return await on.until(task, lambda s: s.saved[number].seq > row.seq and s.saved[number].status != "approved")


async def test_a_draft_that_fails_twice_says_so_and_can_be_asked_for_again(tmp_path: Path) -> None:
    bad = say(draft_skill={**TEXT, "name": "Notes!"})
    async with stage(tmp_path, script(bad, bad, say(draft_skill=TEXT))) as on:
        task = await done(on)
        state = await asked(on, task)
        assert state.saved[1].status == "failed" and state.phase == "done"
        assert "even after a correction: The name must be at most 64" in state.lines[-1].text
        assert round(state.cost, 2) == 0.05, "three turns of the task, two of the draft"
        state = await asked(on, task)
        assert state.saved[2].status == "waiting"


async def test_nobody_approves_what_someone_else_has_just_changed(tmp_path: Path) -> None:
    async with stage(tmp_path, script(say(draft_skill=TEXT))) as on:
        task = await done(on)
        text = (await asked(on, task)).saved[1].draft
        assert text is not None
        with pytest.raises(Stale, match="Ada is already saving"):
            await on.desk.submit(c.SaveSkill(id="twice", by=BOB, task=task))
        with pytest.raises(NotAllowed, match="Guests"):
            await decided(on, task, by=GUEST)
        edit = c.EditSkill(id="e", by=BOB, task=task, saving=1, revision=1, draft=text, scope="channel")
        await on.desk.submit(edit)
        with pytest.raises(Stale, match="Bob has edited"):
            await decided(on, task, revision=1)
        state = await decided(on, task, revision=2, scope=None)
        assert state.saved[1].filed and state.saved[1].filed.words == "note-style 1 (this channel’s)"
        with pytest.raises(Stale, match="already been decided by Ada"):
            await decided(on, task, by=BOB)


async def test_a_discarded_draft_leaves_nothing_behind(tmp_path: Path) -> None:
    async with stage(tmp_path, script(say(draft_skill=TEXT))) as on:
        task = await done(on)
        await asked(on, task)
        state = await decided(on, task, approved=False)
        assert state.saved[1].status == "discarded"
        assert not list((tmp_path / "skills").rglob("SKILL.md"))


async def test_a_name_that_is_taken_keeps_the_draft_open(tmp_path: Path) -> None:
    async with stage(tmp_path, script(say(draft_skill=TEXT))) as on:
        task = await done(on)
        await asked(on, task)
        save_version(tmp_path / "skills" / "teams" / "local", SkillDraft("note-style", "Another.", "Other."))
        state = await decided(on, task)
        assert state.saved[1].status == "waiting"
        assert "There's already a skill named 'note-style' there." in state.lines[-1].text


async def test_a_personal_skill_is_changed_by_its_owner_only(tmp_path: Path) -> None:
    save_version(tmp_path / "skills" / "people" / "web:ada", SkillDraft("note-style", "Mine.", "Begin with a name."))
    async with stage(tmp_path, script(say(draft_skill=TEXT))) as on:
        task = await done(on)
        state = await asked(on, task, by=BOB)
        assert state.saved[1].replaces and state.saved[1].replaces.source == "person"
        with pytest.raises(NotAllowed, match="belongs to Ada"):
            await decided(on, task, by=BOB, scope=None)
        state = await decided(on, task, scope=None)
        assert state.saved[1].filed and state.saved[1].filed.words == "note-style 2 (personal)"
        with pytest.raises(NotAllowed, match="belongs to Ada"):
            await on.desk.submit(c.RollBackSkill(id="r", by=BOB, task=task, saving=1))


async def test_filing_and_rolling_back_twice_changes_nothing_more(tmp_path: Path) -> None:
    """As after a crash between the effect and its fact."""
    async with stage(tmp_path, script(say(draft_skill=TEXT))) as on:
        task = await done(on)
        await asked(on, task)
        state = await decided(on, task)
        row = state.saved[1]
        library = SkillLibrary(SkillPlaces(tmp_path), on.desk.shelf)
        keeper = SavedSkills(library, tmp_path, on.desk.shelf, SkillFetcher())
        assert await keeper.file(state, row) == row.filed
        assert row.filed is not None
        assert [await keeper.roll_back(state, row.filed, ADA) for _ in range(2)] == ["", ""]
        with pytest.raises(Refused, match="wasn't made in chat"):
            await keeper.roll_back(state, row.filed.model_copy(update={"source": "shipped"}), ADA)


async def test_an_attached_skill_becomes_the_next_version_with_its_own_files_only(tmp_path: Path) -> None:
    folder = tmp_path / "skills" / "teams" / "local" / "tone"
    save_version(folder.parent, SkillDraft("tone", "How the team sounds.", "Write long sentences."), {"old.md": b"x"})
    sheet = "---\nname: tone\ndescription: How we sound.\n---\nWrite short sentences."
    packed = zipped({"tone/SKILL.md": sheet, "tone/new.md": "y"})
    async with stage(tmp_path, ScriptedModel({"plan": [say(install_skill={"skill": "tone"})]})) as on:
        file = await on.desk.shelf.put(packed, name="tone.zip")
        place = Place(platform="web", channel="general", thread="1")
        request = Request(text="Keep this", by=ADA, place=place, files=(file,))
        task = (await on.desk.submit(c.OpenTask(id="m1", by=ADA, request=request))).task
        state = await on.until(task, lambda s: s.phase == "answered" and s.saved[1].status == "waiting")
        row = state.saved[1]
        assert row.replaces and row.replaces.words == "tone 1 (the team’s)" and row.scope == "team"
        with pytest.raises(Refused, match="can't be edited here"):
            text = skill_text("tone", "x", "y")
            edit = c.EditSkill(id="e", by=ADA, task=task, saving=1, revision=1, draft=text, scope="team")
            await on.desk.submit(edit)
        state = await decided(on, task, scope=None)
        assert state.saved[1].filed and state.saved[1].filed.version == "2"
        assert (folder / "new.md").exists() and not (folder / "old.md").exists()
        await on.desk.submit(c.RollBackSkill(id="r", by=BOB, task=task, saving=1))
        await on.until(task, lambda s: s.saved[1].status == "rolled-back")
        assert (folder / "old.md").exists() and not (folder / "new.md").exists()
        assert "long sentences" in (folder / "SKILL.md").read_text()


async def test_a_version_that_does_worse_than_the_one_before_it_falls_back_and_says_so(tmp_path: Path) -> None:
    root = tmp_path / "skills" / "teams" / "local"
    for body in ("Good.", "Bad."):
        save_version(root, SkillDraft("note-style", "How notes look.", body))
    async with stage(tmp_path, script(uses="note-style")) as on:
        for version, good in (("1", True), ("2", False)):
            skill = UsedSkill(name="note-style", digest="0" * 64, source="team", version=version)
            for n in range(4):
                past = e.SkillRated(task=TaskId(f"{version}{n}"), skill=skill, owner="local", good=good)
                await on.ledger.record(Stream(ROOM), Key(f"{version}{n}"), past)
        task = await on.ask("write a note")
        await on.press_start(task)
        for number, verdict in enumerate(("changes", "approved"), 1):
            state = await on.until(
                task, lambda s, n=number: len(s.deliverables) == n and s.of(WRITE).status == "review"
            )
            file = list(state.deliverables)[-1]
            review: dict[str, Any] = {"deliverable": file, "verdict": verdict, "text": "Shorter"}
            await on.desk.submit(c.Review(id=f"r{number}", by=ADA, task=task, **review))
        state = await on.until(task, lambda s: s.phase == "done" and s.lines and s.lines[-1].level == "warning")
        assert state.lines[-1].text == (
            "The skill note-style fell back from version 2 to version 1. Version 2: 0 of 5 uses went well, "
            "1 corrected, 0 rerun. Version 1: 4 of 4 uses went well, 0 corrected, 0 rerun."
        )
        assert "Good." in (root / "note-style" / "SKILL.md").read_text()


async def filed(on: Stage, tmp_path: Path, **more: Any) -> TaskId:
    task = await done(on)
    await asked(on, task)
    state = await decided(on, task, **more)
    assert state.saved[1].status == "filed"
    forget(tmp_path, on)
    return task


async def test_a_skill_that_nobody_uses_is_archived_once_and_comes_back_with_one_press(tmp_path: Path) -> None:
    async with stage(tmp_path, script(say(draft_skill=TEXT))) as on:
        task = await filed(on, tmp_path)
        await on.sweep()
        await on.sweep()
        state = await on.until(task, lambda s: s.saved[1].status == "archived")
        told = [line.text for line in state.lines if "180 days" in line.text]
        assert told == [
            "Nobody has used the skill note-style 1 (the team’s) for 180 days, so I've archived it. "
            "To use it again, press Bring back on it here."
        ]
        assert not list((tmp_path / "skills" / "teams").glob("*/note-style"))
        with pytest.raises(Stale, match="Press Bring back first"):
            await on.desk.submit(c.RollBackSkill(id="r", by=ADA, task=task, saving=1))
        await on.desk.submit(c.ReviveSkill(id="b", by=BOB, task=task, saving=1))
        await on.until(task, lambda s: s.saved[1].status == "filed")
        assert (tmp_path / "skills" / "teams" / "local" / "note-style" / "SKILL.md").exists()
        await on.sweep()
        assert (await on.desk.state(task)).saved[1].status == "filed", "half a year starts again"
        with pytest.raises(Stale, match="isn't archived anymore by Bob"):
            await on.desk.submit(c.ReviveSkill(id="b2", by=ADA, task=task, saving=1))


@pytest.mark.parametrize("kept_by", ["use", "hand"])
async def test_a_skill_that_is_used_or_was_changed_by_hand_stays(tmp_path: Path, kept_by: str) -> None:
    async with stage(tmp_path, script(say(draft_skill=TEXT))) as on:
        task = await filed(on, tmp_path)
        skill = (await on.desk.state(task)).saved[1].filed
        assert skill is not None
        if kept_by == "use":
            used = e.SkillRated(task=TaskId("other"), skill=skill, owner="local", good=True)
            await on.ledger.record(Stream(ROOM), Key("other"), used)
        else:
            sheet = tmp_path / "skills" / "teams" / "local" / "note-style" / "SKILL.md"
            sheet.write_text(sheet.read_text() + "More.")
        await on.sweep()
        assert (await on.desk.state(task)).saved[1].status == "filed"
