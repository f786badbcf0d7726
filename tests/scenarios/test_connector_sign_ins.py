"""A person signs in to a connector's service from the step that needs it, in the workspace, and again when it ended."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from agents.connectors.account import TokenSource
from agents.connectors.connector_folders import ConnectorPlaces
from agents.connectors.connector_pool import OpenConnection
from agents.connectors.connectors import Connectors, read_settings
from agents.connectors.one_time_sign_in_links import SignInOffers
from agents.connectors.open_connection import connection_to
from agents.connectors.personal_account_call import CHOICE, SHOW
from agents.connectors.sealed_accounts import SealedAccounts
from agents.connectors.sealed_secrets import SealedSecrets
from agents.connectors.settings_file import Connector
from agents.connectors.sign_in_and_renewal import ConnectorAccounts
from agents.connectors.tool_list import ApprovedTools
from bot.bootstrap.connector_sign_ins import HomeSignIns
from bot.web.asgi_app import web_app
from orchestrator.domain import commands as c
from orchestrator.domain.approvals_and_questions import Decision, Question
from orchestrator.domain.ids import TaskId
from orchestrator.domain.model_messages import Reply
from orchestrator.ledger.file_shelf import FolderShelf
from tests.connector_stand import inside
from tests.memory_hub import ADA, ScriptedModel, Stage, stage
from tests.oauth_server import WRITE, SignIns, notes, oauth_server
from tests.scenarios.connector_story import FIND, last, use
from tests.scenarios.test_request_to_files import plan, row
from tests.scenarios.web_workspace import HOST, SECRET, House

LOOK = "mcp__notes__look"


class SignInStory(NamedTuple):
    """A running head with one hosted connector, and its workspace."""

    on: Stage
    house: House
    signs: SignIns

    async def asked(self, task: TaskId, words: str) -> Question:
        def open_one(state: object) -> bool:
            return any(words in r.question.text and r.answers is None for r in state.questions.values())  # type: ignore

        state = await self.on.until(task, open_one)
        return next(r.question for r in state.questions.values() if words in r.question.text and r.answers is None)


@asynccontextmanager
async def told(tmp_path: Path, *calls: Reply) -> AsyncGenerator[SignInStory]:
    """The agent makes these calls, or looks once, then says what it read."""
    home, shelf = tmp_path / "connectors", FolderShelf(tmp_path / "shelf")
    home.mkdir()

    async def make(connector: Connector, places: ConnectorPlaces, tokens: TokenSource | None) -> OpenConnection:
        return connection_to(connector, places.servers, (), tokens)

    def find(name: str) -> Connector:
        return next(one for one in read_settings(home).connectors if one.name == name)

    async with oauth_server() as signs:
        rows = {"notes": {"url": f"{signs.url}/mcp", "account": "personal", "oauth": True}}
        (home / "connectors.json").write_text(json.dumps({"mcpServers": rows}))
        sealed = SealedAccounts(home, "k" * 32)
        accounts = ConnectorAccounts(sealed)
        places = ConnectorPlaces(home, tmp_path / "servers")
        source = Connectors(places, SealedSecrets(home, "k" * 32), shelf, accounts=accounts, make=make)
        plain = inside(notes(signs))
        running = asyncio.ensure_future(plain.live())
        await plain.opened()
        offered = await plain.offered()
        plain.close()
        await running
        source.lists.write("notes", ApprovedTools(list=offered, reads=frozenset({"look"}), by="Ada"))
        model = ScriptedModel({"plan": [plan(row("find", "browser"))], "find": [*(calls or [use(LOOK)]), last]})
        async with source, stage(tmp_path, model, limits={"source": source}) as on:
            app = web_app(
                on.desk,
                secret=SECRET,
                clock=on.clock,
                public_hosts={HOST},
                sign_ins=HomeSignIns(find, accounts, SignInOffers(sealed)),
            )
            yield SignInStory(on, House(on.desk, app), signs)  # type: ignore[arg-type]


async def sign_in(story: SignInStory, browser: httpx.AsyncClient, task: TaskId, question: Question) -> httpx.Response:
    """Opens the private page, signs in to the service, and presses the button on the page that it comes back to."""
    page = await browser.get(f"/t/{task}/link/{question.id}")
    assert page.status_code == 200, page.text
    found = re.search(r'class="btn primary big" href="([^"]+)"', page.text)
    assert found
    async with httpx.AsyncClient() as service:
        back = (await service.get(found[1].replace("&amp;", "&"))).headers["location"]
    assert back.startswith(f"http://{HOST}/connectors/callback?")
    async with story.house.stranger() as without_session:
        arrived = await without_session.get(back)
    found = re.search(r'href="(/connectors/finish[^"]+)"', arrived.text)
    assert found
    done = await browser.get(found[1].replace("&amp;", "&"))
    assert done.status_code == 303, done.text
    return done


async def test_a_step_waits_for_its_owners_sign_in_and_then_goes_on(tmp_path: Path) -> None:
    async with told(tmp_path) as story:
        ada, bob = await story.house.visitor("Ada"), await story.house.visitor("Bob")
        task = await story.on.ask("Find it")
        await story.on.press_start(task)
        question = await story.asked(task, "needs a sign-in")
        assert question.only == ADA and question.link == ""
        refused = await bob.http.get(f"/t/{task}/link/{question.id}")
        assert refused.status_code == 403 and "only for Ada" in refused.text
        done = await sign_in(story, ada.http, task, question)
        assert (done.status_code, done.headers["location"]) == (303, f"/t/{task}")
        review = await story.asked(task, "answered")
        mine = await ada.http.get(f"/t/{task}/link/{review.id}")
        theirs = await bob.http.get(f"/t/{task}/link/{review.id}")
        assert "4711" in mine.text and theirs.status_code == 403 and "4711" not in theirs.text
        records = "".join(r.event.model_dump_json() for r in await story.on.desk.records(task))
        assert "4711" not in records and not any(token in records for token in story.signs.access)
        answers = {CHOICE: SHOW}
        await story.on.desk.submit(c.AnswerQuestion(id="r", by=ADA, task=task, question=review.id, answers=answers))
        state = await story.on.until(task, lambda s: s.phase == "done")
        assert "4711" in state.of(FIND).summary
        for visitor in (ada, bob):
            await visitor.http.aclose()


async def test_a_revoked_sign_in_asks_at_the_step_that_failed(tmp_path: Path) -> None:
    async with told(tmp_path, use(LOOK), use(LOOK)) as story:
        ada = await story.house.visitor("Ada")
        task = await story.on.ask("Find it")
        await story.on.press_start(task)
        await sign_in(story, ada.http, task, await story.asked(task, "needs a sign-in"))
        review = await story.asked(task, "answered")
        story.signs.revoke_all()
        answers = {CHOICE: SHOW}
        await story.on.desk.submit(c.AnswerQuestion(id="r", by=ADA, task=task, question=review.id, answers=answers))
        state = await story.on.until(task, lambda s: s.approvals)  # what it has read could leak
        (name,) = state.approvals
        yes = Decision(verb="approve")
        await story.on.desk.submit(c.Decide(id="y", by=ADA, task=task, approval=name, decision=yes))
        again = await story.asked(task, "has expired")
        await sign_in(story, ada.http, task, again)
        review = await story.asked(task, "answered")
        await story.on.desk.submit(c.AnswerQuestion(id="q", by=ADA, task=task, question=review.id, answers=answers))
        state = await story.on.until(task, lambda s: s.phase == "done")
        assert "4711" in state.of(FIND).summary
        assert story.signs.sign_ins == 2
        await ada.http.aclose()


async def test_a_write_that_was_refused_is_made_once_after_the_sign_in(tmp_path: Path) -> None:
    async with told(tmp_path, use(LOOK), use("mcp__notes__delete", text="the vault")) as story:
        ada = await story.house.visitor("Ada")
        task = await story.on.ask("Find it")
        await story.on.press_start(task)
        await sign_in(story, ada.http, task, await story.asked(task, "needs a sign-in"))
        review = await story.asked(task, "answered")
        story.signs.revoke_all()
        answers = {CHOICE: SHOW}
        await story.on.desk.submit(c.AnswerQuestion(id="r", by=ADA, task=task, question=review.id, answers=answers))
        state = await story.on.until(task, lambda s: s.approvals)
        (name,) = state.approvals
        yes = Decision(verb="approve")
        await story.on.desk.submit(c.Decide(id="y", by=ADA, task=task, approval=name, decision=yes))
        again = await story.asked(task, "has expired")
        assert story.signs.deleted == []
        await sign_in(story, ada.http, task, again)
        review = await story.asked(task, "answered")
        await story.on.desk.submit(c.AnswerQuestion(id="q", by=ADA, task=task, question=review.id, answers=answers))
        state = await story.on.until(task, lambda s: s.phase == "done")
        assert "deleted the vault" in state.of(FIND).summary
        assert story.signs.deleted == ["the vault"]
        described = (await ada.http.get("/connectors/client.json")).json()
        assert described["redirect_uris"] == [f"https://{HOST}/connectors/callback"]
        await ada.http.aclose()


@pytest.mark.parametrize(
    "word", [pytest.param(word, marks=[] if word == '"delete"' else [pytest.mark.slow]) for word in
             ('"delete"', '"jsonrpc"', '"tools/list"')]
)  # fmt: skip
async def test_a_service_that_wants_more_rights_gets_another_sign_in_once(tmp_path: Path, word: str) -> None:
    async with told(tmp_path, use("mcp__notes__delete", text="the vault")) as story:
        story.signs.needs = {word.encode(): WRITE}
        ada = await story.house.visitor("Ada")
        task = await story.on.ask("Delete it")
        await story.on.press_start(task)
        await _approves(story, task)
        await sign_in(story, ada.http, task, await story.asked(task, "needs a sign-in"))
        wider = await story.asked(task, f"needs another sign-in, with more rights: {WRITE}.")
        assert wider.only == ADA and story.signs.deleted == []
        page = await ada.http.get(f"/t/{task}/link/{wider.id}")
        assert f"with more rights: {WRITE}" in page.text
        await sign_in(story, ada.http, task, wider)
        await _shares(story, task)
        state = await story.on.until(task, lambda s: s.phase == "done")
        assert "deleted the vault" in state.of(FIND).summary and story.signs.deleted == ["the vault"]
        assert story.signs.asked_for[0] == ["notes"] and set(story.signs.asked_for[-1]) == {"notes", WRITE}
        await ada.http.aclose()


async def test_a_service_that_never_gives_the_rights_isnt_asked_again(tmp_path: Path) -> None:
    async with told(tmp_path, use("mcp__notes__delete", text="the vault")) as story:
        story.signs.needs, story.signs.gives = {b'"delete"': WRITE}, ("notes",)
        ada = await story.house.visitor("Ada")
        task = await story.on.ask("Delete it")
        await story.on.press_start(task)
        await _approves(story, task)
        await sign_in(story, ada.http, task, await story.asked(task, "needs a sign-in"))
        await sign_in(story, ada.http, task, await story.asked(task, "with more rights"))
        state = await story.on.until(task, lambda s: s.phase == "done")
        assert f"it needs more rights than the sign-in has ({WRITE})" in state.of(FIND).summary
        assert story.signs.deleted == [] and len(state.questions) == 2
        await ada.http.aclose()


async def _approves(story: SignInStory, task: TaskId) -> None:
    state = await story.on.until(task, lambda s: s.approvals)
    (name,) = state.approvals
    await story.on.desk.submit(c.Decide(id="y", by=ADA, task=task, approval=name, decision=Decision(verb="approve")))


async def _shares(story: SignInStory, task: TaskId) -> None:
    review = await story.asked(task, "answered")
    await story.on.desk.submit(c.AnswerQuestion(id="r", by=ADA, task=task, question=review.id, answers={CHOICE: SHOW}))
