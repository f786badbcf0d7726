"""Slack over HTTP: signed requests to the web workspace, and nothing else through that door."""

import io
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.bootstrap.hub import open_hub
from bot.platforms import load
from bot.slack.http_mode import EVENTS, INSTALL, MOST_BODY, OWN_FAULT, Reach
from tests.memory_hub import ScriptedModel, Stage, say, stage
from tests.scenarios.slack_http_hub import SIGNING, House, open_house
from tests.scenarios.test_request_to_files import plan, row
from tests.slack_server import SlackServer, serving
from tests.slack_server.acting import elements, words
from tests.slack_server.posting import Posting

FORGERIES = [
    {"signature": "v0=" + "0" * 64},
    {"at": -301.0},
    {"at": 301.0},
    {"timestamp": "soon"},
    {"signature": "v0=é"},
    {"timestamp": ""},
]


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with serving() as server:
        yield server


@pytest.fixture
async def on(tmp_path: Path) -> AsyncIterator[Stage]:
    model = ScriptedModel({"plan": [plan(row("write"))] * 2, "write": [say("Written.")]})
    async with stage(tmp_path, model) as it:
        yield it


@pytest.fixture
async def house(on: Stage, tmp_path: Path, slack: SlackServer) -> AsyncIterator[House]:
    async with open_house(on, tmp_path, slack, bot_token=slack.bot_token, signing_secret=SIGNING) as it:
        await slack.until(lambda: it.endpoint.bolt.listens(slack.world.team))
        yield it


def posting(slack: SlackServer) -> Posting:
    assert slack.sockets.posting is not None
    return slack.sockets.posting


def button(slack: SlackServer, room: Any, root: str, label: str) -> Callable[[], Any]:
    def find() -> tuple[Any, str] | None:
        for message in slack.world.thread(room.id, root):
            for element in elements(message):
                if element.get("text", {}).get("text") == label:
                    return message, element["action_id"]
        return None

    return find


async def test_a_task_runs_from_mention_to_end_over_signed_requests(
    slack: SlackServer, on: Stage, house: House
) -> None:
    ada = slack.person("Ada")
    room = slack.channel("general", ada)
    root = slack.says(ada, room, f"{slack.mention} write a note")["ts"]

    message, action = await slack.until(button(slack, room, root, "Edit plan"))
    await slack.presses(ada, room, message, action)
    wrong = await slack.submits(ada, await slack.until(slack.view), {"steps": "write | Write | nobody"})
    assert "nobody" in words(wrong["view"])
    await slack.submits(ada, slack.view() or {}, {"steps": "write | Write it all | document"})
    await slack.until(lambda: "Write it all" in words(slack.world.thread(room.id, root)))
    message, action = await slack.until(button(slack, room, root, "Start"))
    await slack.presses(ada, room, message, action)
    (task,) = await on.desk.states()
    await on.until(task.id, lambda s: s.phase == "done")

    await slack.commands(ada, room, "help")
    await slack.until(lambda: slack.world.whispers)
    assert "Mention me" in words(slack.world.whispers)
    assert not slack.refusals
    assert not slack.sockets.unacknowledged


async def test_what_could_not_be_taken_comes_again_and_counts_once(slack: SlackServer, on: Stage, house: House) -> None:
    ada = slack.person("Ada")
    room = slack.channel("general", ada)
    slack.fail("users.info", "503", times=2)  # for both deliveries of the mention
    root = slack.says(ada, room, f"{slack.mention} write a note")["ts"]
    await slack.until(button(slack, room, root, "Start"))
    assert posting(slack).statuses.count(500) >= 1
    assert len(await on.desk.states()) == 1


async def test_what_slack_gave_up_while_it_could_not_reach_us_is_read_when_it_can(
    slack: SlackServer, on: Stage, house: House
) -> None:
    ada = slack.person("Ada")
    room = slack.channel("general", ada)
    reached, slack.sockets.posting = posting(slack), Posting("http://127.0.0.1:9/", SIGNING)  # the proxy is down
    lost = slack.says(ada, room, f"{slack.mention} write a note")["ts"]
    await slack.until(lambda: len(slack.sockets.unacknowledged) == 2)
    tries = posting(slack).tries
    late = slack.says(ada, room, f"{slack.mention} write another note")["ts"]
    await slack.until(lambda: posting(slack).tries == tries + 2)
    slack.sockets.posting = reached
    for root in (late, lost):
        await slack.until(button(slack, room, root, "Start"))
    assert len(await on.desk.states()) == 2


