"""The workspace's page of agents on a stage, and its owner."""

from collections.abc import Mapping
from pathlib import Path

import httpx
from starlette.applications import Starlette

from agents.roster.roster import Roster
from bot.bootstrap.own_agents import OwnAgents
from bot.bootstrap.try_agent_in_hub import in_hub
from bot.platforms import load
from bot.web.asgi_app import web_app
from bot.web.sign_in import invite, person_named
from orchestrator.policy_gate import Gate
from tests.memory_hub import Stage
from tests.scenarios.web_people import Fields, Page
from tests.scenarios.web_workspace import HOST, ORIGIN, SECRET, use

USUAL: dict[str, object] = {
    "agent": "", "base": "", "name": "contract-reader", "description": "Reads contracts.",
    "prompt": "You read contracts.", "tools": "read_file", "every-connector": "yes", "family.delivery": "always",
}  # fmt: skip


def editor(on: Stage, home: Path, *, rehearsal: bool = False) -> OwnAgents:
    """As a hub makes it."""
    settings = load(environment={}, home=home)
    return OwnAgents(settings, on.roster, in_hub(on.agent, on.host, Gate().judge, rehearsal=rehearsal))


def workspace(on: Stage, home: Path) -> Starlette:
    return web_app(on.desk, secret=SECRET, clock=on.clock, public_hosts={HOST}, agents=editor(on, home))


class Browser:
    """Somebody with the page of agents open: what they read, and what they send."""

    def __init__(self, app: Starlette, on: Stage) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", headers=ORIGIN)
        self._on = on

    async def come_in(self, name: str = "Ada") -> "Browser":
        await use(self.http, await invite(self._on.desk, person_named(name), self._on.clock))
        return self

    async def page(self, path: str) -> Page:
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        return Page(answer.text)

    async def form(self, path: str) -> Fields:
        """The fields of the form that changes an agent, as the page has them."""
        return (await self.page(path)).forms[""]

    async def sends(self, path: str, fields: Mapping[str, object]) -> httpx.Response:
        csrf = (await self.form("/people"))["csrf"]
        return await self.http.post(path, data={"csrf": csrf, "id": "a-command", **fields}, follow_redirects=True)


def roster_of(folder: Path) -> Roster:
    return Roster(folder / "agents", keeps=True)
