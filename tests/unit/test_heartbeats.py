"""What a page sends again and again by itself is named once; what the agent repeats is named each time."""

import json

import pytest

from agents.tools.browser.sends.heartbeats import beat_of
from agents.tools.browser.sends.held_sends import HeldSends
from agents.tools.browser.sends.outgoing_message import MESSAGE, SOCKET, Outgoing


def post(body: object, path: str = "/alive") -> Outgoing:
    return Outgoing("POST", f"https://shop.test{path}", "fetch", json.dumps(body).encode(), "application/json")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"page": "cart", "t": 1}, {"page": "cart", "t": 2}, True),
        ({"at": "2026-03-05T10:00:01Z"}, {"at": "2026-03-05T10:00:06Z"}, True),
        ({"seq": 4, "state": "open"}, {"seq": 5, "state": "open"}, True),
        ({"item": 7}, {"item": 8}, False),
        ({"id": 1700000000001}, {"id": 1700000000002}, False),
        ({"date": "2026-03-05"}, {"date": "2026-03-06"}, False),
        ({"t": 1, "text": "a"}, {"t": 2, "text": "b"}, False),
    ],
)
def test_only_times_and_counts_make_no_other_message(one: object, other: object, same: bool) -> None:
    assert (beat_of(post(one)) == beat_of(post(other))) is same


def test_a_beacon_is_named_once_with_a_count() -> None:
    held = HeldSends()
    assert held.hold(post({"t": 1}), {}, "", act=1) is not None
    assert held.hold(post({"t": 2}), {}, "", act=1) is None
    assert held.hold(post({"t": 3}), {}, "", act=1) is None
    (said,) = held.news()
    assert "the page repeated it 2 times automatically" in said.words
    for act in (1, 2, 3):  # it goes on, whatever the agent looks at
        assert held.hold(post({"t": 4 + act}), {}, "", act=act) is None
        assert held.news() == ()


def test_an_order_that_is_pressed_again_is_named_again() -> None:
    held = HeldSends()
    order = post({"item": 7}, "/order")
    held.hold(order, {}, "", act=1, changes=True)
    assert len(held.news()) == 1
    held.hold(order, {}, "", act=2, changes=True)
    assert len(held.news()) == 1
    held.hold(order, {}, "", act=2, changes=True)  # the page tries again because nothing came back
    assert held.news() == ()
    held.hold(order, {}, "", act=3, changes=True)
    assert len(held.news()) == 1


def test_different_orders_of_one_press_are_all_named() -> None:
    held = HeldSends()
    for item in (7, 8, 9):
        held.hold(post({"item": item}, "/order"), {}, "", act=1)
    assert len(held.news()) == 3


def test_a_beat_of_a_socket_is_named_once() -> None:
    held = HeldSends()
    for count in range(1, 5):
        message = Outgoing(MESSAGE, "https://shop.test/live", SOCKET, json.dumps({"alive": 1, "seq": count}).encode())
        held.hold(message, {}, "", act=1)
        assert len(held.news()) == (count == 1)
