"""Every card, point, file and form fits Slack, and nothing that matters is hidden."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.cards.card import AskField, Button, Card, CardFact, Checkpoint, DraftLine, FileLine, Post, StepRow
from bot.chat_platform import CardItem, FileItem, Form, Home, Input, Item, PointItem, WordsItem
from bot.slack.home_page import home, home_message
from bot.slack.modal import modal
from bot.slack.render import message
from orchestrator.domain.ids import Sha, TaskId
from orchestrator.domain.people import FileRef, Place
from orchestrator.errors import Refused
from tests.slack_server import validate
from tests.slack_server.acting import elements, words

TASK = TaskId("task-1")
PLACE = Place(platform="slack", channel="T1/C1", thread="1.000001")
NASTY = [
    "<!channel> & <@U1> <https://x.example|y>",
    "\x00\ud800",
    "",
    " \n ",
    "é" * 5_000,
    "👩‍👩‍👧" * 700,
    "a" * 20_000,
]
text = st.one_of(st.text(max_size=60), st.sampled_from(NASTY))
name = st.text("abcxyz-1", min_size=1, max_size=12)
buttons = st.lists(
    st.builds(Button, verb=name, label=text, ref=name, tone=st.sampled_from(["plain", "primary", "danger"])), max_size=4
).map(tuple)
states = st.sampled_from(["waiting", "running", "needs-you", "done", "failed", "skipped", "paused", "stopped"])
row = st.builds(
    StepRow, id=name, title=text, agent=text, state=states, doing=text, waits=text, problem=text, summary=text,
    model=text, findings=st.just(0), cost=st.just(0.0), turns=st.just(0), picture=st.none(), started=st.none(),
    ended=st.none(), buttons=buttons,
)  # fmt: skip
fields = st.builds(AskField, name=name, label=text, options=st.lists(text, max_size=3).map(tuple))
moments = st.one_of(st.none(), st.datetimes(timezones=st.just(UTC)))
point = st.builds(
    Checkpoint, id=name, kind=st.sampled_from(["approval", "question", "deliverable"]), title=text,
    facts=st.lists(st.builds(CardFact, label=text, value=text), max_size=60).map(tuple), subtask=st.just(""),
    arguments=st.just({}), decided=text, decided_at=moments, buttons=buttons,
    fields=st.lists(fields, max_size=3).map(tuple),
)  # fmt: skip
ref = st.builds(FileRef, name=text, sha=st.just(Sha("a" * 64)), size=st.just(3), media=st.just("text/plain"))
file = st.builds(
    FileLine, id=name, file=ref, version=st.integers(1, 9), words=text, by=text, verdict=text, judged=moments,
    problems=st.lists(text, max_size=4).map(tuple), previews=st.just(()), provenance=st.none(), findings=st.just(3),
)  # fmt: skip
post = st.builds(
    Post, seq=st.integers(0, 99), at=st.datetimes(), by=text, text=text, files=st.just(()),
    level=st.sampled_from(["said", "error"]),
)  # fmt: skip
drafts = st.builds(DraftLine, step=name, title=text, text=text)
cards = st.builds(
    Card, task=st.just(TASK), seq=st.just(1), title=text, state=states, headline=text, rehearsal=st.booleans(),
    plan_version=st.integers(0, 3), rows=st.lists(row, max_size=70).map(tuple), edges=st.just(()),
    checkpoints=st.lists(point, max_size=40).map(tuple), files=st.lists(file, max_size=50).map(tuple),
    posts=st.lists(post, max_size=30).map(tuple), drafts=st.lists(drafts, max_size=8).map(tuple),
    findings=st.just(()), opened=st.none(), closed=st.none(),
    cost=st.just(1.5), turns=st.integers(0, 9), buttons=buttons,
)  # fmt: skip
QUICK = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
# Without shrinking: a card is a large example, and a failure says by itself what was hidden.
relaxed = settings(max_examples=40, deadline=None, phases=[Phase.generate], suppress_health_check=QUICK)


def valid(item: Item) -> dict[str, Any]:
    made = message(item)
    assert validate.blocks(list(made.blocks), "message") == ("", [])
    assert 0 < len(made.text) <= 4_000 or made.text == "…"
    assert "<" not in made.text
    return {"blocks": list(made.blocks)}


def beginning(value: str, most: int) -> str:
    return " ".join(value.encode("utf-8", "replace").decode().replace("\x00", "").split())[:most]


@relaxed
@given(cards)
def test_any_card_is_valid_and_hides_nothing_that_matters(card: Card) -> None:
    shown = words(valid(CardItem(card=card)))
    for title in (p.title for p in card.checkpoints if not p.decided):
        assert beginning(title, 20).strip() in shown
    for line in card.files:
        assert beginning(line.file.name, 20).strip() in shown
    for problem in (r.problem for r in card.rows if r.state == "failed"):
        assert beginning(problem, 12).strip() in shown
    for said in (p.text for p in card.posts if p.level == "error"):
        assert beginning(said, 20).strip() in shown


@relaxed
@given(point)
def test_any_checkpoint_is_valid_and_has_the_buttons_it_was_given(point: Checkpoint) -> None:
    made = valid(PointItem(task=TASK, title="A task", point=point))
    assert len(elements(made)) == len(point.buttons)


@relaxed
@given(text, st.sampled_from(["said", "info", "warning", "error"]))
def test_any_words_are_valid(said: str, level: Any) -> None:
    valid(WordsItem(text=said, level=level))


@relaxed
@given(file, st.sampled_from(["", "https://127.0.0.1/x"]))
def test_any_file_line_is_valid(line: FileLine, link: str) -> None:
    shown = words(valid(FileItem(task=TASK, line=line, link=link)))
    assert beginning(line.file.name, 100).strip() in shown


@relaxed
@given(st.lists(cards, max_size=3))
def test_any_home_is_valid(some: list[Card]) -> None:
    page = Home(cards=tuple(some), words="Yours")
    assert validate.view(home(page)) == ("", [])
    assert validate.blocks(list(home_message(page).blocks), "message") == ("", [])


inputs = st.builds(
    Input, name=name, label=text, kind=st.sampled_from(["line", "text", "choice", "choices", "file"]), value=text,
    options=st.lists(st.tuples(text, text), max_size=15, unique_by=lambda o: o[0]).map(tuple), help=text,
)  # fmt: skip


@relaxed
@given(st.lists(inputs, max_size=12, unique_by=lambda i: i.name), text, text)
def test_any_form_is_valid_or_refused_with_a_sentence(fields: list[Input], title: str, problem: str) -> None:
    form = Form(title=title, task=TASK, verb="edit", ref="r", submit="Save", fields=tuple(fields), problem=problem)
    try:
        view = modal(form, PLACE)
    except Refused as refused:
        assert "workspace" in str(refused)
        return
    assert validate.view(view) == ("", [])


def test_a_form_too_large_for_slack_says_where_to_go() -> None:
    fields = tuple(Input(name=f"f{n}", label="F") for n in range(101))
    with pytest.raises(Refused, match="web workspace"):
        modal(Form(title="T", task=TASK, verb="v", ref="", submit="S", fields=fields), PLACE)


def test_a_value_that_does_not_fit_says_how_much_is_missing() -> None:
    point = Checkpoint(id="c", kind="approval", title="Send", facts=(CardFact(label="Body", value="x" * 20_000),))
    assert "more characters" in words(valid(PointItem(task=TASK, title="T", point=point)))


def test_model_text_is_literal_everywhere() -> None:
    card = Card(task=TASK, seq=1, title="<!here> *b*", state="done", headline="<https://evil.example|click>")
    made = message(CardItem(card=card))
    assert not [b for b in made.blocks if b["type"] in ("section", "markdown")]
    assert all(e["type"] == "plain_text" for b in made.blocks if b["type"] == "context" for e in b["elements"])


def test_what_is_decided_is_signed_with_who_and_when_in_the_readers_own_zone() -> None:
    at = datetime(2026, 1, 2, 15, 4, tzinfo=UTC)
    decided = Checkpoint(id="c", kind="approval", title="Send", decided="Approved once by Ada", decided_at=at)
    file = FileLine(
        id="f", version=1, words="A note", by="Write", verdict="Approved by Ada", judged=at,
        file=FileRef(name="a.md", sha=Sha("a" * 64), size=3, media="text/plain"),
    )  # fmt: skip
    for item in (PointItem(task=TASK, title="T", point=decided), FileItem(task=TASK, line=file)):
        runs = [run for block in message(item).blocks for part in block["elements"] for run in part["elements"]]
        (date,) = (run for run in runs if run["type"] == "date")
        assert (date["timestamp"], date["fallback"]) == (int(at.timestamp()), "02 Jan 2026, 15:04 UTC")
        before = runs[: runs.index(date)]
        assert "by Ada · " in "".join(run["text"] for run in before)


def test_a_step_that_needs_somebody_says_what_for_and_not_what_it_made() -> None:
    asking = StepRow(id="r", title="Sheet", agent="document", state="needs-you", doing="Needs you: review a.xlsx",
                 summary="Five companies.")  # fmt: skip
    card = Card(task=TASK, seq=1, title="T", state="needs-you", headline="H", rows=(asking,))
    drawn = str(message(CardItem(card=card)).blocks)
    assert "review a.xlsx" in drawn
    assert "Five companies." not in drawn
