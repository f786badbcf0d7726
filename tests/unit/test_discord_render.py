"""What Discord is sent: whatever a task holds, every message is one that Discord takes, and hides nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.cards.card import AskField, Button, Card, CardFact, Checkpoint, DraftLine, FileLine, Post, StepRow
from bot.chat_platform import CardItem, FileItem, Form, Home, Input, Item, PointItem, WordsItem
from bot.discord import modal
from bot.discord.components import DiscordMessage
from bot.discord.home_page import home
from bot.discord.modal import FormDraft
from bot.discord.render import FILE_SIZE, render, whisper
from bot.discord.safe_text import bare, escape, file_name, line, units
from orchestrator.domain.ids import Sha, TaskId, digest
from orchestrator.domain.people import FileRef, Place
from orchestrator.errors import Refused
from tests.discord_server import rules, spec

TASK = TaskId("0123456789ab")
PLACE = Place(platform="discord", channel="1/2", thread="3")
QUIET = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
STATES = ("waiting", "running", "needs-you", "done", "failed", "skipped", "paused", "stopped")
nasty = st.sampled_from(["@everyone", "**b**", "[x](https://evil.example)", "\u202e", "\x00", "`" * 5, "😀" * 40,
                         "<@1>", "# h\n- l", "\ud800", " ", "https://a.example/x_y_z", "\\"])  # fmt: skip
words = st.one_of(st.text(max_size=60), nasty, st.builds(lambda t, n: t * n, nasty, st.integers(1, 400)))
names = st.text(alphabet="abcdef-0123456789", min_size=1, max_size=40)


def a_file(name: str = "report.xlsx", size: int = 10) -> FileRef:
    return FileRef(name=name, sha=Sha(digest(repr(name), length=64)), size=size)


buttons = st.lists(
    st.builds(Button, verb=st.sampled_from(["retry", "skip", "redirect"]), label=words, ref=names), max_size=3
).map(tuple)
steps = st.builds(
    StepRow, id=names, title=words, agent=words, state=st.sampled_from(STATES), doing=words, problem=words, waits=words,
    summary=words, findings=st.integers(0, 9), buttons=buttons, started=st.just(datetime(2026, 1, 1, tzinfo=UTC)),
)  # fmt: skip
AT = datetime(2026, 1, 2, 15, 4, tzinfo=UTC)
points = st.builds(
    Checkpoint, id=names, kind=st.sampled_from(["approval", "question", "deliverable"]), title=words,
    facts=st.lists(st.builds(CardFact, label=words, value=words), max_size=12).map(tuple),
    fields=st.lists(st.builds(AskField, name=names, label=words), max_size=4).map(tuple),
    decided=st.one_of(st.just(""), words), buttons=buttons,
    decided_at=st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
)  # fmt: skip
files = st.builds(
    FileLine, id=names, file=st.builds(a_file, words, st.integers(1, 30 * 2**20)), version=st.integers(1, 9),
    words=words, by=words, verdict=words, judged=st.one_of(st.none(), st.just(AT)),
    problems=st.lists(words, max_size=12).map(tuple),
    previews=st.lists(st.builds(a_file, st.just("p.png"), st.integers(1, 2**22)), max_size=6).map(tuple),
)  # fmt: skip
posts = st.builds(
    Post, seq=st.integers(1, 99), at=st.just(datetime(2026, 1, 1, tzinfo=UTC)), by=words, text=words,
    level=st.sampled_from(["said", "error"]),
)  # fmt: skip
drafts = st.builds(DraftLine, step=names, title=words, text=words)
cards = st.builds(
    Card, task=st.just(str(TASK)), seq=st.just(1), title=words, state=st.sampled_from(STATES), headline=words,
    rows=st.lists(steps, max_size=20).map(tuple), checkpoints=st.lists(points, max_size=15).map(tuple),
    files=st.lists(files, max_size=15).map(tuple), posts=st.lists(posts, max_size=15).map(tuple), buttons=buttons,
    drafts=st.lists(drafts, max_size=8).map(tuple),
)  # fmt: skip


def body_of(message: DiscordMessage) -> dict[str, Any]:
    sizes = {u.name: len(u.content or b"") if u.file is None else u.file.size for u in message.uploads}
    body = {"components": list(message.components), "flags": rules.V2 | rules.SUPPRESS_EMBEDS}
    spec.check("POST", "/channels/{channel_id}/messages", body)
    rules.check_message(body, sizes, (), v2=True)
    assert len(sizes) == len(message.uploads)
    return body


def shown(message: DiscordMessage) -> str:
    return "\n".join(p["content"] for p in rules.walk(message.components) if p["type"] == 10)


def presses(message: DiscordMessage) -> set[str]:
    parts = list(rules.walk(message.components))
    chosen = {o["value"] for p in parts if p["type"] == 3 for o in p["options"]}
    return chosen | {p["custom_id"] for p in parts if p["type"] == 2 and "custom_id" in p}


@QUIET
@given(cards)
def test_every_card_is_one_that_discord_takes(card: Card) -> None:
    body_of(render(CardItem(card=card), id_=7))


@QUIET
@given(cards)
def test_a_card_hides_no_approval_error_or_file(card: Card) -> None:
    text = shown(render(CardItem(card=card)))
    for mark, rows in (
        ("🟠 ", [p for p in card.checkpoints if not p.decided]),
        ("📄 ", card.files),
        ("❗ ", [p for p in card.posts if p.level == "error"]),
    ):
        named = sum(1 for one in text.splitlines() if one.startswith(mark) and "**Step**" not in one)
        assert named >= len(rows)
    failed = [r for r in card.rows if r.state == "failed"]
    assert sum(1 for one in text.splitlines() if one.startswith("❌ ")) >= len(failed)


@pytest.mark.parametrize("number", [1, 7, 24, 60])
def test_every_button_of_a_step_is_on_the_card(number: int) -> None:
    rows = tuple(
        StepRow(id=f"step-{n}", title=f"Step {n}", agent="browser", state="running", doing="Reading",
            buttons=tuple(Button(verb=v, label=v, ref=f"step-{n}") for v in ("retry", "skip", "redirect")))
        for n in range(number)
    )  # fmt: skip
    card = Card(task=TASK, seq=1, title="T", state="running", headline="H", rows=rows)
    found = presses(render(CardItem(card=card)))
    assert found == {f"{b.verb}|{TASK}|{b.ref}" for r in rows for b in r.buttons}


def test_far_too_much_is_counted_where_it_cannot_be_named() -> None:
    points_ = tuple(Checkpoint(id=f"a{n}", kind="approval", title="x" * 300) for n in range(500))
    text = shown(render(CardItem(card=Card(task=TASK, seq=1, title="T", state="needs-you", headline="H",
                                           checkpoints=points_))))  # fmt: skip
    assert "and 476 more things" in text


@QUIET
@given(points, words)
def test_every_checkpoint_is_one_that_discord_takes(point: Checkpoint, title: str) -> None:
    message = render(PointItem(task=TASK, title=title, point=point))
    body_of(message)
    found = presses(message)
    assert found == {f"{b.verb}|{TASK}|{b.ref}" for b in point.buttons}


def test_an_approval_too_long_to_read_in_a_message_is_whole_in_a_file() -> None:
    point = Checkpoint(id="a", kind="approval", title="send", facts=(CardFact(label="body", value="secret " * 2000),))
    message = render(PointItem(task=TASK, title="T", point=point))
    assert message.uploads[0].content is not None
    assert message.uploads[0].content.decode().count("secret") == 2000


def test_a_decided_checkpoint_is_signed() -> None:
    point = Checkpoint(id="a", kind="approval", title="send", decided="Approved once by Ada", decided_at=AT)
    message = render(PointItem(task=TASK, title="T", point=point))
    assert f"**Approved once by Ada** · <t:{int(AT.timestamp())}:f>" in shown(message)
    assert not presses(message)


@QUIET
@given(st.one_of(words, st.text(min_size=3000, max_size=9000)), st.sampled_from(["said", "info", "warning", "error"]))
def test_words_are_never_lost(text: str, level: Any) -> None:
    message = render(WordsItem(text=text, level=level), id_=9)
    body_of(message)
    assert message.components[0]["id"] == 9
    assert "…" not in shown(message) or message.uploads or "…" in text


@QUIET
@given(files, st.sampled_from(["", "https://hub.example/t/1"]))
def test_every_file_is_one_that_discord_takes(row: FileLine, link: str) -> None:
    message = render(FileItem(task=TASK, line=row, link=link))
    body_of(message)
    attached = [u for u in message.uploads if u.file == row.file]
    assert bool(attached) == (row.file.size <= FILE_SIZE) or "too large" in shown(message)
    assert line(row.file.name, 200) in shown(message)


inputs = st.lists(
    st.builds(
        Input, name=names, label=words, kind=st.sampled_from(["line", "text", "choice", "choices", "file"]),
        value=words, options=st.lists(st.tuples(names, words), max_size=30).map(tuple), required=st.booleans(),
        help=words,
    ),
    min_size=1, max_size=12, unique_by=lambda f: f.name,
).map(tuple)  # fmt: skip
forms = st.builds(
    Form, title=words, task=st.just(TASK), verb=st.just("edit"), ref=names, submit=words, fields=inputs, problem=words
)


@QUIET
@given(forms)
def test_every_form_is_modals_that_discord_takes(form: Form) -> None:
    pages = modal.pages(form)
    assert [f.name for page in pages for f in page] == [f.name for f in form.fields]
    for n, _ in enumerate(pages):
        try:
            made = modal.modal(form, n, "deadbeef")
        except Refused:
            assert any(units(f.value) > 16_000 for f in form.fields)
            continue
        spec.check_as("ModalInteractionCallbackRequestData", made)
        rules.check_modal(made)
    try:
        body_of(modal.desk(FormDraft("deadbeef", form, PLACE, long=len(pages) > 1)))
    except Refused:
        assert len(pages) > 25


@QUIET
@given(st.lists(cards, max_size=3), words)
def test_every_home_is_one_that_discord_takes(mine: Sequence[Card], said: str) -> None:
    body_of(home(Home(cards=tuple(mine) * 20, words=said)))
    body_of(whisper(said))


@QUIET
@given(st.one_of(words, st.text()), st.integers(8, 200))
def test_a_line_is_as_short_as_it_must_be_and_nothing_in_it_is_alive(text: str, most: int) -> None:
    made = line(text, most)
    assert units(made) <= most
    assert "\n" not in made
    assert units(bare(text, most)) <= most
    for alive in ("@everyone", "<@", "**", "](", "||", "`", "https://"):
        assert alive not in made.replace("\\" + alive[0], "").replace("\\:", "")


@pytest.mark.parametrize(
    ("text", "shown_"),
    [("- a\n1. b", "\\- a\n1\\. b"), ("https://x.y", "https\\://x.y"), ("a_b", "a\\_b"), ("# h", "\\# h")],
)
def test_markdown_reads_as_written(text: str, shown_: str) -> None:
    assert escape(text) == shown_


@pytest.mark.parametrize(
    ("name", "safe"),
    [("Q3 report.xlsx", "Q3_report.xlsx"), ("früh.pdf", "fr_h.pdf"), ("…", "file"), ("a/b.md", "a_b.md")],
)
def test_file_names_are_those_that_discord_keeps(name: str, safe: str) -> None:
    assert file_name(name) == safe


def items() -> list[Item]:
    return [WordsItem(text="hi"), FileItem(task=TASK, line=FileLine(id="d", file=a_file(), version=1, words="w", by="b",
                                                                      verdict="v"))]  # fmt: skip


@pytest.mark.parametrize("item", items())
def test_the_same_item_is_the_same_message(item: Item) -> None:
    assert render(item, id_=5) == render(item, id_=5)


def test_a_persons_own_version_of_a_file_is_named_as_theirs() -> None:
    own = FileLine(id="d", file=a_file("note.md", 3), version=2, words="Replaces note.md", by="Ada",
                   verdict="Used instead of the agent’s version 2", own=True)  # fmt: skip
    assert "note.md · Ada’s own version" in shown(render(FileItem(task=TASK, line=own)))
