"""Builds provenance.json of a finished file, and a sentence about it."""

import hashlib
from collections.abc import Sequence

from agents.tools.office.inspect.check_and_trace import Examined
from agents.tools.office.provenance_file import Sidecar
from orchestrator.domain.deliverables import UNSOURCED, Check, Made, Origins, Provenance, Stretch
from orchestrator.domain.skills import UsedSkill

_MOST_UNSOURCED, _MOST_NAMED = 500, 6


def written(sidecar: Sidecar, content: bytes, found: Examined, skills: tuple[UsedSkill, ...] = ()) -> bytes:
    """The content of provenance.json."""
    places, unsourced = found.traced
    used = {i for one in (*places, *found.claims) for i in one.findings}
    known = {f.id: f for f in (*sidecar.board, *sidecar.findings)}
    body = Origins(
        file=sidecar.file,
        sha256=hashlib.sha256(content).hexdigest(),
        places=places,
        findings=tuple(f for f in known.values() if f.id in used),
        unsourced=tuple(Stretch(place=p.place, shows=p.shows) for p in unsourced[:_MOST_UNSOURCED]),
        unsourced_count=len(unsourced),
        formulas=found.formulas,
        parts=found.parts,
        made=found.made,
        skills=skills,
        claims=found.claims,
    )
    return (body.model_dump_json(indent=1) + "\n").encode()


def told(places: Sequence[Provenance], unsourced: Sequence[Provenance], made: Made | None) -> Check:
    """Reports how many places have a source and which have none; never fails."""
    words = f"{_several(len(places), 'place')} traced to findings"
    if made:
        words = f"{made.words}; {words}" if places else made.words
    if unsourced:
        more = f" and {len(unsourced) - _MOST_NAMED} more" if len(unsourced) > _MOST_NAMED else ""
        named = ", ".join(f"{p.place} ({_short(p.shows)})" for p in unsourced[:_MOST_NAMED])
        words += f"; {_several(len(unsourced), 'figure')} {UNSOURCED}: {named}{more}"
    return Check(name="provenance", ok=True, words=words)


def _several(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _short(shows: object) -> str:
    text = " ".join(str(shows).split())
    return text if len(text) <= 40 else text[:39] + "…"
