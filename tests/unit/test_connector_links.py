"""Who an account at a connector's service belongs to: linked ids, private links, missing rights, and its name."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from time import time

import pytest

from agents.connectors.account import SignInNeeded, label_of, lacking_scope
from agents.connectors.one_time_sign_in_links import SignInOffers
from agents.connectors.personal_account_call import others
from agents.connectors.sealed_accounts import SealedAccounts
from agents.connectors.sign_in_and_renewal import key_of
from bot.web.linked_person_ids import linked
from bot.web.workspace_state import WorkspaceRoom
from orchestrator.domain import events as e
from orchestrator.domain.ids import Key, PersonId, Stream
from orchestrator.domain.people import Person
from orchestrator.errors import Stale
from tests.oauth_server import oauth_server
from tests.unit.test_connector_accounts import ADA, BOB, hub, notes, signed_in


async def test_one_account_serves_every_id_of_a_person_that_the_workspace_linked(tmp_path: Path) -> None:
    slack = "slack:T1/U1"

    async def same(person: str) -> frozenset[str]:
        return frozenset({ADA.id, slack}) if person in (ADA.id, slack) else frozenset({person})

    async with oauth_server() as signs:
        accounts = hub(tmp_path, linked=same)
        await signed_in(accounts, signs)
        token = await accounts.token(notes(signs), ADA.id)
        assert await accounts.token(notes(signs), slack) == token
        assert (await accounts.state(notes(signs), slack)).kind == "signed in"
        for stranger in ("slack:T1/U2", BOB.id):
            with pytest.raises(SignInNeeded):
                await accounts.token(notes(signs), stranger)
        with pytest.raises(SignInNeeded):  # nothing is linked any more
            await hub(tmp_path).token(notes(signs), slack)
        await accounts.forget(notes(signs), slack)
        assert (await accounts.state(notes(signs), ADA.id)).kind == "needed"


def test_an_id_that_two_people_claim_links_nobody() -> None:
    ada, bob, slack, other = ADA.id, BOB.id, PersonId("slack:T1/U1"), PersonId("slack:T1/U2")
    room = WorkspaceRoom(people={ada: ADA, bob: BOB}, also={ada: frozenset({slack, other}), bob: frozenset({slack})})
    assert linked(room, slack) == {slack}
    assert linked(room, other) == linked(room, ada) == {ada, other}
    assert linked(room, bob) == {bob}
    removed = WorkspaceRoom(people={bob: BOB}, also={bob: frozenset({slack})})
    assert linked(removed, slack) == {slack, bob}


def test_a_persons_words_under_another_id_are_their_own() -> None:
    slack = Person(id=PersonId("slack:T1/U1"), name="Ada L")
    said = [e.PersonSaid(by=by, text="Go on") for by in (ADA, slack, BOB)]
    records = [e.Record(Stream("t"), n, Key(str(n)), datetime(2026, 1, 1, tzinfo=UTC), it) for n, it in enumerate(said)]
    assert others(records, frozenset({ADA.id, slack.id})) == ("Bob",)
    assert others(records, frozenset({ADA.id})) == ("Ada L", "Bob")


@pytest.mark.parametrize(
    ("challenge", "scope"),
    [
        ('Bearer error="insufficient_scope", scope="files:read files:write"', "files:read files:write"),
        ("Bearer realm=x, error=insufficient_scope, scope=admin", "admin"),
        ('Bearer error="insufficient_scope"', ""),
        ('Bearer error="insufficient_scope", scope="a\u202eb a\u202eb c"', "a b c"),
        ('Bearer error="invalid_token", scope="files:write"', None),
        ("", None),
    ],
)
def test_a_services_refusal_names_the_rights_that_are_missing(challenge: str, scope: str | None) -> None:
    assert lacking_scope(challenge) == scope


def test_the_account_is_called_what_the_service_calls_it() -> None:
    def token(claims: object) -> str:
        return f"x.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.y"

    assert label_of(token({"email": "ada@example.com", "name": "Ada"})) == "ada@example.com"
    assert label_of(token({"name": "Ada\n\u202eL" + "x" * 200})) == "Ada L" + "x" * 95
    assert [label_of(one) for one in (None, "junk", "a.b.c", token([]), token({"email": 4}))] == [""] * 5


async def test_a_private_link_works_once_and_a_new_one_ends_it(tmp_path: Path) -> None:
    async with oauth_server() as signs:
        key, sealed = key_of(notes(signs), ADA.id), SealedAccounts(tmp_path, "k" * 32)
        offers, late = SignInOffers(sealed), SignInOffers(sealed, now=lambda: time() + 901)
        first = await offers.make(key, "notes", ADA)
        second = await offers.make(key, "notes", ADA)
        assert second.partition(".")[2] not in sealed.read(key).model_dump_json()
        for token, at in ((first, offers), (second, late), ("junk", offers), (f"{key}.x", offers), ("../x.y", offers)):
            with pytest.raises(Stale):
                await at.take(token)
        assert (await offers.take(second)).person == ADA.id
        with pytest.raises(Stale):
            await offers.take(second)
