"""Signing in at hosted connectors, with the library's own sign-in server: restarts, renewals, revocation."""

import asyncio
import json
import stat
from pathlib import Path
from time import time
from typing import Any

import pytest

from agents.connectors.account import (
    AuthServer,
    SignInNeeded,
    TokenAnswer,
    client_metadata,
    is_safe,
    tokens_of,
)
from agents.connectors.account_settings import AccountSettings, SignInSettings
from agents.connectors.call_types import ConnectorFailed
from agents.connectors.literal_secrets import with_sealed
from agents.connectors.oauth_requests import client_for
from agents.connectors.open_connection import connection_to
from agents.connectors.personal_account_call import may_use
from agents.connectors.sealed_accounts import SealedAccounts
from agents.connectors.settings_file import Connector, read
from agents.connectors.sign_in_and_renewal import ConnectorAccounts, SignInPlace, key_of
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person, Place, Request
from orchestrator.errors import NotAllowed, Refused, Stale
from tests.oauth_server import SignIns, oauth_server, person_agrees

ADA = Person(id=PersonId("web:ada"), name="Ada")
BOB = Person(id=PersonId("web:bob"), name="Bob")
PLACE = SignInPlace("http://127.0.0.1:8484/connectors/callback")
PERSONAL = AccountSettings(whose="personal", sign_in=SignInSettings())


def notes(signs: SignIns) -> Connector:
    return Connector(name="notes", url=f"{signs.url}/mcp", account=PERSONAL)


def hub(home: Path, *, later: float = 0, jitter: float = 0, **more: Any) -> ConnectorAccounts:
    """The accounts as another process sees them, at another time."""
    home.mkdir(exist_ok=True)
    return ConnectorAccounts(SealedAccounts(home, "k" * 32), now=lambda: time() + later, jitter=lambda: jitter, **more)


async def signed_in(accounts: ConnectorAccounts, signs: SignIns) -> None:
    link = await accounts.begin(notes(signs), ADA, PLACE)
    await accounts.finish(await person_agrees(link), frozenset({ADA.id}))


async def offered(accounts: ConnectorAccounts, signs: SignIns, home: Path) -> set[str]:
    """Connects with Ada's account and returns the names of the tools."""
    one = connection_to(notes(signs), home, (), accounts.of(notes(signs), ADA.id))
    task = asyncio.ensure_future(one.live())
    try:
        await one.opened()
        return {tool.name for tool in (await one.offered()).tools}
    finally:
        one.close()
        await task


