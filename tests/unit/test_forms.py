"""Forms: what they show beforehand, and what comes back from them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buttons import forms, plan_text
from bot.cards.card import Button, Card
from bot.cards.card_projection import project
from bot.chat_platform import Form, Submitted
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Ask, Question
from orchestrator.domain.ids import QuestionId, SubtaskId
from orchestrator.domain.people import Place
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.task import TaskState
from orchestrator.errors import BadPlan, Refused
from tests.unit.task_facts import ADA, EVENTS, READ, RUNNING, SHEET, SUM, a_plan, approval, opened, question, replayed

PLACE = Place(platform="slack", channel="T/C", thread="1")
LINES = "read | Read | browser\nsheet | Sheet | document | fed: read\nsum | Summary | document | after: sheet"


def sent(form: Form, **values: str) -> Submitted:
    """The form as it was shown, with these fields changed."""
    typed = {f.name: f.value for f in form.fields} | {k.replace("__", "."): v for k, v in values.items()}
    return Submitted(id="s1", by=ADA, place=PLACE, task=form.task, verb=form.verb, ref=form.ref, values=typed)


def shown(state: TaskState, verb: str) -> Form:
    card = project(state)
    button = next(b for b in _buttons(card) if b.verb == verb)
    return forms.form(state, button)


def _buttons(card: Card) -> list[Button]:
    return [
        *card.buttons,
        *(b for r in card.rows for b in r.buttons),
        *(b for p in card.checkpoints for b in p.buttons),
    ]


def review() -> TaskState:
    return replayed(opened(), e.PlanDrafted(plan=a_plan(), version=1))


def test_an_untouched_plan_form_changes_nothing() -> None:
    state = review()
    form = shown(state, "edit-plan")
    assert [f.name for f in form.fields] == ["title", "steps", "step", "instructions"]
    assert form.fields[1].value == LINES
    assert forms.press(sent(form), state).plan == a_plan()


def test_lines_add_remove_rewire_and_keep_instructions() -> None:
    state = review()
    text = "read | Read all | browser\n    Open every page.\n+ | Extra look | browser | model: m1\n" \
           "sum | Summary | document | after: read, extra-look"  # fmt: skip
    plan = forms.press(sent(shown(state, "edit-plan"), steps=text, title="Other"), state).plan
    assert plan is not None
    assert plan.title == "Other"
    read, extra, summary = plan.subtasks
    assert (read.title, read.instructions) == ("Read all", "Open every page.")
    assert (extra.id, extra.model, extra.instructions) == ("extra-look", "m1", "Extra look")
    assert (summary.instructions, summary.after) == ("sum up", ("read", "extra-look"))


def test_one_step_is_instructed_anew() -> None:
    state = review()
    form = shown(state, "edit-plan")
    plan = forms.press(sent(form, step="sum", instructions="Ten lines."), state).plan
    assert plan is not None
    assert [s.instructions for s in plan.subtasks] == ["read", "write", "Ten lines."]
    with pytest.raises(BadPlan, match="Choose the step"):
        forms.press(sent(form, instructions="Ten lines."), state)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no step"),
        ("read | Read", r"Line 1 \('read \| Read'\) needs"),
        ("read | Read | browser\n\nsheet | S | document | after: nobody", "Line 3: there's no step 'nobody'"),
        ("read | Read | browser | aftr: x", "Line 1: 'aftr: x' isn't valid"),
        ("read | A | browser\nread | B | browser", "Lines 1 and 2 have the same name 'read'"),
        ("Read It | A | browser", "Line 1: The step 'A' has an invalid id"),
        ("read |  | browser", "Line 1: The step .* needs a title"),
        ("   indented first", "Line 1 is indented"),
        ("a | A | browser | after: b\nb | B | browser | after: a", "cycle"),
    ],
)
def test_a_wrong_line_is_named(text: str, words: str) -> None:
    with pytest.raises(BadPlan, match=words):
        plan_text.read(text, title="T", old=a_plan())


def test_a_step_that_has_begun_stays_as_its_line_says() -> None:
    state = replayed(*RUNNING)
    form = shown(state, "edit-plan")
    assert READ not in [value for value, _ in form.fields[2].options]
    with pytest.raises(BadPlan, match="Line 1: 'Read' has started"):
        forms.press(sent(form, steps=LINES.replace("Read |", "Read more |")), state)
    with pytest.raises(BadPlan, match="redirect it instead"):
        forms.press(sent(form, step="read", instructions="x"), state)
    plan = forms.press(sent(form, steps=LINES.replace("Summary", "Short summary")), state).plan
    assert plan is not None
    assert plan.subtasks[2].title == "Short summary"


_ids = st.sampled_from([READ, SHEET, SUM, SubtaskId("x-1")])
_title = st.text(min_size=1, max_size=40).filter(str.strip)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    names = draw(st.lists(_ids, min_size=1, max_size=4, unique=True))
    rows: list[Subtask] = []
    for number, name in enumerate(names):
        links = [draw(st.sampled_from(["after", "fed", ""])) for _ in names[:number]]
        after = tuple(n for n, link in zip(names, links, strict=False) if link == "after")
        fed = tuple(n for n, link in zip(names, links, strict=False) if link == "fed")
        rows.append(
            Subtask(id=name, title=draw(_title), agent="browser", instructions=draw(_title), after=after, fed_by=fed)
        )
    return Plan(title="T", subtasks=tuple(rows))


@given(plans())
def test_any_plan_written_and_read_again_is_the_same(plan: Plan) -> None:
    assert plan_text.read("\n".join(plan_text.written(plan)), title=plan.title, old=plan) == plan


def test_sixty_steps_fit_five_fields_or_are_refused_in_words() -> None:
    rows = tuple(
        Subtask(id=SubtaskId(f"step-{n}"), title="t" * 100, agent="browser", instructions="i") for n in range(60)
    )
    state = replayed(opened(), e.PlanDrafted(plan=Plan(title="T", subtasks=rows), version=1))
    form = shown(state, "edit-plan")
    assert len(form.fields) <= 5
    assert all(len(f.value) <= forms.MOST_TEXT for f in form.fields)
    assert forms.press(sent(form), state).plan == state.plan
    long = tuple(s.model_copy(update={"title": "t" * 120, "id": f"{s.id}-{'x' * 30}"}) for s in rows)
    long = tuple(s.model_copy(update={"after": tuple(o.id for o in long[:n][-5:])}) for n, s in enumerate(long))
    too_long = replayed(opened(), e.PlanDrafted(plan=Plan(title="T", subtasks=long), version=1))
    with pytest.raises(Refused, match="web workspace"):
        shown(too_long, "edit-plan")


def test_arguments_are_filled_in_and_keep_their_types() -> None:
    asked = approval("A")
    call = asked.approval.model_copy(update={"args": {"url": "http://x.example", "seats": 5, "body": {"a": 1}}})
    state = replayed(*RUNNING, e.ApprovalRequested(approval=call))
    form = shown(state, "edit")
    assert [(f.name, f.value) for f in form.fields] == [
        ("a.url", "http://x.example"), ("a.seats", "5"), ("a.body", '{"a": 1}')
    ]  # fmt: skip
    press = forms.press(sent(form, a__seats="7"), state)
    assert press.arguments == {"url": "http://x.example", "seats": 7, "body": {"a": 1}}
    with pytest.raises(Refused, match="'seats' is not JSON"):
        forms.press(sent(form, a__seats="seven"), state)


def test_a_form_comes_again_with_what_was_typed() -> None:
    state = replayed(*RUNNING, approval("A"))
    form = shown(state, "reject")
    once = forms.again(form, {"words": "because"}, "Too short.")
    assert (once.fields[0].value, once.problem) == ("because", "Too short.")


def test_answers_are_checked_and_more_than_five_fields_become_lines() -> None:
    state = replayed(*RUNNING, question("Q"))
    form = shown(state, "answer")
    assert forms.press(sent(form, q__a="this"), state).answers == {"a": "this"}
    with pytest.raises(Refused, match="Fill in 'Which\\?' first"):
        forms.press(sent(form), state)
    fields = tuple(Ask(name=f"f{n}", label=f"Field {n}", required=n == 1) for n in range(7))
    asked = Question(id=QuestionId("M"), subtask=READ, text="Many?", fields=fields)
    state = replayed(*RUNNING, e.QuestionAsked(question=asked))
    form = shown(state, "answer")
    assert len(form.fields) == 1
    press = forms.press(sent(form, all="Field 1: one\nand more\nField 6: six"), state)
    assert press.answers == {"f1": "one\nand more", "f6": "six"}
    with pytest.raises(Refused, match="has no label"):
        forms.press(sent(form, all="one"), state)


@given(st.lists(EVENTS, max_size=12))
def test_every_button_with_a_form_has_one_that_fits_or_says_why_not(events: list[e.Event]) -> None:
    try:
        state = replayed(*RUNNING, *events)
    except KeyError:
        return  # facts in an order that the head never writes
    for button in _buttons(project(state)):
        assert bool(button.form) == (button.verb in forms.NEEDS_FORM)
        if not button.form:
            continue
        try:
            form = forms.form(state, button)
        except Refused as error:
            assert str(error)
            continue
        assert 1 <= len(form.fields) <= forms.MOST_FIELDS
        assert len({f.name for f in form.fields}) == len(form.fields)
        assert forms.find(project(state), button.verb, button.ref) is not None


def test_the_press_of_a_form_keeps_who_and_what() -> None:
    state = replayed(*RUNNING, approval("A"))
    press = forms.press(sent(shown(state, "reject"), words=" too dear "), state)
    assert replace(press, id="s1") == press
    assert (press.verb, press.ref, press.words, press.by) == ("reject", "A", "too dear", ADA)
