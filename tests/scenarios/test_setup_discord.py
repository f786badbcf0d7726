"""Setting up Discord: from nothing to a bot with all its permissions in a server; and a hub that is refused."""

import asyncio
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.discord.setup_checks import PERMISSIONS, invite
from bot.doctor.chat_accounts import accounts
from bot.doctor.live_chat_account_checks import platforms
from bot.platforms import PLATFORMS, load
from bot.terminal import platform_setup
from tests import slack_server
from tests.discord_server import TOKEN, DiscordServer, serving
from tests.scenarios.setup_typist import MINE, Desk, desk

__all__ = ["desk"]
setup = partial(platform_setup.setup, PLATFORMS[1])

WRONG = f"{TOKEN[:-3]}xyz"
TOP = Path(__file__).parents[2]


@pytest.fixture
async def discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordServer]:
    async with serving() as server:
        monkeypatch.setenv("THREADWORK_DISCORD__API_URL", server.api_url)
        monkeypatch.setenv("THREADWORK_DISCORD__GATEWAY_URL", server.gateway_url)
        yield server


@pytest.fixture
def secrets() -> tuple[str, ...]:
    return (TOKEN, WRONG)


def allow(discord: DiscordServer, *names: str) -> None:
    """What every role of every server gives."""
    bits = sum(PERMISSIONS[name] for name in names)
    for guild in discord.world.guilds.values():
        for role in guild["roles"]:
            role["permissions"] = str(bits)


async def test_a_good_token_is_written_and_the_rest_of_the_file_stays(discord: DiscordServer, desk: Desk) -> None:
    allow(discord, *PERMISSIONS)
    said = await desk.types(setup, f' "{TOKEN}" ')
    assert "it belongs to the application 'Threadwork'" in said
    assert "The Message Content intent is on" in said
    assert "has all the permissions it needs in 'Test guild'" in said
    assert "@threadwork Research the top five competitors" in said
    written = desk.file.read_text()
    assert written.startswith(MINE)
    assert tomllib.loads(written)["discord"] == {"token": TOKEN}
    assert stat.S_IMODE(desk.file.stat().st_mode) == 0o600
    assert not discord.refusals
    again = await desk.types(setup)
    assert "Nothing to write" in again


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (WRONG, "Discord rejects this token"),
        ("900000000000000001", "This looks like the application's ID"),
        ("0123456789abcdef" * 4, "This looks like the public key"),
        ("hello", "This isn't a bot token"),
    ],
)
async def test_a_wrong_token_is_named_with_the_next_step(
    discord: DiscordServer, desk: Desk, typed: str, said: str
) -> None:
    shown = await desk.types(setup, typed)
    assert f"✗ {said}" in shown
    assert "press Reset Token" in shown
    assert "[Refused] Nothing was written." in shown
    assert desk.file.read_text() == MINE


async def test_the_intent_is_switched_on_and_looked_at_again(discord: DiscordServer, desk: Desk) -> None:
    allowed, discord.gateway.allowed = discord.gateway.allowed, 0

    def switched_on() -> None:
        assert desk.file.read_text() == MINE
        discord.gateway.allowed = allowed

    said = await desk.types(setup, TOKEN, switched_on)
    assert "✗ The Message Content intent is off" in said
    assert "turn on Message Content Intent and save" in said
    assert "✓ The Message Content intent is on" in said


async def test_the_bot_is_invited_and_its_permissions_are_looked_at(discord: DiscordServer, desk: Desk) -> None:
    guilds = dict(discord.world.guilds)
    discord.world.guilds.clear()

    def invited() -> None:
        discord.world.guilds.update(guilds)
        allow(discord, *(PERMISSIONS.keys() - {"Attach Files", "Create Public Threads"}))

    said = await desk.types(setup, TOKEN, invited, lambda: allow(discord, *PERMISSIONS))
    assert "✗ The bot isn't in a server yet." in said
    assert f"Choose a server at {invite(discord.world.bot.id)}" in said
    assert "✗ In 'Test guild', the bot lacks these permissions: Attach Files, Create Public Threads." in said
    assert "✓ The bot has all the permissions it needs in 'Test guild'." in said


