"""The budget: whatever is asked of it, a platform with the same limits never has to refuse."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.discord.rate_limits import LIMITS as DISCORD
from bot.outbox.rate_limits import Budget, Limit, Operation
from bot.slack.rate_limits import LIMITS as SLACK
from orchestrator.domain.people import Place

PLACES = [Place(platform="p", channel=f"T{n % 2}/C{n % 3}", thread=str(n)) for n in range(5)]
EDITS = frozenset[Operation]({"edit"})


def scope(limit: Limit, place: Place) -> str:
    return {"account": "", "team": place.channel[:2], "channel": place.channel}.get(limit.per, f"{place.thread}")


CALLS = st.lists(
    st.tuples(
        st.sampled_from(["post", "edit", "react", "find"]), st.sampled_from(PLACES), st.floats(0, 0.4), st.booleans()
    ),
    min_size=1,
    max_size=150,
)


@settings(max_examples=60)
@given(st.sampled_from([SLACK, DISCORD]), CALLS, st.floats(0, 1))
def test_no_window_ever_holds_more_than_its_limit(
    limits: tuple[Limit, ...], calls: list[tuple[Operation, Place, float, bool]], arrival: float
) -> None:
    """A call may count at the platform anywhere between its beginning and its end."""
    budget, now = Budget(limits), 0.0
    counted: list[tuple[float, Operation, Place]] = []
    for operation, place, takes, urgent in calls:
        now += budget.wait(operation, place, now, "urgent" if urgent else "ordinary")
        assert budget.wait(operation, place, now, "urgent" if urgent else "ordinary") <= 1e-6
        budget.begin(operation, place)
        counted.append((now + takes * arrival, operation, place))
        now += takes
        budget.end(operation, place, now)
    for limit in (x for x in limits if not x.ordinary):
        for when, operation, place in counted:
            same = [t for t, d, p in counted if d in limit.of and scope(limit, p) == scope(limit, place)]
            if operation in limit.of:
                assert sum(1 for t in same if when <= t < when + limit.seconds - 0.01) <= limit.most


def test_what_flies_counts_until_it_ends() -> None:
    budget = Budget([Limit(of=EDITS, per="team", most=1, seconds=1)])
    budget.begin("edit", PLACES[0])
    assert budget.wait("edit", PLACES[0], 100) == math.inf
    assert budget.wait("edit", PLACES[1], 100) == 0
    budget.end("edit", PLACES[0], 100)
    assert budget.wait("edit", PLACES[0], 100.25) == 0.75
    assert budget.wait("post", PLACES[0], 100) == 0


def test_urgent_deeds_have_room_that_ordinary_ones_leave() -> None:
    budget = Budget(SLACK)
    spent = 0
    while budget.wait("edit", PLACES[0], 1.0) == 0:
        budget.begin("edit", PLACES[0])
        budget.end("edit", PLACES[0], 1.0)
        spent += 1
    assert spent == 8
    assert budget.wait("edit", PLACES[0], 1.0, "urgent") == 0


def test_a_refusal_is_waited_out_makes_the_window_longer_and_is_forgiven() -> None:
    budget = Budget([Limit(of=EDITS, per="team", most=1, seconds=1)])
    budget.begin("edit", PLACES[0])
    budget.refused("edit", PLACES[0], 0, 30)
    budget.end("edit", PLACES[0], 0)
    assert budget.wait("edit", PLACES[0], 0) == 30
    now, waits = 30.0, []
    for _ in range(20):
        budget.begin("edit", PLACES[0])
        budget.end("edit", PLACES[0], now)
        waits.append(budget.wait("edit", PLACES[0], now))
        now += waits[-1]
    assert waits[0] > 1.2
    assert waits[-1] == 1


def test_refusals_in_two_places_at_once_quiet_the_whole_account() -> None:
    budget = Budget(DISCORD)
    budget.refused("edit", PLACES[0], 0, 10)
    assert budget.wait("edit", PLACES[1], 0) == 0
    budget.refused("edit", PLACES[1], 1, 10)
    assert budget.wait("post", PLACES[2], 1) == 10


def test_what_only_takes_spare_calls_leaves_half_of_each_limit() -> None:
    budget, now = Budget(SLACK), 0.0
    for _ in range(50):
        now += budget.wait("edit", PLACES[0], now, "spare")
        budget.begin("edit", PLACES[0])
        budget.end("edit", PLACES[0], now)
        assert budget.wait("edit", PLACES[0], now) == 0
    assert now >= 60
    assert Budget([Limit(of=EDITS, per="team", most=1, seconds=1)]).wait("edit", PLACES[0], 0, "spare") == 0
