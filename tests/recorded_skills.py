"""Tasks about skills as they are recorded; `recorded_tasks.py` has all the others."""

import io
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

from agents.skills.save_skill import save_skill
from agents.skills.version_file import NAME
from agents.skills.write_skill_md import SkillDraft
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.people import Place, Request
from orchestrator.errors import ModelDown
from tests.memory_hub import ADA, BOB, ScriptedModel, Stage, say, stage
from tests.odd_texts import LONG, ODD
from tests.scenarios.test_everywhere import HANDED_IN
from tests.scenarios.test_request_to_files import plan, row

WRITER = "note-writer-of-the-whole-company-40-long"
"""An agent of the team's own, with the longest name."""


async def saved(folder: Path) -> Sequence[e.Record]:
    """A task that follows a skill becomes the next version of it: a failed draft, another one, an edit, a rollback."""
    (folder / "agents").mkdir()
    own = f"---\nname: {WRITER}\ndescription: Writes notes.\ntools: [deliver]\npolicy: {{deny: [spend]}}\n---\nWrite."
    (folder / "agents" / "writer.md").write_text(own)
    save_skill(folder / "skills", SkillDraft("notes", "How notes look.", f"Begin with a date.\n{LONG}"[:5_000]))
    again: dict[str, object] = {
        "name": "notes",
        "description": ODD,
        "instructions": f"Begin with a name.\n{LONG}"[:5_000],
        "script": {"name": "sum_up.py", "does": f"Sums. {ODD}"[:300], "code": f"print({ODD!r})"},
    }
    model = ScriptedModel(
        {
            "plan": [plan(row("write", WRITER, skills=["notes"])), plan(row("write"))],
            "write": [HANDED_IN, say("Written."), HANDED_IN, say("Tried.")],
            "skill": [ModelDown(f"The model is down. {ODD}"), say(draft_skill=again)],
        }
    )
    async with stage(folder, model, limits={"review": False}) as on:
        task = await on.ask("A note")
        await on.press_start(task)
        await on.until(task, lambda s: s.phase == "done")
        await on.desk.submit(c.SaveSkill(id="s1", by=ADA, task=task))
        await on.until(task, lambda s: s.saved and s.saved[1].status == "failed")
        await on.desk.submit(c.SaveSkill(id="s2", by=ADA, task=task))
        state = await on.until(task, lambda s: 2 in s.saved and s.saved[2].status == "waiting")
        draft = state.saved[2].draft
        assert draft is not None and state.saved[2].replaces is not None
        text = draft.model_copy(update={"description": f"Notes. {ODD}"})
        edit = c.EditSkill(id="e", by=BOB, task=task, saving=2, revision=1, draft=text, scope="team")
        await on.desk.submit(edit)
        await on.desk.submit(c.DecideScript(id="c", by=BOB, task=task, saving=2, revision=2, approved=True))
        await on.desk.submit(c.TrySkill(id="t", by=BOB, task=task, saving=2, revision=2))
        await on.until(task, lambda s: s.saved[2].trials and s.saved[2].trials[0].words)
        await on.desk.submit(c.DecideSkill(id="d", by=BOB, task=task, saving=2, revision=2, approved=True))
        await on.until(task, lambda s: s.saved[2].status == "filed")
        await on.desk.submit(c.ExportSkill(id="x", by=ADA, task=task, saving=2))
        await on.until(task, lambda s: s.saved[2].exports and s.saved[2].status == "filed")
        forget(folder, on)
        await on.sweep()
        await on.until(task, lambda s: s.saved[2].status == "archived")
        await on.desk.submit(c.ReviveSkill(id="a", by=BOB, task=task, saving=2))
        await on.until(task, lambda s: s.saved[2].status == "filed")
        await on.desk.submit(c.RollBackSkill(id="b", by=ADA, task=task, saving=2))
        await on.until(task, lambda s: s.saved[2].status == "rolled-back")
        return await on.desk.records(task)


def forget(folder: Path, on: Stage) -> None:
    """More than half a year passes in which nobody uses or changes a skill."""
    on.clock.move(181 * 24 * 3600)
    for sidecar in (folder / "skills").rglob(NAME):
        os.utime(sidecar, (0, 0))


async def installed(folder: Path) -> Sequence[e.Record]:
    """An attached skill with files and repairs is installed."""
    sheet = f"---\nname: Tone\ndescription: How we sound. {ODD}\nallowed-tools: Read\n---\n{LONG}"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("tone/SKILL.md", sheet)
        archive.writestr("tone/scripts/count.py", "print(1)")
    model = ScriptedModel({"plan": [say(install_skill={"skill": "tone"})]})
    async with stage(folder, model) as on:
        file = await on.desk.shelf.put(out.getvalue(), name="tone.zip")
        place = Place(platform="web", channel="general", thread="1")
        request = Request(text="Install this", by=ADA, place=place, files=(file,))
        task = (await on.desk.submit(c.OpenTask(id="m1", by=ADA, request=request))).task
        await on.until(task, lambda s: s.saved and s.saved[1].status == "waiting" and s.phase == "answered")
        decide = c.DecideSkill(id="d", by=ADA, task=task, saving=1, revision=1, approved=True, scope="team")
        await on.desk.submit(decide)
        await on.until(task, lambda s: s.saved[1].status == "filed")
        return await on.desk.records(task)
