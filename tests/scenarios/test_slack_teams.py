"""Several Slack workspaces in one hub: each installs the app by itself and is an account of its own."""

import json
import logging
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.slack.http_mode import INSTALL, INSTALLED, LASTS, SignedStates
from bot.slack.installs import Install
from tests.memory_hub import ScriptedModel, Stage, stage
from tests.scenarios.slack_http_hub import SEVERAL, SIGNING, House, open_house
from tests.scenarios.test_request_to_files import plan, row
from tests.slack_server import SlackServer, serving
from tests.slack_server.acting import elements, words
from tests.slack_server.oauth import CLIENT_SECRET
from tests.slack_server.teams import Team
from tests.slack_server.world import Channel, Row, Somebody

HTTP, SOCKET = {"signing_secret": SIGNING}, {"app_token": "xapp-test"}


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with serving(redelivery=[0.05] * 40) as server:
        yield server


@pytest.fixture
async def on(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path, ScriptedModel({"plan": [plan(row("write")) for _ in range(5)]})) as it:
        yield it


class Office:
    """Somebody of a workspace, in a room with the bot."""

    def __init__(self, team: Team) -> None:
        self.team = team
        self.who: Somebody = team.person("Ada")
        self.room: Channel = team.channel("general", self.who)

    def asks(self) -> str:
        return str(self.team.says(self.who, self.room, f"{self.team.mention} write a note")["ts"])

    def shown(self, root: str) -> str:
        return words(self.team.world.thread(self.room.id, root)[1:])

    async def answered(self, root: str) -> None:
        await self.team.until(lambda: "is ready" in self.shown(root))

    def card(self, root: str) -> tuple[Row, str]:
        found = ((row, e) for row in self.team.world.thread(self.room.id, root) for e in elements(row))
        return next((row, e["action_id"]) for row, e in found if e.get("text", {}).get("text") == "Start")


def installed(house: House) -> set[str]:
    assert house.endpoint.accounts is not None
    return set(house.endpoint.accounts.known)


@pytest.mark.parametrize("way", [HTTP, SOCKET], ids=["http", "socket"])
async def test_each_workspace_is_answered_with_its_own_token_and_its_buttons_are_its_own(
    slack: SlackServer, on: Stage, tmp_path: Path, way: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    one, two = Office(slack.team(1)), Office(slack.team(2))
    async with open_house(on, tmp_path, slack, **SEVERAL, **way) as house:
        assert [await house.installs(office.team) for office in (one, two)] == [200, 200]
        roots = [office.asks() for office in (one, two)]
        for office, root in zip((one, two), roots, strict=True):
            await office.answered(root)
        tasks = {str(s.request.place.channel): s for s in await on.desk.states() if s.request}
        assert set(tasks) == {f"T1TEAM/{one.room.id}", f"T2TEAM/{two.room.id}"}
        assert tasks[f"T1TEAM/{one.room.id}"].request.by.id != tasks[f"T2TEAM/{two.room.id}"].request.by.id

        theirs, action = one.card(roots[0])
        two.team.world.add(two.room, {**theirs, "thread_ts": roots[1]})  # as if it stood there
        await two.team.presses(two.who, two.room, theirs, action)
        await slack.until(lambda: two.team.world.whispers)
        assert "belongs to another thread" in words(two.team.world.whispers)
        assert (await on.desk.state(tasks[f"T1TEAM/{one.room.id}"].id)).phase == "review"

        await one.team.presses(one.who, one.room, *one.card(roots[0]))
        await on.until(tasks[f"T1TEAM/{one.room.id}"].id, lambda s: s.phase != "review")
    assert not slack.refusals, "no token was tried on what is not its own"
    assert not slack.limited
    kept = [*(tmp_path / "slack").iterdir()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "slack", *kept)] == [0o700, 0o600, 0o600]
    secrets = (one.team.token, two.team.token, CLIENT_SECRET, SIGNING)
    assert not [secret for secret in secrets if secret in caplog.text]


async def test_a_workspace_that_takes_the_app_out_is_left_and_the_others_go_on(
    slack: SlackServer, on: Stage, tmp_path: Path
) -> None:
    one, two = Office(slack.team(1)), Office(slack.team(2))
    async with open_house(on, tmp_path, slack, **SEVERAL, **HTTP) as house:
        for office in (one, two):
            await house.installs(office.team)
            await office.answered(office.asks())
        one.team.uninstalls()
        await slack.until(lambda: installed(house) == {"T2TEAM"} and not house.endpoint.bolt.listens("T1TEAM"))
        one.asks()
        await two.answered(two.asks())
        assert len(await on.desk.states()) == 3

        await house.installs(one.team)
        await one.answered(one.asks())
    assert not slack.sockets.unacknowledged


