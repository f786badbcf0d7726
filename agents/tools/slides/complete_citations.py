"""Completes what the points of slides cite."""

from collections.abc import Sequence

from agents.tools.office.claims.complete_citations import Completed, completed, told
from agents.tools.office.claims.group_findings import Facts
from agents.tools.office.inline_markup import plain
from agents.tools.slides.spec import Point, Slide, lines
from orchestrator.domain.findings import Finding


def citing_all(slides: Sequence[Slide], board: Sequence[Finding]) -> tuple[list[Slide], str]:
    """Returns the slides, whose points cite all that they rest on, and a sentence about what was added or is wrong."""
    facts = Facts(board)
    texts: list[Completed] = []

    def cites(point: Point) -> Point:
        texts.append(completed(plain(point.text), point.findings, facts))
        return point.model_copy(update={"findings": [*point.findings, *texts[-1].added]})

    whole = [s.model_copy(update={"points": [cites(p) for p in lines(s.points)]}) if s.points else s for s in slides]
    return whole, told(texts)
