"""Another assistant hands threadwork work over MCP: the library's own client, in both eras of the protocol."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from mcp import Client
from mcp_types import BlobResourceContents, ElicitRequestParams, ElicitResult, EmbeddedResource, TextContent

from bot.mcp_server.caller import McpCaller
from bot.mcp_server.server import server_for
from orchestrator.desk import PersonalDesk
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Approval, Ask, Decision, Question, Waits
from orchestrator.domain.audience import Viewer
from orchestrator.domain.deliverables import Deliverable
from orchestrator.domain.ids import ApprovalId, CallId, DeliverableId, PersonId, QuestionId, SubtaskId, TaskId
from orchestrator.domain.people import Person, Place, Request
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.tool_calls import Effect
from tests.scenarios.memory_desk import memory_desk

ADA = Person(id=PersonId("web:ada"), name="Ada")
BOB = Person(id=PersonId("web:bob"), name="Bob")
DIG = SubtaskId("dig")
PLAN = Plan(title="Dig", subtasks=(Subtask(id=DIG, title="Dig a hole", instructions="Dig.", agent="developer"),))
WAITS = Waits(approvals=(ApprovalId("a1"),))
Era = Literal["legacy", "auto"]
ERAS = pytest.mark.parametrize("era", ["legacy", "auto"])


class AskedPerson:
    """The person at the client: what they were asked, and what they answer to each."""

    def __init__(self, *answers: dict[str, str] | Literal["decline", "cancel"]) -> None:
        self.asked: list[str] = []
        self.schemas: list[dict[str, Any]] = []
        self._answers = list(answers)

    async def __call__(self, context: object, params: ElicitRequestParams) -> ElicitResult:
        self.asked.append(params.message)
        self.schemas.append(getattr(params, "requested_schema", {}))
        answer = self._answers.pop(0)
        if isinstance(answer, str):
            return ElicitResult(action=answer)
        return ElicitResult(action="accept", content=dict(answer))


class Editor:
    """A client on a small desk, whose agents the test plays."""

    def __init__(self, folder: Path, era: Era, person: AskedPerson | None, viewer: Viewer) -> None:
        self.desk = memory_desk(folder / "shelf")
        caller = McpCaller(PersonalDesk(self.desk, viewer), "http://127.0.0.1:8765")
        self.client = Client(server_for(caller), mode=era, elicitation_callback=person)
        self.told: list[str | None] = []

    async def call(self, tool: str, **args: Any) -> str:
        result = await self.client.call_tool(tool, args, progress_callback=self._hear)
        words = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
        return f"error: {words}" if result.is_error else words

    async def _hear(self, progress: float, total: float | None, message: str | None) -> None:
        self.told.append(message)

    async def opens(self) -> TaskId:
        await self.call("ask", request="Dig", wait=0)
        (opened,) = [s for s in self.desk.submitted if isinstance(s, c.OpenTask)]
        (entry,) = await self.desk.states()
        assert entry.request is not None and entry.request.by == opened.by
        return entry.id

    async def offers(self, task: TaskId, content: bytes = b"depth\n3\n") -> None:
        file = await self.desk.shelf.put(content, name="hole.csv", media="text/csv")
        hole = Deliverable(id=DeliverableId("d1"), subtask=DIG, file=file, version=1)
        await self.desk.fact(task, e.DeliverableOffered(deliverable=hole))


@asynccontextmanager
async def editor(
    folder: Path, era: Era, person: AskedPerson | None = None, viewer: Viewer | None = None
) -> AsyncGenerator[Editor]:
    it = Editor(folder, era, person, viewer or Viewer(ADA))
    async with it.client:
        yield it


def to_send() -> e.ApprovalRequested:
    return e.ApprovalRequested(
        approval=Approval(
            id=ApprovalId("a1"), subtask=DIG, call=CallId("c1"), tool="send", args={"to": "bob", "text": "hello"},
            fingerprint="f", effects=frozenset({Effect.NETWORK_SEND}), target="bob.example",
        )
    )  # fmt: skip


@ERAS
async def test_from_the_request_to_the_file_with_the_persons_decisions(tmp_path: Path, era: Era) -> None:
    person = AskedPerson({"decision": "Start"}, {"decision": "Approve once"}, {"decision": "Approve"})
    async with editor(tmp_path, era, person) as it:
        task = await it.opens()
        await it.desk.fact(task, e.PlanDrafted(plan=PLAN, version=1))
        assert "Call approve" in await it.call("status", task=task)

        await it.call("approve", task=task, wait=0)
        await it.desk.fact(task, e.SubtaskStarted(subtask=DIG, attempt=1, leg=1, host="h"))
        await it.desk.fact(task, to_send())
        await it.desk.fact(task, e.SubtaskParked(subtask=DIG, attempt=1, leg=1, waits=WAITS))
        await it.call("approve", task=task, wait=0)
        await it.offers(task)
        await it.call("approve", task=task, wait=0)
        await it.desk.fact(task, e.TaskClosed(outcome="done", words="Dug."))

        done = await it.call("status", task=task)
        assert "Dug." in done and "hole.csv (8 bytes, Approved" in done
        verbs = [type(s).__name__ for s in it.desk.submitted]
        assert verbs == ["OpenTask", "StartPlan", "Decide", "Review"]
        assert all(s.by == ADA for s in it.desk.submitted)
    plan, call, file = person.asked
    assert "1. Dig a hole (developer)" in plan and "http://127.0.0.1:8765/t/" in plan
    assert "bob.example" in call and "hello" in call and "ID: approval/a1" in call
    assert "hole.csv" in file


@ERAS
async def test_a_call_waits_and_tells_the_progress_until_a_person_is_needed(tmp_path: Path, era: Era) -> None:
    async with editor(tmp_path, era) as it:
        task = await it.opens()
        waiting = asyncio.create_task(it.call("status", task=task, wait=60))
        async with asyncio.timeout(30):
            while not it.told:  # noqa: ASYNC110  (the client rings no bell)
                await asyncio.sleep(0.01)
        await it.desk.fact(task, e.PlanDrafted(plan=PLAN, version=1))
        assert "A person has to decide" in await waiting
        assert it.told[0] == "Drafting a plan"


@ERAS
async def test_without_forms_the_person_decides_in_the_workspace(tmp_path: Path, era: Era) -> None:
    async with editor(tmp_path, era) as it:
        task = await it.opens()
        await it.desk.fact(task, e.PlanDrafted(plan=PLAN, version=1))
        said = await it.call("approve", task=task)
        assert f"http://127.0.0.1:8765/t/{task}" in said and "can't show a form" in said
        assert [type(s) for s in it.desk.submitted] == [c.OpenTask]


@ERAS
@pytest.mark.parametrize("answer", ["decline", "cancel"])
async def test_a_person_who_does_not_answer_decides_nothing(
    tmp_path: Path, era: Era, answer: Literal["decline", "cancel"]
) -> None:
    async with editor(tmp_path, era, AskedPerson(answer)) as it:
        task = await it.opens()
        await it.desk.fact(task, e.PlanDrafted(plan=PLAN, version=1))
        assert "nothing was decided" in await it.call("approve", task=task)
        assert [type(s) for s in it.desk.submitted] == [c.OpenTask]


@ERAS
async def test_a_question_is_a_form_and_a_wrong_choice_is_refused(tmp_path: Path, era: Era) -> None:
    person = AskedPerson({"field_0": "Purple", "field_1": ""}, {"field_0": "Blue", "field_1": "Soon"})
    async with editor(tmp_path, era, person) as it:
        task = await it.opens()
        fields = (Ask(name="colour", label="Colour", options=("Blue", "Red")),
                  Ask(name="when", label="When", required=False))  # fmt: skip
        question = Question(id=QuestionId("q1"), subtask=None, text="Which colour?", fields=fields)
        await it.desk.fact(task, e.QuestionAsked(question=question))
        assert "'Purple' isn't one of the choices" in await it.call("approve", task=task, wait=0)
        await it.call("approve", task=task, wait=0)
        answered = it.desk.submitted[-1]
        assert isinstance(answered, c.AnswerQuestion) and answered.answers == {"colour": "Blue", "when": "Soon"}
    assert person.schemas[0]["properties"]["field_0"]["enum"] == ["Blue", "Red"]
    assert person.schemas[0]["required"] == ["field_0"]


@ERAS
async def test_the_answer_counts_only_for_the_question_that_was_shown(tmp_path: Path, era: Era) -> None:
    """While the person reads, somebody else decides, and the next thing waits: it isn't approved unseen."""
    async with editor(tmp_path, era, person := AskedPerson()) as it:
        task = await it.opens()
        await it.desk.fact(task, e.PlanDrafted(plan=PLAN, version=1))
        await it.desk.fact(task, e.PlanStarted(version=1))
        await it.desk.fact(task, e.SubtaskStarted(subtask=DIG, attempt=1, leg=1, host="h"))
        await it.desk.fact(task, to_send())

        async def while_reading(context: object, params: ElicitRequestParams) -> ElicitResult:
            person.asked.append(params.message)
            if len(person.asked) > 1:
                return ElicitResult(action="decline")
            first = it.desk.submit(
                c.Decide(
                    id="other",
                    by=BOB,
                    task=task,
                    approval=ApprovalId("a1"),
                    decision=Decision(verb="reject", reason="No."),
                )
            )
            await first
            second = to_send().approval.model_copy(update={"id": ApprovalId("a2"), "target": "eve.example"})
            await it.desk.fact(task, e.ApprovalRequested(approval=second))
            return ElicitResult(action="accept", content={"decision": "Approve once"})

        it.client.elicitation_callback = while_reading
        it.client.session._elicitation_callback = while_reading  # pyright: ignore[reportPrivateUsage]
        await it.call("approve", task=task, wait=0)
        state = await it.desk.state(task)
        assert state.approvals[ApprovalId("a2")].decision is None