async def test_installs_outlive_a_restart_and_those_that_ended_meanwhile_are_forgotten(
    slack: SlackServer, on: Stage, tmp_path: Path
) -> None:
    one, two = Office(slack.team(1)), Office(slack.team(2))
    async with open_house(on, tmp_path, slack, **SEVERAL, **HTTP) as house:
        for office in (one, two):
            await house.installs(office.team)
    slack.sockets.posting = None
    two.team.uninstalls()
    async with open_house(on, tmp_path, slack, **SEVERAL, **HTTP) as house:
        await one.answered(one.asks())
        await slack.until(lambda: installed(house) == {"T1TEAM"})
    assert [path.name for path in (tmp_path / "slack").iterdir()] == ["T1TEAM.json"]


async def test_an_event_of_a_token_that_is_long_gone_changes_nothing(
    slack: SlackServer, on: Stage, tmp_path: Path
) -> None:
    one = Office(slack.team(1))
    async with open_house(on, tmp_path, slack, **SEVERAL, **HTTP) as house:
        await house.installs(one.team)
        await one.answered(one.asks())
        assert slack.sockets.posting is not None
        taken = slack.sockets.posting.statuses.count(200)
        one.team.events.lost()  # comes late: the app was installed again since
        await slack.until(lambda: slack.sockets.posting and slack.sockets.posting.statuses.count(200) >= taken + 2)
        await one.answered(one.asks())
        assert installed(house) == {"T1TEAM"}


async def test_a_file_is_fetched_with_the_token_of_its_own_workspace(
    slack: SlackServer, on: Stage, tmp_path: Path
) -> None:
    one, two = Office(slack.team(1)), Office(slack.team(2))
    async with open_house(on, tmp_path, slack, **SEVERAL, **HTTP) as house:
        for office in (one, two):
            await house.installs(office.team)
        for office in (one, two):
            name = office.team.world.team.encode()
            said = f"{office.team.mention} read this"
            office.team.says(office.who, office.room, said, files=[office.team.file("note.txt", name)])

        root = [str(office.room.rows[0]["ts"]) for office in (one, two)]
        for office, ts in zip((one, two), root, strict=True):
            await office.answered(ts)
        files = [s.request.files[0] for s in await on.desk.states() if s.request]
        assert {await on.desk.shelf.get(file.sha) for file in files} == {b"T1TEAM", b"T2TEAM"}
    assert not slack.refusals


async def test_only_whoever_began_an_installation_here_ends_it(slack: SlackServer, on: Stage, tmp_path: Path) -> None:
    team = slack.team(1)
    async with open_house(on, tmp_path, slack, **SEVERAL, **HTTP) as house:
        _, begun, _ = await house.asks(INSTALL)
        cookie = str(begun["set-cookie"]).partition(";")[0]
        query = team.consents(str(begun["location"]))
        other = await SignedStates("another secret").async_issue()
        forged = f"code=x&state={other}"
        refused = [
            await house.asks(f"{INSTALLED}?{query}"),
            await house.asks(f"{INSTALLED}?{forged}", cookie=f"slack-app-oauth-state={other}"),
            await house.asks(f"{INSTALLED}?state={cookie.partition('=')[2]}", cookie=cookie),
            await house.asks(f"{INSTALLED}?error=access_denied"),
        ]
        assert [status for status, _, _ in refused] == [400, 401, 401, 200]
        assert (await house.asks(f"{INSTALLED}?{query}", cookie=cookie))[0] == 200
        again, _, _ = await house.asks(f"{INSTALLED}?{query}", cookie=cookie)
        assert again == 401, "a code is good once"
    assert json.loads((tmp_path / "slack" / "T1TEAM.json").read_text())["token"] == team.token


async def test_only_the_workspaces_that_are_allowed_install(slack: SlackServer, on: Stage, tmp_path: Path) -> None:
    async with open_house(on, tmp_path, slack, **SEVERAL, **HTTP, teams=["T2TEAM"]) as house:
        assert await house.installs(slack.team(1)) == 500
        assert await house.installs(slack.team(2)) == 200
        assert installed(house) == {"T2TEAM"}


async def test_a_state_is_good_for_ten_minutes_whatever_restarts_in_between() -> None:
    state = await SignedStates("secret", now=lambda: 1_000.0).async_issue()
    assert await SignedStates("secret", now=lambda: 999.0 + LASTS).async_consume(state)
    assert not await SignedStates("secret", now=lambda: 1_000.0 + LASTS).async_consume(state)
    for wrong in ("", ".", "a.b.c", state[:-1], f"2{state}", state.replace(".", "")):
        assert not await SignedStates("secret", now=lambda: 1_000.0).async_consume(wrong)


def test_an_install_does_not_show_its_token() -> None:
    assert "xoxb" not in repr(Install("T1", "Team", "xoxb-secret"))
