"""For every prefix of every recorded task, on every platform: what stands in the thread is valid, and hides no
approval, no error and no file.

A thread is kept as the outbox keeps it: what is wanted and fresh is posted once, what stands there is edited.
"""

import html
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, get_args

import pytest
from rich.console import Console

from bot.cards.card import Card, Checkpoint
from bot.cards.card_projection import project, waiting
from bot.cards.timeline import moments
from bot.cards.tool_call_wording import plain
from bot.chat_platform import FileItem, Item
from bot.discord import safe_text as discord_text
from bot.discord.components import DiscordMessage as DiscordMessage
from bot.discord.render import render as discord
from bot.outbox.desired_messages import CARD, Mark, wanted
from bot.slack.render import message as slack
from bot.terminal import draw_card as terminal
from bot.web.render import thread_parts
from bot.web.view_models import Thread as WebThread
from orchestrator.domain import events as e
from orchestrator.domain.task import TaskState
from tests.discord_server import rules, spec
from tests.memory_hub import NOON
from tests.recorded_tasks import TALES, Tale, prefixes, shape
from tests.slack_server import validate
from tests.slack_server.acting import words as slack_words

LINK = "https://hub.example/t/1"


class Chat(Protocol):
    """A platform as this test sees it: a valid message of an item, what people read, and what they can press."""

    def draw(self, item: Item) -> Any: ...
    def read(self, drawn: Any) -> str: ...
    def presses(self, drawn: Any) -> set[tuple[str, str]]: ...
    def ways(self, drawn: Any) -> set[str]: ...
    def shows(self, text: str, drawn: Any) -> bool: ...


class Slack:
    def draw(self, item: Item) -> Any:
        made = slack(item)
        blocks = list(made.blocks)
        assert validate.blocks(blocks, "message") == ("", [])
        assert 0 < len(made.text) <= 4_000 and "<" not in made.text
        return {"blocks": blocks}

    def read(self, drawn: Any) -> str:
        return " ".join(slack_words(drawn).split())

    def presses(self, drawn: Any) -> set[tuple[str, str]]:
        found = set[tuple[str, str]]()
        for element in (one for b in drawn["blocks"] if b["type"] == "actions" for one in b["elements"]):
            if element["type"] == "button" and "url" not in element:
                found.add((element["action_id"].partition(":")[0], json.loads(element["value"])[1]))
            for option in element.get("options", []):
                verb, _, ref = json.loads(option["value"])
                found.add((verb, ref))
        return found

    def ways(self, drawn: Any) -> set[str]:
        rows = [b["elements"] for b in drawn["blocks"] if b["type"] == "actions"]
        return {element["url"] for row in rows for element in row if "url" in element}

    def shows(self, text: str, drawn: Any) -> bool:
        return beginning(text, 28) in self.read(drawn)


class Discord:
    def __init__(self) -> None:
        self._shapes = set[str]()

    def draw(self, item: Item) -> DiscordMessage:
        made = discord(item, id_=7)
        sizes = {u.name: len(u.content or b"") if u.file is None else u.file.size for u in made.uploads}
        body = {"components": list(made.components), "flags": rules.V2 | rules.SUPPRESS_EMBEDS}
        rules.check_message(body, sizes, (), v2=True)  # every length; the slower schema sees each shape once
        if (key := shape(body)) not in self._shapes:
            spec.check("POST", "/channels/{channel_id}/messages", body)
            self._shapes.add(key)
        if isinstance(item, FileItem):
            assert [u for u in made.uploads if u.file == item.line.file]
        return made

    def read(self, drawn: DiscordMessage) -> str:
        return " ".join(p["content"] for p in rules.walk(drawn.components) if p["type"] == 10)

    def presses(self, drawn: DiscordMessage) -> set[tuple[str, str]]:
        parts = list(rules.walk(drawn.components))
        ids = [o["value"] for p in parts if p["type"] == 3 for o in p["options"]]
        ids += [p["custom_id"] for p in parts if p["type"] == 2 and "custom_id" in p]
        return {(verb, ref) for verb, _, ref in (i.split("|", 2) for i in ids)}

    def ways(self, drawn: DiscordMessage) -> set[str]:
        return {p["url"] for p in rules.walk(drawn.components) if p["type"] == 2 and "url" in p}

    def shows(self, text: str, drawn: DiscordMessage) -> bool:
        return discord_text.line(beginning(text, 19), 200) in self.read(drawn)


