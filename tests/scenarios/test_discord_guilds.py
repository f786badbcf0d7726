"""One Discord bot in several servers, over several shards: each server is answered, and decides, for itself."""

from pathlib import Path

import discord
import pytest

from tests.discord_server import DiscordServer, Payload, until
from tests.memory_hub import ScriptedModel, say, stage
from tests.scenarios.any_surface import listening
from tests.scenarios.chat_platforms import chat
from tests.scenarios.test_request_to_files import plan, row


def shard(guild: Payload) -> int:
    return (int(guild["id"]) >> 22) % 2


def beside(server: DiscordServer) -> Payload:
    """A channel of a second server, which falls to the other shard."""
    found = server.world.guild("Other guild")
    while shard(found) == shard(server.guild):
        del server.world.guilds[found["id"]]
        found = server.world.guild("Other guild")
    return server.world.channel(found, "general")


async def test_two_servers_on_two_shards_are_each_answered_and_decide_for_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(client: discord.Client, shard_id: int | None, *, initial: bool) -> None:
        """Shards of a small bot wait five seconds for each other, which shows nothing."""

    monkeypatch.setattr(discord.Client, "before_identify_hook", at_once)
    model = ScriptedModel({"plan": [plan(row("write")), plan(row("write"))], "write": [say("Written.")]})
    async with chat("discord") as it, stage(tmp_path, model) as on:
        server = it.server
        server.gateway.shards = 2
        other = beside(server)
        ada, eve = server.person("Ada"), server.person("Eve")
        async with listening(it, on, tmp_path):
            await until(lambda: len(server.gateway.sessions) == 2)
            assert {session.shard for session in server.gateway.sessions.values()} == {(0, 2), (1, 2)}
            here = await server.says(ada, server.channel, f"{server.mention} write a note")
            there = await server.says(eve, other, f"{server.mention} write a note")
            for root in (here, there):
                await it.reads(root, "is ready")
            places = {s.request.place.channel: s.id for s in await on.desk.states() if s.request}
            ours = f"{server.guild['id']}/{server.channel['id']}"
            assert set(places) == {ours, f"{other['guild_id']}/{other['id']}"}

            start = await it.sees(here, "start")
            astray = start._replace(message={**start.message, "channel_id": other["id"]})  # as if it stood there
            await it.presses(eve, here, "start", on=astray)
            await it.until(lambda: "belongs to another thread" in it.private(eve))
            assert (await on.desk.state(places[ours])).phase == "review"
            await it.presses(ada, here, "start")
            await on.until(places[ours], lambda s: s.phase == "done")
