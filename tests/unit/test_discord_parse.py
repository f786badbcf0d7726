"""What Discord tells us -> what people did, without a connection."""

from dataclasses import replace
from typing import Any

import pytest

from bot.chat_platform import Changed, Mentioned, Pressed, Submitted, Summoned, Wrote
from bot.discord import parse
from bot.discord.events import HeardMessage, Interaction, InteractionKind, Where
from orchestrator.domain.ids import PersonId, TaskId
from orchestrator.domain.people import Person, Place

ADA = Person(id=PersonId("discord:7"), name="Ada")
CHANNEL, THREAD, DIRECT = Where("1", "2"), Where("1", "2", "3"), Where("@me", "5")
MENTION = HeardMessage(
    id="9", where=CHANNEL, by=ADA, text="<@42> make a report <@!42>", speech=True, pinged=True,
    names=("<@42>", "<@!42>", "<@&43>"),
)  # fmt: skip


def place(thread: str, channel: str = "1/2") -> Place:
    return Place(platform="discord", channel=channel, thread=thread, private=channel.startswith("@me"))


def did(
    kind: InteractionKind, data: dict[str, Any], where: Where = THREAD, *, message: str = "8", answers: str = ""
) -> Interaction:
    return Interaction(id="77", kind=kind, where=where, by=ADA, message=message, answers=answers, data=data)


def test_a_mention_is_a_request_without_the_mention() -> None:
    found = parse.message(MENTION)
    assert found == Mentioned(id="9", by=ADA, place=place("9"), text="make a report", message="9")


def test_a_mention_of_the_bots_role_is_one_too() -> None:
    found = parse.message(replace(MENTION, text="<@&43> hello"))
    assert found is not None
    assert found.text == "hello"


def test_a_mention_in_a_thread_belongs_to_it() -> None:
    found = parse.message(replace(MENTION, where=THREAD, within=True))
    assert isinstance(found, Mentioned)
    assert (found.place, found.in_thread, found.message) == (place("3"), True, "9")


def test_words_in_a_thread_need_no_mention() -> None:
    found = parse.message(replace(MENTION, where=THREAD, pinged=False, text=" hi "))
    assert found == Wrote(id="9", by=ADA, place=place("3"), text="hi", message="9")


def test_talk_in_a_channel_is_not_ours() -> None:
    assert parse.message(replace(MENTION, pinged=False)) is None


def test_what_no_person_said_is_not_heard() -> None:
    assert parse.message(replace(MENTION, speech=False)) is None


def test_a_direct_message_is_a_request_and_an_answer_belongs_to_it() -> None:
    direct = replace(MENTION, where=DIRECT, text="hi")
    found = parse.message(direct)
    assert found is not None
    assert found.place == place("9", "@me/5")
    answer = parse.message(replace(direct, where=replace(DIRECT, thread="6"), within=True))
    assert isinstance(answer, Mentioned)
    assert (answer.place, answer.in_thread) == (place("6", "@me/5"), True)


def test_only_a_person_edits() -> None:
    assert parse.edited(MENTION) is None
    found = parse.edited(replace(MENTION, edited="2026-01-01T00:00:00"))
    now = parse.message(MENTION)
    assert isinstance(now, Mentioned)
    assert found == Changed(
        id="9:2026-01-01T00:00:00", by=ADA, place=place("9"), message="9", text="make a report", now=now
    )  # fmt: skip


def test_the_mention_may_be_edited_away() -> None:
    found = parse.edited(replace(MENTION, pinged=False, text="never mind", edited="t"))
    assert found is not None
    assert found.text == "never mind"


def test_a_deletion_names_the_message() -> None:
    found = parse.deleted("9", CHANNEL)
    assert (found.text, found.message, found.place) == (None, "9", place("9"))


@pytest.mark.parametrize("words", ["tasks", "Help", " ", "home"])
def test_a_command_with_a_known_word_is_no_request(words: str) -> None:
    it = did("command", {"name": "threadwork", "options": [{"name": "request", "value": words}]}, CHANNEL)
    found = parse.inbound(it, "")
    assert isinstance(found, Summoned)
    assert found.words == words.strip().lower()


