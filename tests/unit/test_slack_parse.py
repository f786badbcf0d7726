"""What Slack's payloads mean."""

import json
from typing import Any

import pytest

from bot.chat_platform import Changed, Mentioned, Pressed, Submitted, Summoned, Wrote
from bot.slack import markup_to_text, parse
from bot.slack.lookups import person, user_of
from bot.slack.parse import BotIdentity, Sender
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person

ME = BotIdentity("T1", "UBOT", "BBOT")
ADA = Person(id=PersonId("slack:T1/U1"), name="Ada")


def said(**more: Any) -> dict[str, Any]:
    return {"team_id": "T1", "event": {"type": "message", "channel": "C1", "user": "U1", "ts": "5.000001", **more}}


def test_both_deliveries_of_a_mention_are_one() -> None:
    one = parse.event(said(type="app_mention", text="<@UBOT> do it"), ADA, ME)
    two = parse.event(said(text="<@UBOT> do it"), ADA, ME)
    assert one == two
    assert isinstance(one, Mentioned)
    assert (one.id, one.text, one.in_thread, one.place.channel) == ("C1:5.000001", "do it", False, "T1/C1")


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"text": "hello"}, type(None)),
        ({"text": "hello", "thread_ts": "4.0"}, Wrote),
        ({"text": "<@UBOT> hello", "thread_ts": "4.0"}, Mentioned),
        ({"text": "hello", "channel": "D1"}, Mentioned),
        ({"text": "hello", "channel": "D1", "thread_ts": "4.0"}, Wrote),
        ({"text": "x", "subtype": "channel_join"}, type(None)),
        ({"text": "x", "subtype": "file_share", "thread_ts": "4.0"}, Wrote),
        ({"type": "reaction_added"}, type(None)),
        ({"type": "app_home_opened", "tab": "home"}, Summoned),
        ({"type": "app_home_opened", "tab": "messages"}, type(None)),
    ],
)
def test_an_event_means_what_it_should(event: dict[str, Any], kind: type) -> None:
    assert type(parse.event(said(**event), ADA, ME)) is kind


@pytest.mark.parametrize(
    "event", [{"user": "UBOT"}, {"bot_id": "B9"}, {"user": ""}, {"user": "USLACKBOT"}, {"user": "U1", "bot_id": "BBOT"}]
)
def test_nobody_hears_bots_and_itself(event: dict[str, Any]) -> None:
    assert parse.actor(said(text="x", **event), ME) is None


def test_an_outsider_keeps_the_own_team() -> None:
    assert parse.actor(said(text="x", user_team="T2"), ME) == Sender("T2", "U1")


def test_edits_and_deletions_name_the_message_and_its_thread() -> None:
    before = {"user": "U1", "ts": "5.0", "thread_ts": "4.0", "text": "a"}
    now = {**before, "text": "b &amp; c", "edited": {"ts": "6.0"}}
    edited = parse.event(said(subtype="message_changed", message=now, previous_message=before), ADA, ME)
    gone = parse.event(said(subtype="message_deleted", deleted_ts="5.0", previous_message=before), ADA, ME)
    assert isinstance(edited, Changed)
    assert isinstance(gone, Changed)
    assert (edited.text, edited.message, edited.place.thread) == ("b & c", "5.0", "4.0")
    assert (gone.text, gone.message, gone.place.thread) == (None, "5.0", "4.0")
    assert edited.id != gone.id


def test_a_new_reply_or_unfurl_is_no_edit() -> None:
    row = {"user": "U1", "ts": "5.0", "text": "a"}
    body = said(subtype="message_changed", message={**row, "reply_count": 1}, previous_message=row)
    assert parse.event(body, ADA, ME) is None


def press(action: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "block_actions", "trigger_id": "t.1", "user": {"id": "U1", "team_id": "T1"}, "channel": {"id": "C1"},
        "container": {"type": "message", "message_ts": "9.0", "thread_ts": "5.0", "channel_id": "C1"},
        "actions": [action],
    }  # fmt: skip


