"""The projection: for every state that facts can make, the card tells the truth and hides nothing that matters."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.buttons.press import Press, command
from bot.cards.card import Card
from bot.cards.card_projection import project, waiting
from bot.cards.timeline import moments
from orchestrator.command_rules import fact_of
from orchestrator.domain import events as e
from orchestrator.domain import fold
from orchestrator.domain.approvals_and_questions import Decision, Waits
from orchestrator.domain.commands import RetrySubtask, Review, Say, StartPlan
from orchestrator.domain.fold import apply
from orchestrator.domain.ids import (
    ApprovalId,
    CallId,
    DeliverableId,
    FindingId,
    Key,
    Stream,
    SubtaskId,
)  # fmt: skip
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import CallResult
from orchestrator.errors import NotFound, Refused
from tests.memory_hub import NOON
from tests.unit.task_facts import (
    ADA,
    EVENTS,
    READ,
    RUNNING,
    SHEET,
    START,
    TASK,
    a_file,
    a_plan,
    approval,
    called,
    finding,
    offered,
    opened,
    question,
    replayed,
    started,
)


def can_follow(state: TaskState, event: e.Event) -> bool:
    """A decision follows what it decides about; the ledger holds no other."""
    match event:
        case e.ApprovalDecided(approval=name):
            return name in state.approvals
        case e.QuestionAnswered(question=name):
            return name in state.questions
        case e.DeliverableDecided(deliverable=name):
            return name in state.deliverables
        case _:
            return True


def hides_nothing(state: TaskState, card: Card) -> None:
    # Of a stopped task nothing waits, and every checkpoint is still shown.
    open_points = {p.id for p in card.checkpoints if state.phase == "stopped" or not p.decided}
    assert {n for n, a in state.approvals.items() if a.decision is None} <= open_points
    assert {n for n, q in state.questions.items() if q.answers is None} <= open_points
    assert {n for n, d in state.deliverables.items() if d.verdict == "waiting"} <= open_points
    made = {sha for d in state.deliverables.values() for sha in (d.file.sha, d.deliverable.file.sha)}
    assert made <= {f.file.sha for f in card.files}
    shown = {f.sha for post in card.posts for f in post.files}
    assert {f.sha for line in state.lines for f in line.files} <= shown
    errors = [post.text for post in card.posts if post.level == "error"]
    assert len(errors) == sum(1 for line in state.lines if line.level == "error")
    for row in card.rows:
        now = state.of(SubtaskId(row.id))
        assert now.status != "failed" or (row.state == "failed" and row.problem == now.problem)
    assert card.headline and card.title


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENTS, max_size=30))
def test_no_sequence_of_facts_breaks_the_card_or_hides_a_checkpoint_an_error_or_a_file(facts: list[e.Event]) -> None:
    state, records = TaskState(TASK), list[e.Record]()
    for event in facts:
        if not can_follow(state, event):
            continue
        record = e.Record(Stream(TASK), len(records) + 1, Key(f"k{len(records)}"), START, event)
        records.append(record)
        state = apply(state, record)
        card = project(state)
        hides_nothing(state, card)
        assert Card.model_validate_json(card.model_dump_json()) == card
    assert [m.seq for m in moments(records)] == [r.seq for r in records]
    assert all(m.text for m in moments(records))


def test_every_prefix_of_a_whole_job_reads_as_plain_words() -> None:
    story: tuple[e.Event, ...] = (
        *RUNNING, called("browser_open", url="http://northwind.example/pricing"), finding(), approval(), question(),
        e.SubtaskParked(subtask=READ, attempt=1, leg=1, waits=Waits(approvals=(ApprovalId("A"),))),
        e.ApprovalDecided(approval=ApprovalId("A"), decision=Decision(verb="reject", reason="no"), by=ADA),
        e.SubtaskFailed(subtask=READ, attempt=1, problem="No price there.", again=False),
        e.SubtaskRetried(subtask=READ, attempt=2, by=ADA), started(SHEET), offered(),
        e.SubtaskFinished(subtask=SHEET, attempt=1, leg=1, summary="Sheet done"),
        e.DeliverableDecided(deliverable=DeliverableId("D"), verdict="approved", by=ADA),
        e.TaskClosed(outcome="done", words="Two files are ready."),
    )  # fmt: skip
    for end in range(len(story) + 1):
        state = replayed(*story[:end])
        hides_nothing(state, project(state))
    assert project(replayed(*story)).headline == "Two files are ready."


@pytest.mark.parametrize(
    ("more", "name", "words"),
    [
        ((called("browser_open", url="http://northwind.example/pricing"),), READ, "Reading northwind.example/pricing"),
        ((called("odd_tool"),), READ, "Odd tool"),
        ((), READ, "Thinking"),
        ((e.Noted(text="Rate limited, retrying", subtask=READ),), READ, "Rate limited, retrying"),
        ((approval(),), READ, "Needs you: approve “open x.example”"),
        ((question(),), READ, "Needs you: answer “Which one?”"),
        ((e.SubtaskRetried(subtask=READ, attempt=2),), READ, "Retrying (attempt 2)"),
        ((offered(), e.SubtaskFinished(subtask=SHEET, attempt=1, leg=1, summary="")), SHEET,
         "Needs you: review report-1.xlsx"),
    ],
)  # fmt: skip
def test_a_row_says_what_its_agent_does(more: tuple[e.Event, ...], name: SubtaskId, words: str) -> None:
    card = project(replayed(*RUNNING, *more))
    assert next(r.doing for r in card.rows if r.id == name) == words


def test_a_warning_is_no_news_after_the_agent_has_gone_on() -> None:
    late = e.TurnTaken(subtask=READ, attempt=1, turn=2, saw=5, reply=Reply(text="Going on"), model="m")
    card = project(replayed(*RUNNING, e.Noted(text="Rate limited", subtask=READ, level="warning"), late))
    assert card.rows[0].doing == "Going on"


def test_a_row_that_waits_says_for_whom() -> None:
    card = project(replayed(*RUNNING))
    assert card.rows[2].waits == "Waiting for Sheet"
    failed = e.SubtaskFailed(subtask=SHEET, attempt=1, problem="x", again=False)
    assert "which failed" in project(replayed(*RUNNING, started(SHEET), failed)).rows[2].waits


@pytest.mark.parametrize(
    ("events", "verbs"),
    [
        ((opened(),), ["stop"]),
        ((opened(), e.PlanningFailed(problem="No.", round=1)), ["retry-planning", "stop"]),
        (RUNNING[:2], ["start", "edit-plan", "stop"]),
        (RUNNING, ["pause", "edit-plan", "stop"]),
        ((*RUNNING, e.TaskPaused(by=ADA)), ["resume", "edit-plan", "stop"]),
        ((*RUNNING, e.TaskStopped(by=ADA)), []),
    ],
)
def test_each_phase_has_its_buttons(events: tuple[e.Event, ...], verbs: list[str]) -> None:
    assert [b.verb for b in project(replayed(*events)).buttons] == verbs


def test_a_finding_that_was_replaced_is_shown_as_such() -> None:
    card = project(replayed(*RUNNING, finding("F1"), finding("F2", "F1")))
    assert [(f.id, f.superseded) for f in card.findings] == [("F1", True), ("F2", False)]


def test_findings_are_counted_along_the_edge_only_when_somebody_takes_them() -> None:
    assert [edge.flowed for edge in project(replayed(*RUNNING, finding())).edges if edge.kind == "feeds"] == [0]
    fed = project(replayed(*RUNNING, started(SHEET), finding()))
    assert [edge.flowed for edge in fed.edges if edge.kind == "feeds"] == [1]


def test_in_a_stopped_task_nobody_is_shown_at_work() -> None:
    rows = project(replayed(*RUNNING, e.TaskStopped(by=ADA))).rows
    assert {(r.state, r.doing) for r in rows} == {("stopped", "")}


def test_a_stopped_task_needs_nobody_whatever_was_waiting() -> None:
    facts = (*RUNNING, approval(), question(), offered())
    assert len(waiting(project(replayed(*facts)).checkpoints)) == 3
    card = project(replayed(*facts, e.TaskStopped(by=ADA)))
    assert waiting(card.checkpoints) == ()
    assert {p.decided for p in card.checkpoints} == {
        f"Stopped before anyone {v}" for v in ("decided", "answered", "reviewed it")
    }
    assert [f.verdict for f in card.files] == ["Stopped before anyone reviewed it"]


def test_an_answer_after_the_end_does_not_replace_the_result() -> None:
    done = e.TaskClosed(outcome="done", words="Done, 2 files: a and b.")
    asked = (e.PersonSaid(by=ADA, text="why?"), e.Replied(text="Because.", model="m"))
    card = project(replayed(*RUNNING, done, *asked, e.TaskClosed(outcome="answered", words="Answered.")))
    assert (card.state, card.headline, card.posts[-1].text) == ("done", "Done, 2 files: a and b.", "Because.")
    assert project(replayed(*RUNNING[:1], e.TaskClosed(outcome="answered", words="Answered."))).headline == "Answered."


def test_what_the_planner_asked_a_model_counts_as_turns_and_a_persons_edit_does_not() -> None:
    drafted = e.PlanDrafted(plan=a_plan(), version=1, model="m")
    edited = e.PlanDrafted(plan=a_plan(), version=2, by=ADA)
    assert project(replayed(opened(), drafted, edited, e.Replied(text="Hm.", model="m"))).turns == 2


def test_nothing_can_be_pressed_at_a_checkpoint_of_a_stopped_task_but_it_is_shown() -> None:
    card = project(replayed(*RUNNING, approval(), e.TaskStopped(by=ADA)))
    assert [(p.id, p.buttons) for p in card.checkpoints] == [("A", ())]


def test_every_button_of_every_card_is_a_command() -> None:
    forms = {
        "words": "please", "file": a_file("own.xlsx"), "arguments": {"url": "x"}, "answers": {"a": "b"},
        "plan": a_plan(),
    }  # fmt: skip
    card = project(replayed(*RUNNING, approval(), question(), offered()))
    paused = project(replayed(*RUNNING, e.TaskPaused(by=ADA)))
    buttons = [*card.buttons, *paused.buttons, *project(replayed(*RUNNING[:2])).buttons]
    buttons += [b for part in (*card.checkpoints, *card.rows) for b in part.buttons]
    for button in buttons:
        made = command(Press(id="i", by=ADA, task=TASK, verb=button.verb, ref=button.ref, **forms))  # type: ignore[arg-type]
        assert made.by == ADA
    verbs = {b.verb for b in buttons}
    assert {"start", "retry", "skip", "redirect", "approve", "edit", "reject", "answer", "accept", "replace"} <= verbs


def test_presses_carry_what_the_person_looked_at() -> None:
    press = Press(id="i", by=ADA, task=TASK, verb="retry", ref="read:3")
    assert command(press) == RetrySubtask(id="i", by=ADA, task=TASK, subtask=READ, attempt=3)
    assert command(Press(id="i", by=ADA, task=TASK, verb="start", ref="4")) == StartPlan(
        id="i", by=ADA, task=TASK, base=4
    )
    say = command(Press(id="i", by=ADA, task=TASK, verb="redirect", ref="read", words="look again"))
    assert say == Say(id="i", by=ADA, task=TASK, text="look again", subtask=READ)
    changes = command(Press(id="i", by=ADA, task=TASK, verb="request-changes", ref="D", words="shorter"))
    assert isinstance(changes, Review) and changes.text == "shorter"


@pytest.mark.parametrize("verb", ["redirect", "request-changes", "replace", "edit", "edit-plan"])
def test_a_press_without_what_its_form_asks_for_is_refused_with_a_sentence(verb: str) -> None:
    with pytest.raises(Refused, match=r"[A-Z].*\."):
        command(Press(id="i", by=ADA, task=TASK, verb=verb, ref="1"))


def test_an_unknown_button_is_refused_by_name() -> None:
    with pytest.raises(NotFound, match="'explode'"):
        command(Press(id="i", by=ADA, task=TASK, verb="explode"))


def test_a_file_that_rests_on_a_corrected_finding_says_so_until_a_person_put_an_own_version() -> None:
    made = offered().deliverable.model_copy(update={"findings": (FindingId("F1"), FindingId("F3")), "checks": ()})
    facts = (*RUNNING, finding("F1"), e.DeliverableOffered(deliverable=made), finding("F2", "F1"))
    assert project(replayed(*facts)).files[0].problems == (
        "1 finding behind it has been corrected since: press Revise to update it",
    )
    own = e.DeliverableDecided(deliverable=made.id, verdict="replaced", by=ADA, file=a_file("own.xlsx"))
    assert project(replayed(*facts, own)).files[0].problems == ()


def test_revise_is_offered_for_an_outdated_file_only_and_tells_its_agent_what_was_corrected() -> None:
    made = offered().deliverable.model_copy(update={"findings": (FindingId("F1"),), "checks": ()})
    before = replayed(*RUNNING, finding("F1"), e.DeliverableOffered(deliverable=made))
    after = replayed(*RUNNING, finding("F1"), e.DeliverableOffered(deliverable=made), finding("F2", "F1"))
    shown = [[b.verb for b in waiting(project(s).checkpoints)[0].buttons] for s in (before, after)]
    assert shown == [["accept", "request-changes", "replace"], ["revise", "accept", "request-changes", "replace"]]
    press = command(Press(id="i", by=ADA, task=TASK, verb="revise", ref=made.id))
    event = fact_of(press, after, NOON, ()).event
    assert isinstance(event, e.DeliverableDecided) and event.verdict == "changes"
    assert "F1 was corrected by F2 (price = 49). uses_of_findings ['F1'] lists the places." in event.text
    with pytest.raises(Refused, match="Say what should be changed"):
        fact_of(press, before, NOON, ())


def test_revise_stays_possible_after_the_approval_and_opens_a_task_that_had_ended() -> None:
    made = offered().deliverable.model_copy(update={"findings": (FindingId("F1"),), "checks": ()})
    accepted = e.DeliverableDecided(deliverable=made.id, verdict="approved", by=ADA)
    told = (*RUNNING, finding("F1"), e.DeliverableOffered(deliverable=made), accepted)
    press = command(Press(id="i", by=ADA, task=TASK, verb="revise", ref=made.id))
    for after in ((), (e.TaskClosed(outcome="done", words="Done."),)):
        before, state = replayed(*told, *after), replayed(*told, *after, finding("F2", "F1"), finding("F3", "F2"))
        assert [b.verb for p in project(before).checkpoints for b in p.buttons] == []
        assert [b.verb for p in project(state).checkpoints for b in p.buttons] == ["revise"]
        assert not waiting(project(state).checkpoints)
        with pytest.raises(Refused, match="already been decided"):
            fact_of(press, before, NOON, ())
        event = fact_of(press, state, NOON, ()).event
        assert isinstance(event, e.DeliverableDecided) and "F1 was corrected by F3" in event.text
        again = replayed(*told, *after, finding("F2", "F1"), finding("F3", "F2"), event)
        assert (again.phase, again.closed) == ("running", None)
        assert [b.verb for p in project(again).checkpoints for b in p.buttons] == []
    stopped = replayed(*told, finding("F2", "F1"), e.TaskStopped(by=ADA))
    assert [b.verb for p in project(stopped).checkpoints for b in p.buttons] == []


def test_a_persons_own_version_counts_and_the_agents_versions_are_earlier_ones_with_all_that_is_theirs() -> None:
    first, second = (
        offered(name, number).deliverable.model_copy(
            update={"file": a_file("report.xlsx"), "findings": (FindingId("F"),), "previews": (a_file("page.png"),)}
        )
        for number, name in enumerate("DE", 1)
    )
    again = e.DeliverableDecided(deliverable=first.id, verdict="changes", by=ADA, text="sort")
    own = e.DeliverableDecided(deliverable=second.id, verdict="replaced", by=ADA, file=a_file("mine.xlsx"))
    both = (*RUNNING, e.DeliverableOffered(deliverable=first), again, e.DeliverableOffered(deliverable=second))
    assert [(f.edition, f.earlier) for f in project(replayed(*both)).files] == [
        ("version 1", True), ("version 2", False),
    ]  # fmt: skip
    files = project(replayed(*both, own)).files
    assert [(f.file.name, f.edition, f.earlier) for f in files] == [
        ("report.xlsx", "version 1", True), ("report.xlsx", "version 2", True),
        ("mine.xlsx", f"{ADA.name}’s own version", False),
    ]  # fmt: skip
    assert [(f.findings, len(f.previews)) for f in files] == [(1, 1), (1, 1), (0, 0)]
    assert files[2].words == "Replaces report.xlsx" and not files[2].problems


def test_an_unknown_outcome_is_told_to_people_on_the_card() -> None:
    cut_off = CallResult(ok=False, text="it is unknown", unknown=True)
    returned = e.ToolReturned(subtask=READ, attempt=1, call=CallId("c1"), tool="run_shell", result=cut_off)
    card = project(replayed(*RUNNING, called("run_shell"), returned))
    assert [(p.level, fold.UNKNOWN.format("run_shell") in p.text) for p in card.posts[-1:]] == [("warning", True)]
    assert "it's unclear whether" in card.rows[0].doing
