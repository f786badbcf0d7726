"""Logins from the command line, what people are asked, and how a host is told its key."""

import json
import logging
from pathlib import Path

import pytest
from click.testing import CliRunner

from agents.encrypted_file_store import Vault
from agents.host import host_policy
from agents.host.host_policy import HostPolicy
from agents.tools.browser import tools
from agents.tools.browser.logins import Logins, WantedLogin
from bot.bootstrap.agent_host import host_config
from bot.bootstrap.browser_login_key import login_key
from bot.cards.card_projection import project
from bot.cli import cli
from bot.platforms import load
from orchestrator.domain import commands as c
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.people import Place, Request
from orchestrator.domain.policy import Rule, Verdict
from orchestrator.domain.tool_calls import HostCall
from orchestrator.errors import BadSettings, ThreadworkError
from tests.browser_fixtures import a_browser
from tests.memory_hub import ADA, ScriptedModel, say, stage
from tests.scenarios.test_request_to_files import plan, row

COOKIE = {"name": "s", "value": "a-secret-session", "domain": "app.example.com", "path": "/"}


def command(home: Path, *words: str) -> str:
    """What the command prints. Raises its own mistakes."""
    root = logging.getLogger()
    before, level = [*root.handlers], root.level
    try:
        done = CliRunner().invoke(cli, ["--home", str(home), "logins", *words], standalone_mode=False)
    finally:
        for handler in {*root.handlers} - {*before}:  # the command's own log, which no other test may write to
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
    if isinstance(done.exception, ThreadworkError):
        raise done.exception
    return done.output


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    file = tmp_path / "state.json"
    foreign = {**COOKIE, "domain": "evil.example.net"}
    file.write_text(json.dumps({"cookies": [COOKIE, foreign], "origins": []}))
    return file


def test_a_login_from_a_storage_state_is_what_a_page_of_the_host_gets(tmp_path: Path, saved: Path) -> None:
    home = tmp_path / "home"
    assert "No logins yet" in command(home)
    command(home, "add", "crm", "--domain", "app.example.com", "--from", str(saved))
    command(home, "add", "crm", "--domain", "cdn.example.com")
    command(home, "add", "crm", "--domain", "their.test", "--team", "slack:T1")
    shown = command(home)
    assert shown.count("empty so far") == 1  # their.test
    assert "app.example.com, cdn.example.com" in shown
    assert "a person" in shown
    assert COOKIE["value"] not in shown
    config = host_config(load(None, environment={}, home=home), ())
    carried = Logins(Vault(Path(config.home) / "browser", config.login_key)).carry(WantedLogin("crm", "local"), None)
    assert carried.base["cookies"] == [COOKIE]
    command(home, "remove", "crm")
    assert "slack:T1" in command(home)
    assert "app.example.com" not in command(home)
    with pytest.raises(ThreadworkError, match="has no login named 'crm'"):
        command(home, "remove", "crm")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("crm", "--domain", "other.test", "--from", "STATE"), "has no cookies or storage for other.test"),
        (("crm", "--domain", "https://a.test/"), "isn't a host"),
        (("crm", "--domain", "com"), "covers many unrelated sites"),
        (("crm", "--domain", "*.co.uk"), "covers many unrelated sites"),
        (("crm", "--domain", "a.test", "--team", "foo"), "'foo' isn't a team. It starts with slack: or discord:"),
        (("My CRM", "--domain", "a.test"), "lowercase letters"),
        (("crm", "--domain", "a.test", "--from", "BROKEN"), "isn't a Playwright storage state"),
    ],
)
def test_what_cannot_be_a_login_is_said(tmp_path: Path, saved: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "broken").write_text('{"cookies": 7}')
    files = {"STATE": str(saved), "BROKEN": str(tmp_path / "broken")}
    with pytest.raises(ThreadworkError, match=said):
        command(tmp_path / "home", "add", *(files.get(word, word) for word in words))


