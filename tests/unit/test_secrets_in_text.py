"""Which credentials are hidden in what people see, and what is left alone."""

import pytest

from bot.cards.card_projection import project
from bot.cards.hide_secrets_in_text import all_without_secrets, without_secrets
from bot.cards.tool_call_wording import DOTS
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Person, Place, Request
from orchestrator.domain.task import TaskState

TAIL = "4fJ9aQ2mZ7xW1cV6bN8k"
KEY_BLOCK = f"-----BEGIN RSA PRIVATE KEY-----\nMIIE{TAIL}\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"the key is sk-proj-{TAIL}.", f"the key is sk-proj-{DOTS}"),
        (f"`sk-ant-api03-{TAIL}`", f"`sk-ant-{DOTS}`"),
        (f"xoxb-12345-{TAIL} works", f"xoxb-{DOTS} works"),
        (f"ghp_{TAIL}{TAIL}", f"ghp_{DOTS}"),
        ("AKIAIOSFODNN7EXAMPLE, eu-west-1", f"AKIA{DOTS}, eu-west-1"),
        (f"eyJhbGciOiJI.eyJzdWIiOiIx.{TAIL}", f"eyJ{DOTS}"),
        (KEY_BLOCK, f"-----BEGIN RSA PRIVATE KEY-----{DOTS}"),
        ("postgres://ada:hunter2@db.test/prices", f"postgres://ada:{DOTS}@db.test/prices"),
        (f"curl -H 'Authorization: Bearer {TAIL}{TAIL}'", f"curl -H 'Authorization: Bearer {DOTS}'"),
        (f"https://hooks.slack.com/services/T01/B02/{TAIL}", f"https://hooks.slack.com/services/{DOTS}"),
    ],
)
def test_a_credential_is_hidden(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "sk-learn and sk-image-processing-toolkit-extras are libraries",
        "https://ada.test:8443/prices?token=1",
        "the bearer of bad news",
        "commit 4f1ac2e99f0b3f6f1f1d2e3c4b5a69788796a5b4",
        "write to ada@example.test: it's 12:30",
        "pypi-server, npm_config_cache and hf_hub_download",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert without_secrets(text) == text


def test_the_beginning_of_one_is_hidden_while_it_is_written() -> None:
    text = f"the key is sk-proj-{TAIL}"
    for end in range(len("the key is sk-p"), len(text)):
        shown = without_secrets(text[:end], growing=True)
        assert shown.startswith("the key is ")
        assert DOTS in shown
        assert TAIL[:3] not in shown


def test_a_card_shows_none_and_keeps_its_identifiers() -> None:
    place = Place(platform="web", channel="general", thread="1")
    request = Request(text=f"use sk-proj-{TAIL}", by=Person(id="web:ada", name="Ada"), place=place)  # type: ignore[arg-type]
    card = project(TaskState(TaskId("t1"), request=request))
    assert TAIL not in card.model_dump_json()
    assert card.task == "t1"
    assert all_without_secrets(card) == card
