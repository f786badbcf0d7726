"""The strict Slack refuses what the real one refuses, in its words. Spoken to by the unmodified SDK."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import SlackServer, serving
from tests.slack_server.world import Channel


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[SlackServer]:
    async with serving(now=clock, redelivery=(0.02, 0.05), patience=0.2) as server:
        yield server


@pytest.fixture
def room(slack: SlackServer) -> Channel:
    return slack.channel("room", slack.person("Ada"))


def client(slack: SlackServer, token: str = "xoxb-test") -> AsyncWebClient:
    made = AsyncWebClient(token=token, base_url=slack.url, retry_handlers=[])
    made.proxy = None
    return made


async def refused(slack: SlackServer, method: str, **said: Any) -> str:
    with pytest.raises(SlackApiError) as failed:
        await client(slack).api_call(method, json=said)
    return str(failed.value.response["error"])


def run(text: str) -> dict[str, Any]:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "x"}, **more}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def task(**more: Any) -> dict[str, Any]:
    return {"type": "task_card", "task_id": "t", "title": "T", "status": "pending", **more}


def plan(*tasks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "plan", "title": "P", "tasks": list(tasks)}


@pytest.mark.parametrize(
    "blocks",
    [
        [section("x" * 3_001)],
        [section("")],
        [{"type": "divider"}] * 51,
        [{"type": "divider", "colour": "red"}],
        [{"type": "hologram"}],
        [actions()],
        [actions(*[button(action_id=str(n)) for n in range(26)])],
        [actions(button(), button())],
        [actions(button(), block_id="b"), actions(button(), block_id="b")],
        [actions(button(value="x" * 2_001))],
        [actions(button(style="warning"))],
        [actions(button(text={"type": "mrkdwn", "text": "x"}))],
        [actions(button(text={"type": "plain_text", "text": "x" * 76}))],
        [actions({"type": "static_select", "action_id": "s", "options": []})],
        [plan(*[task(task_id=str(n)) for n in range(51)])],
        [plan(task(), task())],
        [plan(task(status="failed"))],
        [plan(task(details={"type": "section"}))],
        [plan(task(output=run("")))],
        [{"type": "alert", "text": {"type": "plain_text", "text": "x"}}],
        [{"type": "input", "label": {"type": "plain_text", "text": "x"}, "element": {"type": "plain_text_input"}}],
        [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        [{"type": "context", "elements": []}],
        [run("x") | {"elements": [{"type": "rich_text_poem", "elements": []}]}],
    ],
)
async def test_a_wrong_block_is_refused(slack: SlackServer, room: Channel, blocks: list[Any]) -> None:
    assert await refused(slack, "chat.postMessage", channel=room.id, text="x", blocks=blocks) == "invalid_blocks"
    assert slack.refusals
    assert not room.rows


async def test_too_many_words_and_no_blocks_have_their_own_names(slack: SlackServer, room: Channel) -> None:
    much = [section("x" * 2_900) for _ in range(5)]
    assert await refused(slack, "chat.postMessage", channel=room.id, text="x", blocks=much) == "msg_blocks_too_long"
    assert await refused(slack, "chat.postMessage", channel=room.id, blocks="nonsense") == "invalid_blocks_format"
    assert await refused(slack, "chat.postMessage", channel=room.id) == "no_text"
    assert await refused(slack, "chat.postMessage", channel="C9", text="x") == "channel_not_found"


async def test_an_edit_takes_4000_characters_and_text_alone_removes_the_blocks(
    slack: SlackServer, room: Channel
) -> None:
    it = client(slack)
    ts = str((await it.chat_postMessage(channel=room.id, text="x", blocks=[section("b")]))["ts"])
    assert await refused(slack, "chat.update", channel=room.id, ts=ts, text="x" * 4_001) == "msg_too_long"
    await it.chat_update(channel=room.id, ts=ts, text="y")
    assert "blocks" not in room.rows[0]
    theirs = slack.says(slack.person("Bob"), room, "mine")
    assert await refused(slack, "chat.update", channel=room.id, ts=theirs["ts"], text="y") == "cant_update_message"


async def test_channels_without_the_bot_and_missing_scopes_are_refused(slack: SlackServer) -> None:
    outside = slack.channel("outside", bot=False)
    assert await refused(slack, "chat.postMessage", channel=outside.id, text="x") == "not_in_channel"
    hidden = slack.channel("hidden", bot=False, kind="private")
    assert await refused(slack, "chat.postMessage", channel=hidden.id, text="x") == "channel_not_found"
    slack.world.manifest = type(slack.world.manifest)(
        **{**slack.world.manifest.__dict__, "scopes": frozenset({"channels:read"})}
    )
    assert await refused(slack, "chat.postMessage", channel=outside.id, text="x") == "missing_scope"


async def test_tokens_are_checked(slack: SlackServer) -> None:
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await client(slack, "xoxb-other").auth_test()
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await client(slack).apps_connections_open(app_token="xoxb-test")


async def test_a_tier_is_enforced_and_ends(slack: SlackServer, room: Channel, clock: Clock) -> None:
    it = client(slack)
    ts = str((await it.chat_postMessage(channel=room.id, text="x"))["ts"])
    for _ in range(50):
        await it.chat_update(channel=room.id, ts=ts, text="y")
    with pytest.raises(SlackApiError) as limited:
        await it.chat_update(channel=room.id, ts=ts, text="z")
    assert limited.value.response.status_code == 429
    clock.now += int(limited.value.response.headers["Retry-After"])
    await it.chat_update(channel=room.id, ts=ts, text="z")
    assert slack.limited == ["chat.update"]


async def test_about_one_post_a_second_in_a_channel(slack: SlackServer, room: Channel, clock: Clock) -> None:
    it = client(slack)
    for _ in range(4):
        await it.chat_postMessage(channel=room.id, text="x")
    with pytest.raises(SlackApiError):
        await it.chat_postMessage(channel=room.id, text="x")
    clock.now += 1
    await it.chat_postMessage(channel=room.id, text="x")


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    title = {"type": "plain_text", "text": "T"}
    return {"type": "modal", "title": title, "submit": title, "blocks": list(blocks), **more}


def typed(**more: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": "L"}
    return {"type": "input", "label": label, "element": {"type": "plain_text_input", "action_id": "v", **more}}


@pytest.mark.parametrize(
    "view",
    [
        modal(title={"type": "plain_text", "text": "x" * 25}),
        modal(*[section("x")] * 101),
        modal(private_metadata="x" * 3_001),
        modal(typed(initial_value="x" * 3_001)),
        modal(typed(initial_value="a\nb")),
        modal(plan(task())),
        {k: v for k, v in modal(typed()).items() if k != "submit"},
        modal(colour="red"),
    ],
)
async def test_a_wrong_view_is_refused(slack: SlackServer, view: dict[str, Any]) -> None:
    assert await refused(slack, "views.open", trigger_id="t", view=view) == "invalid_arguments"


async def test_a_trigger_works_once(slack: SlackServer) -> None:
    slack.world.triggers["t"] = asyncio.get_running_loop().time()
    await client(slack).views_open(trigger_id="t", view=modal(typed()))
    assert await refused(slack, "views.open", trigger_id="t", view=modal(typed())) == "exchanged_trigger_id"
    assert await refused(slack, "views.open", trigger_id="u", view=modal(typed())) == "invalid_trigger_id"


async def test_a_file_is_shared_later_and_read_with_the_token(slack: SlackServer, room: Channel) -> None:
    it = client(slack)
    done = await it.files_upload_v2(channel=room.id, content="hello", filename="a.txt")
    name = str(done["file"]["id"])
    assert not done["file"]["shares"]
    await slack.until(lambda: slack.world.files[name]["shares"])
    url = slack.world.files[name]["url_private"]
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
    async with session_with_token() as session, session.get(url) as answer:
        assert await answer.read() == b"hello"


def session_with_token() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(headers={"Authorization": "Bearer xoxb-test"})


async def test_a_link_works_once_and_what_is_not_acknowledged_comes_again(slack: SlackServer, room: Channel) -> None:
    url = str((await client(slack).apps_connections_open(app_token="xapp-test"))["url"])
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as socket:
            assert (await socket.receive_json())["type"] == "hello"
            slack.says(slack.person("Bob"), room, f"{slack.mention} hi")
            seen = [await socket.receive_json() for _ in range(4)]
            assert {one["payload"]["event"]["type"] for one in seen} == {"app_mention", "message"}
            assert len({one["payload"]["event_id"] for one in seen}) == 2
            assert len({one["payload"]["event"]["ts"] for one in seen}) == 1
            again = [one for one in seen if one.get("retry_attempt")]
            assert {one["retry_reason"] for one in again} == {"timeout"}
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_metadata_is_there_only_when_asked_for(slack: SlackServer, room: Channel) -> None:
    it = client(slack)
    about = {"event_type": "e", "event_payload": {"nonce": "1"}}
    await it.chat_postMessage(channel=room.id, text="x", metadata=about)
    plainly = await it.conversations_history(channel=room.id)
    whole = await it.conversations_history(channel=room.id, include_all_metadata=True)
    assert "metadata" not in plainly["messages"][0]
    assert whole["messages"][0]["metadata"] == about
