"""Slack as one of the hub's platforms: its accounts, how it reaches them, its checks and its setup."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.routing import Route

from bot.chat_platform import ChatPlatform
from bot.config.health_check import HealthCheck
from bot.config.read_secret_setting import secret
from bot.platform_registration import Service, Wiring
from bot.slack.bolt_app import BoltApp
from bot.slack.http_mode import events_route, install_routes
from bot.slack.installs import Install, Installs, installs_folder
from bot.slack.platform import SlackPlatform
from bot.slack.settings import SlackSettings
from bot.slack.setup_checks import examine_app, examine_bot
from bot.slack.setup_steps import walk


@dataclass(frozen=True)
class Workspaces:
    """Those that have installed the app. Implements `Accounts`."""

    settings: SlackSettings
    bolt: BoltApp
    installs: Installs

    @property
    def known(self) -> Mapping[str, Install]:
        return self.installs.known

    async def run(self) -> None:
        await self.bolt.run()

    async def news(self) -> set[str]:
        return await self.installs.news()

    async def open(self, name: str, wiring: Wiring) -> ChatPlatform | None:
        install = self.installs.known.get(name)
        if install is None:
            return None
        platform = _platform(self.settings, install.token, wiring, self.bolt, team=install.team)
        if await platform.welcome():
            return platform
        await self.installs.forget(install)
        return None


@dataclass(frozen=True)
class SlackEndpoint:
    """Implements `SharedEndpoint`."""

    settings: SlackSettings
    bolt: BoltApp
    routes: tuple[Route, ...]
    accounts: Workspaces | None

    async def open(self, wiring: Wiring) -> ChatPlatform:
        return _platform(self.settings, secret(self.settings.bot_token), wiring, self.bolt)


async def endpoint(it: SlackSettings, home: Path) -> SlackEndpoint | None:
    """How Slack reaches this hub if that isn't one workspace over Socket Mode; otherwise None."""
    if not (it.over_http or it.several):
        return None
    made = await asyncio.to_thread(_endpoint, it, home)
    if made.accounts is not None:
        await made.accounts.installs.load()
    return made


def _endpoint(it: SlackSettings, home: Path) -> SlackEndpoint:
    url = it.api_url or ""
    routes: list[Route] = []
    if not it.several:
        workspaces, bolt = None, BoltApp(api_url=url)
    else:
        installs = Installs(installs_folder(home), it.teams)
        bolt = BoltApp(app_token=secret(it.app_token), api_url=url, expects=installs.expects, left=installs.doubt)
        routes += install_routes(installs, client_id=it.client_id, client_secret=secret(it.client_secret), api_url=url)
        workspaces = Workspaces(it, bolt, installs)
    if it.over_http:
        routes.append(events_route(bolt, secret(it.signing_secret)))
    return SlackEndpoint(it, bolt, tuple(routes), workspaces)


def _platform(
    it: SlackSettings, token: str, wiring: Wiring, bolt: BoltApp | None = None, *, team: str = ""
) -> SlackPlatform:
    return SlackPlatform(
        bot_token=token, app_token=secret(it.app_token), read=wiring.read, since=wiring.since, api_url=it.api_url or "",
        team=team, bolt=bolt, connected=wiring.connected,
    )  # fmt: skip


def _open(it: SlackSettings, wiring: Wiring) -> ChatPlatform:
    """One workspace, over Socket Mode."""
    return _platform(it, secret(it.bot_token), wiring)


async def _examine(it: SlackSettings, home: Path) -> Sequence[HealthCheck]:
    """Checks each workspace, and the connection, as far as they are set. Over HTTP, only Slack can test the way to
    us."""
    url, found = it.api_url or "", list[HealthCheck]()
    tokens = await _installed(home) if it.several else [secret(it.bot_token)]
    for token in tokens:
        found += await examine_bot(token, url)
    if it.app_token is not None:
        known = tokens[0] if tokens and found[0].level == "ok" else ""
        found += await examine_app(secret(it.app_token), url, bot_token=known)
    if not tokens:
        found.append(
            HealthCheck(
                "slack",
                "warn",
                "No workspace has installed the app yet.",
                "To install it, open /slack/install on this server.",
            )
        )
    return found


async def _installed(home: Path) -> list[str]:
    installs = Installs(installs_folder(home))
    await installs.load()
    return [install.token for install in installs.known.values()]


SERVICE: Service[SlackSettings] = Service(open=_open, examine=_examine, walk=walk, endpoint=endpoint)