def test_slack_is_known_to_have_been_cut_off_only_when_we_refused_nothing() -> None:
    now = [1_000.0]
    reach = Reach(lambda: now[0])
    assert not reach.was_cut(again=False)
    reach.answered(500)
    now[0] += OWN_FAULT - 1
    assert not reach.was_cut(again=True), "it is we who refused that"
    now[0] += 1
    assert [reach.was_cut(again=True) for _ in range(3)] == [True, False, False]
    now[0] += 60
    assert reach.was_cut(again=True)
    assert reach.alive == 1_000.0


async def test_an_answer_goes_out_in_time_whatever_takes_long(
    slack: SlackServer, on: Stage, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.event_handler.PATIENCE", 0.1)
    ada = slack.person("Ada")
    room = slack.channel("general", ada)
    slack.fail("users.info", "slow", seconds=0.5)
    await slack.commands(ada, room, "help")
    assert not slack.world.whispers, "the acknowledgement was first"
    await slack.until(lambda: slack.world.whispers)
    slack.fail("users.info", "slow", seconds=0.5)
    bob = slack.person("Bob")
    root = slack.says(bob, room, f"{slack.mention} write a note")["ts"]
    await slack.until(button(slack, room, root, "Start"))
    assert len(await on.desk.states()) == 1


async def test_slack_is_told_that_the_address_is_ours(slack: SlackServer, house: House) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw", "token": "t"})
    it = posting(slack)
    status, text = await it.post(body, {**it.signed(body), "content-type": "application/json"})
    assert (status, json.loads(text)) == (200, {"challenge": "3eZbrw"})


@pytest.mark.parametrize("how", FORGERIES, ids=str)
async def test_what_slack_did_not_sign_just_now_is_refused(
    slack: SlackServer, on: Stage, house: House, how: dict[str, Any]
) -> None:
    it = posting(slack)
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw"})
    signed = it.signed(body, at=time.time() + how.get("at", 0.0))
    forged = {"x-slack-signature": how.get("signature"), "x-slack-request-timestamp": how.get("timestamp")}
    headers = {**signed, **{name: value for name, value in forged.items() if value is not None}}
    status, text = await it.post(body, {**headers, "content-type": "application/json"})
    assert status == 401
    assert "3eZbrw" not in text


async def test_strangers_bytes_are_refused_before_anything_reads_them(slack: SlackServer, house: House) -> None:
    it, junk = posting(slack), {"content-type": "application/json", "host": "threadwork.example.com"}
    async with aiohttp.ClientSession() as session:
        async with session.post(house.url + EVENTS, data=b"\xff{", headers={**junk, **it.signed("x")}) as answer:
            assert answer.status == 401
        async with session.post(house.url + EVENTS, data=b"{", headers=junk) as answer:
            assert answer.status == 401
        async with session.post(house.url + EVENTS, data=io.BytesIO(b"x" * (MOST_BODY + 1)), headers=junk) as answer:
            assert answer.status == 413


@pytest.mark.parametrize(
    "path", ["/", "/slack/events/", "/slack/events/x", "/slack/", INSTALL, "/c/general", "/SLACK/EVENTS"]
)
async def test_no_other_path_answers_under_another_name(house: House, path: str) -> None:
    for method in ("GET", "POST"):
        status, _, _ = await house.asks(path, method)
        assert status == 403


async def test_slacks_path_takes_nothing_but_posts(house: House) -> None:
    status, _, _ = await house.asks(EVENTS)
    assert status == 405


async def test_pages_are_as_shut_as_ever_while_slack_comes_in(house: House) -> None:
    async with aiohttp.ClientSession() as session, session.get(house.url + "/", allow_redirects=False) as answer:
        assert answer.status == 401


async def test_the_hub_itself_has_the_door(tmp_path: Path, slack: SlackServer) -> None:
    keys = {"bot_token": slack.bot_token, "signing_secret": SIGNING, "api_url": slack.url}
    hub = await open_hub(load(environment={}, home=tmp_path / "home", web={"port": 0}, slack=keys))
    try:
        slack.sockets.posting = Posting(hub.url + EVENTS, SIGNING)
        ada = slack.person("Ada")
        room = slack.channel("general", ada)
        root = slack.says(ada, room, f"{slack.mention} write a note")["ts"]
        await slack.until(lambda: len(slack.world.thread(room.id, root)) > 1, seconds=60)
    finally:
        await hub.close()
    assert not slack.refusals
