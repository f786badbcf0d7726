"""Setting up Slack: from nothing to tokens that Slack itself has been asked about."""

import asyncio
import json
import os
import pty
import socket
import stat
import sys
import tomllib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from bot.bootstrap.chat_account_status import AccountStatus, News, watched
from bot.cli import cli
from bot.doctor.chat_accounts import accounts
from bot.doctor.live_chat_account_checks import platforms
from bot.platforms import PLATFORMS, load
from bot.slack.installs import Installs
from bot.slack.platform import SlackPlatform
from bot.slack.setup_checks import SCOPES
from bot.terminal import platform_setup
from tests.scenarios.setup_typist import MINE, Desk, desk
from tests.slack_server import SlackServer, serving

__all__ = ["desk"]
setup = partial(platform_setup.setup, PLATFORMS[0])

BOT, APP = SlackServer.bot_token, SlackServer.app_token
MANIFEST = Path(__file__).parents[2] / "deploy" / "slack" / "manifest.yaml"


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackServer]:
    async with serving() as server:
        monkeypatch.setenv("THREADWORK_SLACK__API_URL", server.url)
        yield server


@pytest.fixture
def secrets() -> tuple[str, ...]:
    return (BOT, APP, "xoxb-wrong", "xapp-wrong")


def without(slack: SlackServer, *scopes: str) -> None:
    slack.world.manifest = replace(slack.world.manifest, scopes=slack.world.manifest.scopes - set(scopes))


def off(slack: SlackServer) -> None:
    slack.sockets.enabled = False


async def test_good_tokens_are_written_and_the_rest_of_the_file_stays(slack: SlackServer, desk: Desk) -> None:
    said = await desk.types(setup, f"  '{BOT}' ", f"SLACK_APP_TOKEN={APP}")

    assert "signed in to 'Team' as 'threadwork'" in said
    assert "all 17 scopes" in said
    assert "Slack can show our cards" in said
    assert "Socket Mode is on" in said
    assert "@threadwork Research the top five competitors" in said
    written = desk.file.read_text()
    assert written.startswith(MINE)
    assert tomllib.loads(written)["slack"] == {"bot_token": BOT, "app_token": APP}
    assert stat.S_IMODE(desk.file.stat().st_mode) == 0o600
    assert not slack.refusals


async def test_a_file_elsewhere_is_named_in_the_next_steps(slack: SlackServer, desk: Desk, tmp_path: Path) -> None:
    assert "Start threadwork: threadwork up" in await desk.types(setup, BOT, APP)
    desk.file = tmp_path / "other.toml"
    assert f"threadwork --config {desk.file} up" in await desk.types(setup, BOT, APP)
    assert tomllib.loads(desk.file.read_text())["slack"] == {"bot_token": BOT, "app_token": APP}


async def test_init_keeps_what_init_slack_wrote(slack: SlackServer, desk: Desk) -> None:
    await desk.types(setup, BOT, APP)
    before = tomllib.loads(desk.file.read_text())
    words = ["init", "--non-interactive", "--force", "--model", "own/x", "--port", "7"]
    assert CliRunner().invoke(cli, words).exit_code == 0
    after = tomllib.loads(desk.file.read_text())
    assert after == before | {"models": {"default": "own/x"}, "web": {"port": 7}}


async def test_what_is_set_already_is_looked_at_and_not_asked_for(slack: SlackServer, desk: Desk) -> None:
    await desk.types(setup, BOT, APP)
    said = await desk.types(setup)
    assert "Checking the bot token that's already set" in said
    assert "Nothing to write" in said


Mend = Callable[[SlackServer], None]


@pytest.mark.parametrize(
    ("broken", "answers", "said"),
    [
        (None, ["xoxb-wrong"], "Slack rejects this bot token (invalid_auth)."),
        (None, [APP], "This is the app token; the bot token starts with 'xoxb-'."),
        (None, ["hello"], "This isn't a bot token; the bot token starts with 'xoxb-'."),
        (lambda s: without(s, "files:write", "commands"), [BOT], "The app lacks the scopes commands, files:write."),
        (None, [BOT, "xapp-wrong"], "Slack rejects this app token (invalid_auth)."),
        (None, [BOT, BOT], "This is the bot token; the app token starts with 'xapp-'."),
        (lambda s: s.world.app_scopes.clear(), [BOT, APP], "The app token lacks the 'connections:write' scope."),
        (off, [BOT, APP], "Socket Mode is off."),
        (lambda s: s.fail("auth.test", "500"), [BOT], "Slack didn't respond when asked about the bot token."),
    ],
)
async def test_what_is_missing_is_named_with_the_next_step_and_nothing_is_written(
    slack: SlackServer, desk: Desk, broken: Mend | None, answers: list[str], said: str
) -> None:
    if broken:
        broken(slack)
    shown = await desk.types(setup, *answers)
    assert f"✗ {said}" in shown
    assert "Next: " in shown
    assert "[Refused] Nothing was written." in shown
    assert "run threadwork init slack again" in shown
    assert desk.file.read_text() == MINE


