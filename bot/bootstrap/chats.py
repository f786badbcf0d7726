"""Chat accounts that are set up, at work on a desk."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, TypedDict

from bot.bootstrap.account_status import News, Telling, watched
from bot.bootstrap.chat_account import talk
from bot.bootstrap.slack_line import Line, secret, serve_each
from bot.config.settings import Settings
from bot.inbox.admission import Admission
from bot.inbox.home import About
from bot.inbox.received import Known
from bot.outbox.rate_limits import DISCORD, SLACK
from orchestrator.desk import Desk
from orchestrator.domain.people import FileRef

if TYPE_CHECKING:
    from bot.discord.client import DiscordPlatform
    from bot.slack.client import SlackPlatform
    from bot.slack.installs import Install

AGAIN = 20.0
"""Seconds until an account that broke, e.g. by a refused token, is tried again."""
SLACK_LARGEST = 1_000_000_000
"""Bytes; larger files get a link. Discord's limit depends on the server, so its adapter decides."""

Work = Callable[[], Awaitable[None]]


def _nobody(_: News) -> None:
    """Nobody wants to know."""


def chats(
    settings: Settings, desk: Desk, url: str, line: Line | None = None, *, tell: Callable[[News], None] = _nobody
) -> tuple[Work, ...]:
    """One piece of work per platform; each runs until cancelled or the platform refuses it, and may be begun again.
    `url`: the web workspace. `line`: how Slack reaches us, where `slack_line` made one. `tell`: how they fare."""

    house = _house(settings, url)
    of_slack, of_discord = Telling("Slack", tell), Telling("Discord", tell)

    async def read(file: FileRef) -> bytes:
        return await desk.shelf.get(file.sha)

    async def slack() -> None:
        if line is not None and line.installs is not None:
            async with asyncio.TaskGroup() as group:
                group.create_task(line.ears.run())
                group.create_task(serve_each(line.installs, slack_team, pause=AGAIN))
        else:
            await slack_account(secret(settings.slack.bot_token))

    async def slack_team(install: "Install") -> None:
        assert line is not None
        assert line.installs is not None
        if not await slack_account(install.token, install.team):
            await line.installs.forget(install)

    async def slack_account(token: str, team: str = "") -> bool:
        """Until cancelled; False when the installed app was taken out of the workspace."""
        make = await asyncio.to_thread(_slack_platform)
        known, it = Known(), settings.slack
        platform = make(
            bot_token=token, app_token=secret(it.app_token), read=read, since=known.since, api_url=it.api_url or "",
            team=team, ears=line.ears if line else None, connected=partial(of_slack.connected, team),
        )  # fmt: skip
        try:
            if team and not await platform.welcome():
                return False
            await talk(desk, platform, SLACK, known=known, link=url, large=SLACK_LARGEST, thinking=30, **house)
            return True
        finally:
            await platform.close()

    async def discord() -> None:
        make, direct = await asyncio.to_thread(_discord_platform)
        known, it = Known(), settings.discord
        platform = make(
            token=secret(it.token), read=read, since=known.since, api_url=it.api_url or "",
            gateway_url=it.gateway_url or "", directs=lambda: known.channels(direct),
            connected=partial(of_discord.connected, ""),
        )  # fmt: skip
        try:
            await talk(desk, platform, DISCORD, known=known, link=url, thinking=8, **house)
        finally:
            await platform.close()

    return (
        *([watched(slack, of_slack.trouble)] if settings.serves_slack else []),
        *([watched(discord, of_discord.trouble)] if settings.serves_discord else []),
    )


class _House(TypedDict):
    admission: Admission
    about: About


def _house(settings: Settings, url: str) -> _House:
    rules, models = settings.chats, settings.models
    return {
        "admission": Admission(who=rules.who, people=frozenset(rules.people), channels=frozenset(rules.channels)),
        "about": About(
            model=models.chosen or "", planner=models.planner or "", host=settings.host.name, link=url
        ),
    }  # fmt: skip


def _slack_platform() -> "type[SlackPlatform]":
    # Here, and in a thread: importing a client takes a while, and most hubs serve one platform or none.
    from bot.slack.client import SlackPlatform

    return SlackPlatform


def _discord_platform() -> "tuple[type[DiscordPlatform], str]":
    # As above.
    from bot.discord.client import DiscordPlatform
    from bot.discord.events import DIRECT

    return DiscordPlatform, DIRECT
