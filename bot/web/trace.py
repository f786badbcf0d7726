"""provenance.json and the board -> the lines of *Where do the figures come from*. Pure."""

import json
from collections.abc import Iterator

from pydantic import JsonValue, TypeAdapter, ValidationError

from bot.web.views import Trace
from bot.words import value_words
from orchestrator.domain.deliverables import Deliverable, Provenance
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId
from orchestrator.domain.task import TaskState

_ROWS: TypeAdapter[list[Provenance]] = TypeAdapter(list[Provenance])
_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def traces(content: bytes, deliverable: Deliverable, state: TaskState) -> tuple[Trace, ...]:
    """Every place of the file with its findings; without readable places, the findings the file rests on."""
    board = {f.id: f for f in state.findings()}
    found = [_trace(row.place, value_words(row.shows), name, board) for row in places(content) for name in row.findings]
    if found:
        return tuple(found)
    return tuple(_trace(deliverable.file.name, "", name, board) for name in deliverable.findings)


def places(content: bytes) -> list[Provenance]:
    """The places in a provenance.json: a list, or an object that holds one; nothing when it is something else."""
    try:
        parsed = _JSON.validate_json(content)
    except ValidationError:
        return []
    for rows in _lists(parsed):
        try:
            return _ROWS.validate_json(json.dumps(rows))
        except ValidationError:
            continue
    return []


def _lists(parsed: JsonValue) -> Iterator[JsonValue]:
    if isinstance(parsed, list):
        yield parsed
    elif isinstance(parsed, dict):
        yield from (v for v in parsed.values() if isinstance(v, list))


def _trace(place: str, shows: str, name: FindingId, board: dict[FindingId, Finding]) -> Trace:
    it = board.get(name)
    if it is None:
        return Trace(place, shows, "not on the board any more", name, "", "")
    where = " · ".join(p for p in (it.source.where, it.source.locator) if p) if it.source else ""
    return Trace(place, shows, value_words(it.value), it.kind, where, it.source.quote if it.source else "")
