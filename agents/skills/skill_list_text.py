"""Writes the list of skills that a planner or an agent chooses from, within a small share of the model's window. Pure.

Up to sixty skills are all listed; of more, those that fit the words best. The list may be empty, and choosing none is
always possible.
"""

from collections.abc import Sequence

from agents.skills.name_precedence import VisibleSkills
from agents.skills.ranking import SkillRanking
from agents.skills.skill import Skill
from orchestrator.domain.plural import counted

SHARE = 0.02
"""Of the model's window, at most."""
MOST = 16_000
"""Characters, so that it fits in an event."""
_CHARACTERS = 3
"""Per token, at least."""
ALL, CHOSEN = 60, 20
_WIDTHS = (1_024, 300, 160, 100, 60, 0)
"""Characters of a description; when the list is too long, all are cut alike."""
FOR_AGENT = (
    "Skills: instructions that have proved themselves. If one clearly fits your step, call use_skill before you start; "
    "most steps need none."
)
FOR_PLANNER = (
    "Skills: instructions that have proved themselves. Name one in a step's `skills` only if it clearly fits; most "
    "steps need none."
)


def listing(visible: VisibleSkills, ranking: SkillRanking, words: str, head: str, *, room: int) -> str:
    """Returns the list under its head; empty if there is nothing to choose from. `words`: what is to be done.

    `room`: tokens of the model's window.
    """
    choosable = sorted((one for one in visible.by_name.values() if not one.sheet.by_name), key=lambda one: one.name)
    if not choosable:
        return ""
    every = len(choosable)
    shown = choosable if every <= ALL else [s for s in ranking.best(words, CHOSEN) if not s.sheet.by_name]
    most = min(MOST, int(SHARE * room * _CHARACTERS))
    for width in _WIDTHS:
        text = _text(head, shown, every - len(shown), width)
        if len(text) <= most:
            return text
    order = {one.name: n for n, one in enumerate(ranking.best(words, every))}
    ranked = sorted(shown, key=lambda one: order.get(one.name, every))
    fitting = next((n for n in range(len(ranked) - 1, -1, -1) if len(_text(head, ranked[:n], every - n, 0)) <= most), 0)
    return _text(head, ranked[:fitting], every - fitting, 0)


def line(skill: Skill, width: int = _WIDTHS[0]) -> str:
    """Returns `- name: description`."""
    return f"- {skill.name}: {_within(skill.sheet.description, width)}" if width else f"- {skill.name}"


def _text(head: str, shown: Sequence[Skill], more: int, width: int) -> str:
    rest = [f"({counted(more, 'more skill')}; use_skill with a few English words finds one)"] if more else []
    return "\n".join([head, *(line(one, width) for one in shown), *rest])


def _within(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0].rstrip('.,;:')}…"
