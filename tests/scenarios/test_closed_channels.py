"""A task from a channel that only some people can read is theirs alone: seen and steered there, and nowhere else."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.chat_platform import Mentioned
from bot.slack.lookups import Conversations
from bot.slack.web_api import SlackWebApi, connection
from bot.web.asgi_app import web_app
from bot.web.sign_in import invite, person_named
from tests.discord_server import DiscordServer, Payload
from tests.discord_server import serving as discord_serving
from tests.discord_server.world import PRIVATE_THREAD, VOICE
from tests.memory_hub import ScriptedModel, Stage, say, stage
from tests.scenarios.any_surface import FASTER, listening
from tests.scenarios.chat_platforms import chat
from tests.scenarios.slack_fixtures import Heard, connected
from tests.scenarios.test_discord_client import living
from tests.scenarios.test_everywhere import HANDED_IN, note, until
from tests.scenarios.test_request_to_files import plan
from tests.scenarios.web_workspace import HOST, SECRET, House, use
from tests.slack_server import SlackServer
from tests.slack_server import serving as slack_serving

SECRET_WORDS = "salaries of the board"
IN_BOTH = pytest.mark.parametrize("name", ["slack", "discord"])


def model() -> ScriptedModel:
    return ScriptedModel({"plan": [plan(note())], "write": [HANDED_IN, say("Written.")]})


@asynccontextmanager
async def room_of_few(tmp_path: Path, name: str) -> AsyncGenerator[tuple[Any, Stage]]:
    """A platform that nobody listens to yet, whose people are in a closed room."""
    async with chat(name, faster=FASTER) as it, stage(tmp_path, model()) as on:
        it.closes()
        yield it, on


@IN_BOTH
async def test_its_people_do_the_task_in_the_chat_and_nobody_else_reaches_it(tmp_path: Path, name: str) -> None:
    async with room_of_few(tmp_path, name) as (it, on), listening(it, on, tmp_path, faster=FASTER):
        app = web_app(on.desk, secret=SECRET, clock=on.clock, public_hosts={HOST})
        house = House(on.desk, app)  # type: ignore[arg-type]
        owner, eve = await house.visitor("The Owner"), await house.visitor("Eve")
        ada, bob = it.person("Ada"), it.person("Bob")
        root = await it.says(ada, SECRET_WORDS)
        task = (await until(on, lambda s: s.phase == "review")).id
        for visitor in (owner, eve):
            assert SECRET_WORDS not in (await visitor.http.get("/c/general")).text
            assert (await visitor.http.get(f"/t/{task}")).status_code == 404
            assert (await visitor.post(f"/t/{task}/say", {"text": "Hi"})).status_code == 404
        hers = house.stranger()
        own = (await on.desk.state(task)).request
        assert own
        await use(hers, await invite(on.desk, person_named("Ada"), on.clock, also=[own.by.id]))
        assert (await hers.get(f"/t/{task}")).status_code == 200
        await it.presses(bob, root, "start")
        await it.presses(bob, root, "accept")
        await until(on, lambda s: s.phase == "done")
        await it.reads(root, "Done, 1 file")


@IN_BOTH
@pytest.mark.parametrize("way", ["mention", "command", "shortcut", "outage"])
async def test_it_is_closed_whichever_way_it_was_asked_for(tmp_path: Path, name: str, way: str) -> None:
    async with room_of_few(tmp_path, name) as (it, on):
        ada = it.person("Ada")
        if way == "outage":
            await it.says(ada, SECRET_WORDS)
        async with listening(it, on, tmp_path, faster=FASTER):
            if way == "mention":
                await it.says(ada, SECRET_WORDS)
            elif way == "command":
                await it.commands(ada, SECRET_WORDS)
            elif way == "shortcut":
                await it.works_on(ada, await it.says(ada, SECRET_WORDS, named=False))
            state = await until(on, lambda s: s.phase == "review")
    assert state.request
    assert (state.request.text, state.request.place.closed, state.request.place.private) == (SECRET_WORDS, True, False)


async def closed_on_slack(slack: SlackServer, heard: Heard, rooms: dict[str, Any]) -> dict[str, bool]:
    """What a request in each room says about it."""
    ada = slack.person("Ada")
    for name, room in rooms.items():
        room.members.add(ada.id)
        slack.says(ada, room, f"{slack.mention} {name}")
    await slack.until(lambda: len(heard.of(Mentioned)) == len(rooms))
    return {one.text: one.place.closed for one in heard.of(Mentioned) if isinstance(one, Mentioned)}


async def test_slack_says_which_conversations_are_closed(tmp_path: Path) -> None:
    heard = Heard()
    async with slack_serving() as slack:
        before = {"known": slack.channel("known"), "known board": slack.channel("known-board", kind="private")}
        async with connected(slack, heard):
            await slack.until(lambda: any(method == "conversations.history" for method, _ in slack.calls))
            new = {"open": slack.channel("open"), "board": slack.channel("board", kind="private"),
                   "group": slack.channel("mpdm-ada--bob-1", kind="mpim")}  # fmt: skip
            assert await closed_on_slack(slack, heard, before | new) == {
                "known": False, "known board": True, "open": False, "board": True, "group": True,
            }  # fmt: skip
        asked = [method for method, _ in slack.calls].count("conversations.info")
        assert asked == len(new), "each once, and those that were listed not at all"
        assert not slack.refusals


async def test_while_slack_does_not_say_a_conversation_counts_as_closed(tmp_path: Path) -> None:
    heard = Heard()
    async with slack_serving() as slack, connected(slack, heard):
        await slack.until(lambda: any(method == "users.conversations" for method, _ in slack.calls))
        room = slack.channel("open")
        slack.fail("conversations.info", "internal_error", times=2)  # a mention is heard twice
        assert await closed_on_slack(slack, heard, {"first": room}) == {"first": True}
        await slack.until(lambda: slack.faults.over)
        await slack.until(lambda: not slack.sockets.unacknowledged)
        slack.says(slack.person("Bob"), room, f"{slack.mention} second")
        await slack.until(lambda: len(heard.of(Mentioned)) == 2)
        assert not heard.of(Mentioned)[1].place.closed


async def test_a_slack_channel_that_becomes_private_is_noticed_after_ten_minutes() -> None:
    now = 0.0
    async with slack_serving() as slack:
        room = slack.channel("open")
        rooms = Conversations(SlackWebApi(connection(slack.bot_token, slack.url)), now=lambda: now)
        assert not await rooms.closed(room.id)
        room.kind = "private"
        now = 599.0
        assert not await rooms.closed(room.id)
        now = 600.0
        assert await rooms.closed(room.id)


async def test_an_app_that_may_not_ask_takes_a_private_channel_for_closed() -> None:
    async with slack_serving() as slack:
        kept = slack.world.manifest
        slack.world.manifest = replace(kept, scopes=kept.scopes - {"groups:read"})
        rooms = Conversations(SlackWebApi(connection(slack.bot_token, slack.url)))
        assert await rooms.closed(slack.channel("board", kind="private").id)
        assert not await rooms.closed(slack.channel("open").id)


async def closed_on_discord(server: DiscordServer, rooms: dict[str, Payload]) -> dict[str, bool]:
    """What a request in each room says about it."""
    async with living(server) as house:
        for number, (name, room) in enumerate(rooms.items(), start=1):
            await server.says(server.person("Ada"), room, f"{server.mention} {name}")
            await house.one(number)
    return {one.text: one.place.closed for one in house.heard if isinstance(one, Mentioned)}


async def test_discord_channels_that_everyone_cannot_view_are_closed_and_so_are_their_threads() -> None:
    async with discord_serving() as server:
        world, guild, ada = server.world, server.guild, server.person("Ada")
        board = world.closed_channel(guild, "board")
        deaf = world.channel(guild, "talk", VOICE)
        deaf |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
        deaf["permission_overwrites"] = [{"id": guild["id"], "type": 0, "allow": "0", "deny": str(1 << 20)}]
        rooms = {
            "open": server.channel,
            "board": board,
            "thread": world.thread(server.channel, world.snowflake(), "thread", ada.id),
            "thread of the board": world.thread(board, world.snowflake(), "thread", ada.id),
            "private thread": world.thread(server.channel, world.snowflake(), "aside", ada.id, kind=PRIVATE_THREAD),
            "voice that not everyone may join": deaf,
        }
        assert await closed_on_discord(server, rooms) == {name: name not in ("open", "thread") for name in rooms}


async def test_a_discord_channel_that_the_bot_cannot_see_is_closed() -> None:
    async with discord_serving() as server, living(server) as house:
        unseen = server.world.closed_channel(server.guild, "hidden")  # the gateway never told of it
        await server.commands(server.person("Ada"), unseen, "threadwork", {"request": SECRET_WORDS})
        assert (await house.one()).place.closed


async def test_a_discord_channel_is_what_it_has_become() -> None:
    async with discord_serving() as server, living(server) as house:
        ada, room = server.person("Ada"), server.channel
        await server.says(ada, room, f"{server.mention} before")
        assert not (await house.one()).place.closed
        room["permission_overwrites"] = server.world.closed_channel(server.guild, "x")["permission_overwrites"]
        await server.gateway.dispatch("CHANNEL_UPDATE", room)
        await server.says(ada, room, f"{server.mention} after")
        assert (await house.one(2)).place.closed
