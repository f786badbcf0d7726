"""The task list as database rows, and how an older database gets its list. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

from orchestrator.domain.events import Record
from orchestrator.domain.fold_task_list import LISTED, next_entry
from orchestrator.domain.ids import Key, PersonId, Stream
from orchestrator.domain.task_list import ENTRY, Tally, TaskEntry, TaskQuery
from orchestrator.ledger.fact_records import Fact, Kept, StoredFact, event_of

FILLED_BY = 2
"""The migration after which the list has to be filled from the facts."""

_LISTED = tuple(f'{{"type":"{kind.model_fields["type"].default}"' for kind in LISTED)


def columns(entry: TaskEntry) -> Mapping[str, str | int | bool]:
    """The columns of an entry."""
    return {
        "position": entry.position,
        "task": entry.task,
        "person": entry.by,
        "platform": entry.place.platform,
        "channel": entry.place.channel,
        "unfinished": entry.unfinished,
        "undecided": bool(entry.undecided),
        "entry": ENTRY.dump_json(entry).decode(),
    }


def listed_streams(facts: Iterable[Fact]) -> Sequence[str]:
    """Returns the streams whose entry may change with these facts."""
    return list(dict.fromkeys(fact.stream for fact in facts if isinstance(fact.event, LISTED)))


def updated(stored: Iterable[TaskEntry], new: Iterable[Kept]) -> Iterable[TaskEntry]:
    """Returns the entries that the new facts change, given what was stored before them."""
    entries: dict[str, TaskEntry] = {entry.task: entry for entry in stored}
    changed: dict[str, TaskEntry] = {}
    for position, record, _ in new:
        old = entries.get(record.stream)
        entry = next_entry(old, position, record)
        if entry is not None and entry is not old:
            entries[record.stream] = changed[record.stream] = entry
    return changed.values()


def question(query: TaskQuery) -> tuple[str, Mapping[str, str | int | None]]:
    """Returns the name of the SQL query whose index fits best, and its parameters."""
    named = {
        "unfinished_tasks": query.unfinished,
        "undecided_tasks": query.undecided,
        "tasks_by": query.by is not None,
        "tasks_in": query.platform is not None and query.channel is not None,
    }
    parameters = {
        "undecided": query.undecided,
        "person": query.by,
        "platform": query.platform,
        "channel": query.channel,
        "before": query.before,
        "most": query.most,
    }
    return next((name for name, fits in named.items() if fits), "all_tasks"), parameters


def tallied(by: PersonId, since: datetime | None) -> Mapping[str, str | None]:
    """Returns the parameters of the query `tally`. Times are compared as the entries store them: in UTC, as text."""
    return {"person": by, "since": None if since is None else since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")}


def tally(row: Sequence[object]) -> Tally:
    """Returns what the query `tally` counted."""
    tasks, unfinished, unpriced = (int(str(row[at])) for at in (0, 1, 3))
    return Tally(tasks=tasks, unfinished=unfinished, cost=float(str(row[2])), unpriced=unpriced)


def listed(facts: Iterable[StoredFact]) -> Iterator[TaskEntry]:
    """Returns the entries of all tasks, from their facts ordered by stream and sequence."""
    for stream, its in groupby(facts, key=lambda fact: fact.stream):
        entry: TaskEntry | None = None
        for fact in its:
            if fact.text.startswith(_LISTED):
                record = Record(Stream(stream), fact.seq, Key(fact.key), fact.at, event_of(fact.text))
                entry = next_entry(entry, fact.position, record)
        if entry is not None:
            yield entry
