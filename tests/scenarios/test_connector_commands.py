"""`threadwork connectors`, and what `doctor` says about them."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner

from agents.connectors.approved_tools_store import ApprovedLists
from agents.connectors.catalogue import catalogue
from agents.connectors.settings_file import read
from agents.connectors.tool_list import ApprovedTools, OfferedTool, ToolList
from bot.bootstrap import connectors
from bot.bootstrap.connectors import ConnectorTrial
from bot.cli import cli
from bot.platforms import load
from bot.terminal import connectors as commands
from bot.terminal import doctor
from orchestrator.errors import NotFound, Refused
from tests.oauth_server import oauth_server

SECRET = "ghp_a_secret_that_nobody_may_see"
LIST = ToolList(tools=(OfferedTool(name="look", description="Looks.", hint=True), OfferedTool(name="delete")))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Settings of a new home, where every server offers the same list."""
    found = load(environment={}, home=tmp_path / "home")

    async def tried(of: Any, connector: Any, person: str) -> ConnectorTrial:
        return ConnectorTrial(LIST, ApprovedLists(found.home / "connectors").read(connector.name))

    monkeypatch.setattr(connectors, "tried", tried)
    return found


async def test_a_row_of_another_programs_file_is_added_with_its_secrets_sealed(
    settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "mcp.json"
    other.write_text(json.dumps({"mcpServers": {"hub": {"command": "x", "env": {"TOKEN": SECRET}}}}))
    code = await commands.add(settings, "hub", {"source": other, "yes": True, "teams": ("slack:T1",), "reads": True})
    await commands.listed(settings)
    said = capsys.readouterr().out
    files = [file for file in settings.home.rglob("*") if file.is_file()]
    assert code == 0 and "hub is ready with 2 tools. Without asking: look. Every other call needs a person" in said
    assert SECRET not in said and not any(SECRET.encode() in file.read_bytes() for file in files)
    (kept,) = read((settings.home / "connectors" / "connectors.json").read_bytes()).connectors
    assert (kept.env, kept.scope.teams) == ({"TOKEN": "${TOKEN}"}, ("slack:T1",))
    approved = ApprovedLists(settings.home / "connectors").read("hub")
    assert approved is not None and approved.reads == {"look"}


async def test_nothing_is_approved_without_a_person_or_yes(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    code = await commands.add(settings, "boxes", {"command": ("x",)})
    assert code == 1 and "Nothing was approved." in capsys.readouterr().out
    (check,) = doctor.connector_checks(settings)
    assert (check.level, check.next) == ("warn", "threadwork connectors test boxes")


async def test_a_changed_list_is_shown_and_approved_by_test(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    await commands.add(settings, "boxes", {"command": ("x",), "yes": True})
    old = ToolList(tools=(OfferedTool(name="look", description="Looked."), OfferedTool(name="gone")))
    ApprovedLists(settings.home / "connectors").write("boxes", ApprovedTools(list=old))
    capsys.readouterr()
    assert await commands.test(settings, "boxes", yes=True, reads=False) == 0
    said = capsys.readouterr().out
    assert "Changes: added delete; removed gone; changed look (description, what it says about its effects)" in said
    assert await commands.test(settings, "boxes", yes=False, reads=False) == 0
    assert "boxes works and offers the 2 tools that were approved." in capsys.readouterr().out


async def test_removing_one_takes_its_secrets_and_approval_along(settings: Any, tmp_path: Path) -> None:
    await commands.add(settings, "boxes", {"command": ("x",), "yes": True})
    connectors.give(settings, "boxes", {"TOKEN": SECRET})
    await commands.remove(settings, "boxes")
    assert connectors.listed(settings).rows == []
    assert ApprovedLists(settings.home / "connectors").read("boxes") is None
    with pytest.raises(NotFound, match="There's no connector 'boxes'; `threadwork connectors list` lists them"):
        await commands.remove(settings, "boxes")


async def test_mistakes_are_one_sentence(settings: Any) -> None:
    with pytest.raises(NotFound, match="The catalog has no 'boxes'; it has filesystem, memory, "):
        await commands.add(settings, "boxes", {})
    with pytest.raises(Refused, match="The connector 'Boxes' can't be added: its name must have 1 to 24 lowercase"):
        await commands.add(settings, "Boxes", {"command": ("x",)})
    with pytest.raises(Refused, match="'files' isn't a folder; use a format like files=/home/ada/reports"):
        await commands.add(settings, "boxes", {"command": ("x",), "folders": ("files",)})
    with pytest.raises(Refused, match="The value of GITHUB_TOKEN is missing"):
        await commands.add(settings, "github", {})


def test_doctor_names_a_missing_secret_and_a_mistake(settings: Any) -> None:
    home = settings.home / "connectors"
    home.mkdir(parents=True)
    rows = {"hub": {"command": "x", "env": {"A": "${TOKEN}"}}, "bad": {}}
    (home / "connectors.json").write_text(json.dumps({"mcpServers": rows}))
    mistake, missing = doctor.connector_checks(settings)
    assert mistake.level == "fail" and '"url" (a hosted server).' in mistake.words
    assert (missing.level, missing.words) == ("fail", "hub needs TOKEN")


def test_every_row_of_the_catalogue_is_a_valid_connector() -> None:
    for name, row in catalogue().items():
        found = read(json.dumps({name: dict(row.settings)}))
        assert found.mistakes == () and len(found.connectors) == 1
        assert (row.package is not None) == bool(found.connectors[0].package)
        assert row.package is None or len(row.package.sha) == 64


async def test_a_hosted_server_is_added_with_a_sign_in_on_loopback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = load(environment={}, home=tmp_path / "home")
    browsers = list[asyncio.Task[None]]()

    async def opens(link: str) -> None:
        async with httpx2.AsyncClient(follow_redirects=True) as browser:
            assert "close this page" in (await browser.get(link)).text

    def said(words: str, style: str | None = None) -> None:
        print(words)
        if "open this link on this machine: " in words:
            browsers.append(asyncio.ensure_future(opens(words.partition("machine: ")[2])))

    monkeypatch.setattr(commands, "_say", said)
    async with oauth_server() as signs:
        options = {"url": f"{signs.url}/mcp", "account": "personal", "yes": True, "reads": True}
        assert await commands.add(found, "notes", options) == 0
        assert "notes is ready with 2 tools. Without asking: look." in capsys.readouterr().out
        assert await commands.test(found, "notes", yes=False, reads=False) == 0
        assert (signs.sign_ins, len(browsers)) == (1, 1)
        assert list((found.home / "connectors" / "accounts").glob("*.sealed"))
        await commands.sign_out(found, "notes")
        with pytest.raises(Refused, match="nobody has signed in yet; run `threadwork connectors sign-in notes`"):
            await commands.test(found, "notes", yes=False, reads=False)
        await commands.sign_in(found, "notes")
        await commands.remove(found, "notes")
        assert not list((found.home / "connectors" / "accounts").glob("*.sealed"))
        for browser in browsers:
            await browser


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("docker", "run", "-i", "x"), "The connector 'boxes' can't be added: the sandbox can't run containers"),
        (("uv", "run", "server.py"), "The connector 'boxes' can't be added: 'uv run' needs a project"),
        ((), "The catalog has no 'boxes'; it has filesystem, memory,"),
    ],
)
def test_the_command_line_itself_adds_connectors(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    found = CliRunner().invoke(
        cli, ["connectors", "add", "boxes", "--", *words], env={"THREADWORK_HOME": str(tmp_path)}
    )
    assert said in str(found.exception)
