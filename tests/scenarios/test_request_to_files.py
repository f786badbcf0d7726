"""A request's way from mention to files, on memory with a scripted model: each rule of the head as a story."""

from pathlib import Path
from typing import Any

from orchestrator.domain import commands as c
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.fold import replay
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import ModelDown
from tests.memory_hub import ADA, ScriptedModel, say, stage


def row(name: str, agent: str = "document", **more: Any) -> dict[str, Any]:
    return {"id": name, "title": name.title(), "instructions": f"Do {name}.", "agent": agent, **more}


def plan(*rows: dict[str, Any]) -> Any:
    return say(propose_plan={"title": "Work", "subtasks": list(rows)})


async def test_a_request_becomes_a_plan_that_waits_for_start_and_then_files(tmp_path: Path) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("write", deliverables=["note.md"]))],
            "write": [say(deliver={"path": "note.md", "words": "A note."}), say("Written.")],
        }
    )
    async with stage(tmp_path, model) as on:
        task = await on.ask("Write a note")
        state = await on.until(task, lambda s: s.phase == "review")
        assert not any(s.leg for s in state.subtasks.values())
        await on.press_start(task)
        state = await on.until(task, lambda s: s.subtasks[SubtaskId("write")].status == "review")
        (name,) = state.deliverables
        await on.desk.submit(c.Review(id="r", by=ADA, task=task, deliverable=name, verdict="approved"))
        state = await on.until(task, lambda s: s.phase == "done")
        assert state.words == "Done, 1 file: note.md."
        assert replay(task, await on.desk.records(task)) == state


async def test_findings_reach_a_running_agent_before_their_finder_has_ended(tmp_path: Path) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("find", "browser"), row("sheet", fed_by=["find"]))],
            "find": [
                say(share_finding={"kind": "price", "value": 12, "source_url": "http://a.test"}),
                say(ask_person={"question": "Go on?"}),
                say("Found."),
            ],
            "sheet": [say(wait_for_findings={}), say(wait_for_findings={}), say("Filled.")],
        }
    )
    async with stage(tmp_path, model) as on:
        task = await on.ask("Fill a sheet")
        await on.press_start(task)
        line = "- [find.1] price = 12 (by find; http://a.test)"

        def told() -> bool:
            sheet = [p for p in model.prompts if p.topic.split("/")[1] == "sheet"]
            return any(line in m.text for p in sheet for m in p.messages)

        state = await on.until(task, lambda s: s.questions and told())
        assert state.of(SubtaskId("find")).ended_at is None
        (question,) = state.questions
        await on.desk.submit(c.AnswerQuestion(id="a", by=ADA, task=task, question=question, answers={"answer": "yes"}))
        await on.until(task, lambda s: s.phase == "done")


async def test_an_outward_call_waits_for_a_person_and_runs_as_edited(tmp_path: Path) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("post", "browser"))],
            "post": [say(browser_open={"url": "http://far.test/x"}), lambda p: say(p.messages[-1].text)],
        }
    )
    async with stage(tmp_path, model) as on:

        async def opened(call: Any) -> str:
            return f"opened {call.args['url']} with {call.domains}"

        on.host.tool("browser_open", opened, Effect.NETWORK_READ, target="url")
        task = await on.ask("Look there")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.approvals)
        (name,) = state.approvals
        assert not on.host.calls
        decision = Decision(verb="edit", args={"url": "http://far.test/y"})
        await on.desk.submit(c.Decide(id="d", by=ADA, task=task, approval=name, decision=decision))
        state = await on.until(task, lambda s: s.phase == "done")
        assert "opened http://far.test/y with ('far.test',)" in state.of(SubtaskId("post")).summary


async def test_one_failed_subtask_leaves_its_siblings_alone_and_can_be_retried(tmp_path: Path) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("bad"), row("good"), row("last", after=["bad"]))],
            "bad": [ModelDown("down"), ModelDown("down"), ModelDown("The model is down."), say("Fine now.")],
            "good": [say("Good.")],
            "last": [say("Last.")],
        }
    )
    async with stage(tmp_path, model) as on:
        task = await on.ask("Three things")
        await on.press_start(task)
        state = await on.until(
            task, lambda s: s.of(SubtaskId("bad")).attempt == 3 and s.of(SubtaskId("bad")).status == "failed"
        )
        assert state.of(SubtaskId("bad")).problem == "The model is down."
        state = await on.until(task, lambda s: s.of(SubtaskId("good")).status == "done")
        assert state.of(SubtaskId("last")).status == "planned"
        await on.desk.submit(c.RetrySubtask(id="t", by=ADA, task=task, subtask=SubtaskId("bad"), attempt=3))
        await on.until(task, lambda s: s.phase == "done")
        opening = [p for p in model.prompts if p.topic.split("/")[1] == "bad"][-1].messages[1].text
        assert "An earlier attempt failed: The model is down." in opening


