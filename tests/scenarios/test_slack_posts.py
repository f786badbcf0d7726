"""What we show on Slack: cards, files, marks; posted once, found again after a lost answer."""

import asyncio
import math
from collections.abc import AsyncIterator

import pytest

from bot.cards.card import Button, Checkpoint
from bot.chat_platform import CardItem, PointItem, RemoteFile, WordsItem
from bot.slack.platform import SlackPlatform
from orchestrator.domain.people import Place
from orchestrator.errors import OutcomeUnknown, PlatformFailed, RateLimited
from tests.fast_clock import hurried
from tests.scenarios.slack_fixtures import TASK, a_card, a_file, never, platform, read
from tests.slack_server import SlackServer, serving
from tests.slack_server.acting import elements, words
from tests.slack_server.faults import How


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with serving() as server:
        yield server


async def test_a_card_is_posted_in_the_thread_edited_and_pings_nobody(slack: SlackServer) -> None:
    ada = slack.person("Ada")
    room = slack.channel("prices", ada)
    root = slack.says(ada, room, "x")
    it, place = platform(slack), Place(platform="slack", channel=f"T0TEAM/{room.id}", thread=root["ts"])
    posted = await it.post(place, CardItem(card=a_card()), nonce="n1")
    await it.edit(posted, CardItem(card=a_card(state="done", headline="Done")))
    row = slack.world.row(room.id, posted.message)
    assert row is not None
    assert row["thread_ts"] == root["ts"]
    assert "Done" in words(row)
    assert "<!channel>" not in row["text"]
    assert "&lt;!channel&gt;" in row["text"]
    assert not row["unfurl"]
    assert row["metadata"]["event_payload"]["nonce"] == "n1"
    assert [b["type"] for b in row["blocks"]].count("plan") == 1
    assert not slack.refusals


async def test_a_file_comes_down_with_the_token_and_never_from_elsewhere(slack: SlackServer) -> None:
    it, row = platform(slack), slack.file("a.csv", b"1,2,3", "text/csv")
    good = RemoteFile(id=row["id"], name="a.csv", size=5, media="text/csv", url=row["url_private"])
    assert await it.fetch(good) == b"1,2,3"
    with pytest.raises(PlatformFailed, match="isn't stored on Slack"):
        await it.fetch(good.model_copy(update={"url": "http://127.0.0.2:1/a.csv"}))


async def test_the_sign_in_page_is_never_taken_for_a_file(slack: SlackServer) -> None:
    row = slack.file("a.csv", b"1,2,3", "text/csv")
    wrong = SlackPlatform(bot_token="xoxb-no", app_token="", read=read, since=never, api_url=slack.url)
    with pytest.raises(PlatformFailed, match="files:read"):
        await wrong.fetch(RemoteFile(id=row["id"], name="a.csv", size=5, media="text/csv", url=row["url_private"]))


async def test_a_deliverable_stands_in_the_thread_with_its_page_and_words(slack: SlackServer) -> None:
    room = slack.channel("prices", slack.person("Ada"))
    root = slack.says(slack.person("Bob"), room, "x")
    place = Place(platform="slack", channel=f"T0TEAM/{room.id}", thread=root["ts"])
    posted = await platform(slack).post(place, a_file(), nonce="f1")
    line, shared = slack.world.thread(room.id, root["ts"])[1:]
    assert line["ts"] == posted.message
    assert "All prices" in words(line)
    assert [f["name"] for f in shared["files"]] == ["page-1.png", "report.docx"]
    assert not slack.refusals


async def test_a_lost_share_is_taken_back_by_looking(slack: SlackServer) -> None:
    room = slack.channel("prices", slack.person("Ada"))
    root = slack.says(slack.person("Bob"), room, "x")
    place, it = Place(platform="slack", channel=f"T0TEAM/{room.id}", thread=root["ts"]), platform(slack)
    slack.fail("files.completeUploadExternal", "dropped")
    with pytest.raises(OutcomeUnknown):
        await it.post(place, a_file(), nonce="f1")
    assert await it.find(place, nonce="f1") is None
    assert slack.world.thread(room.id, root["ts"]) == [root]
    await it.post(place, a_file(), nonce="f1")
    assert len([r for r in slack.world.thread(room.id, root["ts"]) if r.get("files")]) == 1


async def test_a_share_whose_answer_was_lost_is_seen_all_the_same(slack: SlackServer) -> None:
    room = slack.channel("prices", slack.person("Ada"))
    slack.fail("files.completeUploadExternal", "lost")
    place = Place(platform="slack", channel=f"T0TEAM/{room.id}", thread="")
    await platform(slack).post(place, a_file(), nonce="f1")
    assert len([r for r in room.rows if r.get("files")]) == 1


