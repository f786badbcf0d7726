"""Shares out what a text cites among its pieces, so that each piece leads to its own sources and no other. Pure."""

import re
from collections.abc import Sequence

from agents.tools.office.claims.claim import Judged
from agents.tools.office.claims.figures_in_text import counted, placed
from agents.tools.office.claims.sentences import Sentence, sentences
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId

_WORD = re.compile(r"\b[^\W\d_]{3,5}")
"""The beginnings of words, so that "founding" is like "founded"."""
_FEWEST_WORDS = 2


def attributed(text: str, read: Sequence[Judged], cited: Sequence[Finding], *, heading: bool) -> list[Judged]:
    """Returns every claim of a text with what it rests on; a figure that nothing supports rests on nothing.

    A cited finding that no claim uses belongs to its own words in the text, or to the sentence that is most like it.
    """
    found = list(read)
    ids = tuple(f.id for f in cited)
    for start, figure in () if heading else placed(text):
        inside = any(c.start < start + len(figure.words) and start < c.end for c in found)
        if not inside and not counted(figure):
            found.append(Judged(start, figure.words, ids))
    used = {i for c in found for i in c.findings}
    for finding in (f for f in cited if f.id not in used):
        found = _placed(text, finding, found)
    return sorted(found, key=lambda c: c.start)


def _placed(text: str, finding: Finding, found: list[Judged]) -> list[Judged]:
    words = finding.value.strip() if isinstance(finding.value, str) else ""
    at = text.casefold().find(words.casefold()) if len(words) > _FEWEST_WORDS else -1
    if at >= 0 and not any(c.start < at + len(words) and at < c.end for c in found):
        return [*found, Judged(at, text[at : at + len(words)], (finding.id,))]
    best = max(sentences(text), key=lambda s: len(_alike(s.text, finding)), default=None)
    if best is None:
        return found
    end = best.start + len(best.text)
    inside = [c for c in found if best.start <= c.start < end and c.findings]
    if not inside:
        return [c for c in found if not best.start <= c.start < end] + [_whole(best, (finding.id,))]
    last = inside[-1]
    return [c._replace(findings=(*c.findings, finding.id)) if c is last else c for c in found]


def _whole(sentence: Sentence, ids: tuple[FindingId, ...]) -> Judged:
    return Judged(sentence.start, sentence.text, ids)


def _alike(text: str, finding: Finding) -> set[str]:
    quote = finding.source.quote if finding.source else ""
    about = f"{finding.kind} {finding.value} {quote}"
    return {w.casefold() for w in _WORD.findall(text)} & {w.casefold() for w in _WORD.findall(about)}
