"""Builds from provenance.json and a task's facts what a reader can point at, and where each figure comes from. Pure."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence

from pydantic import JsonValue, TypeAdapter, ValidationError

from bot.cards.tool_call_wording import value_words
from bot.web.view_models import Sources, SourceView, Trace, TracedPiece
from orchestrator.domain import events as e
from orchestrator.domain.deliverables import AS_FOUND, Claim, Deliverable, Origins, Part, Provenance, Stretch
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId
from orchestrator.domain.people import FileRef
from orchestrator.domain.task import TaskState

_ROWS: TypeAdapter[list[Provenance]] = TypeAdapter(list[Provenance])
_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def sources(content: bytes, deliverable: Deliverable, state: TaskState, records: Sequence[e.Record]) -> Sources:
    """Returns the file's beginning with its figures marked, and the findings behind them with status and screenshot."""
    origins = read(content)
    gone = state.superseded()
    places = origins.places or (
        (Provenance(place=deliverable.file.name, shows="", findings=deliverable.findings),)
        if deliverable.findings
        else ()
    )
    ids = dict.fromkeys(i for p in (*places, *origins.claims) for i in p.findings)
    board = {f.id: f for f in (*origins.findings, *state.findings())}
    newer = {f.supersedes: f for f in state.findings() if f.supersedes}
    pictures = _pictures(records, [board[i] for i in ids if i in board])
    formulas = {f.place: f for f in origins.formulas}
    parts = origins.parts or (Part(rows=tuple((Stretch(place=p.place, shows=p.shows),) for p in places)),)
    traced = {p.place: p.findings for p in places}
    bare = {u.place for u in origins.unsourced}
    claims: dict[str, list[Claim]] = {}
    for claim in origins.claims:
        claims.setdefault(claim.place, []).append(claim)

    def piece(one: Stretch) -> TracedPiece:
        if isinstance(one.shows, str) and (inner := claim_pieces(one.shows, claims.get(one.place, ()), gone)):
            return TracedPiece(place=one.place, shows=one.shows, pieces=inner)
        found, formula = traced.get(one.place, ()), formulas.get(one.place)
        return TracedPiece(
            place=one.place,
            shows=value_words(one.shows),
            findings=tuple(found),
            formula=formula.formula if formula else "",
            reads=formula.reads if formula else (),
            own=one.place in bare,
            stale=any(i in gone for i in found),
        )

    return Sources(
        file=deliverable.file.name,
        parts=tuple((p.name, p.table, p.more, tuple(tuple(map(piece, row)) for row in p.rows)) for p in parts),
        traces=tuple(_trace(i, board.get(i), newer.get(i), state, pictures.get(i)) for i in ids),
        traced=len(places),
        unsourced=origins.unsourced_count,
        made=origins.made.words if origins.made else "",
        skills=tuple(one.words for one in origins.skills or deliverable.skills),
        stale=sum(any(i in gone for i in p.findings) for p in places),
    )


def claim_pieces(text: str, claims: Sequence[Claim], gone: Collection[FindingId]) -> tuple[TracedPiece, ...]:
    """Returns a text cut into its claims and the words between them; empty if it claims nothing."""
    pieces: list[TracedPiece] = []
    at = 0
    for claim in sorted(claims, key=lambda c: c.start):
        end = claim.start + len(claim.words)
        if claim.start < at or text[claim.start : end] != claim.words:
            continue
        if claim.start > at:
            pieces.append(TracedPiece(place=claim.place, shows=text[at : claim.start]))
        pieces.append(
            TracedPiece(
                place=claim.place,
                shows=claim.words,
                findings=tuple(claim.findings),
                formula=claim.how if claim.how != AS_FOUND else "",
                own=not claim.findings,
                stale=any(i in gone for i in claim.findings),
            )
        )
        at = end
    if pieces and at < len(text):
        pieces.append(TracedPiece(place=pieces[-1].place, shows=text[at:]))
    return tuple(pieces)


def read(content: bytes) -> Origins:
    """Reads a provenance.json; from earlier versions only the places; nothing from anything else."""
    try:
        return Origins.model_validate_json(content)
    except ValidationError:
        pass
    try:
        parsed = _JSON.validate_json(content)
    except ValidationError:
        return Origins()
    for rows in _lists(parsed):
        try:
            return Origins(places=tuple(_ROWS.validate_json(json.dumps(rows))))
        except ValidationError:
            continue
    return Origins()


def _lists(parsed: JsonValue) -> Iterator[JsonValue]:
    if isinstance(parsed, list):
        yield parsed
    elif isinstance(parsed, dict):
        yield from (v for v in parsed.values() if isinstance(v, list))


def _trace(
    name: FindingId, it: Finding | None, newer: Finding | None, state: TaskState, picture: FileRef | None
) -> Trace:
    if it is None:
        return Trace(name, name, "no longer on the board", SourceView())
    source = it.source
    seen = SourceView(
        where=" · ".join(p for p in (source.where, source.locator) if p) if source else "",
        quote=source.quote if source else "",
        at=source.seen_at if source else None,
        agent=_agent(state, it),
        step=state.title_of(it.by),
        picture=picture,
        unchecked=source.unchecked if source else "",
    )
    corrected = f"{value_words(newer.value)} [{newer.id}]" if newer else ""
    return Trace(name, it.kind, value_words(it.value), seen, corrected)


def _agent(state: TaskState, it: Finding) -> str:
    row = state.plan.subtask(it.by) if state.plan else None
    return row.agent if row else ""


def _pictures(records: Sequence[e.Record], found: Iterable[Finding]) -> dict[FindingId, FileRef]:
    """Returns the last picture of the page a finding was read on, made by its own agent before it was shared."""
    wanted = {f.id: f for f in found if f.source and f.source.url}
    last: dict[str, list[tuple[str, FileRef]]] = {}
    pictures: dict[FindingId, FileRef] = {}
    for record in records:
        match record.event:
            case e.ToolReturned(subtask=name, result=result) if result.picture:
                last.setdefault(name, []).append((result.text, result.picture))
            case e.FindingShared(finding=it) if it.id in wanted and it.source and it.source.url:
                url = it.source.url.partition("#")[0].rstrip("/")
                shots = (picture for text, picture in reversed(last.get(it.by, [])) if url in text)
                if shot := next(shots, None):
                    pictures[it.id] = shot
            case _:
                pass
    return pictures
