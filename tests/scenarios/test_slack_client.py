"""What people do on Slack reaches us, through unmodified slack-bolt and the strict server."""

from collections.abc import AsyncIterator

import pytest

from bot.cards.card import Button, StepRow
from bot.chat_platform import (
    CardItem,
    Changed,
    Form,
    Home,
    Input,
    Mentioned,
    Pressed,
    Submitted,
    Summoned,
    Whisper,
    Wrote,
)
from orchestrator.domain.people import Place
from tests.scenarios.slack_fixtures import TASK, Heard, a_card, connected
from tests.slack_server import SlackServer, serving
from tests.slack_server.acting import elements, words


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with serving() as server:
        yield server


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
    assert [(one.by.name, one.by.kind) for one in heard.of(Mentioned)] == [("Gus", "guest"), ("Stan", "outsider")]


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
    assert not slack.sockets.unacknowledged
    assert not slack.refusals


async def test_a_menu_entry_is_a_press_and_a_refusal_is_private(slack: SlackServer) -> None:
    ada, heard = slack.person("Ada"), Heard(answers=[lambda _: Whisper(words="Already decided")])
    room = slack.channel("prices", ada)
    rows = (
        StepRow(
            id="a", title="Look", agent="b", state="running", buttons=(Button(verb="skip", label="Skip", ref="a"),)
        ),
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