def test_a_button_and_a_menu_entry_are_presses() -> None:
    button = parse.interaction(press({"action_id": "retry:3", "value": '["task", "a:1"]'}), ADA, ME)
    entry = {"action_id": "pick", "selected_option": {"value": '["retry","task","a:1"]'}}
    menu = parse.interaction(press(entry), ADA, ME)
    assert button == menu
    assert isinstance(button, Pressed)
    assert (button.verb, button.task, button.ref, button.message, button.place.thread) == (
        "retry",
        "task",
        "a:1",
        "9.0",
        "5.0",
    )


@pytest.mark.parametrize("value", [None, "", "x", "[1]", '["a"]', "{}"])
def test_a_foreign_button_is_nothing(value: str | None) -> None:
    assert parse.interaction(press({"action_id": "retry:3", "value": value}), ADA, ME) is None


def test_a_form_brings_every_kind_of_value() -> None:
    file = {"id": "F1", "name": "a.csv", "size": 3, "mimetype": "text/csv", "url_private": "https://files.slack.com/a"}
    values = {
        "long~10": {"value": {"type": "plain_text_input", "value": "c"}},
        "long~2": {"value": {"type": "plain_text_input", "value": "b"}},
        "long": {"value": {"type": "plain_text_input", "value": "a"}},
        "none": {"value": {"type": "plain_text_input", "value": None}},
        "radio": {"value": {"type": "radio_buttons", "selected_option": {"value": "x"}}},
        "no": {"value": {"type": "static_select", "selected_option": None}},
        "boxes": {"value": {"type": "checkboxes", "selected_options": [{"value": "x"}, {"value": "y"}]}},
        "file": {"value": {"type": "file_input", "files": [file]}},
    }
    about = json.dumps(["edit", "r", "task", "T1/C1", "5.0"])
    body = {"type": "view_submission", "trigger_id": "t", "user": {"id": "U1"},
            "view": {"private_metadata": about, "state": {"values": values}}}  # fmt: skip
    sent = parse.interaction(body, ADA, ME)
    assert isinstance(sent, Submitted)
    assert sent.values == {"long": "abc", "none": "", "radio": "x", "no": "", "boxes": "x\ny", "file": "a.csv"}
    assert [f.id for f in sent.files] == ["F1"]
    assert (sent.verb, sent.ref, sent.place.thread) == ("edit", "r", "5.0")


@pytest.mark.parametrize(("text", "kind"), [("tasks", Summoned), ("", Summoned), ("Help", Summoned), ("do it", str)])
def test_a_command_is_a_word_or_a_request(text: str, kind: type) -> None:
    assert type(parse.command({"text": text, "channel_id": "C1", "trigger_id": "t"}, ADA, ME)) is kind


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("<@UBOT> hi", "hi"),
        ("ask <@U2|bob> in <#C1|prices>", "ask @bob in #prices"),
        ("<https://x.example/a?b=1&amp;c=2>", "https://x.example/a?b=1&c=2"),
        ("<https://x.example|the site>", "the site (https://x.example)"),
        ("<mailto:a@x.example|a@x.example>", "a@x.example"),
        ("<!here> 1 &lt; 2", "@here 1 < 2"),
    ],
)
def test_markup_reads_as_people_see_it(markup: str, plain: str) -> None:
    assert markup_to_text.words(markup, "UBOT") == plain


@pytest.mark.parametrize(
    ("profile", "team", "kind"),
    [
        ({}, "T1", "member"),
        ({"is_restricted": True}, "T1", "guest"),
        ({"is_ultra_restricted": True}, "T1", "guest"),
        ({"is_stranger": True}, "T1", "outsider"),
        ({"deleted": True}, "T1", "guest"),
        ({}, "T2", "outsider"),
        ({"is_bot": True}, "T1", "bot"),
    ],
)
def test_only_full_members_of_the_own_workspace_are_members(profile: dict[str, Any], team: str, kind: str) -> None:
    who = person(profile, Sender(team, "U1"), ME)
    assert who.kind == kind
    assert user_of(who) == "U1"
