"""What `threadwork up` tells of the chats: that they are connected, that they are again, and where links lead."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bot.bootstrap.chat_account_status import AccountStatus, News, watched
from bot.bootstrap.hub import open_hub
from bot.platforms import load
from tests import discord_server, slack_server
from tests.discord_server import DiscordServer
from tests.scenarios.slack_fixtures import Heard, platform
from tests.slack_server import SlackServer

TOP = Path(__file__).parents[2]
PUBLIC = "https://threadwork.example"


@asynccontextmanager
async def both() -> AsyncGenerator[tuple[SlackServer, DiscordServer]]:
    async with slack_server.serving() as slack, discord_server.serving() as discord:
        yield slack, discord


def environment(slack: SlackServer, discord: DiscordServer, home: Path) -> dict[str, str]:
    return {
        "THREADWORK_HOME": str(home), "THREADWORK_WEB__PORT": "0", "THREADWORK_WEB__URL": PUBLIC,
        "THREADWORK_SLACK__API_URL": slack.url, "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token,
        "THREADWORK_DISCORD__API_URL": discord.api_url, "THREADWORK_DISCORD__GATEWAY_URL": discord.gateway_url,
        "DISCORD_TOKEN": discord.token,
    }  # fmt: skip


async def test_up_says_that_each_account_is_connected(tmp_path: Path) -> None:
    async with both() as (slack, discord):
        command = (sys.executable, "-c", "from bot.cli import main; main()", "up")
        up = await asyncio.create_subprocess_exec(
            *command, env=os.environ | environment(slack, discord, tmp_path) | {"PYTHONPATH": str(TOP)},
            cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert up.stdout is not None
        said = ""
        async with asyncio.timeout(60):
            while "Slack: connected" not in said or "Discord: connected" not in said:
                line = (await up.stdout.readline()).decode()
                assert line, said
                said += line
        up.send_signal(signal.SIGINT)
        assert await up.wait() == 0
        said += (await up.stdout.read()).decode()
    assert "- Slack: connected to 'Team' as @threadwork.\n" in said
    assert "- Discord: connected as threadwork, in 1 server.\n" in said
    assert said.count(": connected") == 2


async def test_links_in_chats_lead_to_the_address_that_is_set_and_it_is_let_in(tmp_path: Path) -> None:
    async with both() as (slack, discord):
        settings = load(environment=environment(slack, discord, tmp_path))
        running = await open_hub(settings)
        try:
            async with asyncio.timeout(60):
                told = [(await running.news.get()).words for _ in range(2)]
            assert all(": connected" in words for words in told)
            async with aiohttp.ClientSession() as session:
                statuses = [
                    (await session.get(running.url, headers={"Host": name})).status
                    for name in ("threadwork.example", "another.example")
                ]
            assert statuses[0] != 403
            assert statuses[1] == 403
            ada = slack.person("Ada")
            slack.opens_home(ada, slack.direct(ada))
            await slack.until(lambda: slack.world.homes)
            page = str(slack.world.homes)
            assert PUBLIC in page
            assert "127.0.0.1" not in page
        finally:
            await running.close()
        assert not slack.refusals


async def test_slack_is_told_to_be_connected_again_only_after_a_trouble() -> None:
    told: list[News] = []
    telling = AccountStatus("Slack", told.append)

    async def once(slack: SlackServer) -> None:
        """One life of the account: refused, or ended when it is connected."""
        up = asyncio.Event()

        def connected(where: str) -> None:
            telling.connected("", where)
            up.set()

        it = platform(slack, connected=connected)
        life = asyncio.ensure_future(watched(lambda: it.run(Heard().take), telling.trouble)())
        async with asyncio.timeout(60):
            await asyncio.wait({life, asyncio.ensure_future(up.wait())}, return_when=asyncio.FIRST_COMPLETED)
        life.cancel()
        up.set()
        await asyncio.gather(life, return_exceptions=True)

    async with slack_server.serving() as slack:
        for enabled in (True, True, False, False, True):
            slack.sockets.enabled = enabled
            await once(slack)
    assert [(news.good, news.words[:22]) for news in told] == [
        (True, "Slack: connected to 'T"), (False, told[1].words[:22]), (True, "Slack: connected again"),
    ]  # fmt: skip
    assert "turn on Socket Mode" in told[1].words