@dataclass
class Posted:
    """A thread at one platform."""

    chat: Chat
    items: dict[str, Item] = field(default_factory=dict[str, Item])
    drawn: dict[str, Any] = field(default_factory=dict[str, Any])

    def show(self, state: TaskState) -> None:
        for want in wanted(state, link=LINK):
            if isinstance(want.item, Mark) or not (want.key in self.drawn or want.fresh):
                continue
            if want.key in self.drawn and (want.once or self.items[want.key] == want.item):
                continue
            self.items[want.key], self.drawn[want.key] = want.item, self.chat.draw(want.item)

    def check(self, state: TaskState, card: Card) -> None:
        """Nothing that matters is missing from the card or from the messages below it."""
        top = self.drawn[CARD]
        for point in waiting(card.checkpoints):
            assert self.chat.shows(point.title, top), point.title
        for point in card.checkpoints:
            self._check_point(point)
        for line in card.files:
            assert self.chat.shows(line.file.name, top), line.file.name
        for record in state.deliverables.values():
            for file in (record.deliverable.file, record.file):
                assert self.chat.shows(file.name, self.drawn[f"file/{record.deliverable.id}/{file.sha[:12]}"])
        for row in card.rows:
            if row.state == "failed":
                assert self.chat.shows(row.title, top) and self.chat.shows(row.problem, top), row.problem
                assert {(b.verb, b.ref) for b in row.buttons if b.verb == "retry"} <= self.chat.presses(top)
        for said in (line for line in state.lines if line.level == "error" and line.by is None):
            assert self.chat.shows(said.text, self.drawn[f"words/{said.seq}"])
        assert {(b.verb, b.ref) for b in card.buttons} <= self.chat.presses(top)

    def _check_point(self, point: Checkpoint) -> None:
        drawn = self.drawn[f"point/{point.id}"]
        assert self.chat.presses(drawn) == {(b.verb, b.ref) for b in point.buttons if not b.page}
        assert self.chat.ways(drawn) >= {f"{LINK}/{b.page}" for b in point.buttons if b.page}
        assert self.chat.shows(point.title, drawn)
        assert not point.decided or self.chat.shows(point.decided, drawn)


def beginning(text: str, most: int) -> str:
    return " ".join(plain(text).split())[:most].strip()


@pytest.mark.parametrize("tale", TALES)
@pytest.mark.parametrize("chat", [Slack, Discord])
async def test_a_thread_is_valid_and_hides_nothing(chat: type[Chat], tale: Tale, tmp_path: Path) -> None:
    thread = Posted(chat())
    for _, state in prefixes(await tale(tmp_path)):
        thread.show(state)
        thread.check(state, project(state))


@pytest.mark.parametrize("tale", TALES)
async def test_the_page_and_the_terminal_hide_nothing(tale: Tale, tmp_path: Path) -> None:
    records = await tale(tmp_path)
    told = moments(records)
    for number, state in prefixes(records):
        if len(records) > 100 and number % 12:
            continue  # a page of sixty steps takes a while to draw
        card = project(state)
        parts = thread_parts(WebThread(card, "c", "web", tuple(told[:number]), number))
        page = " ".join(html.unescape(parts["head"] + parts["thread"]).split())
        screen = io.StringIO()
        Console(file=screen, width=400).print(terminal.card(card, NOON))
        for point in waiting(card.checkpoints):
            assert beginning(point.title, 12) in page
            asked = io.StringIO()  # the terminal asks one thing after the other, below the card
            Console(file=asked, width=400).print(terminal.checkpoint(point))
            if point.kind != "skill":  # those can wait, so the terminal doesn't ask
                assert all(beginning(fact.value, 12) in asked.getvalue() for fact in point.facts)
            assert all(f'"{b.ref}"' in parts["thread"] and b.label in page for b in point.buttons)
        for line in card.files:
            assert line.file.name in page
        for row in (row for row in card.rows if row.state == "failed"):
            assert beginning(row.problem, 19) in page and beginning(row.problem, 19) in screen.getvalue()


async def test_the_tales_hold_everything_that_people_can_meet(tmp_path: Path) -> None:
    met = {type(record.event) for tale in TALES for record in await tale(tmp_path)}
    every = set[Any](get_args(get_args(e.Event)[0]))
    others = {
        e.PersonInvited, e.PersonRemoved, e.LinkUsed, e.SessionOpened, e.SessionEnded, e.PrivateTaskSeen,
        e.ClientTokenAdded, e.ClientTokenRemoved,
        e.ChannelOpened, e.MessagePosted, e.Heard, e.Acted, e.TaskPlaced, e.InboxSummed,
        e.SkillBegun, e.SkillRated, e.Told, e.ItemPosting, e.ItemPosted, e.ItemShown, e.ItemLost, e.PlaceLost,
    }  # fmt: skip
    assert every - met - others == {e.Noted, e.Unreadable}  # the second is read, never recorded
