"""How Slack reaches this hub where that isn't one workspace over Socket Mode."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.routing import Route

from bot.chat import ChatPlatform
from bot.config.secret import secret
from bot.service import Wiring
from bot.slack.bolt_app import Ears
from bot.slack.client import SlackPlatform
from bot.slack.http import events_route, install_routes
from bot.slack.installs import Install, Installs, installs_folder
from bot.slack.settings import Slack


@dataclass(frozen=True)
class Workspaces:
    """Those that have installed the app. Implements `Accounts`."""

    settings: Slack
    ears: Ears
    installs: Installs

    @property
    def known(self) -> Mapping[str, Install]:
        return self.installs.known

    async def run(self) -> None:
        await self.ears.run()

    async def news(self) -> set[str]:
        return await self.installs.news()

    async def open(self, name: str, wiring: Wiring) -> ChatPlatform | None:
        install = self.installs.known.get(name)
        if install is None:
            return None
        platform = _platform(self.settings, install.token, wiring, self.ears, team=install.team)
        if await platform.welcome():
            return platform
        await self.installs.forget(install)
        return None


@dataclass(frozen=True)
class SlackLine:
    """Implements `Line`."""

    settings: Slack
    ears: Ears
    routes: tuple[Route, ...]
    accounts: Workspaces | None

    async def open(self, wiring: Wiring) -> ChatPlatform:
        return _platform(self.settings, secret(self.settings.bot_token), wiring, self.ears)


async def line(it: Slack, home: Path) -> SlackLine | None:
    """None for one workspace over Socket Mode."""
    if not (it.over_http or it.several):
        return None
    made = await asyncio.to_thread(_line, it, home)
    if made.accounts is not None:
        await made.accounts.installs.load()
    return made


def _line(it: Slack, home: Path) -> SlackLine:
    url = it.api_url or ""
    routes: list[Route] = []
    if not it.several:
        workspaces, ears = None, Ears(api_url=url)
    else:
        installs = Installs(installs_folder(home), it.teams)
        ears = Ears(app_token=secret(it.app_token), api_url=url, expects=installs.expects, left=installs.doubt)
        routes += install_routes(installs, client_id=it.client_id, client_secret=secret(it.client_secret), api_url=url)
        workspaces = Workspaces(it, ears, installs)
    if it.over_http:
        routes.append(events_route(ears, secret(it.signing_secret)))
    return SlackLine(it, ears, tuple(routes), workspaces)


def _platform(it: Slack, token: str, wiring: Wiring, ears: Ears, *, team: str = "") -> SlackPlatform:
    return SlackPlatform(
        bot_token=token, app_token=secret(it.app_token), read=wiring.read, since=wiring.since, api_url=it.api_url or "",
        team=team, ears=ears, connected=wiring.connected,
    )  # fmt: skip
