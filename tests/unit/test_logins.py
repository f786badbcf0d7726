"""Logins without a browser: two uses put together, sealed files, teams."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.encrypted_file_store import UnreadableFile, Vault
from agents.tools.browser import login_storage
from agents.tools.browser.logins import Login, Logins, WantedLogin
from orchestrator.domain.people import Place
from orchestrator.errors import ToolFailed

values = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("123"))


def state(cookies: dict[str, str], items: dict[str, str] | None = None) -> dict[str, Any]:
    rows = [{"name": name, "value": value} for name, value in (items or {}).items()]
    return {
        "cookies": [
            {"name": name, "value": value, "domain": "a.test", "path": "/", "httpOnly": name == "hidden"}
            for name, value in cookies.items()
        ],
        "origins": [{"origin": "https://a.test", "localStorage": rows}] if rows else [],
    }


def held(of: login_storage.Storage) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in of["cookies"]}


@given(values, values, values)
def test_what_one_changed_and_what_the_other_changed_are_both_kept(
    base: dict[str, str], mine: dict[str, str], theirs: dict[str, str]
) -> None:
    found = held(login_storage.merged(state(base), state(mine), state(theirs)))
    for name in {*base, *mine, *theirs}:
        was, now, other = base.get(name), mine.get(name), theirs.get(name)
        if now == was:
            assert found.get(name) == other
        elif now is not None or other == was:
            assert found.get(name) == now
        else:
            assert found.get(name) == other  # thrown away here, renewed there


def test_local_storage_is_put_together_row_by_row() -> None:
    found = login_storage.merged(state({}, {"a": "1"}), state({}, {"a": "1", "b": "2"}), state({}, {"a": "3"}))
    assert found["origins"] == [
        {"origin": "https://a.test", "localStorage": [{"name": "a", "value": "3"}, {"name": "b", "value": "2"}]}
    ]


def test_only_what_a_browser_could_use_there_is_taken() -> None:
    rows = ["app.a.test", ".a.test", "a.test", "evil.test", ".test.evil", "xa.test"]
    given_ = {
        "cookies": [{"name": "n", "value": "v", "domain": domain, "path": "/"} for domain in rows],
        "origins": [{"origin": "https://app.a.test:8443"}, {"origin": "https://b.test"}],
    }
    found = login_storage.for_domains(given_, ["app.a.test:8443"])
    assert [cookie["domain"] for cookie in found["cookies"]] == ["app.a.test", ".a.test"]
    assert found["origins"] == [{"origin": "https://app.a.test:8443"}]
    wild = login_storage.for_domains(given_, ["*.a.test"])
    assert [cookie["domain"] for cookie in wild["cookies"]] == ["app.a.test", ".a.test", "a.test"]


def test_hidden_cookies_and_tokens_are_secrets_and_plain_words_are_not() -> None:
    token = "eyJhbGciOi.J9eyJzdWIi.dQw4w9WgXcQ"
    of = state(
        {"hidden": "abcdef", "theme": "dark-mode", "id": "0123456789abcdef"}, {"jwt": token, "tip": "seen twice"}
    )
    assert login_storage.secret_values(of) == {"abcdef", "0123456789abcdef", token}


def test_a_sealed_file_opens_only_whole_in_its_place_and_with_its_key(tmp_path: Path) -> None:
    vault = Vault(tmp_path, "key")
    file, elsewhere = tmp_path / "a" / "x", tmp_path / "b" / "x"
    vault.write(file, b"secret words")
    sealed = file.read_bytes()
    assert vault.read(file) == b"secret words"
    assert b"secret" not in sealed
    assert file.stat().st_mode & 0o777 == 0o600
    vault.write(elsewhere, b"other words")
    elsewhere.write_bytes(sealed)
    for bad in (lambda: vault.read(elsewhere), lambda: Vault(tmp_path, "other").read(file)):
        with pytest.raises(UnreadableFile):
            bad()
    for cut in (b"", sealed[:5], sealed[:20], sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        file.write_bytes(cut)
        with pytest.raises(UnreadableFile):
            vault.read(file)


def test_a_login_of_one_team_is_nothing_to_another(tmp_path: Path) -> None:
    logins = Logins(Vault(tmp_path, "key"))
    logins.add(Login(team="slack:T1", name="crm", domains=("a.test",), storage=state({"s": "1"})))
    assert logins.carry(WantedLogin("crm", "slack:T1"), "a.test").base == state({"s": "1"})
    assert logins.carry(WantedLogin("crm", "slack:T2"), "b.test").base == login_storage.empty()
    assert "crm" not in logins.known("slack:T2")
    assert logins.every("slack:T2") == []
    assert [one.team for one in logins.every()] == ["slack:T1"]
    with pytest.raises(ToolFailed, match=r"The login 'crm' no longer exists. This team doesn't have any logins yet"):
        logins.carry(WantedLogin("crm", "slack:T2"), None)


def test_a_login_is_for_its_hosts_and_never_for_one_that_the_host_refuses(tmp_path: Path) -> None:
    logins = Logins(Vault(tmp_path, "key"), permits=lambda domain: domain != "bad.test")
    logins.add(Login(team="local", name="crm", domains=("*.a.test", "bad.test"), storage=login_storage.empty()))
    carried = logins.carry(WantedLogin("crm", "local", ("cdn.test", "bad.test")), "app.a.test")
    assert carried.domains == ("*.a.test", "cdn.test")
    for wanted, domain in ((WantedLogin("crm", "local"), "a.test"), (WantedLogin("CRM", "local"), "x.a.test")):
        with pytest.raises(ToolFailed):
            logins.carry(wanted, domain)
    with pytest.raises(ToolFailed, match="isn't a host"):
        logins.carry(WantedLogin("crm", "local", ("*",)), "x.a.test")


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    def write(name: str) -> None:
        logins = Logins(Vault(tmp_path, "key"))
        for number in range(20):
            carried = logins.carry(WantedLogin("crm", "local"), "a.test")
            new = state({f"{name}{number}": "v"})["cookies"]
            logins.save(carried, login_storage.with_cookies(carried.base, new), "t")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, "abcd"))
    (login,) = Logins(Vault(tmp_path, "key")).every("local")
    assert set(held(login.storage)) == {f"{name}{number}" for name in "abcd" for number in range(20)}


def test_whose_logins_a_task_may_use() -> None:
    places = {
        ("slack", "T1/C1"): "slack:T1",
        ("slack", "T1/D7"): "slack:T1",
        ("slack", "T2/C1"): "slack:T2",
        ("discord", "T1/C1"): "discord:T1",
        ("discord", "@me/7"): "discord:@me/7",
        ("web", "general"): "local",
        ("terminal", "ada"): "local",
    }
    for (platform, channel), team in places.items():
        assert Place(platform=platform, channel=channel, thread="1").team == team