def test_the_key_stays_the_same_is_for_its_owner_alone_and_not_shown(tmp_path: Path) -> None:
    settings = load(None, environment={}, home=tmp_path)
    key = login_key(settings)
    assert login_key(settings) == key
    assert (tmp_path / "login.key").stat().st_mode & 0o777 == 0o600
    config = host_config(settings, ())
    assert config.login_key == key
    assert key not in repr(config)
    own = load(None, environment={"THREADWORK_BROWSER__LOGIN_KEY": "k" * 32}, home=tmp_path)
    assert login_key(own) == "k" * 32
    (tmp_path / "login.key").write_text("short")
    with pytest.raises(BadSettings, match="damaged"):
        login_key(settings)
    with pytest.raises(BadSettings, match="32 characters"):
        load(None, environment={"THREADWORK_BROWSER__LOGIN_KEY": "short"}, home=tmp_path)


def test_a_login_under_another_key_is_listed_as_unreadable(tmp_path: Path, saved: Path) -> None:
    command(tmp_path, "add", "crm", "--domain", "app.example.com", "--from", str(saved))
    (tmp_path / "login.key").write_text("another key of thirty-two characters")
    assert "encrypted with another key" in command(tmp_path)


def test_a_host_opens_to_a_login_only_what_its_owner_does() -> None:
    denied = HostPolicy(rules=(Rule(verdict=Verdict.DENY, domain="*.bad.test"),))
    assert host_policy.opens("a.test", denied)
    assert not host_policy.opens("x.bad.test", denied)
    assert not host_policy.opens("*.bad.test", denied)
    assert [host_policy.opens(d, HostPolicy(domains=("*.a.test",))) for d in ("x.a.test", "b.test")] == [True, False]


async def test_people_are_asked_for_a_login_by_name_and_once_for_the_task(tmp_path: Path) -> None:
    opened: dict[str, object] = {"url": "https://app.a.test/home", "login": "crm"}
    elsewhere: dict[str, object] = {"url": "https://app.a.test/x", "login": "crm", "login_hosts": ["cdn.a.test"]}
    lines = [say(browser_open=opened), say(browser_open={**opened, "url": "https://app.a.test/2"})]
    lines += [say(browser_open=elsewhere), say(browser_open={"url": "https://app.a.test/plain"}), say("Done.")]
    model = ScriptedModel({"plan": [plan(row("look", "browser"))], "look": lines})
    async with stage(tmp_path, model) as on:

        async def page(call: HostCall) -> str:
            return f"page of {call.team}"

        spec = next(t.spec for t in tools(a_browser(tmp_path)) if t.spec.name == "browser_open")
        on.host.tools_by_name["browser_open"] = (spec, page)
        place = Place(platform="slack", channel="T1/C1", thread="1")
        request = Request(text="Look", by=ADA, place=place)
        task = (await on.desk.submit(c.OpenTask(id="o", by=ADA, request=request))).task
        await on.press_start(task)
        titles: list[str] = []
        for number, verb in enumerate(("approve-for-task", "approve", "approve")):
            state = await on.until(task, lambda s, n=number: len(s.approvals) == n + 1)
            (waiting,) = (it for it in state.approvals.values() if it.decision is None)
            titles.append(next(p.title for p in project(state).checkpoints if p.id == waiting.approval.id))
            decision = Decision(verb=verb)
            await on.desk.submit(
                c.Decide(id=verb + str(number), by=ADA, task=task, approval=waiting.approval.id, decision=decision)
            )
        state = await on.until(task, lambda s: s.phase == "done")
    assert titles[0].endswith("use the login 'crm' (app.a.test) in this task")
    assert titles[1].endswith("use the login 'crm' (app.a.test, cdn.a.test) in this task")
    assert titles[2].endswith("open app.a.test")
    assert state.domains == frozenset()
    assert [call.team for call in on.host.calls] == ["slack:T1"] * 4
    assert len(on.host.calls) == 4
