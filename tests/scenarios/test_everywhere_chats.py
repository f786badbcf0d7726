"""What every chat has to survive: a hub that ends and comes back, and a platform that asks to wait."""

from collections.abc import Sequence
from pathlib import Path

from orchestrator.domain.task import TaskState
from tests.memory_hub import ScriptedModel, Stage, say, stage
from tests.scenarios.any_surface import FASTER, anywhere, listening
from tests.scenarios.chat_platforms import IN_CHATS, chat
from tests.scenarios.test_everywhere import HANDED_IN, note, until
from tests.scenarios.test_request_to_files import plan, row


async def asked(on: Stage, text: str) -> Sequence[TaskState]:
    """The tasks whose request has these words."""
    return [state for state in await on.desk.states() if state.request and text in state.request.text]


@IN_CHATS
async def test_what_is_said_while_the_hub_is_away_counts_once_it_is_back(tmp_path: Path, name: str) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("ask")), say(answer={"text": "It is noon."})],
            "ask": [say(ask_person={"question": "Which one?"}), say("That one.")],
        }
    )
    async with chat(name, faster=FASTER) as it, stage(tmp_path, model) as on:
        ada = it.person("Ada")
        async with listening(it, on, tmp_path, faster=FASTER):
            root = await it.says(ada, "do it")
            await it.presses(ada, root, "start")
            await it.reads(root, "Which one?")
            question = await it.sees(root, "answer")
        missed = await it.says(ada, "what time is it?")
        async with listening(it, on, tmp_path, faster=FASTER):
            await it.reads(missed, "It is noon.")
            form = await it.opens(ada, root, question.verb, question.ref)
            assert not await form.sends({"q.answer": "This one"})
            await it.reads(root, "That one.")
            await it.reads(root, "Answered by Ada")
            (first,) = await asked(on, "do it")
            await on.until(first.id, lambda s: s.phase == "done", seconds=60)
        assert len(await asked(on, "what time")) == 1
        said = [post for post in it.posts(root) if "Which one?" in post and "Answered by Ada" in post]
        assert len(said) == 1


@IN_CHATS
async def test_a_message_that_came_too_soon_is_shown_once_after_the_wait(tmp_path: Path, name: str) -> None:
    model = ScriptedModel({"plan": [plan(note())], "write": [HANDED_IN, say("Written.")]})
    async with anywhere(tmp_path, name, model) as (it, on):
        ada = it.person("Ada")
        refused = it.refuses_next()
        root = await it.says(ada, "write a note")
        await it.presses(ada, root, "start")
        assert refused()
        await it.sees(root, "accept")
        await it.presses(ada, root, "accept")
        await until(on, lambda s: s.phase == "done")
        await it.reads(root, "Done, 1 file")
        assert sum("[note.md]" in post for post in it.posts(root)) == 1
