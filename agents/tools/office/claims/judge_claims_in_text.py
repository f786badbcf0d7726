"""Reads every claim of a text and judges it against the findings: the one entrance for prose. Pure."""

from collections.abc import Collection, Sequence

from agents.tools.office.claims.change_claims import changes
from agents.tools.office.claims.claim import Judged
from agents.tools.office.claims.count_claims import counts
from agents.tools.office.claims.derived_claims import derived
from agents.tools.office.claims.group_findings import Facts
from agents.tools.office.claims.range_claims import ranges
from agents.tools.office.claims.ranking_claims import rankings
from agents.tools.office.claims.sentences import sentences
from agents.tools.office.claims.unit_claims import units
from orchestrator.domain.ids import FindingId


def claims(
    text: str,
    facts: Facts,
    cited: Collection[FindingId] = (),
    *,
    context: str = "",
    rows: Collection[int] = (),
    named: Collection[str] = (),
) -> list[Judged]:
    """Returns the claims of a text in order, none overlapping another.

    `context`: the heading above it; `rows`, `named`: see `counts`.
    """
    known = facts.named(cited)
    found: list[Judged] = []
    for sentence in sentences(text, facts):
        ways: Sequence[list[Judged]] = (
            ranges(sentence, facts, known),
            derived(sentence, facts, known, context),
            changes(sentence, facts, known),
            units(sentence, facts, known),
            counts(sentence, facts, known, rows=rows, named=named),
            rankings(sentence, facts, known),
        )
        for claim in (c for way in ways for c in way):
            if not any(c.start < claim.end and claim.start < c.end for c in found):
                found.append(claim)
    return sorted(found, key=lambda c: c.start)
