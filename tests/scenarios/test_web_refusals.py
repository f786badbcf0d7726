"""Text that wants to be code stays text, and what does not fit is refused with one clear sentence."""

import re

import httpx
import pytest

from orchestrator.domain import events as e
from orchestrator.domain.findings import Finding, Source
from orchestrator.domain.ids import FindingId, SubtaskId
from orchestrator.domain.plan import Plan, Subtask
from tests.scenarios.report_job import Job
from tests.scenarios.web_workspace import House, a_task

EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>\"' onmouseover=alert(2) {{7*7}}"


# --- text that wants to be code -------------------------------------------------------------------------------------


def tags(page: str) -> set[str]:
    return set(re.findall(r"<(?:script|img|iframe|svg:script)\b[^>]*>", page))


async def test_whatever_models_and_people_write_stays_text(home: House) -> None:
    visitor = await home.visitor()
    await home.link(EVIL[:50])
    task = await a_task(home, visitor, f"@threadwork {EVIL}")
    job = Job(home.desk, task)
    row = Subtask(id=SubtaskId("a"), title=EVIL, instructions=EVIL, agent=EVIL, model=EVIL)
    await job.fact(e.PlanDrafted(plan=Plan(title=EVIL, subtasks=(row,)), version=1))
    clean = set[str]()
    await job.fact(e.PlanStarted(version=1))
    await job.fact(e.SubtaskStarted(subtask=SubtaskId("a"), attempt=1, leg=1, host=EVIL))
    await job.turn("a", EVIL, url=EVIL)
    await job.approval()
    await job.question()
    source = Source(url="javascript:alert(1)", locator=EVIL, quote=EVIL)
    evil = Finding(id=FindingId(EVIL), by=SubtaskId("a"), kind=EVIL[:80], value=EVIL, source=source)
    await job.fact(e.FindingShared(finding=evil))
    await job.fact(e.Noted(text=EVIL, level="error"))
    await job.fact(e.SubtaskFailed(subtask=SubtaskId("a"), attempt=1, problem=EVIL, again=False))
    await visitor.post(f"/t/{task}/say", {"text": EVIL}, files={"files": (EVIL, b"x", EVIL)})
    for path in (f"/t/{task}", f"/t/{task}?at=9", "/c/general", "/people", f"/t/{task}/form/edit-plan",
                 f"/t/{task}/form/redirect?ref={EVIL}", f"/t/{task}/form/edit?ref=A1", f"/c/{EVIL}"):  # fmt: skip
        page = (await visitor.http.get(path)).text
        clean |= tags(page)
        assert 'href="javascript' not in page and "49" not in re.findall(r"onmouseover=alert\(2\) (\S+)", page)
    assert clean == {'<script src="/static/app.js" defer>'}


# --- friendly refusals ----------------------------------------------------------------------------------------------


async def test_a_stale_press_is_a_sentence_with_409(home: House) -> None:
    ada, bob = await home.visitor(), await home.visitor("Bob")
    task = await a_task(home, ada)
    job = Job(home.desk, task)
    await job.draft()
    await job.approval()
    press = {"verb": "approve", "ref": "A1"}
    assert (await ada.post(f"/t/{task}/do", press)).status_code == 200
    late = await bob.post(f"/t/{task}/do", press)
    assert (late.status_code, late.json()) == (409, {"problem": "This has already been decided by Ada Lovelace."})


async def test_a_press_sent_twice_counts_once(home: House) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    await Job(home.desk, task).draft()
    press = {"verb": "start", "ref": "1", "id": "the-same-press"}
    first, second = [await visitor.post(f"/t/{task}/do", press) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 200)
    assert sum(isinstance(r.event, e.PlanStarted) for r in await home.desk.records(task)) == 1


async def test_a_mention_sent_twice_opens_one_task_and_one_message(home: House) -> None:
    visitor = await home.visitor()
    form = {"text": "@threadwork report", "id": "the-same-message"}
    first, second = [await visitor.post("/c/general/say", form) for _ in range(2)]
    assert first.json() == second.json() and len(await home.desk.states()) == 1
    assert sum(isinstance(r.event, e.MessagePosted) for r in await home.desk.room("web")) == 1