@ERAS
async def test_files_are_listed_embedded_and_read_as_resources(tmp_path: Path, era: Era) -> None:
    async with editor(tmp_path, era) as it:
        task = await it.opens()
        await it.desk.fact(task, e.PlanDrafted(plan=PLAN, version=1))
        assert "no files yet" in await it.call("files", task=task)
        await it.offers(task)
        listed = await it.client.call_tool("files", {"task": task})
        (link,) = [block for block in listed.content if block.type == "resource_link"]
        found = await it.client.call_tool("files", {"task": task, "name": "hole.csv"})
        (part,) = found.content
        assert isinstance(part, EmbeddedResource) and getattr(part.resource, "text", "") == "depth\n3\n"
        (read,) = (await it.client.read_resource(str(link.uri))).contents
        assert isinstance(read, BlobResourceContents) and read.blob == "ZGVwdGgKMwo="
        assert "no file 'other'" in await it.call("files", task=task, name="other")


@ERAS
async def test_a_file_of_another_task_is_not_served(tmp_path: Path, era: Era) -> None:
    async with editor(tmp_path, era) as it:
        task = await it.opens()
        secret = await it.desk.shelf.put(b"secret", name="secret.txt")
        with pytest.raises(Exception, match="has no file"):
            await it.client.read_resource(f"threadwork://tasks/{task}/files/{secret.sha}")


