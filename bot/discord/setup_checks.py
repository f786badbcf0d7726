"""Checks Discord's setup for `doctor` and `init`: token, intent, servers and permissions."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

from discord.http import Route

from bot.config.health_check import HealthCheck
from bot.discord import token_format
from bot.discord.components import Payload
from bot.discord.rest import Rest
from orchestrator.errors import PlatformFailed, PlatformRefused

PERMISSIONS = {
    "Add Reactions": 1 << 6,
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Attach Files": 1 << 15,
    "Read Message History": 1 << 16,
    "Create Public Threads": 1 << 35,
    "Send Messages in Threads": 1 << 38,
}
"""What deploy/discord/README.md asks for, and why."""
ADMINISTRATOR = 1 << 3
MESSAGE_CONTENT = 1 << 18 | 1 << 19
"""The application's flags that show that the intent is on: approved, or for less than 100 servers."""
INTENT = (
    "At discord.com/developers/applications, in your application, under Bot, turn on Message Content Intent and save."
)
PATIENCE = 30.0
MOST_NAMES = 5


def invite(application: str) -> str:
    """Returns the link that asks for the fewest permissions."""
    wanted = sum(PERMISSIONS.values())
    return (
        f"https://discord.com/oauth2/authorize?client_id={application}"
        f"&scope=bot+applications.commands&permissions={wanted}"
    )


async def examine_token(token: str, api_url: str = "") -> list[HealthCheck]:
    """Asks Discord whose token it is and whether the bot may read. Never raises for an answer from Discord."""
    if wrong := token_format.token(token):
        return [wrong]
    try:
        async with _asking(token, api_url) as rest:
            me = cast(Payload, await rest.get("/oauth2/applications/@me"))
    except (PlatformFailed, TimeoutError) as error:
        return [_failed(error)]
    who = HealthCheck("discord", "ok", f"The token works: it belongs to the application {me['name']!r}.")
    if not int(me.get("flags") or 0) & MESSAGE_CONTENT:
        words = "The Message Content intent is off, so Discord refuses the connection."
        return [who, HealthCheck("discord", "fail", words, INTENT)]
    return [who, HealthCheck("discord", "ok", "The Message Content intent is on.")]


async def examine_servers(token: str, api_url: str = "") -> list[HealthCheck]:
    """Asks Discord which servers the bot is in, and what it may do there (permissions denied per channel aren't
    seen)."""
    try:
        async with _asking(token, api_url) as rest:
            link = invite(str(cast(Payload, await rest.get("/oauth2/applications/@me"))["id"]))
            guilds = cast(list[Payload], await rest.get("/users/@me/guilds"))
    except (PlatformFailed, TimeoutError) as error:
        return [_failed(error)]
    if not guilds:
        return [HealthCheck("discord", "fail", "The bot isn't in a server yet.", f"Choose a server at {link}")]
    lacking = [(str(g["name"]), missing) for g in guilds if (missing := _missing(int(g["permissions"])))]
    short = {name for name, _ in lacking}
    whole = [str(g["name"]) for g in guilds if str(g["name"]) not in short]
    found = (
        [HealthCheck("discord", "ok", f"The bot has all the permissions it needs in {_named(whole)}.")] if whole else []
    )
    then = f"Change the bot's role in that server's settings, or choose the server again at {link}"
    level = "warn" if whole else "fail"
    return found + [
        HealthCheck("discord", level, f"In {name!r}, the bot lacks these permissions: {', '.join(missing)}.", then)
        for name, missing in lacking[:MOST_NAMES]
    ]


async def examine(token: str, api_url: str = "") -> list[HealthCheck]:
    """Does both."""
    found = await examine_token(token, api_url)
    return found if found[0].level == "fail" else [*found, *await examine_servers(token, api_url)]


def _missing(permissions: int) -> list[str]:
    return [] if permissions & ADMINISTRATOR else [n for n, bit in PERMISSIONS.items() if not permissions & bit]


def _named(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(repr(name) for name in names[:MOST_NAMES]) + more


def _failed(error: Exception) -> HealthCheck:
    if isinstance(error, PlatformRefused) and error.code == "token":
        return HealthCheck("discord", "fail", "Discord rejects this token; it may have been reset.", token_format.WHERE)
    words = str(error) if isinstance(error, PlatformFailed) else "Discord didn't answer."
    return HealthCheck("discord", "fail", words, "Check your network connection, then try again.")


@asynccontextmanager
async def _asking(token: str, api_url: str) -> AsyncGenerator[Rest]:
    """A custom address applies to the whole process, as in `DiscordPlatform`."""
    if api_url:
        Route.BASE = api_url.rstrip("/")
    rest = Rest(token)
    try:
        async with asyncio.timeout(PATIENCE):
            yield rest
    finally:
        await rest.close()
