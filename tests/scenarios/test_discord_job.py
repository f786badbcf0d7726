"""Slack and Discord at work on one desk, as a hub wires them; and the whole job on a strict Discord."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.bootstrap.chats import chats
from bot.settings import load
from orchestrator.domain.calls import Effect
from orchestrator.domain.ids import SubtaskId
from orchestrator.errors import ModelDown
from tests.discord_server import DiscordServer, Payload, ids, texts, until
from tests.discord_server import serving as discord
from tests.discord_server.interactions import Interaction
from tests.scenarios.test_spine import plan, row
from tests.slack_server import serving as slack
from tests.slack_server.acting import words
from tests.story import ScriptedModel, Stage, say, stage


@asynccontextmanager
async def at_work(on: Stage, tmp_path: Path, **platforms: dict[str, str]) -> AsyncIterator[None]:
    settings = load(environment={}, home=tmp_path, **platforms)
    works = [asyncio.ensure_future(work()) for work in chats(settings, on.desk, "http://hub")]
    assert len(works) == len(platforms)
    try:
        yield
        assert not [w.exception() for w in works if w.done()]
    finally:
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)


def tokens(server: DiscordServer) -> dict[str, str]:
    return {"token": server.token, "api_url": server.api_url, "gateway_url": server.gateway_url}


async def test_two_platforms_share_one_desk_and_answer_where_they_were_asked(tmp_path: Path) -> None:
    model = ScriptedModel({"plan": [plan(row("write")), plan(row("draw"))]})
    async with slack() as one, discord() as two, stage(tmp_path, model) as on:
        keys = {"bot_token": one.bot_token, "app_token": one.app_token, "api_url": one.url}
        async with at_work(on, tmp_path, slack=keys, discord=tokens(two)):
            await one.until(lambda: one.sockets.open)
            ada = one.person("Ada")
            room = one.channel("general", ada)
            root = one.says(ada, room, f"{one.mention} write something")["ts"]
            await one.until(lambda: "is ready" in words(one.world.thread(room.id, root)))
            await until(lambda: two.gateway.sessions)
            asked = await two.says(two.person("Bob"), two.channel, f"{two.mention} draw something")
            await until(lambda: asked["id"] in two.world.channels)
            await until(lambda: any("is ready" in texts(m) for m in two.ours(asked["id"])))
            assert len(await on.desk.states()) == 2
        assert not one.refusals
        assert not one.limited
        assert not two.refusals
        assert not two.limited


class Job:
    """Ada at her Discord."""

    def __init__(self, server: DiscordServer, root: Payload, ada: Any) -> None:
        self.server, self.root, self.ada = server, root, ada

    def thread(self) -> list[Payload]:
        return self.server.ours(self.root["id"]) if self.root["id"] in self.server.world.channels else []

    def _find(self, verb: str, ref: str) -> tuple[Payload, str] | None:
        for message in self.thread():
            for name in ids(message):
                if name.startswith(f"{verb}|") and name.endswith(ref):
                    return message, name
        return None

    async def press(self, verb: str, ref: str = "") -> Interaction:
        await self.reads(lambda: self._find(verb, ref))
        found = self._find(verb, ref)
        assert found
        return await self.server.presses(self.ada, *found)

    async def reads(self, fact: Any) -> None:
        shown = (lambda: fact in "\n".join(texts(m) for m in self.thread())) if isinstance(fact, str) else fact
        try:
            await until(shown)
        except (TimeoutError, AssertionError):
            raise AssertionError(f"{fact!r}: {[(texts(m), ids(m)) for m in self.thread()]}") from None


async def test_the_report_job_runs_whole_on_discord(tmp_path: Path) -> None:
    model = ScriptedModel(
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
    async with discord() as server, stage(tmp_path, model) as on, at_work(on, tmp_path, discord=tokens(server)):

        async def opened(call: object) -> str:
            return "opened"

        on.host.tool("browser_open", opened, Effect.NETWORK_READ, target="url")
        await until(lambda: server.gateway.sessions)
        ada = server.person("Ada")
        job = Job(server, await server.says(ada, server.channel, f"{server.mention} compare these"), ada)
        form = await job.press("edit-plan", "|1")
        await form.answer()
        await server.submits(form, {"steps": "post | Post | browser\nbad | Bad | document\nwrite | All | document"})
        await job.press("start", "|2")
        form = await job.press("edit")
        await form.answer()
        await server.submits(form, {"a.url": "http://near.test/z"})
        await job.reads("Approved with changes by Ada")
        form = await job.press("reject")
        await form.answer()
        await server.submits(form, {"words": "Not there."})
        await job.reads("The model is down.")
        await job.press("retry", "bad:3")
        await job.press("accept")
        for text in ("Rejected by Ada: Not there.", "Done, 1 file: note.md."):
            await job.reads(text)
        thread = server.world.channels[job.root["id"]]
        await server.says(ada, thread, "where is it?")
        await job.reads("It is in the note.")
        (state,) = await on.desk.states()
        assert state.of(SubtaskId("bad")).attempt == 4
        assert [x.args["url"] for x in on.host.calls if x.tool == "browser_open"] == ["http://near.test/z"]
        assert not server.refusals
        assert not server.limited
