"""Who may ask, press and steer."""

import pytest

from bot.chat_platform import Changed, Inbound, Mentioned, Summoned
from bot.inbox.admission import ELSEWHERE, GUEST, NOT_NAMED, OUTSIDER, Admission
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person, Place

ROOM = Place(platform="slack", channel="T0/C1", thread="1.0")
ALONE = Place(platform="slack", channel="T0/D1", thread="1.0", private=True)


def asks(kind: str = "member", place: Place = ROOM, roles: tuple[str, ...] = ()) -> Mentioned:
    by = Person.model_validate({"id": PersonId("slack:T0/U1"), "name": "Ada", "kind": kind})
    return Mentioned(id="1", by=by, place=place, text="x", message="1.0", roles=roles)


@pytest.mark.parametrize(
    ("rules", "it", "why"),
    [
        (Admission(), asks(), ""),
        (Admission(), asks("guest"), GUEST),
        (Admission(), asks("outsider"), OUTSIDER),
        (Admission(), asks("bot"), GUEST),
        (Admission(who="guests"), asks("guest"), ""),
        (Admission(who="guests"), asks("outsider"), OUTSIDER),
        (Admission(who="everyone"), asks("outsider"), ""),
        (Admission(who="everyone"), asks("bot"), GUEST),
        (Admission(people=frozenset({"U1"})), asks(), ""),
        (Admission(people=frozenset({"U2"})), asks(), NOT_NAMED),
        (Admission(people=frozenset({"77"})), asks(roles=("5", "77")), ""),
        (Admission(channels=frozenset({"C1"})), asks(), ""),
        (Admission(channels=frozenset({"C2"})), asks(), ELSEWHERE),
        (Admission(channels=frozenset({"C2"})), asks(place=ALONE), ""),
    ],
)
def test_the_rules_say_why_not(rules: Admission, it: Inbound, why: str) -> None:
    assert rules.refusal(it) == why


def test_ones_own_tasks_may_be_seen_from_every_channel_and_a_request_be_taken_back() -> None:
    rules = Admission(channels=frozenset({"C2"}), people=frozenset({"U1"}))
    ada = asks().by
    assert not rules.refusal(Summoned(id="1", by=ada, place=ROOM, words="tasks"))
    somebody = Person(id=PersonId("discord:0"), name="Somebody")
    assert not rules.refusal(Changed(id="1", by=somebody, place=ROOM, message="1.0", text=None))
