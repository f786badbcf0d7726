"""Which Slack conversations are closed: what Slack doesn't call public is."""

from typing import Any

import pytest

from bot.slack.lookups import closed
from bot.slack.parse import place

PUBLIC = {"id": "C1", "is_channel": True, "is_group": False, "is_im": False, "is_mpim": False, "is_private": False}


@pytest.mark.parametrize(
    ("row", "shut"),
    [
        (PUBLIC, False),
        (PUBLIC | {"is_ext_shared": True}, False),
        (PUBLIC | {"is_private": True}, True),
        (PUBLIC | {"is_mpim": True, "is_private": True}, True),
        (PUBLIC | {"is_group": True}, True),
        ({"id": "D1", "is_im": True}, True),
        ({"id": "C1", "name": "an answer of another shape"}, True),
        ({}, True),
    ],
)
def test_what_slack_does_not_call_public_is_closed(row: dict[str, Any], shut: bool) -> None:
    assert closed(row) is shut


@pytest.mark.parametrize(
    ("channel", "private", "shut"), [("C1", False, False), ("G1", False, True), ("D1", True, False), ("", True, False)]
)
def test_an_id_says_what_it_can(channel: str, private: bool, shut: bool) -> None:
    at = place("T1", channel, "1.0")
    assert (at.private, at.closed) == (private, shut)