async def test_a_message_without_a_mention_stays_a_message(home: House) -> None:
    visitor = await home.visitor()
    answer = await visitor.post("/c/general/say", {"text": "mail me at ada@threadworks.example"})
    assert answer.json()["go"] == "/c/general" and not await home.desk.states()
    assert "mail me at" in (await visitor.http.get("/c/general")).text


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("/c/general/say", {"text": "   "}, "Write something first."),
        ("/c/general/say", {"text": "@threadwork"}, "Say what you want done after @threadwork."),
        ("/c/nowhere/say", {"text": "hi"}, "There's no channel 'nowhere'"),
        ("/c/general/say", {"text": "hi", "id": "x"}, "out of date"),
        ("/t/none/say", {"text": "hi"}, "There's no task 'none'"),
        ("/t/{task}/do", {"verb": "explode"}, "There's no button 'explode'"),
        ("/t/{task}/do", {"verb": "edit", "ref": "none"}, "There's no approval 'none'"),
        ("/t/{task}/do", {"verb": "start", "ref": "x"}, "isn't a number"),
        ("/t/{task}/do", {"verb": "edit", "ref": "A1", "a.url": "u", "a.method": "GET", "a.body": "{"}, "'body'"),
        ("/t/{task}/do", {"verb": "answer", "ref": "Q1", "q.currency": ""}, "Fill in 'Which currency?' first."),
        ("/t/{task}/do", {"verb": "answer", "ref": "Q1", "q.currency": "GBP"}, "'GBP' isn't one of the choices"),
        ("/t/{task}/do", {"verb": "edit-plan", "ref": "1", "title": "T"}, "The plan has no steps"),
        ("/channels", {"name": "!!!"}, "needs at least one letter"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_one_clear_sentence(
    home: House, path: str, form: dict[str, object], words: str
) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    job = Job(home.desk, task)
    await job.draft()
    await job.approval()
    await job.question()
    answer = await visitor.post(path.replace("{task}", task), form)
    assert 400 <= answer.status_code < 500
    assert words in answer.json()["problem"]


async def test_an_edited_approval_reaches_the_desk_with_its_types(home: House) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    job = Job(home.desk, task)
    await job.draft()
    await job.approval()
    form = {"verb": "edit", "ref": "A1", "a.url": "https://other.example", "a.method": "GET", "a.body": '{"seats": 9}'}
    assert (await visitor.post(f"/t/{task}/do", form)).status_code == 200
    decision = next(iter((await home.desk.state(task)).approvals.values())).decision
    assert decision and decision.args == {"url": "https://other.example", "method": "GET", "body": {"seats": 9}}


async def test_a_plan_edit_keeps_what_the_form_does_not_show_and_names_new_steps(home: House) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)
    await Job(home.desk, task).draft()
    form: dict[str, object] = {
        "verb": "edit-plan", "ref": "1", "title": "New", "row": ["sheet", "new-1", "northwind"], "remove": "northwind",
        "sheet.title": "Sheet", "sheet.instructions": "Fill it", "sheet.agent": "document",
        "sheet.fed_by": ["new-1", "northwind"], "new-1.title": "Read the archive", "new-1.instructions": "Open it",
        "new-1.agent": "browser", "new-1.model": "ollama/small",
    }  # fmt: skip
    answer = await visitor.post(f"/t/{task}/do", form)
    assert answer.status_code == 200, answer.text
    plan = (await home.desk.state(task)).plan
    assert plan and [s.id for s in plan.subtasks] == ["sheet", "read-the-archive"]
    assert plan.subtasks[0].deliverables == ("comparison.xlsx",) and plan.subtasks[0].fed_by == ("read-the-archive",)
    assert plan.subtasks[1].model == "ollama/small"


async def test_a_mistake_of_ours_is_a_friendly_page(home: House) -> None:
    visitor = await home.visitor()
    task = await a_task(home, visitor)

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    home.desk.records = broken  # type: ignore[assignment,method-assign]
    answer: httpx.Response = await visitor.http.get(f"/t/{task}")
    assert answer.status_code == 500
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "on our side" in answer.text and "secret detail" not in answer.text
