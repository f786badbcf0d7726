"""The page of connectors: how each is, what changed, and who may approve, test, sign in and out, add, and remove."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from agents.connectors.account import TokenSource
from agents.connectors.call_types import ConnectorAnswer, ConnectorFailed, ExchangeHooks, ServerRequest
from agents.connectors.connector_folders import ConnectorPlaces
from agents.connectors.connector_pool import OpenConnection
from agents.connectors.connectors import Connectors
from agents.connectors.sealed_secrets import SealedSecrets
from agents.connectors.settings_file import Connector
from agents.connectors.tool_list import OfferedTool, ToolList
from bot.bootstrap import connectors as home
from bot.bootstrap.connector_files import make_folders
from bot.bootstrap.connector_status_and_permissions import may_approve, may_sign_in, may_test
from bot.bootstrap.hub import _connector_pages  # pyright: ignore[reportPrivateUsage]
from bot.platforms import load
from bot.web.asgi_app import web_app
from orchestrator.domain.audience import Viewer
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person
from orchestrator.ledger.file_shelf import FolderShelf
from tests.oauth_server import oauth_server
from tests.scenarios.memory_desk import memory_desk
from tests.scenarios.web_people import Page
from tests.scenarios.web_workspace import HOST, SECRET, House, Visitor

LOOK = OfferedTool(name="look", description="Looks into <b>boxes</b>.", hint=True)
DELETE, STEAL = OfferedTool(name="delete", description="Deletes."), OfferedTool(name="steal", description="Steals.")
OLD, NEW = ToolList(tools=(LOOK, DELETE)), ToolList(tools=(LOOK, STEAL))
BOXES = {"boxes": {"command": "program"}}


class Listing:
    """A connection that only lists tools. `offers`: what, or why it can't."""

    def __init__(self, offers: Callable[[], ToolList | str]) -> None:
        self.gone, self._offers, self._end = False, offers, asyncio.Event()

    async def live(self) -> None:
        await self._end.wait()

    async def opened(self) -> None:
        if isinstance(why := self._offers(), str):
            self.close()
            raise ConnectorFailed(why)

    def close(self) -> None:
        self.gone = True
        self._end.set()

    async def offered(self) -> ToolList:
        found = self._offers()
        assert isinstance(found, ToolList)
        return found

    async def call(self, request: ServerRequest, hooks: ExchangeHooks, *, seconds: float) -> ConnectorAnswer:
        raise AssertionError("the page calls nothing")


class PageStory(NamedTuple):
    """A workspace with Ada, its owner, and Bob. `offers`: what every server offers now."""

    house: House
    ada: Visitor
    bob: Visitor
    offers: list[ToolList | str]
    connectors: Connectors
    folder: Path

    async def press(self, who: Visitor, verb: str, name: str, **more: object) -> Page:
        self.last = await who.http.post("/connectors", data={"csrf": who.csrf, "verb": verb, "name": name, **more})  # type: ignore
        return Page(self.last.text)


class _Story(PageStory):
    last: httpx.Response


@asynccontextmanager
async def told(tmp_path: Path, rows: dict[str, Any]) -> AsyncGenerator[_Story]:
    settings = load(environment={}, home=tmp_path / "home")
    make_folders(settings)
    folder = settings.home / "connectors"
    (folder / "connectors.json").write_text(json.dumps({"mcpServers": rows}))
    offers: list[ToolList | str] = [OLD]

    async def make(one: Connector, places: ConnectorPlaces, tokens: TokenSource | None) -> OpenConnection:
        return Listing(lambda: offers[0])

    accounts, secrets = home.accounts_of(settings), SealedSecrets(folder, home.login_key(settings))
    places, shelf = ConnectorPlaces(folder, settings.home / "servers"), FolderShelf(tmp_path / "files")
    async with Connectors(places, secrets, shelf, accounts=accounts, make=make) as connectors:
        pages = _connector_pages(settings, connectors, accounts, "http://hub.test")
        desk = memory_desk(tmp_path / "shelf")
        app = web_app(
            desk, secret=SECRET, clock=desk.clock, public_hosts={HOST}, sign_ins=pages.sign_ins, board=pages.board
        )
        house = House(desk, app)
        ada, bob = await house.visitor("Ada"), await house.visitor("Bob")
        yield _Story(house, ada, bob, offers, connectors, folder)
        for visitor in (ada, bob):
            await visitor.http.aclose()


