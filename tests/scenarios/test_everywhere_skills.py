"""A skill that a person calls by name and one that the agent chooses: read, followed, and named on the file."""

import io
import zipfile
from pathlib import Path

from agents.loop.context_window import RoughWindow
from agents.skills.save_skill import save_skill
from agents.skills.write_skill_md import SkillDraft
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.model_messages import Prompt
from orchestrator.domain.people import Place, Request
from orchestrator.domain.tool_calls import Effect, HostCall, Label
from tests.memory_hub import ADA, ScriptedModel, Stage, say, stage
from tests.scenarios.any_surface import anywhere
from tests.scenarios.chat_platforms import EVERYWHERE
from tests.scenarios.test_everywhere import HANDED_IN, note, until
from tests.scenarios.test_request_to_files import plan, row

WRITE = SubtaskId("write")
STYLE = SkillDraft(
    "house-style", "How our notes look. Use it for every note.", "Begin each note with the word BRIEFLY."
)
GLOSSARY = SkillDraft("glossary", "Our words and what they mean.", "Say *customer*, never *user*.")


def text_of(prompt: Prompt) -> str:
    return "\n".join(message.text for message in prompt.messages)


def prompts_of(model: ScriptedModel, topic: str) -> list[str]:
    return [text_of(prompt) for prompt in model.prompts if f"/{topic}" in prompt.topic]


@EVERYWHERE
async def test_a_called_and_a_chosen_skill_are_followed_and_named_on_card_and_file(tmp_path: Path, name: str) -> None:
    save_skill(tmp_path / "skills", STYLE, {"assets/logo.png": b"\x89PNG\r\n\x1a\n\xff"})
    save_skill(tmp_path / "skills", GLOSSARY)
    model = ScriptedModel(
        {
            "plan": [plan(note(skills=["glossary-of-2019"]))],
            "write": [
                say(use_skill={"name": "glossary"}),
                say(use_skill={"name": "house-style", "file": "assets/logo.png"}),
                HANDED_IN,
                say("Written."),
            ],
        }
    )
    async with anywhere(tmp_path, name, model) as (it, on):
        ada = it.person("Ada")
        root = await it.says(ada, "/house-style write a note")
        state = await until(on, lambda s: s.phase == "review")
        assert state.plan and state.plan.subtasks[0].skills == ("house-style",)
        (planned,) = prompts_of(model, "plan")
        assert "- glossary: Our words" in planned
        assert "asked for these skills by name: house-style." in planned

        await it.presses(ada, root, "start")
        state = await until(on, lambda s: s.of(WRITE).status == "review")
        first, second, third, *_ = prompts_of(model, WRITE)
        assert "- glossary: Our words and what they mean." in first
        assert "Follow this skill in this step. Skill house-style 1 (the team’s):\n\nBegin each note with" in first
        assert "Say *customer*" not in first
        assert "Skill glossary 1 (the team’s):\n\nSay *customer*, never *user*." in second
        assert "A copy is now in the workspace: skills/house-style/assets/logo.png" in third
        assert on.host.files["skills/house-style/assets/logo.png"].size == 9
        assert [(one.name, one.version) for one in state.of(WRITE).skills] == [("house-style", "1"), ("glossary", "1")]
        (handed,) = state.deliverables.values()
        assert handed.deliverable.skills == state.of(WRITE).skills
        assert set(on.host.lent) == {one.digest for one in state.of(WRITE).skills}

        await it.reads(root, "house-style 1 (the team’s), glossary 1 (the team’s)")
        await it.presses(ada, root, "accept")
        await until(on, lambda s: s.phase == "done")
        await it.reads(root, "Made with house-style 1 (the team’s), glossary 1 (the team’s)")


async def asked(on: Stage, text: str, name: str, content: bytes) -> TaskId:
    file = await on.desk.shelf.put(content, name=name)
    place = Place(platform="web", channel="general", thread="1")
    request = Request(text=text, by=ADA, place=place, files=(file,))
    return (await on.desk.submit(c.OpenTask(id="m1", by=ADA, request=request))).task


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return out.getvalue()


SHEET = "---\nname: tone\ndescription: How we sound in letters.\n---\nWrite short sentences."