async def test_who_stops_before_the_invitation_keeps_the_token(discord: DiscordServer, desk: Desk) -> None:
    discord.world.guilds.clear()
    said = await desk.types(setup, TOKEN)
    assert "[Refused] The token is saved." in said
    assert tomllib.loads(desk.file.read_text())["discord"] == {"token": TOKEN}


async def test_without_anybody_to_ask_it_says_what_to_set(discord: DiscordServer, desk: Desk) -> None:
    said = await desk.types(setup)
    assert "[UsageError] init discord asks questions" in said
    assert "DISCORD_TOKEN" in said


async def test_a_discord_that_cannot_be_reached_is_one_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("THREADWORK_DISCORD__API_URL", f"http://127.0.0.1:{closed.getsockname()[1]}/api/v10")
        said = await desk.types(setup, TOKEN)
    assert "✗ Discord can't be reached." in said


async def test_one_server_of_two_that_allows_too_little_is_a_warning(discord: DiscordServer, desk: Desk) -> None:
    allow(discord, *PERMISSIONS)
    poor = discord.world.guild("Poor guild")
    for role in poor["roles"]:
        role["permissions"] = "1024"
    levels = {check.level for check in await platforms(load(environment=os.environ | {"DISCORD_TOKEN": TOKEN}))}
    assert levels == {"ok", "warn"}


def test_doctor_looks_at_the_token_without_asking() -> None:
    (good,) = accounts(load(environment={"DISCORD_TOKEN": TOKEN}))
    (bad,) = accounts(load(environment={"DISCORD_TOKEN": "1234"}))
    assert (good.level, bad.level) == ("ok", "fail")
    assert "Discord wasn't checked; `threadwork doctor --live` checks it" in good.words


def test_the_manual_asks_for_the_permissions_that_are_looked_for() -> None:
    manual = (TOP / "deploy/discord/README.md").read_text("utf-8")
    assert re.findall(r"permissions=(\d+)", manual) == [str(sum(PERMISSIONS.values()))]
    assert set(PERMISSIONS) == set(re.findall(r"^\| ([A-Z][A-Za-z ]+) \|", manual, re.MULTILINE)) - {"permission"}


async def program(desk: Desk, *words: str) -> asyncio.subprocess.Process:
    around = os.environ | {"THREADWORK_HOME": str(desk.file.parent / "home"), "PYTHONPATH": str(TOP)}
    command = (sys.executable, "-c", "from bot.cli import main; main()", *words)
    return await asyncio.create_subprocess_exec(
        *command, env=around, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


async def test_doctor_lives_exit_code_tells(
    discord: DiscordServer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", WRONG)
    looking = await program(desk, "doctor", "--live", "--json")
    told = (await looking.communicate())[0].decode()
    assert looking.returncode == 1
    assert WRONG not in told
    rows = {check["name"]: check for check in json.loads(told)["checks"]}
    assert rows["discord"]["level"] == "fail"
    assert "press Reset Token" in rows["discord"]["next"]


@pytest.mark.slow
async def test_up_says_who_refuses_and_goes_on(
    discord: DiscordServer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with slack_server.serving() as slack:
        monkeypatch.setenv("THREADWORK_SLACK__API_URL", slack.url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-wrong")
        monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
        monkeypatch.setenv("DISCORD_TOKEN", WRONG)
        up = await program(desk, "up")
        assert up.stdout is not None
        said = ""
        async with asyncio.timeout(60):
            while "Slack returned" not in said or "Discord rejected" not in said:
                line = (await up.stdout.readline()).decode()
                assert line, said
                said += line
        up.send_signal(signal.SIGINT)
        assert await up.wait() == 0
        rest = (await up.stdout.read()).decode()
    assert "threadwork is running at http://127.0.0.1:" in said
    assert "- Slack returned 'invalid_auth' while signing in" in said
    assert "- Discord rejected the token" in said
    assert "`threadwork doctor --live`" in said
    log = (desk.file.parent / "home/logs/threadwork.log").read_text("utf-8")
    for secret in ("xoxb-wrong", slack.app_token, WRONG):
        assert secret not in said + rest + log
    assert "Traceback" not in log