async def test_a_person_signs_in_once_and_the_connector_works_after_a_restart(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        with pytest.raises(SignInNeeded):
            await hub(tmp_path).token(notes(signs), ADA.id)
        await signed_in(hub(tmp_path), signs)
        assert await offered(hub(tmp_path), signs, tmp_path) == {"look", "delete"}
        assert (signs.sign_ins, signs.renewals) == (1, 0)


async def test_an_expired_token_is_renewed_after_a_restart_without_asking(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        await signed_in(hub(tmp_path), signs)
        signs.access.clear()
        assert await offered(hub(tmp_path, later=4000), signs, tmp_path) == {"look", "delete"}
        assert (signs.sign_ins, signs.renewals) == (1, 1)


async def test_two_hubs_and_many_connections_renew_a_rotating_token_once(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        await signed_in(hub(tmp_path), signs)
        signs.slow.clear()
        clock = [3500.0]
        hubs = [ConnectorAccounts(SealedAccounts(tmp_path, "k" * 32), now=lambda: time() + clock[0]) for _ in range(2)]
        asked = [asyncio.ensure_future(it.token(notes(signs), ADA.id)) for it in hubs for _ in range(5)]
        await signs.asked.wait()
        clock[0] = 0  # the new token isn't due for the one that waited
        signs.slow.set()
        assert len(set(await asyncio.gather(*asked))) == 1
        assert (signs.renewals, signs.replays) == (1, 0)


async def test_a_cancelled_caller_does_not_lose_the_rotated_token(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        await signed_in(hub(tmp_path), signs)
        signs.slow.clear()
        first = hub(tmp_path, later=3500)
        caller = asyncio.ensure_future(first.token(notes(signs), ADA.id))
        await signs.asked.wait()
        caller.cancel()
        signs.slow.set()
        await first.close()
        assert await hub(tmp_path).token(notes(signs), ADA.id) in signs.access
        assert (signs.renewals, signs.replays) == (1, 0)


async def test_a_refused_token_is_renewed_once_and_the_request_repeated(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        await signed_in(hub(tmp_path), signs)
        signs.access.clear()
        assert await offered(hub(tmp_path), signs, tmp_path) == {"look", "delete"}
        assert (signs.sign_ins, signs.renewals) == (1, 1)


async def test_a_revoked_sign_in_asks_the_person_again_and_works_after_that(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        await signed_in(hub(tmp_path), signs)
        signs.revoke_all()
        with pytest.raises(ConnectorFailed):
            await offered(hub(tmp_path), signs, tmp_path)
        with pytest.raises(SignInNeeded) as needed:
            await hub(tmp_path).token(notes(signs), ADA.id)
        assert needed.value.again
        await signed_in(hub(tmp_path), signs)
        assert await offered(hub(tmp_path), signs, tmp_path) == {"look", "delete"}
        assert len(signs.clients) == 1  # it registered once


async def test_a_sign_in_link_works_once_and_only_for_the_person_it_was_made_for(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        accounts = hub(tmp_path)
        old = await person_agrees(await accounts.begin(notes(signs), ADA, PLACE))
        answer = await person_agrees(await accounts.begin(notes(signs), ADA, PLACE))
        for wrong, people in ((old, ADA), (answer, BOB), ({**answer, "state": "x"}, ADA), ({}, ADA)):
            with pytest.raises((Stale, NotAllowed)):
                await accounts.finish(wrong, frozenset({people.id}))
        await accounts.finish(answer, frozenset({ADA.id}))
        with pytest.raises(Stale):
            await accounts.finish(answer, frozenset({ADA.id}))
        with pytest.raises(SignInNeeded):
            await accounts.token(notes(signs), BOB.id)


async def test_an_expired_link_a_refusal_and_another_issuer_connect_nothing(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        accounts = hub(tmp_path)
        answer = await person_agrees(await accounts.begin(notes(signs), ADA, PLACE))
        with pytest.raises(Stale):
            await hub(tmp_path, later=1000).finish(answer, frozenset({ADA.id}))
        with pytest.raises(Refused, match="a different sign-in server"):
            await accounts.finish({**answer, "iss": "https://evil.example.com"}, frozenset({ADA.id}))
        answer = await person_agrees(await accounts.begin(notes(signs), ADA, PLACE))
        with pytest.raises(Refused, match="you declined"):
            await accounts.finish({"state": answer["state"], "error": "access_denied"}, frozenset({ADA.id}))
        with pytest.raises(SignInNeeded):
            await accounts.token(notes(signs), ADA.id)


async def test_a_new_link_leaves_the_working_sign_in_alone(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        await signed_in(hub(tmp_path), signs)
        elsewhere = SignInPlace("http://127.0.0.1:9999/connectors/callback")
        await hub(tmp_path).begin(notes(signs), ADA, elsewhere)
        signs.access.clear()
        assert await offered(hub(tmp_path), signs, tmp_path) == {"look", "delete"}


async def test_the_file_is_sealed_and_bound_to_the_address(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        await signed_in(hub(tmp_path), signs)
        (file,) = (tmp_path / "accounts").glob("*.sealed")
        assert file.name == f"{key_of(notes(signs), ADA.id)}.sealed"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert not any(token.encode() in file.read_bytes() for token in (*signs.access, *signs.refresh))
        moved = notes(signs).model_copy(update={"url": "https://evil.example.com/mcp"})
        with pytest.raises(SignInNeeded):
            await hub(tmp_path).token(moved, ADA.id)


async def test_a_sign_in_server_that_is_down_leaves_the_sign_in(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        await signed_in(hub(tmp_path), signs)
        token = next(iter(signs.access))
    assert await hub(tmp_path, later=3500).token(notes(signs), ADA.id) == token  # minutes are left
    with pytest.raises(ConnectorFailed, match="didn't respond") as failed:
        await hub(tmp_path, later=4000).token(notes(signs), ADA.id)
    assert not isinstance(failed.value, SignInNeeded)


async def test_our_public_description_is_preferred_to_a_registration() -> None:
    at = "https://x.example.com"
    server = AuthServer(issuer=at, authorize=f"{at}/a", token=f"{at}/t")
    redirect, ours = "https://work.example.com/connectors/callback", "https://work.example.com/connectors/client.json"
    takes = server.model_copy(update={"takes_metadata_url": True, "register_at": "https://x.example.com/r"})
    found = await client_for(takes, SignInSettings(), redirect, ours)
    assert (found.id, found.secret, found.method) == (ours, "", "none")
    with pytest.raises(ConnectorFailed, match="register apps automatically"):
        await client_for(server, SignInSettings(), redirect, ours)
    by_hand = SignInSettings(client_id="me", client_secret="secret")
    assert (await client_for(takes, by_hand, redirect, ours)).id == "me"
    assert client_metadata(redirect)["application_type"] == "web"
    assert client_metadata(PLACE.redirect)["application_type"] == "native"


def test_the_secret_of_an_app_is_sealed_when_a_connector_is_added() -> None:
    kept, secrets = with_sealed({"url": "https://x.example.com", "oauth": {"client_id": "me", "client_secret": "s3"}})
    assert secrets == {"CLIENT_SECRET": "s3"} and "s3" not in json.dumps(kept)
    whole = {**kept, "account": "personal"}
    (connector,) = read(json.dumps({"mail": whole})).connectors
    assert connector.variables == ("CLIENT_SECRET",)
    app = connector.filled(secrets.get).account.sign_in
    assert app is not None and app.client_secret == "s3"


def test_a_personal_account_never_works_for_a_program_or_someone_else() -> None:
    mine = Connector(name="mail", url="https://x.example.com", account=AccountSettings(whose="personal", owner=ADA.id))
    place = Place(platform="web", channel="general", thread="1")
    program = Person(id=PersonId("web:robot"), name="Robot", kind="bot")
    assert may_use(mine, Request(text="go", by=ADA, place=place), frozenset({ADA.id}))
    assert not may_use(mine, Request(text="go", by=BOB, place=place), frozenset({BOB.id}))
    assert not may_use(mine, None, frozenset())
    each = mine.model_copy(update={"account": PERSONAL})
    assert may_use(each, Request(text="go", by=BOB, place=place), frozenset({BOB.id}))
    assert not may_use(each, Request(text="go", by=program, place=place), frozenset({program.id}))


def test_tokens_are_renewed_five_minutes_early_with_jitter_but_short_ones_live_half_their_time() -> None:
    for seconds, jitter, renewed in ((3600, 0, 3300), (3600, 1, 3240), (60, 0.5, 30), (600, 0, 300)):
        assert tokens_of(TokenAnswer("a", seconds=seconds), None, 0, jitter).renew_at == renewed
    assert tokens_of(TokenAnswer("a"), None, 0, 0).renew_at is None
    old = tokens_of(TokenAnswer("a", "kept", "mail"), None, 0, 0)
    assert tokens_of(TokenAnswer("b"), old, 0, 0).refresh == "kept"


@pytest.mark.parametrize(
    ("url", "connector", "safe"),
    [
        ("https://login.example.com/token", "https://x.example.com/mcp", True),
        ("http://login.example.com/token", "https://x.example.com/mcp", False),
        ("http://127.0.0.1:9/token", "https://x.example.com/mcp", False),
        ("http://127.0.0.1:9/token", "http://127.0.0.1:8/mcp", True),
        ("https://user:pass@x.example.com", "https://x.example.com/mcp", False),
        ("javascript:alert(1)", "https://x.example.com/mcp", False),
    ],
)
def test_sign_ins_go_only_to_safe_addresses(url: str, connector: str, safe: bool) -> None:
    assert is_safe(url, connector) is safe


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"account": "mine"}, '"account" has to be "team" or "personal"'),
        ({"account": "team"}, 'a team account needs an "owner"'),
        ({"account": "team", "owner": "ada"}, '"owner" has to be a person'),
        ({"oauth": True}, 'need "account"'),
        ({"account": "personal", "oauth": {"client": "x"}}, '"oauth" may have client_id'),
    ],
)
def test_mistakes_in_account_settings_get_a_sentence(row: dict[str, object], words: str) -> None:
    (mistake,) = read(json.dumps({"mail": {"url": "https://x.example.com/mcp", **row}})).mistakes
    assert words in mistake