async def test_after_mending_enter_looks_again_at_the_same_token(slack: SlackServer, desk: Desk) -> None:
    whole = slack.world.manifest
    without(slack, "files:write")
    off(slack)

    def reinstalled() -> None:
        slack.world.manifest = whole

    def switched_on() -> None:
        slack.sockets.enabled = True

    said = await desk.types(setup, BOT, reinstalled, APP, switched_on)
    assert "files:write" in said
    assert "Socket Mode is off" in said
    assert tomllib.loads(desk.file.read_text())["slack"] == {"bot_token": BOT, "app_token": APP}


async def test_slacks_remark_that_socket_mode_is_off_is_passed_on(slack: SlackServer, desk: Desk) -> None:
    slack.world.manifest = replace(slack.world.manifest, socket_mode=False)
    said = await desk.types(setup, BOT, APP)
    assert "! Socket Mode is off, so no messages arrive" in said
    assert "turn on Socket Mode" in said


async def test_tokens_of_two_apps_are_found_out(slack: SlackServer, desk: Desk) -> None:
    slack.app_token = "xapp-1-A9OTHER-1-c0ffee"
    said = await desk.types(setup, BOT, slack.app_token)
    assert "different apps: the bot token to A0APP, the app token to A9OTHER" in said


async def test_a_slack_that_cannot_be_reached_is_one_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("THREADWORK_SLACK__API_URL", f"http://127.0.0.1:{closed.getsockname()[1]}/api/")
        said = await desk.types(setup, BOT)
    assert "Slack didn't respond when asked about the bot token." in said
    assert "Check your network connection" in said


async def test_without_anybody_to_ask_it_says_what_to_set(slack: SlackServer, desk: Desk) -> None:
    said = await desk.types(setup)
    assert "[UsageError] init slack asks questions" in said
    assert "SLACK_BOT_TOKEN and SLACK_APP_TOKEN" in said


async def test_without_writing_it_names_the_variables(slack: SlackServer, desk: Desk) -> None:
    said = await desk.types(setup, BOT, APP, write=False)
    assert "Set SLACK_BOT_TOKEN and SLACK_APP_TOKEN in the environment." in said
    assert desk.file.read_text() == MINE


