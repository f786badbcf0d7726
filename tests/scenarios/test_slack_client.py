"""The Slack adapter against the strict server, through unmodified slack-bolt."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.card import Button, Card, Checkpoint, FileLine, Row
from bot.chat import (
    Answer,
    CardItem,
    Changed,
    FileItem,
    Form,
    Home,
    Inbound,
    Input,
    Mentioned,
    PointItem,
    Pressed,
    RemoteFile,
    Submitted,
    Summoned,
    Whisper,
    WordsItem,
    Wrote,
)
from bot.slack.client import SlackPlatform
from orchestrator.domain.ids import Sha, TaskId
from orchestrator.domain.people import FileRef, Place
from orchestrator.errors import LedgerBusy, OutcomeUnknown, PlatformFailed, RateLimited
from tests.slack_server import SlackServer, serving
from tests.slack_server.acting import elements, words

TASK = TaskId("task-1")
DOC = FileRef(name="report.docx", sha=Sha("a" * 64), size=11)
PAGE = FileRef(name="page-1.png", sha=Sha("b" * 64), size=4)
CONTENT = {DOC.sha: b"hello world", PAGE.sha: b"\x89PNG"}


@dataclass
class Heard:
    """What the product would have taken, and what it answers."""

    each: list[Inbound] = field(default_factory=list)
    answers: list[Callable[[Inbound], Answer]] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    failing: int = 0

    async def take(self, inbound: Inbound) -> Answer:
        if self.failing:
            self.failing -= 1
            raise LedgerBusy
        self.each.append(inbound)
        return self.answers.pop(0)(inbound) if self.answers else None

    def ids(self) -> set[str]:
        return {one.id for one in self.each}

    def of(self, kind: type[Inbound]) -> list[Inbound]:
        """Each once, as the product dedupes by id."""
        return [*{one.id: one for one in self.each if type(one) is kind}.values()]


async def read(file: FileRef) -> bytes:
    return CONTENT[file.sha]


def platform(slack: SlackServer, heard: Heard | None = None, **more: object) -> SlackPlatform:
    marks = heard.marks if heard else {}

    async def since(channel: str) -> str:
        return marks.get(channel, "")

    settings = {"api_url": slack.url, "ping": 0.2, "patience": 1.0, **more}
    return SlackPlatform(
        bot_token=slack.bot_token, app_token=slack.app_token, read=read, since=since, **settings  # type: ignore[arg-type]
    )  # fmt: skip


@asynccontextmanager
async def connected(slack: SlackServer, heard: Heard) -> AsyncIterator[SlackPlatform]:
    it = platform(slack, heard)
    running = asyncio.create_task(it.run(heard.take))
    try:
        await slack.until(lambda: slack.sockets.open or running.done())
        yield it
        assert not running.done(), running.exception()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await it.close()


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with serving() as server:
        yield server


def a_card(**more: object) -> Card:
    rows = (
        Row(id="look", title="Look at prices", agent="browser", state="running", doing="Reading a <page>"),
        Row(id="sum", title="Write it up", agent="writer", state="failed", problem="The disk is full",
            buttons=(Button(verb="retry", label="Retry", ref="sum:1", tone="primary"),)),
    )  # fmt: skip
    told = {"task": TASK, "seq": 3, "title": "Compare <!channel> & prices", "state": "running", "headline": "1 at work"}
    buttons = (Button(verb="pause", label="Pause"), Button(verb="edit-plan", label="Edit plan", ref="1", form="plan"))
    return Card.model_validate({**told, "rows": rows, "buttons": buttons, **more})


async def test_a_mention_arrives_with_who_and_where(slack: SlackServer) -> None:
    ada, heard = slack.person("Ada"), Heard()
    room = slack.channel("prices", ada)
    async with connected(slack, heard):
        row = slack.says(
            ada, room, f"{slack.mention} compare &lt;these&gt; prices", files=[slack.file("a.csv", b"1,2")]
        )
        await slack.until(lambda: len(heard.each) >= 2)
    (asked,) = heard.of(Mentioned)
    assert isinstance(asked, Mentioned)
    assert (asked.text, asked.by.name, asked.by.kind) == ("compare <these> prices", "Ada", "member")
    assert asked.place == Place(platform="slack", channel=f"T0TEAM/{room.id}", thread=row["ts"])
    assert [f.name for f in asked.files] == ["a.csv"]
    assert not slack.refusals


async def test_thread_replies_edits_deletions_and_direct_messages_arrive(slack: SlackServer) -> None:
    ada, heard = slack.person("Ada"), Heard()
    room, direct = slack.channel("prices", ada), slack.direct(ada)
    async with connected(slack, heard):
        root = slack.says(ada, room, "no mention here")
        reply = slack.says(ada, room, "and also this", thread=root["ts"])
        await slack.until(lambda: heard.of(Wrote))
        slack.edits(room, reply, "and not this")
        slack.deletes(room, reply)
        slack.says(ada, direct, "do it")
        await slack.until(lambda: len(heard.of(Changed)) == 2 and heard.of(Mentioned))
    assert {getattr(one, "text", "") for one in heard.each} == {"and also this", "and not this", None, "do it"}
    assert {one.place.thread for one in [*heard.of(Wrote), *heard.of(Changed)]} == {root["ts"]}


async def test_guests_strangers_and_bots_are_told_apart(slack: SlackServer) -> None:
    heard = Heard()
    people = [slack.person("Gus", "guest"), slack.person("Stan", "stranger"), slack.person("Rob", "bot")]
    room = slack.channel("prices", *people)
    async with connected(slack, heard):
        for who in people:
            slack.says(who, room, f"{slack.mention} hello")
        await slack.until(lambda: len(heard.of(Mentioned)) == 2)
    assert [(one.by.name, one.by.kind) for one in heard.of(Mentioned)] == [("Gus", "guest"), ("Stan", "guest")]


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


async def test_a_press_opens_a_form_and_its_problem_is_shown_in_it(slack: SlackServer) -> None:
    ada, heard = slack.person("Ada"), Heard()
    room = slack.channel("prices", ada)
    fields = (
        Input(name="title", label="Title", value="Old"),
        Input(name="agent", label="Agent", kind="choice", value="b", options=(("a", "A"), ("b", "B"))),
        Input(name="after", label="After", kind="choices", value="a", options=(("a", "A"), ("b", "B"))),
        Input(name="long", label="Long", kind="text", value="x" * 3_500),
    )
    form = Form(title="Edit the plan", task=TASK, verb="edit-plan", ref="1", submit="Save", fields=fields)
    wrong = form.model_copy(update={"problem": "The title is empty"})
    heard.answers = [lambda _: form, lambda _: wrong, lambda _: Whisper(words="Saved")]
    async with connected(slack, heard) as it:
        root = slack.says(ada, room, "x")
        place = Place(platform="slack", channel=f"T0TEAM/{room.id}", thread=root["ts"])
        posted = await it.post(place, CardItem(card=a_card()), nonce="n1")
        row = slack.world.row(room.id, posted.message)
        assert row is not None
        edit = next(e["action_id"] for e in elements(row) if e["action_id"].startswith("edit-plan"))
        await slack.presses(ada, room, row, edit)
        view = await slack.until(slack.view)
        answer = await slack.submits(ada, view, {"title": ""})
        assert answer["response_action"] == "update"
        assert "The title is empty" in words(view)
        assert await slack.submits(ada, view, {"title": "New", "agent": "a", "after": ["a", "b"]}) is None
        await slack.until(lambda: slack.world.whispers)
    pressed, first, second = heard.each
    assert isinstance(pressed, Pressed)
    assert (pressed.task, pressed.verb, pressed.ref, pressed.message) == (TASK, "edit-plan", "1", posted.message)
    assert isinstance(first, Submitted)
    assert isinstance(second, Submitted)
    assert first.id != second.id
    assert second.values == {"title": "New", "agent": "a", "after": "a\nb", "long": "x" * 3_500}
    assert (second.place, second.verb) == (place, "edit-plan")
    assert slack.world.whispers[0]["user"] == ada.id
    assert max(slack.sockets.acks) < 1.0
    assert not slack.refusals


async def test_a_menu_entry_is_a_press_and_a_refusal_is_private(slack: SlackServer) -> None:
    ada, heard = slack.person("Ada"), Heard(answers=[lambda _: Whisper(words="Already decided")])
    room = slack.channel("prices", ada)
    rows = (
        Row(id="a", title="Look", agent="b", state="running", buttons=(Button(verb="skip", label="Skip", ref="a"),)),
    )
    async with connected(slack, heard) as it:
        place = Place(platform="slack", channel=f"T0TEAM/{room.id}", thread="")
        posted = await it.post(place, CardItem(card=a_card(rows=rows)), nonce="n")
        row = slack.world.row(room.id, posted.message)
        assert row is not None
        await slack.presses(ada, room, row, "pick", option="Skip: Look")
        await slack.until(lambda: slack.world.whispers)
    (pressed,) = heard.each
    assert isinstance(pressed, Pressed)
    assert (pressed.verb, pressed.ref, pressed.task) == ("skip", "a", TASK)
    assert slack.world.whispers[0]["response_type"] == "ephemeral"


async def test_a_command_becomes_a_visible_request_and_known_words_are_answered(slack: SlackServer) -> None:
    ada, heard = slack.person("Ada"), Heard()
    room = slack.channel("prices", ada)
    async with connected(slack, heard):
        await slack.commands(ada, room, "compare prices")
        asked = (await slack.until(lambda: heard.of(Mentioned)))[0]
        heard.answers = [lambda _: Home(words="Yours", cards=(a_card(),))]
        await slack.commands(ada, room, "tasks")
        await slack.until(lambda: slack.world.whispers)
    assert isinstance(asked, Mentioned)
    assert (asked.text, asked.by.name, asked.message) == ("compare prices", "Ada", room.rows[0]["ts"])
    assert [one.words for one in heard.of(Summoned) if isinstance(one, Summoned)] == ["tasks"]
    assert "Compare" in words(slack.world.whispers[0])
    assert not slack.refusals


async def test_the_shortcut_makes_a_message_and_its_files_the_request(slack: SlackServer) -> None:
    ada, bob, heard = slack.person("Ada"), slack.person("Bob"), Heard()
    room = slack.channel("prices", ada, bob)
    async with connected(slack, heard):
        row = slack.says(bob, room, "these numbers", files=[slack.file("n.csv", b"1")])
        await slack.works_on(ada, room, row)
        asked = (await slack.until(lambda: heard.of(Mentioned)))[0]
    assert isinstance(asked, Mentioned)
    assert (asked.by.name, asked.text, asked.message, len(asked.files)) == ("Ada", "these numbers", row["ts"], 1)


async def test_the_home_shows_what_is_mine(slack: SlackServer) -> None:
    ada, heard = slack.person("Ada"), Heard(answers=[lambda _: Home(words="Yours", cards=(a_card(),))])
    direct = slack.direct(ada)
    async with connected(slack, heard):
        slack.opens_home(ada, direct)
        await slack.until(lambda: slack.world.homes)
    assert "The disk is full" in words(slack.world.homes[ada.id])
    assert not slack.refusals


async def test_a_file_comes_down_with_the_token_and_never_from_elsewhere(slack: SlackServer) -> None:
    it, row = platform(slack), slack.file("a.csv", b"1,2,3", "text/csv")
    good = RemoteFile(id=row["id"], name="a.csv", size=5, media="text/csv", url=row["url_private"])
    assert await it.fetch(good) == b"1,2,3"
    with pytest.raises(PlatformFailed, match="does not lie at Slack"):
        await it.fetch(good.model_copy(update={"url": "http://127.0.0.2:1/a.csv"}))


async def test_the_sign_in_page_is_never_taken_for_a_file(slack: SlackServer) -> None:
    row = slack.file("a.csv", b"1,2,3", "text/csv")
    wrong = SlackPlatform(bot_token="xoxb-no", app_token="", read=read, since=_never, api_url=slack.url)
    with pytest.raises(PlatformFailed, match="files:read"):
        await wrong.fetch(RemoteFile(id=row["id"], name="a.csv", size=5, media="text/csv", url=row["url_private"]))


async def _never(channel: str) -> str:
    return ""


def a_file() -> FileItem:
    line = FileLine(
        id="d1", file=DOC, version=1, words="All prices", by="Writer", verdict="Waits for you", previews=(PAGE,)
    )
    return FileItem(task=TASK, line=line)


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


async def test_a_lost_share_is_finished_once_by_looking(slack: SlackServer) -> None:
    room = slack.channel("prices", slack.person("Ada"))
    root = slack.says(slack.person("Bob"), room, "x")
    place, it = Place(platform="slack", channel=f"T0TEAM/{room.id}", thread=root["ts"]), platform(slack)
    slack.fail("files.completeUploadExternal", "dropped")
    with pytest.raises(OutcomeUnknown):
        await it.post(place, a_file(), nonce="f1")
    found = await it.find(place, nonce="f1")
    assert found is not None
    assert await it.find(place, nonce="f1") == found
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
    signed = point.model_copy(update={"decided": "Approved by Ada"})
    await it.edit(posted, PointItem(task=TASK, title="T", point=signed))
    assert not elements(row)
    assert "Approved by Ada" in words(row)


async def test_what_was_said_during_an_outage_is_served_at_the_start(slack: SlackServer) -> None:
    ada, heard = slack.person("Ada"), Heard()
    room = slack.channel("prices", ada)
    old = slack.says(ada, room, f"{slack.mention} old")
    heard.marks[f"T0TEAM/{room.id}"] = old["ts"]
    slack.sockets.held = []  # Slack gives the events of the outage up
    slack.says(ada, room, f"{slack.mention} while away")
    slack.says(ada, room, "a reply", thread=old["ts"])
    async with connected(slack, heard):
        await slack.until(lambda: len(heard.each) >= 2)
    assert {getattr(one, "text", "") for one in heard.each} == {"while away", "a reply"}


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
        await slack.until(lambda: slack.sockets.connected > before and heard.of(Mentioned), seconds=20)
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
    wrong = SlackPlatform(bot_token="xoxb-no", app_token="x", read=read, since=_never, api_url=slack.url)
    with pytest.raises(PlatformFailed, match="check the bot token"):
        await wrong.run(Heard().take)


async def test_a_hundred_mentions_are_acknowledged_at_once_with_one_sign_in(slack: SlackServer) -> None:
    heard, people = Heard(), [slack.person(f"P{n}") for n in range(25)]
    rooms = [slack.channel(f"room-{n}", *people) for n in range(20)]
    async with connected(slack, heard):
        for n in range(100):
            slack.says(people[n % 25], rooms[n % 20], f"{slack.mention} do {n}")
        await slack.until(lambda: len(heard.ids()) == 100 and len(slack.sockets.acks) >= 200, seconds=20)
    assert max(slack.sockets.acks) < 1.0
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
