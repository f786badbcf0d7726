"""`connect` on every surface: a person's accounts in words, and a private link that works once and only for them."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from agents.connectors.connectors import read_settings
from agents.connectors.one_time_sign_in_links import SignInOffers
from agents.connectors.sealed_accounts import SealedAccounts
from agents.connectors.settings_file import Connector
from agents.connectors.sign_in_and_renewal import ConnectorAccounts
from bot.bootstrap.connect_command import ConnectCommand
from bot.bootstrap.connector_sign_ins import HomeSignIns
from bot.web.asgi_app import web_app
from tests.long_tests import sampled
from tests.memory_hub import ScriptedModel
from tests.oauth_server import oauth_server
from tests.scenarios.any_surface import at_work
from tests.scenarios.chat_platforms import BY_NAME
from tests.scenarios.test_everywhere import told_privately
from tests.scenarios.web_workspace import HOST, SECRET, House

LINK = re.compile(r"http://hub\.test(/connect/[\w.-]+)")


@pytest.mark.parametrize("name", sampled(list(BY_NAME), len(BY_NAME)))
async def test_a_person_connects_an_account_from_the_chat_alone(tmp_path: Path, name: str) -> None:
    home = tmp_path / "connectors"
    home.mkdir()
    sealed = SealedAccounts(home, "k" * 32)
    accounts, offers = ConnectorAccounts(sealed), SignInOffers(sealed)

    def find(named: str) -> Connector:
        return next(one for one in read_settings(home).connectors if one.name == named)

    command = ConnectCommand(lambda: read_settings(home).connectors, accounts, offers, "http://hub.test")
    async with (
        oauth_server() as signs,
        at_work(tmp_path, name, ScriptedModel({}), faster=20, connect=command.answer) as (it, on),
    ):
        notes = {"url": f"{signs.url}/mcp", "account": "personal", "oauth": True}
        theirs = {"command": "program", "account": "personal", "owner": "web:zoe"}
        rows = {"notes": notes, "boxes": {"command": "program"}, "zoes": theirs}
        (home / "connectors.json").write_text(json.dumps(rows))
        ada = it.person("Ada")
        await it.says(ada, "connect")
        await told_privately(it, ada, "notes: not signed in")
        assert "boxes: no sign-in needed" in it.private(ada) and "zoes" not in it.private(ada)
        await it.says(ada, "connect nots")
        await told_privately(it, ada, "There's no connector “nots” here. Did you mean “notes”?")
        await it.says(ada, "connect boxes")
        await told_privately(it, ada, "needs no sign-in")
        if name == "lines":
            await it.says(ada, "connect notes")
        else:
            await it.commands(ada, "connect notes")
        await told_privately(it, ada, "it works once, for 15 minutes")
        path = _link(it, name)
        assert "/connect/" not in json.dumps(it.requests(), default=str) and await on.desk.states() == []

        app = web_app(
            on.desk, secret=SECRET, clock=on.clock, public_hosts={HOST}, sign_ins=HomeSignIns(find, accounts, offers)
        )
        house = House(on.desk, app)  # type: ignore[arg-type]
        await _signs_in(house, path)
        await it.says(ada, "connect")
        await told_privately(it, ada, "notes: signed in")
    assert signs.sign_ins == 1


async def _signs_in(house: House, path: str) -> None:
    """Only the browser that used the link may finish, and the link works once."""
    bob = await house.visitor("Bob")
    refused = await bob.http.get(path)
    assert refused.status_code == 403 and "This link is for Ada" in refused.text
    async with house.stranger() as browser, house.stranger() as other, httpx.AsyncClient() as service:
        assert "made for <b>Ada</b>" in (await browser.get(path)).text
        page = await browser.post(path)
        there = re.search(r'class="btn primary big" href="([^"]+)"', page.text)
        assert there, page.text
        again = await other.post(path)
        assert again.status_code == 409 and "already been used" in again.text
        back = (await service.get(there[1].replace("&amp;", "&"))).headers["location"]
        arrived = await other.get(back)
        finish = re.search(r'href="(/connectors/finish[^"]+)"', arrived.text)
        assert finish
        address = finish[1].replace("&amp;", "&")
        assert (await other.get(address)).status_code == 401
        assert (await bob.http.get(address)).status_code == 403
        done = await browser.get(address)
        assert (done.status_code == 200 and "You&#39;re connected" in done.text) or "You're connected" in done.text
        assert (await browser.get(address)).status_code == 409
    await bob.http.aclose()


def _link(it: Any, name: str) -> str:
    """The address in what only that person was shown."""
    match name:
        case "slack":
            raw: object = it.server.world.whispers
        case "discord":
            raw = [aside.original for _, aside in it.asides]
        case _:
            raw = it.server.whispers
    found = LINK.search(json.dumps(raw, default=str))
    assert found, raw
    return found[1]
