"""Judges one sentence against a board, without a file around it."""

from collections.abc import Sequence

from agents.tools.office.claims.check_file import Grounds, claimed
from agents.tools.office.provenance import check_figures
from orchestrator.domain.deliverables import Provenance
from orchestrator.domain.findings import Finding

PLACE = "paragraph 1"


def against(text: str, cites: str, board: Sequence[Finding]) -> list[str]:
    """Returns what is said against a sentence that cites these findings, or all findings of a measure."""
    cited = tuple(f for f in board if {f.id, f.id.partition(".")[0]} & {*cites.split()})
    places = (Provenance(place=PLACE, shows=text, findings=tuple(f.id for f in cited)),) if cited else ()
    found = claimed([(PLACE, text)], Grounds(places, cited, board))
    right = {(c.place, c.words) for c in found.claims if c.findings and c.how}
    return [*found.wrong, *map(str, check_figures.checked(places, cited, {PLACE: text}, right))]
