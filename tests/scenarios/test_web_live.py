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
from orchestrator.domain.events import Noted, PlanStarted
from orchestrator.domain.ids import TaskId
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
