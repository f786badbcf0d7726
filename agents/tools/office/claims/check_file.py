"""Judges all claims of a finished file: its words, its tables, its charts. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from agents.tools.office.claims.attribution import attributed
from agents.tools.office.claims.check_tables import Grid, faults, of_places, totals
from agents.tools.office.claims.count_claims import subjects_named
from agents.tools.office.claims.group_findings import Facts
from agents.tools.office.claims.judge_claims_in_text import claims
from orchestrator.domain.deliverables import Check, Claim, Part, Provenance
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId

_MOST_NAMED, _MOST_CLAIMS, _FEWEST_SPACES = 8, 2000, 3


class Grounds(NamedTuple):
    """What a file rests on: its traced places, the findings behind them, all findings of the task, drawn figures."""

    places: Sequence[Provenance] = ()
    findings: Sequence[Finding] = ()
    board: Sequence[Finding] = ()
    drawn: Sequence[Part] = ()


class Claimed(NamedTuple):
    """Every claim of a file with what it rests on, and a sentence about each wrong one."""

    claims: tuple[Claim, ...] = ()
    wrong: tuple[str, ...] = ()

    def check(self) -> Check:
        """Returns the check of a file; how many claims were recomputed, or what is wrong."""
        if self.wrong:
            more = f" and {len(self.wrong) - _MOST_NAMED} more" if len(self.wrong) > _MOST_NAMED else ""
            words = (
                f"{'; '.join(self.wrong[:_MOST_NAMED])}{more}. Correct it, or say it as your own view without a source"
            )
            return Check(name="claims", ok=False, words=words)
        return Check(name="claims", ok=True, words=f"claims that follow from their findings: {len(self.claims)}")


def claimed(stretches: Sequence[tuple[str, str]], grounds: Grounds, grids: Sequence[Grid] = ()) -> Claimed:
    """Judges a file by its current text: places and their words. `grids`: its tables, if their cells aren't there."""
    facts = Facts([*grounds.board, *(f for f in grounds.findings if f.id not in {b.id for b in grounds.board})])
    if not facts.all and not grids and not grounds.drawn:
        return Claimed()
    cited = {p.place: p.findings for p in grounds.places}
    tables = [*grids, *_tables(stretches, cited), *_drawn(grounds)]
    found: list[Claim] = []
    wrong = [f"{f.place} shows {f.shows}, but it should be {f.right}" for f in faults(tables, facts)]
    named = subjects_named([text for _, text in stretches], facts)
    rows = {g.body for g in tables if not g.chart}
    cells = {c.place for g in tables for c in g.cells.values()}
    heading, known = "", {f.id: f for f in (*grounds.board, *grounds.findings)}
    for place, text in stretches:
        if place.endswith("(heading)"):
            heading = text
        ids = cited.get(place, ())
        if place in cells and text.count(" ") < _FEWEST_SPACES:
            continue
        read = claims(text, facts, ids, context=heading, rows=rows, named=named)
        for claim in (c for c in read if c.right):
            around = _around(text, claim.start, claim.end)
            wrong.append(f"{place} says “{around}”, but it should be {claim.right}")
        whole = attributed(text, read, [known[i] for i in ids if i in known], heading=place.endswith("(heading)"))
        found += [Claim(place=place, start=c.start, words=c.words, findings=c.findings, how=c.how) for c in whole]
    for one, how, behind in totals(tables, facts):
        found.append(Claim(place=one.place, start=0, words=one.text, findings=behind, how=how))
    return Claimed(tuple(found[:_MOST_CLAIMS]), tuple(dict.fromkeys(wrong)))


def _tables(stretches: Iterable[tuple[str, str]], cited: Mapping[str, tuple[FindingId, ...]]) -> list[Grid]:
    return of_places((place, text, cited.get(place, ())) for place, text in stretches)


def _drawn(grounds: Grounds) -> list[Grid]:
    """Returns the figures behind the pictures of charts in the file."""
    return of_places((str(s.place), str(s.shows), ()) for part in grounds.drawn for row in part.rows for s in row)


def _around(text: str, start: int, end: int) -> str:
    """Returns a claim with a few words before and after it."""
    left, right = max(0, start - 40), min(len(text), end + 30)
    left = left if left == 0 else text.find(" ", left) + 1 or left
    right = right if right == len(text) else max(text.rfind(" ", end, right), end)
    return f"{'…' if left else ''}{text[left:right]}{'…' if right < len(text) else ''}"
