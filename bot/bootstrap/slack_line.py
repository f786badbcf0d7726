"""How Slack reaches this hub, where that is not one workspace over Socket Mode; and its workspaces, each served."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pydantic import SecretStr
from starlette.routing import Route

from bot.bootstrap.account_status import watched
from bot.config.settings import Settings
from orchestrator.engine.crash_guard import kept_going

if TYPE_CHECKING:
    from bot.slack.bolt_app import Ears
    from bot.slack.installs import Install, Installs


@dataclass(frozen=True)
class Line:
    """`installs` None: one workspace, with the token that is set. `doors`: what can be reached from outside."""

    ears: "Ears"
    installs: "Installs | None"
    doors: tuple[Route, ...]


async def slack_line(settings: Settings) -> Line | None:
    """None for no Slack, and for one workspace over Socket Mode."""
    if not settings.serves_slack or not (settings.slack.over_http or settings.slack.several):
        return None
    line = await asyncio.to_thread(_line, settings)
    if line.installs is not None:
        await line.installs.load()
    return line


def _line(settings: Settings) -> Line:
    # Here, and in a thread: importing bolt takes a while, and most hubs need none of this.
    from bot.slack.bolt_app import Ears
    from bot.slack.http import events_route, install_routes
    from bot.slack.installs import Installs

    it, url = settings.slack, settings.slack.api_url or ""
    doors: list[Route] = []
    if not it.several:
        installs, ears = None, Ears(api_url=url)
    else:
        installs = Installs(settings.home / "slack", it.teams)
        ears = Ears(app_token=secret(it.app_token), api_url=url, expects=installs.expects, left=installs.doubt)
        doors += install_routes(installs, client_id=it.client_id, client_secret=secret(it.client_secret), api_url=url)
    if it.over_http:
        doors.append(events_route(ears, secret(it.signing_secret)))
    return Line(ears, installs, tuple(doors))


async def serve_each(installs: "Installs", serve: "Callable[[Install], Awaitable[None]]", *, pause: float) -> None:
    """Serves each workspace for as long as it has the app installed. One in doubt is begun again, which looks; one that
    breaks is begun again after `pause` seconds, and the others do not notice."""
    served: dict[str, tuple[Install, asyncio.Task[None]]] = {}
    doubted: set[str] = set()
    async with asyncio.TaskGroup() as group:
        while True:
            known = dict(installs.known)
            for team, (install, task) in list(served.items()):
                if known.get(team) != install or team in doubted:
                    task.cancel()
                    await asyncio.wait({task})
                    del served[team]
            for team, install in known.items():
                if team not in served:
                    work = watched(partial(serve, install), _quiet)
                    served[team] = install, group.create_task(kept_going(work, pause=pause))
            doubted = await installs.news()


def _quiet(why: str) -> None:
    """The log has it; it is not the trouble of whoever started the hub."""


def secret(value: SecretStr | None) -> str:
    """What it holds; empty for none."""
    return value.get_secret_value() if value else ""