def test_a_command_with_a_file_is_a_request() -> None:
    file = {"id": "55", "filename": "a.csv", "size": 3, "url": "https://cdn.example/a", "content_type": "text/csv"}
    data = {
        "name": "threadwork",
        "options": [{"name": "file", "value": "55"}],
        "resolved": {"attachments": {"55": file}},
    }
    found = parse.inbound(did("command", data, CHANNEL), "88")
    assert isinstance(found, Mentioned)
    assert (found.place, found.message, found.files[0].name) == (place("88"), "88", "a.csv")


def test_a_foreign_command_is_nothing() -> None:
    assert parse.inbound(did("command", {"name": "other"})) is None


def test_the_menu_takes_the_message_it_was_opened_on() -> None:
    target = {"content": "numbers", "attachments": [{"id": "1", "filename": "n.csv", "size": 1, "url": "u"}]}
    data = {"name": "Work on this", "target_id": "66", "resolved": {"messages": {"66": target}}}
    found = parse.inbound(did("menu", data, CHANNEL))
    assert isinstance(found, Mentioned)
    assert (found.id, found.text, found.place, found.files[0].id) == ("77", "numbers", place("66"), "2/66/1")


def test_a_press_says_all_it_means() -> None:
    found = parse.inbound(did("component", {"custom_id": "retry|t1|read:2"}))
    assert found == Pressed(
        id="77", by=ADA, place=place("3"), task=TaskId("t1"), verb="retry", ref="read:2", message="8"
    )


def test_a_choice_in_a_select_is_a_press() -> None:
    found = parse.inbound(did("component", {"custom_id": "pick|t1|0", "values": ["skip|t1|read"]}))
    assert isinstance(found, Pressed)
    assert (found.verb, found.ref) == ("skip", "read")


def test_a_press_in_a_direct_conversation_belongs_to_what_the_message_answers() -> None:
    found = parse.inbound(did("component", {"custom_id": "start|t1|1"}, DIRECT, answers="6"))
    assert isinstance(found, Pressed)
    assert found.place == place("6", "@me/5")


@pytest.mark.parametrize("id_", ["", "start", "|", "a|"])
def test_a_foreign_press_is_nothing(id_: str) -> None:
    assert parse.inbound(did("component", {"custom_id": id_})) is None


def test_presses_on_a_desk_are_kept_apart() -> None:
    assert parse.inbound(did("component", {"custom_id": "draft|open|ab", "values": ["3"]})) == ("open", "ab", 3)
    assert parse.inbound(did("component", {"custom_id": "draft|open.0|ab"})) == ("open", "ab", 0)
    assert parse.inbound(did("component", {"custom_id": "draft|send|ab"})) == ("send", "ab", 0)


def label(**field: Any) -> dict[str, Any]:
    return {"type": 18, "id": 1, "component": field}


def test_a_form_brings_words_choices_and_files() -> None:
    file = {"id": "55", "filename": "a.csv", "size": 3, "url": "u"}
    data = {
        "custom_id": "edit-plan|t1|4|",
        "components": [
            label(type=4, custom_id="title", value="New"),
            label(type=4, custom_id="long", value="one "),
            label(type=4, custom_id="long~1", value="two"),
            label(type=3, custom_id="steps", values=["a", "b"]),
            label(type=19, custom_id="file", values=["55"]),
            {"type": 10, "id": 9},
        ],
        "resolved": {"attachments": {"55": file}},
    }
    it = did("modal", data)
    sent = parse.inbound(it)
    assert isinstance(sent, parse.SentModal)
    found = parse.submitted(it, sent)
    assert isinstance(found, Submitted)
    assert (found.task, found.verb, found.ref, found.place) == ("t1", "edit-plan", "4", place("3"))
    assert found.values == {"title": "New", "long": "one two", "steps": "a\nb"}
    assert [f.name for f in found.files] == ["a.csv"]


def test_a_page_of_a_draft_names_it() -> None:
    sent = parse.typed({"custom_id": "edit|t1|a|beef.2", "components": []})
    assert sent is not None
    assert (sent.token, sent.page, sent.ref) == ("beef", 2, "a")