async def test_requested_changes_go_back_to_the_agent_who_hands_in_a_new_version(tmp_path: Path) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("write", deliverables=["note.md"]))],
            "write": [
                say(deliver={"path": "note.md", "words": "v1"}),
                say("Written."),
                say(deliver={"path": "note.md", "words": "v2"}),
                say("Revised."),
            ],
        }
    )
    async with stage(tmp_path, model) as on:
        task = await on.ask("Write a note")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.subtasks[SubtaskId("write")].status == "review")
        (first,) = state.deliverables
        await on.desk.submit(c.Review(id="r", by=ADA, task=task, deliverable=first, verdict="changes", text="Shorter."))
        state = await on.until(
            task, lambda s: len(s.deliverables) == 2 and s.subtasks[SubtaskId("write")].status == "review"
        )
        assert any("Ada asks for changes to note.md: Shorter." in m.text for m in model.prompts[-1].messages)
        second = list(state.deliverables.values())[1]
        assert second.deliverable.version == 2 and state.deliverables[first].verdict == "superseded"
        await on.desk.submit(
            c.Review(id="r2", by=ADA, task=task, deliverable=second.deliverable.id, verdict="approved")
        )
        await on.until(task, lambda s: s.phase == "done")


async def test_a_persons_own_version_takes_the_place_of_the_agents_file(tmp_path: Path) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("write", deliverables=["note.md"]), row("next", after=["write"]))],
            "write": [say(deliver={"path": "out/note.md", "words": "v1"}), say("Written.")],
            "next": [say("Seen.")],
        }
    )
    async with stage(tmp_path, model) as on:
        task = await on.ask("Write a note")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.subtasks[SubtaskId("write")].status == "review")
        (name,) = state.deliverables
        own = await on.desk.shelf.put(b"mine", name="mine.md")
        await on.desk.submit(c.Review(id="r", by=ADA, task=task, deliverable=name, verdict="replaced", file=own))
        await on.until(task, lambda s: s.phase == "done")
        assert on.host.files == {"out/note.md": own}


async def test_an_agent_without_feeders_is_not_offered_to_wait_for_findings(tmp_path: Path) -> None:
    model = ScriptedModel(
        {"plan": [plan(row("a", "browser"), row("b", fed_by=["a"]))], "a": [say("A.")], "b": [say("B.")]}
    )
    async with stage(tmp_path, model) as on:
        task = await on.ask("Do it")
        await on.press_start(task)
        await on.until(task, lambda s: s.phase == "done")
        offered = {p.topic.split("/")[1]: {t.name for t in p.tools} for p in model.prompts[1:]}
        assert "wait_for_findings" not in offered["a"]
        assert "wait_for_findings" in offered["b"]


async def test_a_bad_plan_is_repaired_once_with_the_error_shown(tmp_path: Path) -> None:
    model = ScriptedModel(
        {"plan": [plan(row("a", after=["b"]), row("b", after=["a"])), plan(row("a"))], "a": [say("ok")]}
    )
    async with stage(tmp_path, model) as on:
        task = await on.ask("Do a")
        state = await on.until(task, lambda s: s.phase == "review")
        assert state.plan is not None and len(state.plan.subtasks) == 1
        assert "a → b → a" in model.prompts[1].messages[-1].text


async def test_a_plan_is_edited_before_the_start_and_a_stopped_task_starts_nothing(tmp_path: Path) -> None:
    model = ScriptedModel({"plan": [plan(row("a"), row("b"))]})
    async with stage(tmp_path, model) as on:
        task = await on.ask("Do a")
        state = await on.until(task, lambda s: s.phase == "review")
        assert state.plan is not None
        edited = Plan(
            title="Mine",
            subtasks=(
                *state.plan.subtasks[:1],
                Subtask(id=SubtaskId("c"), title="C", instructions="c", agent="analyst"),
            ),
        )
        await on.desk.submit(c.EditPlan(id="e", by=ADA, task=task, plan=edited, base=1))
        state = await on.until(task, lambda s: s.version == 2)
        assert list(state.subtasks) == ["a", "c"]
        await on.desk.submit(c.Stop(id="s", by=ADA, task=task))
        state = await on.until(task, lambda s: s.phase == "stopped")
        assert len(model.prompts) == 1


async def test_a_simple_question_is_answered_and_a_reply_continues_with_a_plan(tmp_path: Path) -> None:
    model = ScriptedModel({"plan": [say(answer={"text": "Hello."}), plan(row("a"))], "a": [say("Done a.")]})
    async with stage(tmp_path, model) as on:
        task = await on.ask("Hi")
        state = await on.until(task, lambda s: s.phase == "answered")
        assert state.lines[-1].text == "Hello."
        await on.desk.submit(c.Say(id="2", by=ADA, task=task, text="Now do a"))
        await on.press_start(task)
        await on.until(task, lambda s: s.phase == "done")
