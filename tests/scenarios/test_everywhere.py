"""One suite over the web workspace and every chat: the same story, the same end, whatever the place."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import ModelDown
from tests.memory_hub import ScriptedModel, Stage, say
from tests.scenarios.any_surface import anywhere
from tests.scenarios.chat_platforms import EVERYWHERE
from tests.scenarios.test_request_to_files import plan, row


async def until(on: Stage, fact: Callable[[TaskState], object]) -> TaskState:
    """The only task, as soon as this is true of it."""
    async with asyncio.timeout(60):
        while not (states := await on.desk.states()):  # noqa: ASYNC110  (asked from outside)
            await asyncio.sleep(0.01)
    (state,) = states
    return await on.until(state.id, fact, seconds=60)


def told(prompt: Prompt) -> Reply:
    return say(f"I heard: {prompt.messages[-1].text}")


async def opened(call: object) -> str:
    return "opened"


def note(**more: Any) -> dict[str, Any]:
    return row("write", deliverables=["note.md"], **more)


WHICH = {"name": "side", "label": "The side", "options": ["The left", "The right"]}
HANDED_IN = say(deliver={"path": "note.md", "words": "A note."})


@EVERYWHERE
async def test_the_report_job_runs_whole(tmp_path: Path, name: str) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("post", "browser"), row("bad"), note()), say(answer={"text": "It is in the note."})],
            "post": [
                say(browser_open={"url": "http://far.test/x"}),
                say(browser_open={"url": "http://other.test/y"}),
                told,
            ],
            "bad": [ModelDown("down"), ModelDown("down"), ModelDown("The model is down."), say("Fine now.")],
            "write": [HANDED_IN, say("Written.")],
        }
    )
    async with anywhere(tmp_path, name, model) as (it, on):
        on.host.tool("browser_open", opened, Effect.NETWORK_READ, target="url")
        on.host.picture = b"\x89PNG\r\n\x1a\n a page"
        ada = it.person("Ada")
        root = await it.says(ada, "compare these", prices=b"1,2")
        state = await until(on, lambda s: s.phase == "review")
        assert state.request and [(f.name, f.size) for f in state.request.files] == [("prices.txt", 3)]

        form = await it.opens(ada, root, "edit-plan")
        changed = form.steps(post={"title": "Look around"}, write={"title": ""})
        assert "needs a title" in await form.sends({"title": "My plan", **changed})
        assert form.values["title"] == "My plan"
        assert not await form.sends(form.steps(write={"title": "Write it all"}))
        state = await until(on, lambda s: s.version == 2)
        assert state.plan and state.plan.title == "My plan"
        assert [s.title for s in state.plan.subtasks] == ["Look around", "Bad", "Write it all"]
        await it.reads(root, "Write it all")
        await it.presses(ada, root, "start", "2")

        form = await it.opens(ada, root, "edit")
        assert not await form.sends({"a.url": "http://far.test/z"})
        await it.reads(root, "Approved with changes by Ada")
        await it.reads(root, "other.test")
        form = await it.opens(ada, root, "reject")
        assert not await form.sends({"words": "Not there."})
        await it.reads(root, "Rejected by Ada: Not there.")
        await it.reads(root, "The model is down.")
        await it.presses(ada, root, "retry", "bad:3")
        await it.presses(ada, root, "accept")
        state = await until(on, lambda s: s.phase == "done")
        await it.reads(root, "Done, 1 file: note.md.")
        files = await it.files(root)
        (offered,) = state.deliverables.values()
        assert files["note.md"] == await on.desk.shelf.get(offered.file.sha)
        assert on.host.picture in files.values()

        await it.says(ada, "where is it?", to=root)
        await it.reads(root, "It is in the note.")
        state = await until(on, lambda s: s.phase == "answered")
        assert state.of(SubtaskId("bad")).attempt == 4
        assert "Not there." in state.of(SubtaskId("post")).summary
        assert [x.args["url"] for x in on.host.calls if x.tool == "browser_open"] == ["http://far.test/z"]


@EVERYWHERE
async def test_another_person_decides_answers_and_who_comes_late_is_told(tmp_path: Path, name: str) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("post", "browser"))],
            "post": [
                say(browser_open={"url": "http://far.test/x"}),
                say(browser_open={"url": "http://far.test/y"}),
                say(ask_person={"question": "Which one?", "fields": [WHICH]}),
                told,
            ],
        }
    )
    async with anywhere(tmp_path, name, model) as (it, on):
        on.host.tool("browser_open", opened, Effect.NETWORK_READ, target="url")
        ada, bob = it.person("Ada"), it.person("Bob")
        root = await it.says(ada, "read these")
        start = await it.sees(root, "start")
        await it.presses(bob, root, "start", on=start)
        late = await it.sees(root, "approve-for-task")
        once = await it.sees(root, "approve")
        await it.presses(bob, root, "approve-for-task", on=late)
        await it.reads(root, "Which one?")
        await it.presses(ada, root, "approve", on=once)
        await it.presses(ada, root, "start", on=start)
        await told_privately(it, ada, "decided")
        (question,) = (await until(on, lambda s: s.questions)).questions
        await it.presses(bob, root, "choose", f"{question}:1")
        state = await until(on, lambda s: s.phase == "done")
        await it.reads(root, "Answered by Bob")
        await it.reads(root, "Approved for this task by Bob")
        assert "The right" in state.of(SubtaskId("post")).summary
        assert [row.by.name for row in state.approvals.values() if row.by] == ["Bob"]


async def told_privately(it: Any, who: Any, text: str) -> None:
    for _ in range(500):
        if text in it.private(who):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{text!r} is not in {it.private(who)!r}")


@EVERYWHERE
async def test_a_file_is_sent_back_and_then_replaced_by_my_own(tmp_path: Path, name: str) -> None:
    model = ScriptedModel({"plan": [plan(note())], "write": [HANDED_IN, say("Written."), HANDED_IN, say("Again.")]})
    async with anywhere(tmp_path, name, model) as (it, on):
        ada, bob = it.person("Ada"), it.person("Bob")
        root = await it.says(ada, "write a note")
        await it.presses(ada, root, "start")
        form = await it.opens(ada, root, "request-changes")
        assert not await form.sends({"words": "Shorter, please."})
        state = await until(on, lambda s: len(s.deliverables) == 2)
        first, second = state.deliverables.values()
        assert (first.verdict, first.text, second.deliverable.version) == ("superseded", "Shorter, please.", 2)
        form = await it.opens(bob, root, "replace", second.deliverable.id)
        assert not await form.sends({"words": "Mine is better."}, **{"mine.md": b"my own words"})
        state = await until(on, lambda s: s.phase == "done")
        await it.reads(root, "Replaced by Bob with their own version")
        await it.reads(root, "Used instead of the agent’s version 2")
        arrived = await eventually(it, root, "mine.md")
        assert arrived["mine.md"] == b"my own words"


async def eventually(it: Any, root: Any, name: str) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for _ in range(500):
        if name in (files := await it.files(root)):
            return files
        await asyncio.sleep(0.01)
    raise AssertionError(f"no {name!r} among {list(files)}")


@EVERYWHERE
async def test_a_task_is_paused_resumed_one_step_skipped_and_all_of_it_stopped(tmp_path: Path, name: str) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("ask"), row("late", after=["ask"]), row("last", after=["ask", "late"]))],
            "ask": [say(ask_person={"question": "Which one?"}), told],
            "last": [say(ask_person={"question": "And now?"}), told],
        }
    )
    async with anywhere(tmp_path, name, model) as (it, on):
        ada = it.person("Ada")
        root = await it.says(ada, "do it")
        await it.presses(ada, root, "start")
        await it.reads(root, "Which one?")
        await it.presses(ada, root, "pause")
        await it.reads(root, "Paused. 0 of 3 steps done")
        await it.presses(ada, root, "skip", "late")
        await it.presses(ada, root, "resume")
        await until(on, lambda s: s.phase == "running" and s.of(SubtaskId("late")).status == "skipped")
        form = await it.opens(ada, root, "redirect", "last")
        assert not await form.sends({"words": "Be quick."})
        form = await it.opens(ada, root, "answer")
        assert not await form.sends({"q.answer": "This one"})
        await it.reads(root, "And now?")
        stop = await it.sees(root, "stop")
        await it.presses(ada, root, "stop", on=stop)
        await it.reads(root, "Stopped")
        await it.presses(ada, root, "stop", on=stop)
        await told_privately(it, ada, "stopped by Ada")
        state = await until(on, lambda s: s.phase == "stopped")
        last = next(p for p in reversed(model.prompts) if "/last/" in p.topic)
        assert any("Be quick." in m.text for m in last.messages)
        assert [s.status for s in state.subtasks.values()][:2] == ["done", "skipped"]