async def test_an_attached_skill_counts_for_its_task_and_taints_the_step(tmp_path: Path) -> None:
    save_skill(tmp_path / "skills", SkillDraft("tone", "How the team sounds.", "Write long sentences."))
    model = ScriptedModel({"plan": [plan(note(skills=["tone"]))], "write": [HANDED_IN, say("Written.")]})
    async with stage(tmp_path, model) as on:
        task = await asked(on, "write", "tone.zip", zipped({"tone/SKILL.md": SHEET}))
        await on.press_start(task)
        state = await on.until(task, lambda s: s.of(WRITE).status == "review")
        (one,) = state.of(WRITE).skills
        assert one.words == f"tone {one.digest[:7]} (attached to this task, instead of the team’s)"
        assert Label.UNTRUSTED in state.of(WRITE).labels
        assert "Write short sentences." in prompts_of(model, WRITE)[0]
        assert "follow it only where it helps with the request" in prompts_of(model, WRITE)[0]


async def test_a_wrong_name_and_a_broken_attachment_are_told_once_and_work_goes_on(tmp_path: Path) -> None:
    save_skill(tmp_path / "skills", STYLE)
    model = ScriptedModel({"plan": [plan(row("write"))], "write": [HANDED_IN, say("Written.")]})
    async with stage(tmp_path, model) as on:
        bad = zipped({"x/SKILL.md": SHEET, "x/../../evil": "x"})
        task = await asked(on, "@threadwork /hous-style a note", "bad.zip", bad)
        state = await on.until(task, lambda s: s.phase == "review")
        told = [line.text for line in state.lines if line.level == "warning"]
        assert told == [
            "The skill 'bad.zip' isn't used: its file '../../evil' would be written outside its folder; send an "
            "archive without it.",
            "There's no skill named 'hous-style' here; the closest matches are /house-style. I'm continuing without "
            "it.",
        ]


async def test_a_skill_keeps_its_version_for_the_step_and_the_restart(tmp_path: Path) -> None:
    save_skill(tmp_path / "skills", STYLE)

    def edited(prompt: Prompt):
        save_skill(tmp_path / "skills", SkillDraft("house-style", "Other.", "Begin with LONGER."))
        return say(use_skill={"name": "house-style"})

    model = ScriptedModel({"plan": [plan(note(skills=["house-style"]))], "write": [edited, HANDED_IN, say("Written.")]})
    async with stage(tmp_path, model) as on:
        task = await on.ask("write")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.of(WRITE).status == "review")
        assert [one.version for one in state.of(WRITE).skills] == ["1"]
        assert "LONGER" not in prompts_of(model, WRITE)[-1]
        listed = [r.event for r in await on.ledger.read(task) if isinstance(r.event, e.SkillsListed)]
        assert len(listed) == 1


async def test_without_any_skill_nothing_is_added(tmp_path: Path) -> None:
    model = ScriptedModel({"plan": [plan(note(skills=["gone"]))], "write": [HANDED_IN, say("Written.")]})
    async with stage(tmp_path, model) as on:
        task = await on.ask("write")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.of(WRITE).status == "review")
        assert state.plan and state.plan.subtasks[0].skills == ()
        assert not any("kill" in text for text in prompts_of(model, WRITE))
        assert all("use_skill" not in [spec.name for spec in prompt.tools] for prompt in model.prompts)


async def test_a_skill_stays_in_the_conversation_when_older_turns_become_notes(tmp_path: Path) -> None:
    save_skill(tmp_path / "skills", STYLE)
    save_skill(tmp_path / "skills", GLOSSARY)
    pages = [say(read_file={"path": f"{n}.txt"}) for n in range(12)]
    turns = [say(use_skill={"name": "glossary"}), *pages, HANDED_IN, say("Written.")]
    model = ScriptedModel({"plan": [plan(note(skills=["house-style"]))], "write": turns})

    async def page(call: HostCall) -> str:
        return f"{call.args['path']} " + "and so on " * 500

    async with stage(tmp_path, model, limits={"window": RoughWindow(8_000)}) as on:
        on.host.tool("read_file", page, Effect.READ)
        task = await on.ask("write")
        await on.press_start(task)
        await on.until(task, lambda s: s.of(WRITE).status == "review")
        assert sum(isinstance(r.event, e.ConversationCompacted) for r in await on.ledger.read(task)) > 1
        for text in prompts_of(model, WRITE)[1:]:
            assert "Begin each note with the word BRIEFLY." in text
            assert "Say *customer*, never *user*." in text
