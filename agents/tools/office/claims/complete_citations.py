"""Completes what a text cites while it is written, so that its notes lead to everything it rests on. Pure."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from agents.tools.office.claims.group_findings import Facts
from agents.tools.office.claims.judge_claims_in_text import claims
from orchestrator.domain.deliverables import AS_FOUND
from orchestrator.domain.ids import FindingId

_MOST_NAMED, _MOST_NOTES = 3, 12
"""More notes than this at one sentence help nobody; the page shows them all."""


class Completed(NamedTuple):
    """A text's findings with those that were missing, and what its claims should be where they are wrong."""

    findings: tuple[FindingId, ...]
    added: tuple[FindingId, ...] = ()
    wrong: tuple[str, ...] = ()


def completed(text: str, cited: Collection[str], facts: Facts) -> Completed:
    """Adds what a derived figure or a ranking rests on; what cites nothing, and a count of all subjects, stays."""
    own = tuple(FindingId(i) for i in cited)
    found = [c for c in claims(text, facts, own) if c.how not in ("", AS_FOUND) and not c.how.startswith("count of")]
    added = tuple(dict.fromkeys(i for c in found if not c.right for i in c.findings if i not in own)) if own else ()
    added = added if len(own) + len(added) <= _MOST_NOTES else ()
    wrong = tuple(f"“{c.words}” should be {c.right}" for c in found if c.right)
    return Completed((*own, *added), added, wrong)


def told(texts: Sequence[Completed]) -> str:
    """Returns a sentence about what was added and one about what is wrong; empty if there is nothing to say."""
    added = list(dict.fromkeys(i for t in texts for i in t.added))
    wrong = list(dict.fromkeys(w for t in texts for w in t.wrong))
    words = f" Also cited, because the text rests on them: {', '.join(added)}." if added else ""
    if wrong:
        more = f" and {len(wrong) - _MOST_NAMED} more" if len(wrong) > _MOST_NAMED else ""
        words += f" Correct this before you hand it in: {'; '.join(wrong[:_MOST_NAMED])}{more}."
    return words
