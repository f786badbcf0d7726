"""Live streams by plain HTTP: what a page already shows is not sent again, changes are, and a stream can be resumed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.web import live_stream
from bot.web.markdown import drafted, rendered
from orchestrator.domain.events import Noted, PlanStarted, Replied, SubtaskFinished, TaskClosed
from orchestrator.domain.ids import SubtaskId, TaskId
from tests.scenarios.report_job import Job
from tests.scenarios.web_workspace import House, served, use


@dataclass
class Listener:
    """Somebody logged in over the network."""

    house: House
    http: httpx.AsyncClient
    job: Job

    @asynccontextmanager
    async def listen(self, path: str, *, last: int | None = None) -> AsyncIterator[AsyncIterator[str]]:
        headers = {} if last is None else {"last-event-id": str(last)}
        async with self.http.stream("GET", path, headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield answer.aiter_lines()


async def next_look(lines: AsyncIterator[str]) -> dict[str, Any]:
    async with asyncio.timeout(60):
        async for line in lines:
            if line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))
    raise AssertionError("the stream ended")


@pytest.fixture
async def listener(tmp_path: Path) -> AsyncIterator[Listener]:
    async with served(tmp_path) as (house, url), httpx.AsyncClient(base_url=url, headers={"origin": url}) as http:
        await use(http, await house.link())
        page = await http.get("/people")
        csrf = page.text.partition('data-csrf="')[2].partition('"')[0]
        answer = await http.post(
            "/c/general/say",
            data={"csrf": csrf, "id": "command-1", "text": "@threadwork report"},
            headers={"accept": "application/json"},
        )
        job = Job(house.desk, TaskId(answer.json()["go"].removeprefix("/t/")))
        await job.draft()
        yield Listener(house, http, job)


async def test_a_page_that_is_up_to_date_gets_the_next_change_only(listener: Listener) -> None:
    async with listener.listen(f"/t/{listener.job.task}/live?since=2") as lines:
        await listener.job.fact(Noted(text="A note"))
        look = await next_look(lines)
    assert look["seq"] == 3
    assert "A note" in look["parts"]["thread"] and "panel-graph" not in look["parts"]


async def test_a_page_that_was_away_gets_what_it_missed(listener: Listener) -> None:
    async with listener.listen(f"/t/{listener.job.task}/live?since=2", last=1) as lines:
        look = await next_look(lines)
    assert look["seq"] == 2 and "7 steps" in look["parts"]["thread"] and "rail" in look["parts"]


async def test_a_burst_of_facts_ends_in_the_newest_state(listener: Listener) -> None:
    async with listener.listen(f"/t/{listener.job.task}/live?since=2") as lines:
        for number in range(30):
            await listener.job.fact(Noted(text=f"note {number}"))
        looks = 0
        while (await next_look(lines))["seq"] < 32:
            looks += 1
    assert looks < 10


async def test_the_rail_of_a_channel_page_moves_with_every_task(listener: Listener) -> None:
    async with listener.listen("/live?channel=general") as lines:
        assert "Competitor research" in (await next_look(lines))["parts"]["threads"]
        await listener.job.fact(PlanStarted(version=1))
        assert "rail" in (await next_look(lines))["parts"]


async def test_a_quiet_stream_says_that_it_is_there(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_stream, "BEAT", 0.02)
    async with listener.listen(f"/t/{listener.job.task}/live?since=2") as lines, asyncio.timeout(60):
        assert await anext(line async for line in lines if line.startswith(":")) == ": still here"


async def test_whoever_leaves_leaves_no_stream_behind(listener: Listener) -> None:
    streams: live_stream.Streams = listener.house.app.state.streams
    async with listener.listen(f"/t/{listener.job.task}/live"):
        assert streams.opened == 1
    async with asyncio.timeout(60):
        await streams.all_gone()
    assert streams.opened == 0


STEP = "northwind"
SEEN = f"draft-{STEP}"


async def at_work(listener: Listener) -> int:
    """All steps of the task run; returns the number of its newest fact."""
    await listener.job.fact(PlanStarted(version=1))
    await listener.job.start_all()
    return (await listener.house.desk.state(listener.job.task)).seq


async def until_shown(lines: AsyncIterator[str], region: str, text: str) -> list[dict[str, Any]]:
    """What the page is sent until a region has that text, or nothing if it is empty."""
    looks: list[dict[str, Any]] = []
    while True:
        looks.append(await next_look(lines))
        shown = looks[-1]["parts"].get(region)
        if shown is not None and (text in shown if text else not shown):
            return looks


async def test_words_are_on_the_page_while_they_are_written_without_drawing_the_rest(listener: Listener) -> None:
    job, desk = listener.job, listener.house.desk
    last = await at_work(listener)
    async with listener.listen(f"/t/{job.task}/live?since={last}") as lines:
        with desk.writes(job.task, step=STEP) as says:
            says("Northwind costs **49**")
            await until_shown(lines, SEEN, "Northwind costs <strong>49</strong>")
            says("Northwind costs **49** a month.\n\n<script>alert(1)</script>")
            looks = await until_shown(lines, SEEN, "a month.")
            assert all(region.startswith("draft") for look in looks for region in look["parts"])
            assert looks[-1]["parts"][SEEN].startswith('<p class="writing">Writing…</p>')
            assert "<script>" not in looks[-1]["parts"][SEEN]
            page = await listener.http.get(f"/t/{job.task}")
            assert "a month." in page.text, "whoever comes later reads along too"
            done = SubtaskFinished(subtask=SubtaskId(STEP), attempt=1, leg=1, summary="Northwind costs 49 a month.")
            await job.fact(done)
            looks = await until_shown(lines, SEEN, "")
            thread = next(look["parts"]["thread"] for look in looks if "thread" in look["parts"])
            assert thread.count("Northwind costs 49 a month.") == 1
            assert "Writing…" not in thread
    page = await listener.http.get(f"/t/{job.task}")
    assert "Writing…" not in page.text


async def test_an_answer_is_written_under_the_request_and_then_stands_there_once(listener: Listener) -> None:
    desk = listener.house.desk
    answer = await listener.http.get("/people")
    csrf = answer.text.partition('data-csrf="')[2].partition('"')[0]
    asked = {"csrf": csrf, "id": "command-2", "text": "@threadwork what time is it?"}
    said = await listener.http.post("/c/general/say", data=asked, headers={"accept": "application/json"})
    task = TaskId(said.json()["go"].removeprefix("/t/"))
    async with listener.listen(f"/t/{task}/live?since=1") as lines:
        with desk.writes(task) as says:
            says("It is noo")
            await until_shown(lines, "draft", "It is noo")
            await desk.fact(task, Replied(text="It is noon."))
            await desk.fact(task, TaskClosed(outcome="answered", words="Answered."))
            looks = await until_shown(lines, "draft", "")
    thread = [look["parts"]["thread"] for look in looks if "thread" in look["parts"]][-1]
    assert thread.count("It is noo") == 1


async def test_a_draft_that_is_given_up_is_taken_off_the_page(listener: Listener) -> None:
    job, desk = listener.job, listener.house.desk
    last = await at_work(listener)
    async with listener.listen(f"/t/{job.task}/live?since={last}") as lines:
        with desk.writes(job.task, step=STEP) as says:
            says("First try")
            await until_shown(lines, SEEN, "First try")
            says("")
            await until_shown(lines, SEEN, "")
            says("Second")
            looks = await until_shown(lines, SEEN, "Second")
            assert "First" not in looks[-1]["parts"][SEEN]
            await job.fact(Noted(text="Something else happened"))
            looks = await until_shown(lines, "thread", "Something else happened")
            assert "Second" in looks[-1]["parts"]["thread"]
        await until_shown(lines, SEEN, "")


async def test_the_past_shows_no_draft(listener: Listener) -> None:
    job, desk = listener.job, listener.house.desk
    await at_work(listener)
    with desk.writes(job.task, step=STEP) as says:
        says("Right now")
        assert "Right now" in (await listener.http.get(f"/t/{job.task}/parts")).json()["parts"]["thread"]
        assert "Right now" not in (await listener.http.get(f"/t/{job.task}/parts?at=5")).json()["parts"]["thread"]


@pytest.mark.parametrize("text", ["", "one", "a\n\nb", "- a\n- b\n\n```\nx\n\ny\n```\n\nend", "```\nopen\n\ncode"])
def test_a_draft_looks_as_the_whole_text_does(text: str) -> None:
    assert drafted(text).replace("\n", "") == rendered(text).replace("\n", "")
