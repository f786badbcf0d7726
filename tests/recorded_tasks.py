"""Whole tasks as they are recorded: the real head and a scripted model play them now, so no recording grows old."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from agents.loop.budget import SpendingLimits
from agents.skills.save_skill import save_skill
from agents.skills.write_skill_md import SkillDraft
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.fold import apply
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.takeover import COULD_NOT, OUTCOME
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import CallResult, Effect, HostCall
from orchestrator.errors import ModelDown, ModelTooLong
from orchestrator.ledger.file_shelf import FolderShelf
from tests.connector_stand import connectors, hostile
from tests.memory_hub import ADA, BOB, ScriptedModel, Stage, say, stage
from tests.odd_texts import LONG, ODD
from tests.recorded_skills import installed, saved


def row(name: str, agent: str = "document", **more: Any) -> dict[str, Any]:
    return {"id": name, "title": name.title(), "instructions": f"Do {name}.", "agent": agent, **more}


def planned(*rows: dict[str, Any]) -> Reply:
    return say(propose_plan={"title": "Work", "subtasks": list(rows)})


def _sheet(prompt: Prompt) -> Reply:
    """Hands in once, and once more when asked for changes, whatever else is heard meanwhile."""
    made = sum(len(m.calls) for m in prompt.messages if isinstance(m, Reply))
    if made == 0:
        return say(deliver={"path": "prices.xlsx", "words": "**All** prices"})
    if made == 1 and any("asks for changes" in getattr(m, "text", "") for m in prompt.messages):
        return say(deliver={"path": "prices.xlsx", "words": ODD})
    return say("Revised." if made > 1 else "Written.")


async def report(folder: Path) -> Sequence[e.Record]:
    """A plan edited and run: findings, approvals, a question, files in versions, a follow-up."""
    model = ScriptedModel(
        {
            "plan": [
                planned(row("read", "browser"), row("ask", "browser"), row("sheet", fed_by=["read"]), row("old")),
                planned(row("more")),
            ],
            "read": [
                say(browser_open={"url": "http://far.test/x"}),
                say(share_finding={"kind": "price", "value": 12, "source_url": "http://a.test", "quote": "12 €"}),
                say(browser_open={"url": "http://further.test/" + "very-long/" * 400}),
                say(LONG),
            ],
            "ask": [say(ask_person={"question": f"Which currency?\n\n{ODD}"}), say("Asked.")],
            "sheet": [_sheet] * 20,
            "memo": [say(deliver={"path": "memo.docx", "words": "A memo"}), say("Written.")],
            "more": [say("More.")],
        }
    )
    async with stage(folder, model) as on:
        _opens(on)
        task = await on.ask(f"Compare prices. {ODD}")
        state = await on.until(task, lambda s: s.phase == "review")
        assert state.plan is not None
        memo = Subtask(id=SubtaskId("memo"), title=f"Memo {ODD}"[:120], instructions="Write.", agent="document")
        edited = Plan(title=f"Prices {ODD}"[:120], subtasks=(*state.plan.subtasks[:3], memo))
        await on.desk.submit(c.EditPlan(id="edit", by=BOB, task=task, plan=edited, base=1))
        await on.until(task, lambda s: s.version == 2)
        await on.press_start(task)
        await _decides(on, task, Decision(verb="edit", args={"url": "http://far.test/y"}))
        await _decides(on, task, Decision(verb="reject", reason=f"They are a customer. {ODD}"), nth=1)
        question = next(iter((await on.until(task, lambda s: s.questions)).questions))
        await on.desk.submit(
            c.AnswerQuestion(id="a", by=ADA, task=task, question=question, answers={"answer": LONG[:3_000]})
        )
        await on.desk.submit(c.Say(id="steer", by=BOB, task=task, text="Use euros", subtask=SubtaskId("sheet")))
        first = await _waiting(on, task, "prices.xlsx")
        await on.desk.submit(c.Review(id="r1", by=ADA, task=task, deliverable=first, verdict="changes", text=ODD))
        await on.until(task, lambda s: len([d for d in s.deliverables.values() if d.file.name == "prices.xlsx"]) == 2)
        own = await on.desk.shelf.put(b"mine", name="mine – 私の.xlsx")
        second = await _waiting(on, task, "prices.xlsx")
        await on.desk.submit(c.Review(id="r2", by=BOB, task=task, deliverable=second, verdict="replaced", file=own))
        memo_ = await _waiting(on, task, "memo.docx")
        await on.desk.submit(c.Review(id="r3", by=ADA, task=task, deliverable=memo_, verdict="approved"))
        await on.until(task, lambda s: s.phase == "done")
        await on.desk.submit(c.Say(id="more", by=ADA, task=task, text="And one thing more"))
        await on.press_start(task)
        await on.until(task, lambda s: s.phase == "done")
        return await on.desk.records(task)


async def trouble(folder: Path) -> Sequence[e.Record]:
    """No plan at first; then a step that fails, is retried and fails, one too long, one skipped; a pause; a stop."""
    down = [ModelDown(f"The model is down. {ODD}")] * 3
    model = ScriptedModel(
        {
            "plan": [*down[:2], planned(row("bad"), row("good"), row("last", after=["bad"]), row("ask"))],
            "bad": [*down, *down],
            "good": [say(read_findings={"kind": "x" * 20_000}), ModelTooLong("too long"), say("Good.")],
            "last": [say(ask_person={"question": "And now?"})],
            "ask": [say(ask_person={"question": "Go on?"})],
        }
    )
    bad = SubtaskId("bad")
    async with stage(folder, model) as on:
        task = await on.ask("Three things")
        for number in range(3):
            state = await on.until(task, lambda s: s.phase in ("stuck", "review"))
            if state.phase == "stuck":
                await on.desk.submit(c.RetryPlanning(id=f"again{number}", by=ADA, task=task))
                await on.until(task, lambda s, seq=state.seq: s.phase != "stuck" and s.seq > seq)
        await on.press_start(task)
        state = await on.until(task, lambda s: s.of(bad).attempt == 3 and s.of(bad).status == "failed")
        await on.desk.submit(c.Pause(id="p", by=ADA, task=task))
        await on.desk.submit(c.Resume(id="r", by=ADA, task=task))
        await on.desk.submit(c.RetrySubtask(id="t", by=ADA, task=task, subtask=bad, attempt=3))
        await on.until(task, lambda s: s.of(bad).attempt > 3 and s.of(bad).status == "failed")
        await on.desk.submit(c.SkipSubtask(id="s", by=BOB, task=task, subtask=bad))
        await on.until(task, lambda s: len(s.questions) == 2)
        await on.desk.submit(c.Stop(id="x", by=ADA, task=task))
        await on.until(task, lambda s: s.phase == "stopped")
        return await on.desk.records(task)


async def money(folder: Path) -> Sequence[e.Record]:
    """Everything waits at the cost limit; a yes, then a no."""
    turns = [*(say(list_files={}) for _ in range(3)), say("Done.")]
    model = ScriptedModel({"plan": [planned(row("a"), row("b"))], "a": list(turns), "b": list(turns)})
    async with stage(folder, model, limits={"spending": SpendingLimits(cost=0.03)}) as on:

        async def nothing(_call: HostCall) -> str:
            return "no files"

        on.host.tool("list_files", nothing, Effect.READ)
        task = await on.ask("Do both")
        await on.press_start(task)
        for number, words in enumerate(("Yes, up to $0.06", "No, don't spend more")):
            state = await on.until(task, lambda s, n=number: len(s.questions) > n)
            question = list(state.questions)[number]
            await on.desk.submit(
                c.AnswerQuestion(id=f"m{number}", by=ADA, task=task, question=question, answers={"more": words})
            )
        await on.until(task, lambda s: any(x.status == "failed" for x in s.subtasks.values()))
        return await on.desk.records(task)


async def sixty(folder: Path) -> Sequence[e.Record]:
    """Sixty steps with long names; sixteen at once, of which some fail, some hand in files, and one asks all others."""
    names = [f"s{n:02}" for n in range(60)]
    rows = [
        row(n, title=f"{n}: {'Sehr langer Titel – 名前 ' * 4}", after=[names[9]] if n > "s16" else []) for n in names
    ]
    lines: dict[str, list[Any]] = {n: [say(f"**{n}** done. {LONG[:400]}")] for n in names}
    lines |= {n: [ModelDown(f"{n} is down {ODD}")] * 3 for n in names[1:6]}
    lines |= {n: [say(deliver={"path": f"{n}.md", "words": ODD}), say("Handed in.")] for n in names[10:14]}
    lines |= {n: [say(ask_person={"question": f"{n}?"}), say("Asked.")] for n in names[9:10]}
    async with stage(folder, ScriptedModel({"plan": [planned(*rows)], **lines})) as on:
        task = await on.ask("Sixty things")
        await on.press_start(task)

        def over(s: TaskState) -> bool:
            waits = sum(1 for q in s.questions.values() if q.answers is None) == 1 and len(s.deliverables) == 4
            return waits and not any(x.status in ("running", "retrying") for x in s.subtasks.values())

        await on.until(task, over, seconds=60)
        return await on.desk.records(task)


async def answered(folder: Path) -> Sequence[e.Record]:
    """A question that needs no plan, answered at length; a reply stops before the start."""
    model = ScriptedModel(
        {"plan": [say(answer={"text": LONG + "\n\n| a | b |\n|---|---|\n| 1 | 2 |"}), planned(row("a"))]}
    )
    async with stage(folder, model) as on:
        task = await on.ask("Hi")
        await on.until(task, lambda s: s.phase == "answered")
        await on.desk.submit(c.Remark(id="r", by=BOB, task=task, text=f"Ada, have a look. {ODD}"))
        await on.desk.submit(c.Say(id="2", by=ADA, task=task, text="Now do a"))
        await on.until(task, lambda s: s.phase == "review")
        await on.desk.submit(c.Stop(id="x", by=ADA, task=task))
        await on.until(task, lambda s: s.phase == "stopped")
        return await on.desk.records(task)


async def takeover(folder: Path) -> Sequence[e.Record]:
    """An agent asks a person to take over its page; the person takes over, allows a domain, rests, and gives up."""
    opens, asks = say(browser_open={"url": "u"}), say(ask_to_take_over={"why": f"A sign-in at app.example. {ODD}"})
    model = ScriptedModel({"plan": [planned(row("look", "browser"))], "look": [opens, asks, say("Nothing.")]})
    async with stage(folder, model) as on:
        drawn(on)
        task = await on.ask("Look")
        await on.press_start(task)
        name = SubtaskId("look")
        state = await on.until(task, lambda s: s.questions and s.of(name).status == "parked")
        for how in ("handed-back", "idle", "away", "lost"):
            await on.desk.submit(c.StartTakeover(id=f"t{how}", by=ADA, task=task, subtask=name))
            if how == "handed-back":
                allow = c.AllowDomain(id="a", by=ADA, task=task, subtask=name, domain="login.example")
                await on.desk.submit(allow)
            await on.desk.submit(c.EndTakeover(id=f"r{how}", by=ADA, task=task, subtask=name, how=how))
        await on.desk.submit(c.StartTakeover(id="last", by=ADA, task=task, subtask=name))
        (question,) = state.questions
        answers = {OUTCOME: COULD_NOT}
        await on.desk.submit(c.AnswerQuestion(id="q", by=ADA, task=task, question=question, answers=answers))
        await on.until(task, lambda s: s.phase == "done")
        return await on.desk.records(task)


async def reaching(folder: Path) -> Sequence[e.Record]:
    """A step follows a skill and, once approved, changes something at a connected service."""
    save_skill(
        folder / "skills", SkillDraft("house-style", f"How the team writes. {ODD}"[:400], "Write short sentences.")
    )
    write = [say(mcp__boxes__delete={"text": f"All the old boxes. {ODD}"}), say("Deleted.")]
    model = ScriptedModel({"plan": [planned(row("tidy", "browser", skills=["house-style"]))], "tidy": write})
    servers = {"boxes": lambda: hostile("works", folder / "boxes.log")}
    async with (
        connectors(folder / "home", FolderShelf(folder / "shelf"), servers) as source,
        stage(folder, model, limits={"source": source}) as on,
    ):
        task = await on.ask("Tidy up")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.approvals)
        (approval,) = state.approvals
        decision = Decision(verb="approve")
        await on.desk.submit(c.Decide(id="d", by=ADA, task=task, approval=approval, decision=decision))
        await on.until(task, lambda s: s.phase == "done")
        return await on.desk.records(task)


Tale = Callable[[Path], Awaitable[Sequence[e.Record]]]
TALES: tuple[Tale, ...] = (report, trouble, money, sixty, answered, takeover, reaching, saved, installed)


def shape(value: Any) -> str:
    """What a payload is made of, whatever its words and however many alike stand in a row."""
    if isinstance(value, dict):
        return str({k: shape(v) for k, v in cast("dict[str, Any]", value).items()})
    if isinstance(value, list):
        return str(sorted({shape(v) for v in cast("list[Any]", value)}))
    return "" if isinstance(value, str) else str(value)


def prefixes(records: Sequence[e.Record]) -> Iterator[tuple[int, TaskState]]:
    state = TaskState(TaskId(records[0].stream))
    for number, record in enumerate(records, 1):
        state = apply(state, record)
        yield number, state


def _opens(on: Stage) -> None:
    async def opened(call: HostCall) -> str:
        return f"opened {call.args['url']}"

    on.host.tool("browser_open", opened, Effect.NETWORK_READ, target="url")


def drawn(on: Stage, picture: bytes = b"\xff\xd8 a page") -> None:
    """Pages are opened, and people see them so."""

    async def opened(call: HostCall) -> CallResult:
        return CallResult(ok=True, text="Opened.", picture=await on.host.shelf.put(picture, name="page.jpg"))

    on.host.tool("browser_open", opened, Effect.READ)


async def _decides(on: Stage, task: TaskId, decision: Decision, *, nth: int = 0) -> None:
    state = await on.until(task, lambda s: len(s.approvals) > nth)
    name = list(state.approvals)[nth]
    await on.desk.submit(c.Decide(id=f"d{nth}", by=ADA, task=task, approval=name, decision=decision))


async def _waiting(on: Stage, task: TaskId, name: str) -> Any:
    def found(s: TaskState) -> Any:
        mine = [d for d in s.deliverables.values() if d.deliverable.file.name == name and d.verdict == "waiting"]
        return next((d.deliverable.id for d in mine if s.of(d.deliverable.subtask).status == "review"), None)

    return found(await on.until(task, found))