@ERAS
async def test_another_persons_private_task_does_not_exist_here(tmp_path: Path, era: Era) -> None:
    async with editor(tmp_path, era, AskedPerson()) as it:
        place = Place(platform="slack", channel="T1/D1", thread="1", private=True)
        opening = c.OpenTask(id="1", by=BOB, request=Request(text="Hush", by=BOB, place=place))
        task = (await it.desk.submit(opening)).task
        for tool in ("status", "approve", "files", "cancel"):
            assert "There's no task" in await it.call(tool, task=task)
        assert await it.call("status") == "There are no tasks yet."


@ERAS
async def test_cancel_stops_the_task_and_ending_a_call_does_not(tmp_path: Path, era: Era) -> None:
    async with editor(tmp_path, era) as it:
        task = await it.opens()
        waiting = asyncio.create_task(it.call("status", task=task, wait=600))
        async with asyncio.timeout(30):
            while not it.told:  # noqa: ASYNC110  (the client rings no bell)
                await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert (await it.desk.state(task)).phase == "planning"
        assert "Stopped" in await it.call("cancel", task=task)
        assert (await it.desk.state(task)).phase == "stopped"


@ERAS
async def test_sent_files_are_attached_and_bad_ones_refused(tmp_path: Path, era: Era) -> None:
    async with editor(tmp_path, era) as it:
        bad = await it.call("ask", request="Read", files=[{"name": "a.bin", "base64": "!"}], wait=0)
        assert bad == "error: Error executing tool ask: The content of 'a.bin' isn't valid base64."
        sent = [{"name": "a.txt", "text": "hello"}, {"name": "b.bin", "base64": "AAE="}]
        await it.call("ask", request="Read", files=sent, wait=0)
        opened = it.desk.submitted[-1]
        assert isinstance(opened, c.OpenTask) and opened.request.relayed
        contents = [await it.desk.shelf.get(file.sha) for file in opened.request.files]
        assert contents == [b"hello", b"\x00\x01"]
