"""Where pictures stand in an agent's conversation, and how many of them stay."""

from agents.conversation.picture_limit import KEPT, MOST, newest_pictures
from agents.conversation.transcript import SHOWN, Transcript
from orchestrator.domain import events as e
from orchestrator.domain.ids import CallId, Key, Sha, Stream
from orchestrator.domain.model_messages import Message, Reply, Returned, Said
from orchestrator.domain.tool_calls import Call, CallResult
from tests.unit.task_facts import SHEET, START, TASK, a_file, a_plan

CALLS = tuple(Call(id=CallId(f"sheet.1.1.{n}"), tool="look_at", args={"path": f"{n}.pdf"}) for n in range(2))
PAGES = tuple(a_file(f"{n}-page-1.png") for n in range(2))


def facts() -> list[e.Record]:
    """One turn of two looks side by side; the second returns first."""
    events: list[e.Event] = [
        e.PlanDrafted(plan=a_plan(), version=1, model="m"),
        e.SubtaskStarted(subtask=SHEET, attempt=1, leg=1, host="local"),
        e.TurnTaken(subtask=SHEET, attempt=1, turn=1, saw=2, reply=Reply(calls=CALLS), model="m"),
        *(
            e.ToolReturned(
                subtask=SHEET,
                attempt=1,
                call=CALLS[n].id,
                tool="look_at",
                result=CallResult(ok=True, text=f"Shown {n}.", shown=(PAGES[n],)),
            )
            for n in (1, 0)
        ),
        e.TurnTaken(subtask=SHEET, attempt=1, turn=2, saw=5, reply=Reply(text="Both are right."), model="m"),
    ]
    return [e.Record(Stream(TASK), n, Key(str(n)), START, event) for n, event in enumerate(events, 1)]


def talk_of(records: list[e.Record]) -> Transcript:
    talk = Transcript(TASK, SHEET, 1, "You work.")
    for record in records:
        talk.absorb(record)
    return talk


def test_pictures_stand_behind_all_results_of_their_turn_in_the_order_they_came() -> None:
    messages = talk_of(facts()).before_next(6)
    assert [type(m) for m in messages[2:]] == [Reply, Returned, Returned, Said, Reply]
    names = "1-page-1.png (look_at), 0-page-1.png (look_at)"
    assert messages[5] == Said(role="user", text=f"{SHOWN} {names}", pictures=(PAGES[1].sha, PAGES[0].sha))


def test_after_a_crash_the_same_pictures_stand_in_the_same_places() -> None:
    records = facts()
    living = Transcript(TASK, SHEET, 1, "You work.")
    for number, record in enumerate(records, 1):
        living.absorb(record)
        if number > 2:
            assert living.before_next(number) == talk_of(records[:number]).before_next(number)


def test_while_a_call_is_open_no_picture_stands_between_the_results() -> None:
    messages = talk_of(facts()[:4]).before_next(4)
    assert not any(isinstance(m, Said) and m.pictures for m in messages)


def said(*names: str) -> Said:
    return Said(role="user", text="Look.", pictures=tuple(Sha(n) for n in names))


def test_the_newest_pictures_stay_and_of_the_others_it_is_said_that_they_are_gone() -> None:
    names = [f"p{n}" for n in range(MOST + 1)]
    talk: list[Message] = [said(*names[:2]), said(*names[2:-6]), said(*names[-6:])]
    first, second, third = newest_pictures(talk)
    assert isinstance(first, Said)
    assert isinstance(second, Said)
    assert first.pictures == ()
    assert "the pictures were removed" in first.text
    assert second.pictures == tuple(Sha(n) for n in names[-KEPT:-6])
    assert f"the first {len(names) - 8 - KEPT + 6} pictures were removed" in second.text
    assert third == talk[2]
    assert newest_pictures([first, second, third]) == [first, second, third]


def test_earlier_turns_stay_as_they_are_until_many_pictures_can_go_at_once() -> None:
    talk: list[Message] = []
    changes = 0
    for number in range(40):
        before = [*talk]
        talk = newest_pictures([*talk, said(f"p{number}")])
        changes += talk[: len(before)] != before
    assert changes == 3


def test_a_result_names_each_file_that_has_to_cross_once() -> None:
    one, other = a_file("a.png"), a_file("b.png")
    assert CallResult(ok=True, text="", files=(one,), shown=(one, other), picture=other).carried == (one, other)