def fields(page: str, verb: str) -> dict[str, str]:
    """The hidden fields of the form with that verb."""
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        if f'name="verb" value="{verb}"' in form:
            return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    raise AssertionError(f"no {verb} in {page}")


async def test_a_new_connector_is_looked_at_and_approved_by_the_owner_alone(tmp_path: Path) -> None:
    async with told(tmp_path, BOXES) as it:
        before = Page((await it.bob.http.get("/connectors")).text).text
        assert "boxes Nobody has approved its tools yet Runs program Account none For everyone" in before
        tried = await it.bob.http.post("/connectors", data={"csrf": it.bob.csrf, "verb": "test", "name": "boxes"})
        assert "The owner of this workspace approves its first list" in tried.text
        assert "Looks into &lt;b&gt;boxes&lt;/b&gt;." in tried.text  # its words are never markup
        digest = OLD.digest
        refused = await it.press(it.bob, "approve", "boxes", digest=digest, read="look")
        assert "You can't do that" in refused.text and it.connectors.lists.read("boxes") is None
        done = await it.press(it.ada, "approve", "boxes", digest=digest, read=["look", "delete"])
        assert "Agents can use the tools of “boxes” now." in done.text
        approved = it.connectors.lists.read("boxes")
        assert approved and (approved.by, approved.reads) == ("Ada", {"look"})
        assert "look Looks into <b>boxes</b>. reads delete Deletes. asks first" in done.text
        assert "boxes Connected" in done.text


async def test_changed_tools_stop_it_until_a_member_approves_what_they_have_seen(tmp_path: Path) -> None:
    async with told(tmp_path, BOXES) as it:
        await it.press(it.ada, "test", "boxes")
        await it.press(it.ada, "approve", "boxes", digest=OLD.digest, read="look")
        it.offers[0] = NEW
        page = await it.press(it.bob, "test", "boxes")
        assert "Stopped, because its tools changed" in page.text
        assert "Added steal; removed delete. These words come from the server." in page.text
        old = await it.press(it.bob, "approve", "boxes", digest=OLD.digest)
        assert "have changed since you saw them" in old.text
        page = await it.press(it.bob, "approve", "boxes", digest=NEW.digest, read="look")
        approved = it.connectors.lists.read("boxes")
        assert approved and (approved.list, approved.reads, approved.by) == (NEW, {"look"}, "Bob")
        assert "Stopped" not in page.text


async def test_the_last_failure_is_told_in_words(tmp_path: Path) -> None:
    async with told(tmp_path, BOXES) as it:
        await it.press(it.ada, "test", "boxes")
        await it.press(it.ada, "approve", "boxes", digest=OLD.digest)
        it.offers[0] = "its program ended at once"
        pool = it.connectors._pool(Connector(name="boxes", command=("program",)))  # pyright: ignore[reportPrivateUsage]
        pool.retire()
        page = await it.press(it.ada, "test", "boxes")
        assert "The connector “boxes” can't be used: its program ended at once." in page.text
        assert "boxes The last try failed: its program ended at once" in page.text


async def test_one_persons_connector_is_nobody_elses_to_test_or_approve(tmp_path: Path) -> None:
    async with told(tmp_path, {"mine": {"command": "program", "account": "personal", "owner": "web:bob"}}) as it:
        for verb in ("test", "sign-in", "sign-out"):
            page = await it.press(it.ada, verb, "mine")
            assert "You can't do that with “mine”. Its owner is web:bob." in page.text
        assert "mine Nobody has approved its tools yet Runs program Account yours" in Page(
            (await it.bob.http.get("/connectors")).text
        ).text  # fmt: skip


def test_guests_may_do_nothing() -> None:
    guest = Viewer(Person(id=PersonId("web:g"), name="G", kind="guest"), owner=True)
    one = Connector(name="boxes", command=("program",))
    assert not any((may_test(one, guest), may_approve(one, guest, new=True), may_sign_in(one, guest)))


