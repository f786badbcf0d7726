"""The whole job on a strict Slack: mention, plan edited in a form, approvals, retry, file, follow-up."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.budget import SLACK
from bot.heard import Known
from bot.slack.client import SlackPlatform
from bot.talking import talk
from orchestrator.domain.calls import Effect
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.people import FileRef
from orchestrator.errors import ModelDown
from tests.scenarios.test_spine import plan, row
from tests.slack_server import SlackServer, serving
from tests.slack_server.acting import elements, words
from tests.slack_server.world import Channel, Somebody
from tests.story import ScriptedModel, Stage, say, stage

FASTER = 20
"""The server's minutes and ours pass so many times as fast."""
LIMITS = tuple(limit.model_copy(update={"seconds": limit.seconds / FASTER}) for limit in SLACK)


@dataclass
class Job:
    """A team at its Slack."""

    slack: SlackServer
    on: Stage
    ada: Somebody
    room: Channel
    root: str = ""

    async def task(self) -> TaskId:
        found: list[TaskId] = []

        async def look() -> None:
            while not found:
                found.extend(s.id for s in await self.on.desk.states())
                await asyncio.sleep(0.02)

        async with asyncio.timeout(8):
            await look()
        return found[0]

    def thread(self) -> list[dict[str, Any]]:
        return [r for r in self.slack.world.thread(self.room.id, self.root) if r["user"] == self.slack.bot]

    async def press(self, label: str) -> Any:
        """The button of that label, wherever it stands in the thread."""
        try:
            message, element, option = await self.slack.until(lambda: self._find(label), seconds=15)
        except TimeoutError:
            labels = [e.get("text", {}).get("text") for m in self.thread() for e in elements(m)]
            raise AssertionError(f"no {label!r} in {labels}; {words(self.thread())}; {self.slack.refusals}") from None
        return await self.slack.presses(self.ada, self.room, message, element["action_id"], option=option)

    def _find(self, label: str) -> tuple[dict[str, Any], dict[str, Any], str] | None:
        for message in self.thread():
            for element in elements(message):
                if element.get("text", {}).get("text") == label:
                    return message, element, ""
                for option in element.get("options", []):
                    if label in option["text"]["text"]:
                        return message, element, option["text"]["text"]
        return None

    async def form(self) -> dict[str, Any]:
        return await self.slack.until(self.slack.view)

    async def reads(self, text: str) -> None:
        """Until the thread says so."""
        try:
            await self.slack.until(lambda: text in words(self.thread()), seconds=15)
        except TimeoutError:
            raise AssertionError(f"{text!r} is not in {words(self.thread())!r}; {self.slack.refusals}") from None


@asynccontextmanager
async def job(tmp_path: Path, model: ScriptedModel, *, ping: float = 0.2) -> AsyncGenerator[Job]:
    loop = asyncio.get_running_loop()
    async with serving(now=lambda: loop.time() * FASTER) as slack, stage(tmp_path, model) as on:
        known = Known()

        async def read(file: FileRef) -> bytes:
            return await on.desk.shelf.get(file.sha)

        it = SlackPlatform(bot_token=slack.bot_token, app_token=slack.app_token, read=read, since=known.since,
                           api_url=slack.url, ping=ping, patience=2.0)  # fmt: skip
        running = asyncio.create_task(talk(on.desk, it, LIMITS, known=known, link="http://hub", large=10**9))
        ada = slack.person("Ada")
        try:
            await slack.until(lambda: slack.sockets.open or running.done())
            yield Job(slack, on, ada, slack.channel("general", ada))
            assert not running.done(), running.exception()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await it.close()


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel(
        {
            "plan": [
                plan(row("post", "browser"), row("bad"), row("write", deliverables=["note.md"])),
                say(answer={"text": "It is in the note."}),
            ],
            "post": [
                say(browser_open={"url": "http://far.test/x"}),
                say(browser_open={"url": "http://other.test/y"}),
                lambda p: say(p.messages[-1].text),
            ],
            "bad": [ModelDown("down"), ModelDown("down"), ModelDown("The model is down."), say("Fine now.")],
            "write": [say(deliver={"path": "note.md", "words": "A note."}), say("Written.")],
        }
    )


async def test_the_report_job_runs_whole_on_slack(tmp_path: Path, model: ScriptedModel) -> None:
    async with job(tmp_path, model) as it:

        async def opened(call: object) -> str:
            return "opened"

        it.on.host.tool("browser_open", opened, Effect.NETWORK_READ, target="url")
        it.root = it.slack.says(it.ada, it.room, f"{it.slack.mention} compare these")["ts"]
        task = await it.task()

        await it.press("Edit plan")
        form = await it.form()
        steps = await it.slack.submits(
            it.ada, form, {"steps": "post | Post | nobody\nbad | Bad | document\nwrite | Write it | document"}
        )
        assert "nobody" in words(steps["view"])
        await it.slack.submits(
            it.ada, form, {"steps": "post | Post | browser\nbad | Bad | document\nwrite | Write it | document"}
        )
        await it.reads("Plan 2")
        await it.press("Start")

        await it.press("Edit")
        await it.slack.submits(it.ada, await it.form(), {"a.url": "http://near.test/z"})
        await it.reads("Approved with changes by Ada")
        await it.reads("other.test")
        await it.press("Reject")
        await it.slack.submits(it.ada, await it.form(), {"words": "Not there."})
        await it.on.until(task, lambda s: (b := s.of(SubtaskId("bad"))).attempt == 3 and b.status == "failed")
        await it.reads("Bad failed: The model is down.")
        await it.press("Retry: Bad")
        await it.press("Approve")
        await it.on.until(task, lambda s: s.phase == "done", seconds=10)
        for text in ("Approved with changes by Ada", "Rejected by Ada: Not there.", "Done, 1 file: note.md."):
            await it.reads(text)
        it.slack.says(it.ada, it.room, "where is it?", thread=it.root)
        await it.reads("It is in the note.")
        assert [x.args["url"] for x in it.on.host.calls if x.tool == "browser_open"] == ["http://near.test/z"]
        assert not it.slack.refusals
        assert not it.slack.limited