async def test_a_lost_answer_is_unknown_and_the_message_is_found(slack: SlackServer) -> None:
    room = slack.channel("prices", slack.person("Ada"))
    root = slack.says(slack.person("Bob"), room, "x")
    place, it = Place(platform="slack", channel=f"T0TEAM/{room.id}", thread=root["ts"]), platform(slack)
    await it.find(place, nonce="warm")
    for how, there in (("lost", True), ("dropped", False), ("500", False), ("internal_error", False)):
        slack.fail("chat.postMessage", how)  # type: ignore[arg-type]
        with pytest.raises(OutcomeUnknown):
            await it.post(place, WordsItem(text=f"hello {how}"), nonce=how)
        assert (await it.find(place, nonce=how) is not None) is there
    assert len([r for r in room.rows if "hello lost" in r["text"]]) == 1


async def test_a_limit_says_how_long_to_wait(slack: SlackServer) -> None:
    room = slack.channel("prices", slack.person("Ada"))
    slack.fail("chat.postMessage", "limited", seconds=7)
    with pytest.raises(RateLimited) as waiting:
        await platform(slack).post(
            Place(platform="slack", channel=f"T/{room.id}", thread=""), WordsItem(text="x"), nonce="n"
        )
    assert waiting.value.seconds == 7


async def test_marking_twice_is_once(slack: SlackServer) -> None:
    room = slack.channel("prices", slack.person("Ada"))
    row = slack.says(slack.person("Bob"), room, "x")
    it, place = platform(slack), Place(platform="slack", channel=f"T/{room.id}", thread=row["ts"])
    await it.react(place, row["ts"], "seen")
    await it.react(place, row["ts"], "seen")
    assert row["reactions"] == ["eyes"]


async def test_a_decided_point_is_signed_and_has_no_buttons(slack: SlackServer) -> None:
    room = slack.channel("prices", slack.person("Ada"))
    it, place = platform(slack), Place(platform="slack", channel=f"T/{room.id}", thread="")
    point = Checkpoint(id="c", kind="approval", title="Open x", buttons=(Button(verb="approve", label="Yes", ref="c"),))
    posted = await it.post(place, PointItem(task=TASK, title="T", point=point), nonce="n")
    row = slack.world.row(room.id, posted.message)
    assert row is not None
    assert elements(row)
    signed = point.model_copy(update={"decided": "Approved by Ada", "buttons": ()})
    await it.edit(posted, PointItem(task=TASK, title="T", point=signed))
    assert not elements(row)
    assert "Approved by Ada" in words(row)


@pytest.mark.parametrize("how", ["500", "503", "dropped", "lost", "internal_error"])
async def test_an_edit_that_failed_may_simply_be_made_again(slack: SlackServer, how: How) -> None:
    room = slack.channel("prices", slack.person("Ada"))
    it, place = platform(slack), Place(platform="slack", channel=f"T/{room.id}", thread="")
    posted = await it.post(place, CardItem(card=a_card()), nonce="n")
    slack.fail("chat.update", how)
    with pytest.raises(PlatformFailed) as failed:
        await it.edit(posted, CardItem(card=a_card(headline="Later")))
    assert not isinstance(failed.value, OutcomeUnknown)
    await it.edit(posted, CardItem(card=a_card(headline="Later")))
    assert "Later" in words(room.rows[0])


async def test_after_a_kill_another_process_takes_back_a_line_without_its_file(slack: SlackServer) -> None:
    room = slack.channel("prices", slack.person("Ada"))
    place = Place(platform="slack", channel=f"T/{room.id}", thread="")
    slack.share_delays.append(math.inf)
    posting = asyncio.create_task(platform(slack).post(place, a_file(), nonce="f1"))
    await slack.until(lambda: room.rows)
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)
    assert await platform(slack).find(place, nonce="f1") is None
    assert not room.rows
    assert not [f for f in slack.world.files.values() if f["complete"]]


@hurried
async def test_a_share_that_is_only_late_never_shows_beside_the_new_one() -> None:
    async with serving() as slack:
        room = slack.channel("prices", slack.person("Ada"))
        it, place = platform(slack, patience=1.0), Place(platform="slack", channel=f"T/{room.id}", thread="")
        slack.share_delays.append(30.0)
        with pytest.raises(OutcomeUnknown):
            await it.post(place, a_file(), nonce="f1")
        assert await it.find(place, nonce="f1") is None
        await it.post(place, a_file(), nonce="f1")
        await asyncio.sleep(30)
        assert len([r for r in room.rows if r.get("files")]) == 1


async def test_a_wrong_channel_is_said_in_words(slack: SlackServer) -> None:
    outside = slack.channel("outside", bot=False)
    with pytest.raises(PlatformFailed, match="invite the bot"):
        await platform(slack).post(
            Place(platform="slack", channel=f"T/{outside.id}", thread=""), WordsItem(text="x"), nonce="n"
        )
