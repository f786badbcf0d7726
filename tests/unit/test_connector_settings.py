"""The settings file of the connectors, their secrets, and who may use them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from agents.connectors.call_types import ConnectorFailed
from agents.connectors.connectors import filled
from agents.connectors.literal_secrets import with_sealed
from agents.connectors.sealed_secrets import FILE, SealedSecrets
from agents.connectors.settings_file import Connector, ConnectorScope, read
from orchestrator.domain.people import Person, Place, Request
from orchestrator.errors import BadSettings

KEY = "a key of at least thirty-two characters"


def one(**row: Any) -> Connector:
    (found,) = read(json.dumps({"mcpServers": {"boxes": row}})).connectors
    return found


def test_the_usual_format_is_read() -> None:
    text = {
        "mcpServers": {
            "boxes": {"command": "node", "args": ["x.js"], "env": {"TOKEN": "${TOKEN}"}, "alwaysAllow": ["delete"]},
            "wiki": {
                "type": "http",
                "url": "https://wiki.test/mcp",
                "headers": {"Authorization": "Bearer ${KEY:-none}"},
            },
            "off": {"command": "x", "disabled": True},
        }
    }
    found = read(json.dumps(text))
    assert found.mistakes == ()
    boxes, wiki = found.connectors
    assert (boxes.command, boxes.variables, boxes.at, boxes.local) == (
        ("node", "x.js"), ("TOKEN",), "connector:boxes", True,
    )  # fmt: skip
    assert (wiki.at, wiki.variables, wiki.local) == ("wiki.test", (), False)
    assert wiki.filled(lambda name: None).headers == {"Authorization": "Bearer none"}
    assert boxes.filled({"TOKEN": "s3"}.get).env == {"TOKEN": "s3"}


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("Boxes", {"command": "x"}, "its name must have 1 to 24 lowercase letters"),
        ("boxes", [], 'it has to be an object with "command" or "url".'),
        ("boxes", {}, 'it needs either "command" (a program) or "url" (a hosted server).'),
        ("boxes", {"command": "x", "url": "https://a.test"}, 'it needs either "command"'),
        ("boxes", {"comand": "x"}, "\"comand\" isn't a setting; did you mean 'command'?"),
        ("boxes", {"url": "wiki.test"}, '"url" has to start with https:// or http://'),
        ("boxes", {"url": "https://a.test", "type": "sse"}, 'the old "sse" transport isn\'t supported'),
        ("boxes", {"url": "https://a.test", "type": "stdio"}, "\"type\" is 'stdio', which isn't supported here"),
        ("boxes", {"url": "https://a.test", "egress": ["b.test"]}, '"egress" is only for a server with a "command".'),
        ("boxes", {"command": "x", "args": "y"}, '"args" has to be a list of strings.'),
        ("boxes", {"command": "x", "env": {"A": 1}}, '"env" has to be an object with string values.'),
        ("boxes", {"command": "x", "egress": ["http://a"]}, "'http://a' in \"egress\" isn't a host"),
        ("boxes", {"command": "x", "folders": {"files": "here"}}, "'here' in \"folders\" isn't a full path."),
        ("boxes", {"command": "x", "folders": {"a/b": "/x"}}, "'a/b' in \"folders\" isn't a name"),
        ("boxes", {"command": "x", "seconds": 0}, '"seconds" has to be a number from 1 to 600.'),
        ("boxes", {"command": "x", "private": "no"}, '"private" has to be true or false.'),
        ("boxes", {"command": "x", "for": {"everyone": []}}, '"for" may have teams, channels, people, agents'),
    ],
)
def test_each_mistake_is_one_sentence_and_leaves_the_others_alone(name: str, row: Any, said: str) -> None:
    found = read(json.dumps({"mcpServers": {name: row, "good": {"command": "x"}}}))
    (mistake,) = found.mistakes
    assert said in mistake and mistake.startswith(f"The connector {name!r} in 'connectors.json' is left out: ")
    assert [one.name for one in found.connectors] == ["good"]


@pytest.mark.parametrize("text", ["{", "[]", '{"mcpServers": 3}', "[" * 100_000])
def test_a_file_that_is_no_settings_file_is_one_sentence(text: str) -> None:
    found = read(text)
    assert found.connectors == () and len(found.mistakes) == 1


ADA = Person(id="slack:T1/U1", name="Ada")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("scope", "fits"),
    [
        ({}, True),
        ({"teams": ["slack:T1"]}, True),
        ({"teams": ["slack:T2"]}, False),
        ({"channels": ["slack:T1/C1"], "agents": ["analyst"]}, True),
        ({"channels": ["slack:T1/C1"], "agents": ["browser"]}, False),
        ({"people": ["slack:T1/U1"]}, True),
        ({"people": ["slack:T1/U2"]}, False),
    ],
)
def test_a_scope_limits_team_channel_person_and_agent(scope: Any, fits: bool) -> None:
    request = Request(text="x", by=ADA, place=Place(platform="slack", channel="T1/C1", thread="1"))
    assert ConnectorScope(**scope).admits(request, "analyst") is fits


def test_literal_values_are_taken_out_of_the_file() -> None:
    row: Any = {"command": "x", "env": {"TOKEN": "s3cret", "OTHER": "${OTHER}"}, "headers": {"X-Api-Key": "k3y"}}
    kept, secrets = with_sealed(row)
    assert "s3cret" not in json.dumps(kept) and "k3y" not in json.dumps(kept)
    assert secrets == {"TOKEN": "s3cret", "X_API_KEY": "k3y"}
    assert kept["env"] == {"TOKEN": "${TOKEN}", "OTHER": "${OTHER}"}


def test_secrets_are_sealed_and_only_their_own_connector_gets_them(tmp_path: Path) -> None:
    secrets = SealedSecrets(tmp_path, KEY)
    secrets.add("boxes", {"TOKEN": "s3cret"})
    secrets.add("wiki", {"KEY": "other"})
    assert b"s3cret" not in (tmp_path / FILE).read_bytes()
    assert SealedSecrets(tmp_path, KEY).of("boxes") == {"TOKEN": "s3cret"}
    secrets.forget("boxes")
    assert (secrets.of("boxes"), secrets.of("wiki")) == ({}, {"KEY": "other"})
    with pytest.raises(BadSettings, match="damaged or were encrypted with another key"):
        SealedSecrets(tmp_path, f"{KEY}!").of("wiki")


def test_a_variable_never_comes_from_our_own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "OPENAI_API_KEY", "ours")
    connector = one(command="x", env={"KEY": "${OPENAI_API_KEY}"})
    with pytest.raises(ConnectorFailed, match="the value of OPENAI_API_KEY is missing; `threadwork connectors add"):
        filled(connector, SealedSecrets(tmp_path, KEY))
