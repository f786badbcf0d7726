"""Drafts of skills made in chat: who tries them, and which scripts are filed with them."""

from pathlib import Path

import pytest

from agents.connectors.personal_account_call import others
from bot.cards.card_projection import project
from orchestrator.domain import commands as c
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.domain.skill_trials import trial_id
from orchestrator.domain.tool_calls import CallResult, Effect, HostCall, Label
from orchestrator.errors import NotAllowed, Stale
from tests.memory_hub import ADA, BOB, ScriptedModel, say, stage
from tests.scenarios.test_everywhere import HANDED_IN
from tests.scenarios.test_request_to_files import plan, row
from tests.scenarios.test_saved_skills import GUEST, TEXT, WRITE, asked, decided, done, script


async def test_a_trial_by_someone_else_is_theirs_and_its_words_are_untrusted(tmp_path: Path) -> None:
    """So nobody's own account acts for what another person wrote."""
    async with stage(tmp_path, script(say(draft_skill=TEXT), plans=3)) as on:
        task = await done(on)
        await asked(on, task)
        with pytest.raises(NotAllowed, match="Guests"):
            await on.desk.submit(c.TrySkill(id="g", by=GUEST, task=task, saving=1, revision=1))
        for number, by in enumerate((BOB, ADA), start=1):
            await on.desk.submit(c.TrySkill(id=f"t{number}", by=by, task=task, saving=1, revision=1))
            with pytest.raises(Stale, match=f"already being tried by {by.name}"):
                await on.desk.submit(c.TrySkill(id=f"x{number}", by=BOB, task=task, saving=1, revision=1))
            state = await on.until(
                task, lambda s, n=number: len(s.saved[1].trials) == n and s.saved[1].trials[-1].words
            )
            trial = await on.desk.state(state.saved[1].trials[-1].task or task)
            assert trial.request and trial.trial and trial.request.by == by
            assert (trial.request.relayed, trial.trial.others) == ((True, (ADA,)) if by == BOB else (False, ()))
            assert Label.UNTRUSTED in trial.of(WRITE).labels, "the draft is a skill that nobody has approved"
        assert others(await on.desk.records(trial_id(task, 1, 1)), BOB) == ("Ada",)


async def test_a_trial_that_is_stopped_says_so_beside_the_draft(tmp_path: Path) -> None:
    model = script(say(draft_skill=TEXT))
    async with stage(tmp_path, model) as on:
        task = await done(on)
        await asked(on, task)
        model.then("plan", None)
        await on.desk.submit(c.TrySkill(id="t", by=ADA, task=task, saving=1, revision=1))
        trial = trial_id(task, 1, 1)
        await on.until(trial, lambda s: s.request is not None)
        await on.desk.submit(c.Stop(id="s", by=ADA, task=trial))
        state = await on.until(task, lambda s: s.saved[1].trials[0].words)
        assert state.saved[1].trials[0].words == "The trial was stopped before it was done."
        assert state.saved[1].status == "waiting"


SCRIPT = {"name": "count.py", "does": "Counts words: count.py FILE", "code": "import sys\nprint(len(sys.argv))"}


@pytest.mark.parametrize("approved", [True, False])
async def test_a_drafted_script_is_filed_only_if_someone_approved_it_apart(tmp_path: Path, approved: bool) -> None:
    async with stage(tmp_path, script(say(draft_skill={**TEXT, "script": SCRIPT}))) as on:
        task = await done(on)
        state = await asked(on, task)
        (point,) = (one for one in project(state).checkpoints if one.kind == "skill")
        assert ("Script scripts/count.py", "Counts words: count.py FILE\n\nimport sys\nprint(len(sys.argv))\n") in [
            (fact.label, fact.value) for fact in point.facts
        ]
        decide = c.DecideScript(id="s", by=BOB, task=task, saving=1, revision=1, approved=True)
        await on.desk.submit(decide)
        with pytest.raises(Stale, match="already been approved by Bob"):
            await on.desk.submit(decide.model_copy(update={"id": "s2", "by": ADA}))
        if not approved:
            await on.desk.submit(decide.model_copy(update={"id": "s3", "approved": False}))
        await decided(on, task)
        folder = tmp_path / "skills" / "teams" / "local" / "note-style"
        assert [one.read_text() for one in folder.glob("scripts/*")] == [f"{SCRIPT['code']}\n"] * approved


async def test_the_drafter_reads_the_programs_that_ran_without_an_error(tmp_path: Path) -> None:
    def drafted(prompt: Prompt) -> Reply:
        text = prompt.messages[-1].text
        assert "Python that ran without an error:\n```python\nprint(1)\n```" in text and "print(2)" not in text, text
        return say(draft_skill=TEXT)

    async def runs(call: HostCall) -> CallResult:
        return CallResult(ok=call.args["code"] == "print(1)", text="1")

    programs = [say(run_python={"code": f"print({n})"}) for n in (1, 2)]
    lines = {
        "plan": [plan(row("write", "analyst", deliverables=["note.md"]))],
        "write": [*programs, HANDED_IN, say("Written.")],
        "skill": [drafted],
    }
    async with stage(tmp_path, ScriptedModel(lines)) as on:
        on.host.tool("run_python", runs, Effect.READ)
        state = await asked(on, await done(on))
        assert state.saved[1].status == "waiting", state.lines


async def test_a_script_that_is_not_python_is_asked_for_again(tmp_path: Path) -> None:
    bad = say(draft_skill={**TEXT, "script": {**SCRIPT, "code": "print("}})
    model = script(bad, say(draft_skill=TEXT))
    async with stage(tmp_path, model) as on:
        state = await asked(on, await done(on))
        assert state.saved[1].script is None and state.saved[1].status == "waiting"
        assert "The script isn't valid Python" in model.prompts[-1].messages[-1].text
