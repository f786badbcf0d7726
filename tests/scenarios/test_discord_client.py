"""The Discord adapter against the strict local Discord: real discord.py, real HTTP, real WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.cards.card import Button, Card, CardFact, Checkpoint, FileLine, StepRow
from bot.chat_platform import (  # fmt: skip
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
    Posted,
    Pressed,
    Submitted,
    Summoned,
    Whisper,
    WordsItem,
    Wrote,
)
from bot.discord.missed_messages import Since
from bot.discord.platform import DiscordPlatform
from orchestrator.domain.ids import Sha, TaskId
from orchestrator.domain.people import FileRef, Place
from orchestrator.errors import OutcomeUnknown, PlatformFailed
from tests.discord_server import DiscordServer, Payload, ids, serving, texts, until
from tests.fast_clock import hurried

PATIENCE = 400.0
"""Seconds of a clock that may run fast."""
TASK = TaskId("0123456789ab")
PICTURE = FileRef(name="page.png", sha=Sha("a" * 64), size=4, media="image/png")
SHEET = FileRef(name="Q3 report.xlsx", sha=Sha("b" * 64), size=5)
POINT = Checkpoint(
    id="a1", kind="approval", title="Browser wants to: open x", facts=(CardFact(label="Where", value="x"),),
    buttons=(Button(verb="approve", label="Approve once", ref="a1", tone="primary"),
             Button(verb="reject", label="Reject", ref="a1", form="reason")),
)  # fmt: skip
REASON = Form(title="Reject", task=TASK, verb="reject", ref="a1", submit="Reject",
              fields=(Input(name="words", label="Why not?", kind="text"),))  # fmt: skip


def a_card(headline: str = "Drafting a plan", **more: object) -> Card:
    return Card(task=TASK, seq=1, title="Report", state="running", headline=headline).model_copy(update=more)


async def read(file: FileRef) -> bytes:
    return b"x" * file.size


@dataclass
class House:
    """The adapter, what it heard, and what it is told to answer."""

    platform: DiscordPlatform
    heard: list[Inbound] = field(default_factory=list)
    answers: dict[type[Inbound], Answer] = field(default_factory=dict)
    slow: float = 0.0

    async def take(self, inbound: Inbound) -> Answer:
        if all(one.id != inbound.id for one in self.heard):
            self.heard.append(inbound)
        if self.slow:
            await asyncio.sleep(self.slow)
        return self.answers.get(type(inbound))

    async def one(self, number: int = 1) -> Inbound:
        await until(lambda: len(self.heard) >= number, PATIENCE)
        return self.heard[number - 1]


@asynccontextmanager
async def living(
    server: DiscordServer, last: str = "", directs: tuple[str, ...] = (), since: Since | None = None
) -> AsyncIterator[House]:
    async def always(place: str) -> str:
        return last

    async def known() -> tuple[str, ...]:
        return directs

    platform = DiscordPlatform(
        token=server.token, read=read, since=since or always, directs=known, api_url=server.api_url,
        gateway_url=server.gateway_url, pauses=(0.05,),
    )  # fmt: skip
    house = House(platform)
    running = asyncio.create_task(platform.run(house.take))
    try:
        await until(lambda: (platform.ready.is_set() and server.world.commands) or running.done(), PATIENCE)
        if running.done():
            await running
        yield house
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await platform.close()


@asynccontextmanager
async def strict() -> AsyncIterator[DiscordServer]:
    async with serving() as one:
        yield one
        assert not one.refusals
        assert not one.limited
        assert not one.handlers.pings


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with strict() as one:
        yield one


async def asked(server: DiscordServer, house: House, text: str = "a report") -> tuple[Payload, Place]:
    """A mention, and the place of its task."""
    message = await server.says(server.person("Ada"), server.channel, f"{server.mention} {text}")
    inbound = await house.one()
    return message, inbound.place


async def test_a_mention_becomes_a_request_and_its_card_a_thread(server: DiscordServer) -> None:
    async with living(server) as house:
        message, place = await asked(server, house)
        [inbound] = house.heard
        assert isinstance(inbound, Mentioned)
        assert (inbound.text, inbound.by.name, inbound.in_thread) == ("a report", "Ada", False)
        assert place == Place(platform="discord", thread=message["id"],
                              channel=f"{server.guild['id']}/{server.channel['id']}")  # fmt: skip
        await house.platform.react(place, message["id"], "seen")
        posted = await house.platform.post(place, CardItem(card=a_card()), nonce="card:1")
        assert server.reactions(message) == ["👀"]
        assert server.world.channels[message["id"]]["name"] == "Report"
        [card] = server.ours(message["id"])
        assert "Drafting a plan" in texts(card)
        rows = (StepRow(id="read", title="Read", agent="browser", state="failed", problem="It broke",
                    buttons=(Button(verb="retry", label="Retry", ref="read:1"),)),)  # fmt: skip
        await house.platform.edit(posted, CardItem(card=a_card("1 failed", rows=rows)))
        [card] = server.ours(message["id"])
        assert "It broke" in texts(card)
        assert f"retry|{TASK}|read:1" in ids(card)


async def test_words_in_the_thread_and_changes_are_heard(server: DiscordServer) -> None:
    async with living(server) as house:
        message, place = await asked(server, house)
        await house.platform.post(place, CardItem(card=a_card()), nonce="card:1")
        thread, ada = server.world.channels[message["id"]], server.person("Ada")
        await server.says(ada, thread, "also prices")
        wrote = await house.one(2)
        assert isinstance(wrote, Wrote)
        assert (wrote.text, wrote.place) == ("also prices", place)
        await server.says(ada, thread, f"{server.mention} and costs")
        again = await house.one(3)
        assert isinstance(again, Mentioned)
        assert (again.in_thread, again.place, again.text) == (True, place, "and costs")
        await server.rewrites(ada, message, f"{server.mention} a letter")
        changed = await house.one(4)
        assert isinstance(changed, Changed)
        assert (changed.text, changed.place) == ("a letter", place)
        await server.deletes(message)
        gone = await house.one(5)
        assert isinstance(gone, Changed)
        assert (gone.text, gone.message) == (None, message["id"])
        await server.says(server.person("Helper", bot=True), thread, f"{server.mention} loop")
        await server.says(ada, server.channel, "nobody in particular")
        await server.says(ada, server.channel, f"{server.mention} last")
        await house.one(6)
        assert [type(one).__name__ for one in house.heard[5:]] == ["Mentioned"]


async def test_a_press_opens_a_modal_and_its_words_come_back(server: DiscordServer) -> None:
    async with living(server) as house:
        message, place = await asked(server, house)
        posted = await house.platform.post(place, PointItem(task=TASK, title="Report", point=POINT), nonce="a1")
        [shown], bob = server.ours(message["id"]), server.person("Bob")
        house.answers[Pressed] = REASON
        opened = await server.presses(bob, shown, f"reject|{TASK}|a1")
        assert (await opened.answer())["type"] == 9
        pressed = await house.one(2)
        assert isinstance(pressed, Pressed)
        assert (pressed.verb, pressed.ref, pressed.message, pressed.by.name) == ("reject", "a1", posted.message, "Bob")
        sent = await server.submits(opened, {"words": "too risky"})
        assert (await sent.answer())["type"] == 6
        submitted = await house.one(3)
        assert isinstance(submitted, Submitted)
        assert (submitted.values, submitted.place) == ({"words": "too risky"}, place)
        decided = POINT.model_copy(update={"decided": "Rejected by Bob: too risky", "buttons": ()})
        await house.platform.edit(posted, PointItem(task=TASK, title="Report", point=decided))
        [shown] = server.ours(message["id"])
        assert "Rejected by Bob" in texts(shown)
        assert not ids(shown)


async def test_a_form_with_a_problem_can_be_opened_again(server: DiscordServer) -> None:
    async with living(server) as house:
        message, place = await asked(server, house)
        await house.platform.post(place, PointItem(task=TASK, title="Report", point=POINT), nonce="a1")
        [shown], ada = server.ours(message["id"]), server.person("Ada")
        house.answers[Pressed] = REASON
        opened = await server.presses(ada, shown, f"reject|{TASK}|a1")
        await opened.answer()
        typed = REASON.fields[0].model_copy(update={"value": "no"})
        house.answers[Submitted] = REASON.model_copy(update={"problem": "Say more.", "fields": (typed,)})
        sent = await server.submits(opened, {"words": "no"})
        assert "Say more." in await sent.words()
        assert sent.original is not None and sent.original["flags"] & 64
        again = await server.presses(ada, sent.original, ids(sent.original)[0])
        await again.answer()
        assert again.modal["components"][0]["component"]["value"] == "no"
        house.answers[Submitted] = None
        done = await server.submits(again, {"words": "it is too risky"})
        assert (await done.answer())["type"] == 7
        assert texts(sent.original) == "Sent."
        last = house.heard[-1]
        assert isinstance(last, Submitted)
        assert (last.values, last.place) == ({"words": "it is too risky"}, place)


async def test_a_long_form_is_filled_in_from_a_desk(server: DiscordServer) -> None:
    fields = tuple(Input(name=f"s{n}.title", label=f"Step {n}", value=f"old {n}") for n in range(12))
    form = Form(title="Edit plan", task=TASK, verb="edit-plan", ref="1", submit="Save plan", fields=fields)
    async with living(server) as house:
        message, place = await asked(server, house)
        card = a_card(buttons=(Button(verb="edit-plan", label="Edit plan", ref="1", form="plan"),))
        await house.platform.post(place, CardItem(card=card), nonce="card")
        [shown], ada = server.ours(message["id"]), server.person("Ada")
        house.answers[Pressed] = form
        desk = await server.presses(ada, shown, f"edit-plan|{TASK}|1")
        await desk.answer()
        assert desk.original is not None
        choose = next(i for i in ids(desk.original) if i.startswith("draft|open|"))
        opened = await server.presses(ada, desk.original, choose, ["2"])
        await opened.answer()
        await (await server.submits(opened, {"s11.title": "new"})).answer()
        assert "new" in texts(desk.original)
        send = next(i for i in ids(desk.original) if i.startswith("draft|send|"))
        await (await server.presses(ada, desk.original, send)).answer()
        last = house.heard[-1]
        assert isinstance(last, Submitted)
        assert (last.values["s11.title"], last.values["s0.title"], last.place) == ("new", "old 0", place)
        assert texts(desk.original) == "Sent."


async def test_files_go_up_with_pictures_and_come_down(server: DiscordServer) -> None:
    async with living(server) as house:
        ada = server.person("Ada")
        message = await server.says(ada, server.channel, f"{server.mention} look", files={"in.csv": b"a,b"})
        inbound = await house.one()
        assert isinstance(inbound, Mentioned)
        assert await house.platform.fetch(inbound.files[0]) == b"a,b"
        server.expire_links()
        assert await house.platform.fetch(inbound.files[0]) == b"a,b"
        row = FileLine(id="d1", file=SHEET, version=1, words="Prices", by="Sheet", verdict="Waits", previews=(PICTURE,))
        posted = await house.platform.post(inbound.place, FileItem(task=TASK, line=row), nonce="d1")
        [shown] = server.ours(message["id"])
        assert [(a["filename"], server.content(a)) for a in shown["attachments"]] == [
            ("page_1.png", b"xxxx"), ("Q3_report.xlsx", b"xxxxx"),
        ]  # fmt: skip
        uploads = len(server.world.files)
        approved = row.model_copy(update={"verdict": "Approved by Ada"})
        await house.platform.edit(posted, FileItem(task=TASK, line=approved))
        assert "Approved by Ada" in texts(server.ours(message["id"])[0])
        assert len(server.world.files) == uploads
        other = approved.model_copy(update={"file": SHEET.model_copy(update={"sha": Sha("c" * 64)})})
        await house.platform.edit(posted, FileItem(task=TASK, line=other))
        assert len(server.world.files) == uploads + 2
        huge = row.model_copy(update={"file": SHEET.model_copy(update={"size": 11 * 2**20})})
        await house.platform.post(
            inbound.place, FileItem(task=TASK, line=huge, link="https://hub.example/t/1"), nonce="d2"
        )
        assert "too large" in texts(server.ours(message["id"])[1])


async def test_a_lost_answer_is_found_by_its_nonce_and_a_repeat_makes_no_second_message(server: DiscordServer) -> None:
    async with living(server) as house:
        message, place = await asked(server, house)
        item = WordsItem(text="hello")
        assert await house.platform.find(place, nonce="w0") is None
        server.rest.refusals.clear()  # the thread is not there yet, which is what it asked
        await house.platform.post(place, item, nonce="w0")
        server.fails("POST", r"/channels/\d+/messages$", "drop-after")
        with pytest.raises(OutcomeUnknown):
            await house.platform.post(place, item, nonce="w1")
        found = await house.platform.find(place, nonce="w1")
        assert found == Posted(place=place, message=server.ours(message["id"])[1]["id"])
        assert await house.platform.find(place, nonce="w2") is None
        assert await house.platform.post(place, item, nonce="w1") == found
        assert len(server.ours(message["id"])) == 2
        server.fails("POST", r"/channels/\d+/messages$", "500")
        await house.platform.post(place, item, nonce="w2")
        assert len(server.ours(message["id"])) == 3
        server.fails("POST", r"/channels/\d+/messages$", "503")
        with pytest.raises(PlatformFailed):
            await house.platform.post(place, item, nonce="w3")


async def test_an_archived_thread_is_opened_again_and_a_thread_made_elsewhere_is_used(server: DiscordServer) -> None:
    async with living(server) as house:
        message, place = await asked(server, house)
        posted = await house.platform.post(place, CardItem(card=a_card()), nonce="card")
        thread = server.world.channels[message["id"]]
        thread["thread_metadata"]["archived"] = True
        await house.platform.edit(posted, CardItem(card=a_card("later")))
        assert "later" in texts(server.ours(message["id"])[0])
        assert [r for r in server.refusals if "50083" in r] == server.refusals
        server.refusals.clear()


async def test_commands_menu_and_direct_messages_are_requests(server: DiscordServer) -> None:
    async with living(server) as house:
        ada = server.person("Ada")
        house.answers[Summoned] = Home(cards=(a_card(),), words="Yours")
        mine = await server.commands(ada, server.channel, "threadwork", {"request": "tasks"})
        assert "Report" in await mine.words()
        assert mine.original is not None and mine.original["flags"] & 64
        asked_ = await server.commands(ada, server.channel, "threadwork", {"request": "a *report*"})
        request = await house.one(2)
        assert isinstance(request, Mentioned)
        assert asked_.original is not None
        assert (request.text, request.place.thread) == ("a *report*", asked_.original["id"])
        await house.platform.post(request.place, CardItem(card=a_card()), nonce="card")
        assert server.ours(asked_.original["id"])
        other = await server.says(server.person("Bob"), server.channel, "numbers", files={"n.csv": b"1"})
        menu = await server.menu(ada, other, "Work on this")
        assert await menu.words() == "I'm on it."
        target = await house.one(3)
        assert isinstance(target, Mentioned)
        assert (target.text, target.place.thread, target.by.name, len(target.files)) == (
            "numbers",
            other["id"],
            "Ada",
            1,
        )
        dm = await server.says(ada, server.dm(ada), "secret report")
        direct = await house.one(4)
        assert isinstance(direct, Mentioned)
        assert (direct.place.channel, direct.place.thread) == (f"@me/{server.dm(ada)['id']}", dm["id"])
        await house.platform.post(direct.place, CardItem(card=a_card()), nonce="card2")
        [card] = server.ours(server.dm(ada))
        await server.says(ada, server.dm(ada), "and this", reply_to=card)
        reply = await house.one(5)
        assert isinstance(reply, Mentioned)
        assert (reply.in_thread, reply.place) == (True, direct.place)


async def test_a_slow_answer_still_comes_in_time(server: DiscordServer) -> None:
    async with living(server) as house:
        message, place = await asked(server, house)
        await house.platform.post(place, PointItem(task=TASK, title="T", point=POINT), nonce="a1")
        [shown] = server.ours(message["id"])
        server.fails("POST", r"/callback$", "500")
        quick = await server.presses(server.person("Bob"), shown, f"approve|{TASK}|a1")
        assert (await quick.answer())["type"] == 6
        house.answers[Pressed], house.slow = Whisper(words="Bob was faster."), 2.3
        it = await server.presses(server.person("Ada"), shown, f"approve|{TASK}|a1")
        assert await it.words() == "Bob was faster."
        assert it.took < 3


@hurried
async def test_what_was_said_during_an_outage_is_resumed_or_caught_up() -> None:
    async with strict() as server:
        ada = server.person("Ada")
        first = await server.says(ada, server.channel, "earlier")
        async with living(server, last=first["id"]) as house:
            await server.gateway.disconnect()
            await server.says(ada, server.channel, f"{server.mention} while away")
            await house.one()
            assert server.gateway.trips == ["identify", "resume"]
            await server.gateway.disconnect(forget=True)
            await server.says(ada, server.channel, f"{server.mention} while forgotten")
            await house.one(2)
            assert [one.text for one in house.heard if isinstance(one, Mentioned)] == ["while away", "while forgotten"]


async def test_a_mention_during_an_outage_is_served_in_a_channel_nobody_used_before(server: DiscordServer) -> None:
    ada = server.person("Ada")
    quiet = server.world.channel(server.guild, "quiet")
    first = await server.says(ada, server.channel, "earlier")
    long_ago = await server.says(ada, quiet, f"{server.mention} long ago")
    server.world.messages[quiet["id"]].clear()
    long_ago["id"] = str(int(long_ago["id"]) - (300_000 << 22))
    server.world.messages[quiet["id"]][long_ago["id"]] = long_ago
    async with living(server) as house:
        assert not house.heard  # a bot that has never listened has missed nothing but what was just said
    await server.says(ada, quiet, f"{server.mention} missed")

    async def since(place: str) -> str:
        return first["id"] if place.endswith(f"/{server.channel['id']}") else ""

    async with living(server, since=since) as house:
        inbound = await house.one()
        assert isinstance(inbound, Mentioned)
        assert (inbound.text, inbound.place.channel) == ("missed", f"{server.guild['id']}/{quiet['id']}")


async def test_twenty_threads_at_once_break_no_rate_limit(server: DiscordServer) -> None:
    async with living(server) as house:
        rows = [server.world.channel(server.guild, f"c{n}") for n in range(20)]
        ada = server.person("Ada")
        for row in rows:
            await server.gateway.dispatch("CHANNEL_CREATE", row)
            await server.says(ada, row, f"{server.mention} go")
        await house.one(20)
        posted = await asyncio.gather(
            *(house.platform.post(one.place, CardItem(card=a_card()), nonce=one.id) for one in house.heard)
        )
        await asyncio.gather(*(house.platform.edit(one, CardItem(card=a_card("done"))) for one in posted))
        assert all("done" in texts(server.ours(one.place.thread)[0]) for one in posted)


async def test_a_restarted_bot_catches_up_and_old_buttons_and_modals_work(server: DiscordServer) -> None:
    ada = server.person("Ada")
    async with living(server) as house:
        message, place = await asked(server, house)
        await house.platform.post(place, PointItem(task=TASK, title="T", point=POINT), nonce="a1")
        [shown] = server.ours(message["id"])
        house.answers[Pressed] = REASON
        opened = await server.presses(ada, shown, f"reject|{TASK}|a1")
        await opened.answer()
    dm = server.dm(ada)
    missed = await server.says(ada, server.world.channels[message["id"]], "in the thread")
    await server.says(ada, server.channel, f"{server.mention} missed")
    await server.says(ada, dm, "missed too")
    async with living(server, last=message["id"], directs=(f"@me/{dm['id']}",)) as house:
        await until(lambda: {"missed", "missed too", "in the thread"} <= {getattr(o, "text", "") for o in house.heard})
        wrote = next(one for one in house.heard if one.id == missed["id"])
        assert isinstance(wrote, Wrote)
        before = len(house.heard)
        sent = await server.submits(opened, {"words": "no"})
        assert (await sent.answer())["type"] == 6
        it = await server.presses(ada, shown, f"approve|{TASK}|a1")
        assert (await it.answer())["type"] == 6
        assert [type(one) for one in house.heard[before:]] == [Submitted, Pressed]
        assert await house.platform.find(place, nonce="a1") is not None


@hurried
async def test_trouble_at_the_start_and_garbled_events_do_not_end_the_run() -> None:
    async with strict() as server:
        server.gateway.refuse_connections = 1
        server.gateway.garble_next_ready = True
        async with living(server) as house:
            await asked(server, house)
            assert server.gateway.trips.count("identify") >= 2


async def test_events_that_come_twice_and_backwards_are_each_taken_once(server: DiscordServer) -> None:
    async with living(server) as house:
        server.gateway.duplicate, server.gateway.held = True, []
        ada = server.person("Ada")
        for text in ("one", "two"):
            await server.says(ada, server.channel, f"{server.mention} {text}")
        await server.gateway.release(backwards=True)
        server.gateway.duplicate, server.gateway.held = False, None
        await server.says(ada, server.channel, f"{server.mention} three")
        await until(lambda: any(isinstance(one, Mentioned) and one.text == "three" for one in house.heard), PATIENCE)
        assert sorted(one.text for one in house.heard if isinstance(one, Mentioned)) == ["one", "three", "two"]


async def test_what_no_waiting_mends_is_said() -> None:
    async with serving() as server:
        server.gateway.allowed = 0
        with pytest.raises(PlatformFailed, match="Message Content"):
            async with living(server):
                pass


async def test_a_press_that_is_older_than_the_bot_knows_is_refused_kindly(server: DiscordServer) -> None:
    async with living(server) as house:
        message, place = await asked(server, house)
        await house.platform.post(place, PointItem(task=TASK, title="T", point=POINT), nonce="a1")
        [shown] = server.ours(message["id"])
        house.answers[Pressed] = Whisper(words="This was decided in the meantime.")
        it = await server.presses(server.person("Ada"), shown, f"approve|{TASK}|a1")
        assert await it.words() == "This was decided in the meantime."
        assert it.original is not None and it.original["flags"] & 64
