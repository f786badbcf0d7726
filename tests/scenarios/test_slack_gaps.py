"""Slack in trouble: gaps, redelivery, bursts, wrong tokens."""

from collections.abc import AsyncIterator

import pytest

from bot.chat_platform import Mentioned
from bot.slack.platform import SlackPlatform
from orchestrator.errors import PlatformFailed
from tests.scenarios.slack_fixtures import Heard, connected, never, read
from tests.slack_server import SlackServer, serving


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with serving() as server:
        yield server


async def test_what_could_not_be_taken_is_not_acknowledged_and_comes_again(slack: SlackServer) -> None:
    ada, heard = slack.person("Ada"), Heard(failing=2)
    room = slack.channel("prices", ada)
    async with serving(patience=0.2) as quick:
        ada, room = quick.person("Ada"), None
        room = quick.channel("prices", ada)
        async with connected(quick, heard):
            quick.says(ada, room, f"{quick.mention} compare")
            await quick.until(lambda: len(heard.each) >= 2)
        assert len(heard.ids()) == 1


async def test_what_was_said_during_an_outage_is_served_at_the_start(slack: SlackServer) -> None:
    ada, heard = slack.person("Ada"), Heard()
    room = slack.channel("prices", ada)
    slack.sockets.held = []  # Slack gives the events of the outage up
    old = slack.says(ada, room, f"{slack.mention} old")
    heard.marks[f"T0TEAM/{room.id}"] = old["ts"]
    slack.says(ada, room, f"{slack.mention} while away")
    slack.says(ada, room, "a reply", thread=old["ts"])
    async with connected(slack, heard):
        await slack.until(lambda: len(heard.each) >= 3)
    # What was taken last comes once more: what was said just before it may not have been taken.
    assert {getattr(one, "text", "") for one in heard.each} == {"old", "while away", "a reply"}


async def test_a_mention_before_the_very_first_connection_is_served(slack: SlackServer) -> None:
    ada, heard = slack.person("Ada"), Heard()
    room = slack.channel("prices", ada)
    slack.sockets.held = []  # its life before this one ended before it heard of it, and Slack gave up
    slack.says(ada, room, f"{slack.mention} compare")
    async with connected(slack, heard):
        await slack.until(lambda: heard.of(Mentioned))
    assert len(heard.each) == 1


@pytest.mark.parametrize("way", ["refresh", "cut", "link_disabled"])
async def test_a_mention_during_a_gap_is_served(slack: SlackServer, way: str) -> None:
    ada, heard = slack.person("Ada"), Heard()
    room = slack.channel("prices", ada)
    heard.marks[f"T0TEAM/{room.id}"] = slack.says(ada, room, "before")["ts"]
    async with connected(slack, heard):
        before = slack.sockets.connected
        slack.sockets.held = []
        if way == "refresh":
            await slack.sockets.refresh()
        elif way == "cut":
            slack.sockets.cut()
        else:
            slack.sockets.enabled = False
            await slack.sockets.refresh("link_disabled")
            await slack.until(lambda: slack.refusals)
            slack.sockets.enabled = True
        slack.says(ada, room, f"{slack.mention} in the gap")
        await slack.until(lambda: slack.sockets.connected > before and heard.of(Mentioned), seconds=60)
    assert len(heard.of(Mentioned)) == 1


async def test_twice_and_out_of_order_is_the_same_set(slack: SlackServer) -> None:
    ada, heard = slack.person("Ada"), Heard()
    room = slack.channel("prices", ada)
    async with connected(slack, heard):
        slack.sockets.twice, slack.sockets.held = True, []
        for number in range(5):
            slack.says(ada, room, f"{slack.mention} {number}")
        slack.sockets.reordered()
        await slack.until(lambda: len(heard.each) >= 20)
    assert len(heard.of(Mentioned)) == 5


async def test_a_wrong_token_is_said_in_words(slack: SlackServer) -> None:
    wrong = SlackPlatform(bot_token="xoxb-no", app_token="x", read=read, since=never, api_url=slack.url)
    with pytest.raises(PlatformFailed, match="check the bot token"):
        await wrong.run(Heard().take)


async def test_a_hundred_mentions_are_acknowledged_at_once_with_one_sign_in(slack: SlackServer) -> None:
    heard, people = Heard(), [slack.person(f"P{n}") for n in range(25)]
    rooms = [slack.channel(f"room-{n}", *people) for n in range(20)]
    async with connected(slack, heard):
        for n in range(100):
            slack.says(people[n % 25], rooms[n % 20], f"{slack.mention} do {n}")
        await slack.until(lambda: len(heard.ids()) == 100 and len(slack.sockets.acks) >= 200, seconds=60)
    assert not slack.sockets.unacknowledged
    assert [method for method, _ in slack.calls].count("auth.test") == 1
    assert [method for method, _ in slack.calls].count("users.info") == 25
    assert not slack.limited


async def test_what_was_missed_is_served_after_a_ledger_in_trouble(slack: SlackServer) -> None:
    ada, heard = slack.person("Ada"), Heard(failing=1)
    room = slack.channel("prices", ada)
    heard.marks[f"T0TEAM/{room.id}"] = slack.says(ada, room, "before")["ts"]
    slack.sockets.held = []
    slack.says(ada, room, f"{slack.mention} while away")
    async with connected(slack, heard):
        await slack.until(lambda: heard.of(Mentioned))
    assert len(heard.each) == 1
