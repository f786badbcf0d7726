"""Pictures of a thread in Slack and Discord, to be looked at: `tests/output/chats/`. A machine sees what is clipped."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import pytest
from playwright.async_api import async_playwright

from bot.cards.card_projection import project, waiting
from bot.chat_platform import Item
from bot.discord.render import render as discord
from bot.outbox.desired_messages import Mark, wanted
from bot.slack.render import message as slack
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.fold import apply
from orchestrator.domain.ids import ApprovalId, PersonId, QuestionId, SubtaskId, TaskId
from orchestrator.domain.people import Person, Place, Request
from orchestrator.domain.task import TaskState
from tests.browser_fixtures import EXECUTABLE
from tests.drawing import discord as discord_page
from tests.drawing import slack as slack_page
from tests.recorded_tasks import TALES, prefixes, takeover
from tests.scenarios.memory_desk import memory_desk
from tests.scenarios.report_job import REQUEST, SITES, SUMMARY, Job

OUTPUT = Path(__file__).parents[1] / "output/chats"
ADA = Person(id=PersonId("slack:ada"), name="Ada")
ANSWER = """## What I found

Northwind is **dearest** for small teams, *Meridian* cheapest; see [the sheet](https://hub.example/t/1).

1. Prices differ by 100 %
   - monthly: $29 to $59
   - yearly: two months free
2. Only **Lakeview** has a free plan

| Company | Price | Founded |
|---|---|---|
| Northwind | $49 | 2014 |
| Harbor & Co | $59 | 2015 |

> All prices are those of the *Team* plan.

`limits.task_cost` was not reached."""
CLIPPED = """[...document.querySelectorAll('.said *')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
.map(e => e.className + ': ' + e.textContent.slice(0, 60))"""


async def the_report(folder: Path) -> dict[str, TaskState]:
    """The moments of a job at which people look at its thread."""
    await asyncio.to_thread(folder.mkdir)
    desk = memory_desk(folder)
    place = Place(platform="slack", channel="T/C", thread="1")
    request = Request(text=REQUEST.removeprefix("@threadwork "), by=ADA, place=place)
    task = (await desk.submit(c.OpenTask(id="m", by=ADA, request=request))).task
    job, seen = Job(desk, task), dict[str, TaskState]()

    async def look(name: str) -> None:
        seen[name] = await desk.state(task)

    await job.draft()
    await look("plan")
    await desk.submit(c.StartPlan(id="s", by=ADA, task=task, base=1))
    await job.at_work()
    await look("running")
    await job.approval()
    await look("approval")
    await job.question()
    await look("question")
    await job.fact(e.SubtaskFailed(subtask=SubtaskId("meridian"), attempt=1, again=False,
                                   problem="The page asks for a login; nothing can be read without it."))  # fmt: skip
    await look("failed")
    decision = Decision(verb="approve")
    await job.fact(e.ApprovalDecided(approval=ApprovalId("A1"), decision=decision, by=ADA))
    await job.fact(e.QuestionAnswered(question=QuestionId("Q1"), answers={"currency": "USD", "note": ""}, by=ADA))
    await job.fact(e.SubtaskRetried(subtask=SubtaskId("meridian"), attempt=2, by=ADA))
    for name, attempt in (("harbor", 1), ("meridian", 2), (SUMMARY, 1)):
        await job.fact(e.SubtaskStarted(subtask=SubtaskId(name), attempt=attempt, leg=2, host="laptop"))
    for name in SITES:
        said = f"Price, founding year and customers of {name.title()}, each with its quote."
        attempt = 2 if name == "meridian" else 1
        await job.fact(e.SubtaskFinished(subtask=SubtaskId(name), attempt=attempt, leg=2, summary=said))
    await job.deliver()
    await job.deliver(sheet=False)
    await job.finish("sheet", "Five companies, three charts.")
    await job.finish(SUMMARY, "One page.")
    await look("files")
    for row in (await desk.state(task)).pending_deliverables():
        await job.fact(e.DeliverableDecided(deliverable=row.deliverable.id, verdict="approved", by=ADA))
    await job.fact(e.TaskClosed(outcome="done", words=ANSWER))
    await look("done")
    done = project(seen["done"])
    assert not waiting(done.checkpoints) and {row.state for row in done.rows} == {"done"}
    return seen


def thread(state: TaskState, *, last: int) -> list[Item]:
    """The card and the newest messages below it."""
    items = [
        w.item
        for w in wanted(state, link="https://hub.example/t/1", large=2**20)
        if not isinstance(w.item, Mark) and w.fresh
    ]
    return [items[0], *items[1:][-last:]]


async def draw(pages: dict[str, str]) -> dict[str, list[str]]:
    """Takes a picture of each page; what is clipped in it."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    clipped: dict[str, list[str]] = {}
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=EXECUTABLE, args=["--no-sandbox"])
        sheet = await browser.new_page(viewport={"width": 680, "height": 400})
        for name, html in pages.items():
            await sheet.set_content(html)
            await sheet.screenshot(path=OUTPUT / f"{name}.png", full_page=True)
            clipped[name] = cast("list[str]", await sheet.evaluate(CLIPPED))
        await browser.close()
    return clipped


Draw = Callable[[Sequence[Item], bool], str]
CHATS: dict[str, Draw] = {
    "slack": lambda items, dark: slack_page.page([slack(item) for item in items], dark=dark),
    "discord": lambda items, dark: discord_page.page([discord(item) for item in items], dark=dark),
}


@pytest.mark.skipif(EXECUTABLE is None, reason="no browser is installed")
async def test_nothing_is_clipped_in_any_picture_of_a_thread(tmp_path: Path) -> None:
    moments = await the_report(tmp_path / "job")
    sixty = TaskState(TaskId("sixty"))
    for record in await next(tale for tale in TALES if tale.__name__ == "sixty")(tmp_path):
        sixty = apply(sixty, record)
    moments["takeover"] = next(s for _, s in prefixes(await takeover(tmp_path / "takeover")) if s.questions)
    pages: dict[str, str] = {}
    for chat, drawn in CHATS.items():
        for name, state in moments.items():
            pages[f"{chat}-{name}"] = drawn(thread(state, last=3), False)
        pages[f"{chat}-dark"] = drawn(thread(moments["approval"], last=3), True)
        pages[f"{chat}-sixty"] = drawn(thread(sixty, last=1), False)
    found = await draw(pages)
    assert {name: words for name, words in found.items() if words} == {}
