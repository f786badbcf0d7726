"""What a model writes for people is read while it is written, on the web and in every chat, and replaced once."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agents.host.child_process_host import StdioHost
from agents.host.config import HostConfig
from agents.host.in_process_host import InProcessHost
from orchestrator.domain.model_messages import Answer, Prompt, Reply
from orchestrator.domain.tool_calls import Call
from orchestrator.errors import ModelDown
from orchestrator.ports import HostLink, OnDraft, Shelf
from tests.memory_hub import ScriptedModel, Stage, say, stage
from tests.scenarios.any_surface import FASTER, anywhere, listening
from tests.scenarios.chat_people import Row
from tests.scenarios.chat_platforms import EVERYWHERE, IN_CHATS, chat
from tests.scenarios.test_everywhere import until
from tests.scenarios.test_request_to_files import plan, row

REST = " a month, as their page says."
FIGURE = f"Northwind costs 49|{REST}"
BREAKS = "[the connection breaks]"
LOOKS = say(read_findings={})


class WritingModel(ScriptedModel):
    """Writes its words up to a `|`, and the rest when it is let go."""

    def __init__(self, lines: Mapping[str, Sequence[Any]]) -> None:
        super().__init__(lines)
        self.go = asyncio.Event()

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        answer = await super().complete(prompt)
        spoken = str(answer.reply.calls[0].args.get("text", "")) if answer.reply.calls else answer.reply.text
        begun, held, _ = spoken.partition("|")
        if held and on_draft is not None:
            on_draft(partial(str, begun))
            await self.go.wait()
            if spoken.endswith(BREAKS):
                raise ModelDown("down")
            on_draft(partial(str, spoken.replace("|", "")))
        return answer.model_copy(update={"reply": _whole(answer.reply)})


def _whole(reply: Reply) -> Reply:
    calls = tuple(Call(id=c.id, tool=c.tool, args=_said(c.args)) for c in reply.calls)
    return Reply(text=reply.text.replace("|", ""), calls=calls)


def _said(args: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.replace("|", "") if isinstance(value, str) else value for name, value in args.items()}


async def asks(it: Any, text: str) -> Row:
    """A request of Ada's whose plan she starts."""
    ada = it.person("Ada")
    root = await it.says(ada, text)
    await it.presses(ada, root, "start")
    return root


async def written(it: Any, on: Stage, name: str, root: Row, words: str) -> str:
    """What stands in the thread once the task is done and these words are there; nothing is being written any more."""
    await until(on, lambda s: s.phase == "done")
    await it.reads(root, "Done, no files")
    await it.reads(root, words)
    seen = await thread(it, name, root)
    assert "Writing" not in seen
    return seen


async def thread(it: Any, name: str, root: Row) -> str:
    """What stands in the thread."""
    return await it.thread(root) if name == "web" else it.thread(root)


@EVERYWHERE
async def test_the_words_of_a_step_are_read_while_it_writes_them(tmp_path: Path, name: str) -> None:
    model = WritingModel({"plan": [plan(row("read", "analyst"))], "read": [LOOKS, say(FIGURE)]})
    async with anywhere(tmp_path, name, model) as (it, on):
        root = await asks(it, "what does Northwind cost?")
        await it.reads(root, "Northwind costs 49")
        seen = await thread(it, name, root)
        assert "Writing" in seen
        assert "a month" not in seen
        (state,) = await on.desk.states()
        assert not any("Northwind costs" in r.event.model_dump_json() for r in await on.desk.records(state.id))
        model.go.set()
        seen = await written(it, on, name, root, "as their page says.")
        assert seen.count("Northwind costs 49 a month") == 1, seen


@EVERYWHERE
async def test_a_long_answer_without_a_file_is_in_the_thread_in_full(tmp_path: Path, name: str) -> None:
    long = "## Prices\n\n" + "\n".join(f"- Company {n} costs {n}{n} a month" for n in range(30)) + "|\n\nThat is all."
    model = WritingModel({"plan": [plan(row("read", "analyst"))], "read": [LOOKS, say(long)]})
    async with anywhere(tmp_path, name, model) as (it, on):
        root = await asks(it, "what do they cost?")
        await it.reads(root, "Company 29 costs 2929")
        model.go.set()
        seen = await written(it, on, name, root, "That is all.")
        assert all(f"Company {n} costs {n}{n} a month" in seen for n in range(30))
        assert seen.count("Company 29 costs 2929") == 1


