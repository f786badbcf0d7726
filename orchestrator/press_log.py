"""The eight stations between a press and its effect, each a line in its process's log file.

A line contains only ids and names: never what a person wrote, nor what a tool was given.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, get_args

from orchestrator.domain import commands as c
from orchestrator.domain.ids import CallId, SubtaskId
from orchestrator.domain.task import TaskState

LOGGER = "threadwork.journey"
Station = Literal["received", "recorded", "woken", "leg started", "gate", "sent", "effect", "returned"]
"""In order: the bot received a press, the desk recorded it, the conductor was woken by it, the step's next leg started,
the gate judged the call, the hub sent it to the agent host, the host ran the tool, the result was recorded (and is on
the card)."""
STATIONS: tuple[Station, ...] = get_args(Station)
NO_CALL = CallId("-")
log = logging.getLogger(LOGGER)
_LINE = re.compile(
    rf"(?P<at>\S+ \S+) \w+ {re.escape(LOGGER)}: (?P<station>{'|'.join(STATIONS)})"
    r" task=(?P<task>\S+) call=(?P<call>\S+)(?P<more>.*)"
)


class Passed(NamedTuple):
    """A station that was passed. `at`: the log's timestamp. `more`: the tool, the button or the verdict."""

    at: str
    station: str
    task: str
    call: str
    more: str


def keep() -> None:
    """Lets the lines reach the process's log file, whatever its level is."""
    log.setLevel(logging.DEBUG)


def passing(station: Station, task: str, call: str = NO_CALL, *, more: str = "") -> None:
    """Writes the line. `more`: a name of ours, such as a tool's or a verdict."""
    log.debug("%s task=%s call=%s%s", station, task, call, f" {more}" if more else "")


def call_decided(state: TaskState, subtask: SubtaskId) -> CallId:
    """Returns the call of the step's last decided approval: the one that the next leg makes."""
    rows = [row for row in state.approvals.values() if row.approval.subtask == subtask and row.decision is not None]
    return rows[-1].approval.call if rows else NO_CALL


def heard(command: c.TaskCommand, state: TaskState) -> None:
    """A person pressed or said something, on whichever surface."""
    passing("received", command.task, _call_of(command, state), more=type(command).__name__)


def recorded(command: c.TaskCommand, state: TaskState, fact: str) -> None:
    """It is now a fact."""
    passing("recorded", command.task, _call_of(command, state), more=fact)


def _call_of(command: c.TaskCommand, state: TaskState) -> CallId:
    """Returns the call that an approval is about."""
    row = state.approvals.get(command.approval) if isinstance(command, c.Decide) else None
    return row.approval.call if row else NO_CALL


_AT_ONCE = {"sent": 1, "effect": 2, "returned": 3}
"""The order of what two processes write in the same millisecond; the lines of one file keep theirs."""


def journey(lines: Iterable[str], task: str) -> list[Passed]:
    """Returns the stations of a task in the lines of log files, in the order they were passed."""
    return sorted(_passed(lines, task), key=lambda it: (it.at, it.call, _AT_ONCE.get(it.station, 0)))


def _passed(lines: Iterable[str], task: str) -> Iterator[Passed]:
    for line in lines:
        if (found := _LINE.match(line.rstrip("\n"))) and found["task"] == task:
            yield Passed(found["at"], found["station"], task, found["call"], found["more"].strip())
