"""A skill made in chat: edited, tried, approved, used by someone else elsewhere, updated by a sentence, rolled back."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from skills_ref import validate

from agents.skills.read_attached_skills import read_attached
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.domain.task import TaskState
from tests.long_tests import sampled
from tests.memory_hub import ScriptedModel, Stage, say
from tests.scenarios.any_surface import anywhere
from tests.scenarios.chat_people import Row
from tests.scenarios.test_everywhere import HANDED_IN, note
from tests.scenarios.test_everywhere_skills import prompts_of, zipped
from tests.scenarios.test_request_to_files import plan
from tests.skill_site import sheet, skill_site

WRITE = SubtaskId("write")
BODY = "1. Ask for the month.\n2. Use the red template.\n3. State every sum in euros."
DRAFT: dict[str, object] = {
    "name": "weekly-report",
    "description": "Writes the weekly report. Use it each Friday.",
    "instructions": BODY,
}
BLUE: dict[str, object] = {**DRAFT, "instructions": BODY.replace("red", "blue")}


def drafted(prompt: Prompt) -> Reply:
    text = prompt.messages[-1].text
    assert "State the sums in euros" in text and "Ask for the month first" in text, text
    assert "Do write." in text and "prices.txt" in text, text
    return say(draft_skill=DRAFT)


def changed(prompt: Prompt) -> Reply:
    text = prompt.messages[-1].text
    assert "Use the red template" in text and "use the blue template" in text and "State every sum" in text, text
    return say(draft_skill={**BLUE, "name": "another-name"})


async def newest(on: Stage, count: int, fact: Callable[[TaskState], object]) -> TaskState:
    async for _ in on.desk.changes(after=0):
        states = await on.desk.states()
        if len(states) == count:
            return await on.until(states[0].id, fact)
    raise AssertionError("the ledger ended")


@pytest.mark.parametrize("name", sampled(["web", "slack", "discord"], 3))
async def test_a_task_becomes_a_skill_that_others_use_change_and_roll_back(tmp_path: Path, name: str) -> None:
    model = ScriptedModel(
        {
            "plan": [
                plan(note()),
                plan(note()),
                plan(note(skills=["team-report"])),
                say(change_skill={"skill": "team-report", "change": "use the blue template"}),
            ],
            "write": [
                *(HANDED_IN, say("Written."), HANDED_IN, say("In euros."), HANDED_IN, say("Asks first.")),
                *(HANDED_IN, say("Tried.")),
                *(HANDED_IN, say("For Bob.")),
            ],
            "skill": [drafted, changed],
        }
    )
    async with anywhere(tmp_path, name, model) as (it, on):
        ada, bob = it.person("Ada"), it.person("Bob")
        root = await worked(it, on, ada)
        await drafted_and_edited(it, on, ada, root)
        task = await tried(it, on, ada, root, model)
        await approved(it, on, ada, root, task)
        await it.moves(bob, "sales")
        there = await it.says(bob, "/team-report for June", prices=b"3,4")
        await newest(on, 3, lambda s: s.phase == "review")
        await it.presses(bob, there, "start")
        state = await newest(on, 3, lambda s: s.of(WRITE).status == "review")
        assert state.request and state.request.by.name == "Bob"
        assert [one.words for one in state.of(WRITE).skills] == ["team-report 1 (the team’s)"]
        assert "2. Use the red template." in prompts_of(model, WRITE)[-2]
        await it.presses(bob, there, "accept")
        await newest(on, 3, lambda s: s.phase == "done")

        await it.says(bob, "Next time use the blue template", to=there)
        await it.reads(there, "I'm drafting that change to the skill team-report.")
        await it.reads(there, "Update the skill team-report")
        await it.reads(there, "-2. Use the red template.")
        await it.reads(there, "+2. Use the blue template.")
        assert "red template" in sheet_of(tmp_path)
        await it.presses(bob, there, "approve-skill")
        await it.reads(there, "Saved as team-report 2 (the team’s) by Bob")
        assert "blue template" in sheet_of(tmp_path)
        await it.presses(ada, root, "roll-back-skill")
        await it.reads(root, "has a newer version, 2. Roll that one back first.")

        await it.presses(bob, there, "export-skill")
        await newest(on, 3, lambda s: s.saved[1].exports and s.saved[1].status == "filed")
        (skill,) = read_attached("team-report.zip", await exported(it, there))[0].skills
        assert skill.name == "team-report" and not skill.sheet.repairs and "blue template" in skill.sheet.body

        await it.presses(bob, there, "roll-back-skill")
        await it.reads(there, "Rolled back by Bob: version 1 is in use again")
        assert "red template" in sheet_of(tmp_path)
        await it.presses(ada, root, "roll-back-skill")
        await it.reads(root, "Rolled back by Ada: archived")
        assert sheet_of(tmp_path) == ""


@pytest.mark.parametrize("name", ["web", "slack", "discord"])
async def test_an_attached_skill_is_installed_once_someone_has_seen_what_it_holds(tmp_path: Path, name: str) -> None:
    sheet = "---\nname: Tone\ndescription: How we sound in letters.\n---\nWrite short sentences."
    packed = zipped({"tone/SKILL.md": sheet, "tone/scripts/count.py": "print(1)"})
    model = ScriptedModel({"plan": [say(install_skill={"skill": "other"}), say(install_skill={"skill": "tone"})]})
    async with anywhere(tmp_path, name, model) as (it, _):
        ada = it.person("Ada")
        root = await it.says(ada, "Install this skill", **{"tone.zip": packed})
        for words in (
            "Install the skill tone", "Write short sentences.", "scripts/count.py (8 bytes)",
            "Its 1 script can run only in the sandbox.", "its name 'Tone' isn't lowercase",
        ):  # fmt: skip
            await it.reads(root, words)
        assert "'other' isn't an attached skill; attached skills: tone." in model.prompts[1].messages[-1].text
        assert sheet_of(tmp_path) == ""
        await it.presses(ada, root, "approve-skill", "1:1:channel")
        await it.reads(root, "Saved as tone 1 (this channel’s) by Ada")
        (script,) = (one for one in (tmp_path / "skills" / "channels").rglob("tone/scripts/count.py"))
        assert validate(script.parents[1]) == []


@pytest.mark.parametrize("name", sampled(["web", "slack", "discord"], 3))
async def test_a_skill_at_an_address_is_installed_once_someone_has_seen_what_it_holds(
    tmp_path: Path, name: str
) -> None:  # fmt: skip
    with skill_site() as site:
        site.files["/tone.zip"] = zipped({"tone/SKILL.md": sheet("tone").decode(), "tone/scripts/count.py": "print(1)"})
        site.files["/gone.zip"] = b""
        there, gone = f"{site.url}/tone.zip", f"{site.url}/gone.zip"
        model = ScriptedModel(
            {
                "plan": [
                    say(install_skill={"source": "https://evil.test/tone.zip"}), say(install_skill={"source": gone}),
                    say(install_skill={"source": there}),
                ]
            }
        )  # fmt: skip
        async with anywhere(tmp_path, name, model, near=[site.host]) as (it, on):
            ada = it.person("Ada")
            root = await it.says(ada, f"Please install the skill from {gone}")
            await it.reads(root, "The skill couldn't be installed:")
            await it.reads(root, "answered with status 404")
            assert "Nobody here wrote the address 'https://evil.test/tone.zip'" in model.prompts[1].messages[-1].text
            await it.says(ada, f"Then the skill from {there}", to=root)
            for words in ("Install the skill tone", "Write short sentences.", "scripts/count.py (8 bytes)", "tone.zip"):
                await it.reads(root, words)
            assert sheet_of(tmp_path) == ""
            await it.presses(ada, root, "approve-skill", "2:1:team")
            await it.reads(root, "Saved as tone 1 (the team’s) by Ada")
            assert "Write short sentences." in sheet_of(tmp_path)
            assert await newest(on, 1, lambda s: s.phase == "answered")


async def worked(it: Any, on: Stage, ada: Any) -> Row:
    """A task that is done after two corrections."""
    root = await it.says(ada, "write the report for May", prices=b"1,2")
    await it.presses(ada, root, "start")
    for number, words in enumerate(("State the sums in euros", "Ask for the month first"), start=1):
        state = await newest(on, 1, lambda s, n=number: len(s.deliverables) == n and s.of(WRITE).status == "review")
        form = await it.opens(ada, root, "request-changes", list(state.deliverables)[-1])
        assert not await form.sends({"words": words})
    state = await newest(on, 1, lambda s: len(s.deliverables) == 3 and s.of(WRITE).status == "review")
    await it.presses(ada, root, "accept", list(state.deliverables)[-1])
    await newest(on, 1, lambda s: s.phase == "done")
    return root


async def drafted_and_edited(it: Any, on: Stage, ada: Any, root: Row) -> None:
    await it.presses(ada, root, "save-skill")
    await it.reads(root, "Use the red template.")
    form = await it.opens(ada, root, "edit-skill")
    assert "single hyphens" in await form.sends({"name": "Weekly Report!"})
    assert not await form.sends({"name": "team-report", "scope": "channel"})
    await newest(on, 1, lambda s: s.saved[1].revision == 2)
    await it.reads(root, "Save the skill team-report")


async def tried(it: Any, on: Stage, ada: Any, root: Row, model: ScriptedModel) -> TaskId:
    """The draft does the same request again, with the same file; nobody has to start or review anything."""
    before = len(prompts_of(model, WRITE))
    await it.presses(ada, root, "try-skill")
    trial = await newest(on, 2, lambda s: s.phase == "done")
    assert trial.trial and trial.request and trial.request.text == "/team-report write the report for May"
    assert [file.name for file in trial.request.files] == ["prices.txt", "team-report.skill"]
    assert [one.name for one in trial.of(WRITE).skills] == ["team-report"]
    assert "2. Use the red template." in prompts_of(model, WRITE)[before]
    if it.__class__.__name__ != "OnWeb":
        await it.reads(root, "Trial of the skill team-report")
    for words in ("Tried by Ada", "note.md, original and trial", "-content of note.md", "+content of note.md"):
        await it.reads(root, words)
    state = await on.desk.state(trial.trial.task)
    assert state.saved[1].status == "waiting" and not (await on.desk.state(trial.id)).pending_deliverables()
    return state.id


async def approved(it: Any, on: Stage, ada: Any, root: Row, task: TaskId) -> None:
    await it.presses(ada, root, "approve-skill", "1:2:team")
    state = await on.until(task, lambda s: s.saved[1].status == "filed")
    assert state.saved[1].filed and state.saved[1].filed.words == "team-report 1 (the team’s)"
    await it.reads(root, "Saved as team-report 1 (the team’s) by Ada")
    assert state.phase == "done"


async def exported(it: Any, root: Row) -> bytes:
    """The archive, once it is in the thread."""
    async with asyncio.timeout(60):
        while not (found := (await it.files(root)).get("team-report.zip")):  # noqa: ASYNC110  (asked from outside)
            await asyncio.sleep(0.02)
    return found


def sheet_of(tmp_path: Path) -> str:
    """What counts now, wherever in the data folder it is; empty if nothing does."""
    found = [
        one for one in (tmp_path / "skills").rglob("SKILL.md") if not any(part.startswith(".") for part in one.parts)
    ]
    return "".join(one.read_text() for one in found)
