"""What cards of apps and polls show: more than their text."""

from typing import Any

from tests.world.chats.habits import habit
from tests.world.chats.room import Room
from tests.world.chats.test_kinds_of_messages import NOT_SLACK, ON_WEB, POLL

KIND = "words outside the text"
VOTES = {"is_finalized": True, "answer_counts": [{"id": 1, "count": 7, "me_voted": False},
                                                 {"id": 2, "count": 1, "me_voted": False}]}  # fmt: skip
EMBED = {
    "type": "rich", "author": {"name": "octocat", "url": "https://code.test/octocat"}, "title": "Drop the old version",
    "url": "https://code.test/pull/12", "description": "Removes `six`", "footer": {"text": "tools/main"},
    "fields": [{"name": "Files", "value": "14", "inline": True}],
}  # fmt: skip
BUTTONS = [{"type": 1, "id": 1, "components": [
    {"type": 2, "id": 2, "style": 5, "label": "Runbook", "url": "https://wiki.test/runbook", "disabled": False},
]}]  # fmt: skip


def shown(read: Any) -> None:
    for words in (
        "octocat (https://code.test/octocat)", "Drop the old version (https://code.test/pull/12)", "tools/main",
        "Files: 14", "Runbook (https://wiki.test/runbook)",
    ):  # fmt: skip
        assert read.outside.count(words) == 1, words


async def card(room: Room, who: Any) -> Any:
    """An app's card with a title, buttons and a footer."""
    if room.name == "discord":
        return await room.talk.says(who, "", named=False, embeds=[EMBED], components=BUTTONS)
    button = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Runbook"},
              "url": "https://wiki.test/runbook"}  # fmt: skip
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "Removes six"}, "accessory": button}
    attached = {
        "id": 1, "author_name": "octocat", "author_link": "https://code.test/octocat", "title": "Drop the old version",
        "title_link": "https://code.test/pull/12", "text": "Removes six", "footer": "tools/main",
        "fields": [{"title": "Files", "value": "14", "short": True}],
    }  # fmt: skip
    return await room.talk.says(
        who, "A long summary of the card", named=False, blocks=[section], attachments=[attached], username="Code"
    )  # fmt: skip


@habit(KIND, web=ON_WEB)
async def test_a_card_of_an_app_in_a_thread_or_in_a_reply_comes_with_its_addresses(room: Room) -> None:
    ada, app = room.it.person("Ada"), room.it.person("Code", "bot")
    them = await card(room, app)
    if room.name == "discord":
        await room.talk.says(ada, "review this", reply_to=them)
        shown(await room.planner())
        await room.it.server.opens_thread(ada, them, "A review")
    await room.talk.says(ada, "review that", to=them)
    shown(await room.planner(2 if room.name == "discord" else 1))


@habit(KIND, web=ON_WEB)
async def test_a_forwarded_card_comes_with_its_addresses(room: Room) -> None:
    ada = room.it.person("Ada")
    if room.name == "discord":
        inside = {"content": "", "embeds": [EMBED], "attachments": [], "edited_timestamp": None, "flags": 0, "type": 0,
                  "timestamp": "2026-01-01T00:00:00+00:00", "mentions": [], "mention_roles": [], "components": BUTTONS,
                  "sticker_items": []}  # fmt: skip
        refers = {"type": 1, "channel_id": room.it.server.channel["id"], "message_id": "1"}
        await room.talk.says(ada, "review this", message_reference=refers, message_snapshots=[{"message": inside}])
        shown(await room.planner())
        return
    them = await card(room, room.it.person("Code", "bot"))
    share = {
        "is_share": True,
        "author_name": "Code",
        "text": them["text"],
        "ts": them["ts"],
        "message_blocks": [{"message": {"blocks": them["blocks"], "attachments": them["attachments"]}}],
    }
    await room.talk.says(ada, "review this", attachments=[share])
    shown(await room.planner())


@habit(KIND, slack=NOT_SLACK, web=ON_WEB)
async def test_a_poll_comes_with_its_votes(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    them = await room.talk.thread(bob, "", poll={**POLL, "results": VOTES})
    await room.talk.says(ada, "write up the result", reply_to=them)
    await room.talk.says(ada, "and book it", to=them)
    for number in (1, 2):
        read = await room.planner(number)
        assert "Oslo: 7 votes" in read.outside
        assert "Rome: 1 vote" in read.outside


@habit(KIND, slack=NOT_SLACK, web=ON_WEB)
async def test_a_poll_that_has_ended_says_who_won(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    told = {
        "poll_question_text": "Where to?", "victor_answer_votes": "7", "total_votes": "9", "victor_answer_id": "1",
        "victor_answer_text": "Oslo",
    }  # fmt: skip
    fields = [{"name": name, "value": value, "inline": False} for name, value in told.items()]
    them = await room.talk.thread(bob, "", type=46, embeds=[{"type": "poll_result", "fields": fields}])
    await room.talk.says(ada, "write up the result", reply_to=them)
    await room.talk.says(ada, "and book it", to=them)
    for number in (1, 2):
        assert "Oslo: 7 of 9 votes" in (await room.planner(number)).outside