@EVERYWHERE
async def test_an_answer_is_read_while_it_is_written_and_said_once(tmp_path: Path, name: str) -> None:
    model = WritingModel({"plan": [say(answer={"text": "It is **noon|** here."})]})
    async with anywhere(tmp_path, name, model) as (it, on):
        ada = it.person("Ada")
        root = await it.says(ada, "what time is it?")
        await it.reads(root, "noon")
        seen = await thread(it, name, root)
        assert "Writing an answer" in seen
        assert "here." not in seen
        model.go.set()
        await until(on, lambda s: s.phase == "answered")
        await it.reads(root, "Answered.")
        await it.reads(root, "here.")  # for a moment, neither the draft nor the answer may stand there
        seen = await thread(it, name, root)
        assert "Writing" not in seen
        assert seen.count("here.") == 1, seen


@EVERYWHERE
async def test_a_try_that_fails_leaves_nothing_of_what_it_wrote(tmp_path: Path, name: str) -> None:
    attempts = [LOOKS, say("A first|" + BREAKS), LOOKS, say("Better.")]
    model = WritingModel({"plan": [plan(row("read", "analyst"))], "read": attempts})
    async with anywhere(tmp_path, name, model) as (it, on):
        root = await asks(it, "what does Northwind cost?")
        await it.reads(root, "A first")
        model.go.set()
        assert "A first" not in await written(it, on, name, root, "Better.")


@IN_CHATS
async def test_a_hub_that_dies_while_a_model_writes_asks_again_and_ends_right(tmp_path: Path, name: str) -> None:
    lines = {"plan": [plan(row("read", "analyst"))], "read": [LOOKS, say(FIGURE)]}
    first, second = WritingModel(lines), WritingModel({"read": [say("Northwind now| costs 50.")]})
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    async with chat(name, faster=FASTER) as it:
        async with stage(tmp_path, first, url=url) as on, listening(it, on, tmp_path, faster=FASTER):
            root = await asks(it, "what does Northwind cost?")
            await it.reads(root, "Northwind costs 49")
            # the chat is gone first, as in a crash: nobody takes the draft off the card
        assert "Northwind costs 49" in it.thread(root)
        async with stage(tmp_path, second, url=url) as on, listening(it, on, tmp_path, faster=FASTER):
            await it.reads(root, "Northwind now")
            assert "Northwind costs 49" not in it.thread(root)
            second.go.set()
            await it.reads(root, "Northwind now costs 50.")
            await it.reads(root, "Done, no files")
            assert "Writing" not in it.thread(root)
            assert sum("Northwind now costs 50." in post for post in it.posts(root)) == 1


@pytest.mark.parametrize("kind", [InProcessHost, pytest.param(StdioHost, marks=pytest.mark.slow)])
async def test_an_agent_writes_as_well_behind_a_host_link(
    tmp_path: Path, kind: type[InProcessHost | StdioHost]
) -> None:
    hosts: list[InProcessHost | StdioHost] = []

    def link(shelf: Shelf) -> HostLink:
        hosts.append(kind(HostConfig(home=str(tmp_path / "host")), shelf))
        return hosts[0]

    write = say(write_file={"path": "note.md", "content": "49"})
    model = WritingModel({"plan": [plan(row("write", "developer"))], "write": [write, say(FIGURE)]})
    async with (
        chat("slack", faster=FASTER) as it,
        stage(tmp_path, model, link=link) as on,
        hosts[0],
        listening(it, on, tmp_path, faster=FASTER),
    ):
        root = await asks(it, "write a note")
        await it.reads(root, "Northwind costs 49")
        assert "a month" not in it.thread(root)
        model.go.set()
        await it.reads(root, "as their page says.")
        await it.reads(root, "Done, no files")