async def test_only_the_owner_adds_from_the_catalog_and_removes(tmp_path: Path) -> None:
    secret = "ghp_that_nobody_may_see"
    async with told(tmp_path, {}) as it:
        refused = await it.press(it.bob, "add", "github", **{"secret.GITHUB_TOKEN": secret})
        assert "Only the owner" in refused.text and "Add one" not in refused.text
        page = await it.press(it.ada, "add", "github", **{"secret.GITHUB_TOKEN": secret, "secret.OTHER": "x"})
        assert "“github” was added. Press Test to see its tools." in page.text
        kept = (it.folder / "connectors.json").read_text()
        assert "${GITHUB_TOKEN}" in kept and secret not in kept and secret not in " ".join(page.words)
        again = await it.press(it.ada, "add", "github")
        assert "already here" in again.text
        by_hand = await it.press(it.ada, "add", "filesystem")
        assert "has no 'filesystem' that can be added here" in by_hand.text
        assert "Only the owner" in (await it.press(it.bob, "remove", "github")).text
        assert "“github” was removed." in (await it.press(it.ada, "remove", "github")).text
        assert json.loads((it.folder / "connectors.json").read_text()) == {"mcpServers": {}}


@pytest.mark.parametrize("how", ["stranger", "no token"])
async def test_strangers_and_other_pages_press_nothing(tmp_path: Path, how: str) -> None:
    async with told(tmp_path, BOXES) as it, it.house.stranger() as stranger:
        browser = stranger if how == "stranger" else it.ada.http
        answer = await browser.post("/connectors", data={"verb": "remove", "name": "boxes"})
        assert answer.status_code == (401 if how == "stranger" else 403)
        assert "boxes" in (it.folder / "connectors.json").read_text()


async def test_a_member_signs_in_from_the_page_and_out_again(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        row = {"url": f"{signs.url}/mcp", "account": "personal", "oauth": True}
        async with told(tmp_path, {"notes": row}) as it, httpx.AsyncClient() as service:
            assert "notes Needs a sign-in" in Page((await it.bob.http.get("/connectors")).text).text
            assert "Sign in to “notes” first." in (await it.press(it.bob, "test", "notes")).text
            form = {"csrf": it.bob.csrf, "verb": "sign-in", "name": "notes"}
            there = re.search(r'href="(http[^"]+)"', (await it.bob.http.post("/connectors", data=form)).text)
            assert there
            back = (await service.get(there[1].replace("&amp;", "&"))).headers["location"]
            done = await it.bob.http.get(back.replace("/connectors/callback", "/connectors/finish"))
            assert (done.status_code, done.headers["location"]) == (303, "/connectors")
            page = Page((await it.bob.http.get("/connectors")).text).text
            assert "Account each person's own; you're signed in" in page and "Sign in again" in page
            assert "Needs a sign-in" in Page((await it.ada.http.get("/connectors")).text).text
            await it.press(it.bob, "sign-out", "notes")
            assert "Needs a sign-in" in Page((await it.bob.http.get("/connectors")).text).text


async def test_connect_in_a_message_leads_to_the_page(tmp_path: Path) -> None:
    async with told(tmp_path, BOXES) as it:
        for words, go in (("@threadwork connect", ""), ("/threadwork connect boxes", "?name=boxes")):
            said = await it.bob.post("/c/general/say", {"text": words})
            assert said.json()["go"] == f"/connectors{go}"
        page = await it.bob.http.get("/connectors?name=boxs")
        assert "There&#39;s no connector “boxs” here. Did you mean “boxes”?" in page.text
        room = (await it.bob.http.get("/c/general")).text
        assert "connect boxes" not in room
        task = await it.bob.post("/c/general/say", {"text": "@threadwork connect the two reports"})
        assert task.json()["go"].startswith("/t/")


async def test_an_account_that_cant_be_read_is_told_and_stops_nothing(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        row = {"url": f"{signs.url}/mcp", "account": "personal", "oauth": True}
        async with told(tmp_path, {"notes": row, **BOXES}) as it:
            accounts = it.folder / "accounts"
            accounts.mkdir(exist_ok=True)
            from agents.connectors.account_settings import AccountSettings, SignInSettings
            from agents.connectors.sign_in_and_renewal import key_of

            notes = Connector(
                name="notes", url=f"{signs.url}/mcp",
                account=AccountSettings(whose="personal", sign_in=SignInSettings()),
            )  # fmt: skip
            (accounts / f"{key_of(notes, 'web:bob')}.sealed").write_bytes(b"junk")
            page = Page((await it.bob.http.get("/connectors")).text).text
            assert "notes The sign-in has expired" in page and "boxes Nobody has approved" in page