async def test_who_has_another_token_in_the_environment_is_told(
    slack: SlackServer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-wrong")
    said = await desk.types(setup, BOT, APP)
    assert "The environment sets another value, which takes precedence" in said


async def test_a_file_that_no_program_can_change_safely_is_left_alone(slack: SlackServer, desk: Desk) -> None:
    desk.file.write_text("slack = { teams = [] }\n")
    said = await desk.types(setup, BOT, APP)
    assert "by hand, or set THREADWORK_SLACK__BOT_TOKEN, THREADWORK_SLACK__APP_TOKEN instead." in said
    assert desk.file.read_text() == "slack = { teams = [] }\n"


@pytest.mark.parametrize(
    ("values", "level", "words"),
    [
        ({"BOT_TOKEN": BOT, "APP_TOKEN": APP}, "ok", "Slack wasn't checked; `threadwork doctor --live` checks it"),
        ({"BOT_TOKEN": BOT}, "fail", "'slack.app_token' isn't set"),
        ({"APP_TOKEN": APP}, "fail", "'slack.bot_token' isn't set"),
        ({"BOT_TOKEN": APP, "APP_TOKEN": BOT}, "fail", "This is the app token"),
        ({"BOT_TOKEN": BOT, "SIGNING_SECRET": "s"}, "ok", "Slack sends events to /slack/events"),
        ({"CLIENT_ID": "1", "CLIENT_SECRET": "s", "APP_TOKEN": APP}, "ok", "install the app at /slack/install"),
        ({}, "ok", "`threadwork init slack`"),
    ],
)
def test_doctor_looks_at_the_tokens_without_asking(values: dict[str, str], level: str, words: str) -> None:
    settings = load(environment={f"THREADWORK_SLACK__{name}": value for name, value in values.items()})
    (row,) = accounts(settings)
    assert row.level == level
    assert words in row.words


async def test_doctor_live_asks_slack(slack: SlackServer, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT)
    monkeypatch.setenv("SLACK_APP_TOKEN", APP)
    assert {check.level for check in await platforms(load())} == {"ok"}
    without(slack, "users:read")
    slack.world.app_scopes.clear()
    said = await desk.sees(platforms(load()))
    assert "lacks the scopes users:read" in said
    assert "'connections:write'" in said


async def test_doctor_live_asks_for_each_workspace_that_has_installed_the_app(
    slack: SlackServer, tmp_path: Path, desk: Desk
) -> None:
    environment = {
        "THREADWORK_HOME": str(tmp_path), "THREADWORK_SLACK__CLIENT_ID": "1", "THREADWORK_SLACK__CLIENT_SECRET": "s",
        "SLACK_APP_TOKEN": APP, "THREADWORK_SLACK__API_URL": slack.url,
    }  # fmt: skip
    settings = load(environment=environment)
    assert "No workspace has installed the app yet." in await desk.sees(platforms(settings))
    (tmp_path / "slack").mkdir()
    (tmp_path / "slack" / "T0TEAM.json").write_text(json.dumps({"team": "T0TEAM", "name": "Team", "token": BOT}))
    assert "signed in to 'Team'" in await desk.sees(platforms(settings))
    assert Installs(tmp_path / "slack").known == {}


@pytest.mark.parametrize(
    ("token", "broken", "said"),
    [
        ("xapp-wrong", None, "check the app token"),
        (APP, lambda s: s.world.app_scopes.clear(), "generate an app token with the scope connections:write"),
        (APP, off, "turn on Socket Mode"),
    ],
)
async def test_a_hub_that_cannot_connect_says_which_token_and_what_to_do(
    slack: SlackServer, token: str, broken: Mend | None, said: str
) -> None:
    if broken:
        broken(slack)

    async def since(channel: str) -> str:
        return ""

    async def take(inbound: object) -> None:
        return None

    it = SlackPlatform(bot_token=BOT, app_token=token, read=nothing, since=since, api_url=slack.url)
    told: list[News] = []
    await watched(lambda: it.run(take), AccountStatus("Slack", told.append).trouble)()
    assert len(told) == 1
    assert said in told[0].words
    assert "`threadwork doctor --live`" in told[0].words


async def nothing(file: object) -> bytes:
    return b""


def test_the_manifest_is_printed_and_asks_for_the_scopes_that_are_looked_for() -> None:
    printed = CliRunner().invoke(cli, ["init", "slack", "--manifest"]).output
    assert printed == MANIFEST.read_text("utf-8")
    assert list(SCOPES) == yaml.safe_load(printed)["oauth_config"]["scopes"]["bot"]


def test_an_option_of_init_before_the_platform_is_not_lost_silently() -> None:
    ended = CliRunner().invoke(cli, ["init", "--file", "x.toml", "slack"])
    assert ended.exit_code == 2
    assert "--file has to follow the platform's name" in ended.output


async def test_at_a_terminal_nothing_typed_is_shown_and_the_command_is_called_as_it_was(
    slack: SlackServer, desk: Desk
) -> None:
    around = os.environ | {"THREADWORK_COMMAND": "./run", "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", "from bot.cli import main; main()", "init", "slack"]
    ours, theirs = pty.openpty()
    walk = await asyncio.create_subprocess_exec(
        *command, stdin=theirs, stdout=theirs, stderr=theirs, env=around, start_new_session=True
    )
    os.close(theirs)
    seen = unread = ""
    for mark, line in (("[y/N]", ""), ("Bot token (not shown)", BOT), ("App token (not shown)", APP), ("--live", None)):
        while mark not in unread:
            unread += (await asyncio.to_thread(os.read, ours, 65536)).decode()
        seen, unread = seen + unread, ""
        if line is not None:
            os.write(ours, f"{line}\n".encode())
    assert await walk.wait() == 0
    os.close(ours)
    assert BOT not in seen
    assert APP not in seen
    assert "Start threadwork: ./run up" in seen
    assert tomllib.loads(desk.file.read_text())["slack"] == {"bot_token": BOT, "app_token": APP}
