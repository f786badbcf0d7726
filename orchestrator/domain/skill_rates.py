"""Counts how well each version of a skill has done, and decides when the one before it should count again. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Request
from orchestrator.domain.plural import counted
from orchestrator.domain.skills import SkillSource, UsedSkill
from orchestrator.domain.task import TaskState

ROOM = "room/skills"
"""The stream with the ratings of all tasks."""
_USES, _SHARE = 5, 0.5
"""A version falls back below this share of good uses, after at least so many."""


@dataclass(frozen=True, slots=True)
class VersionRates:
    """What is known about one version of a skill: uses, and how many of them went well, were corrected, were rerun."""

    uses: int = 0
    good: int = 0
    corrected: int = 0
    rerun: int = 0

    @property
    def share(self) -> float:
        return self.good / self.uses if self.uses else 1.0

    @property
    def words(self) -> str:
        """Returns a sentence for people; empty without any use."""
        if not self.uses:
            return ""
        return f"{self.good} of {counted(self.uses, 'use')} went well, {self.corrected} corrected, {self.rerun} rerun"


Rates = Mapping[tuple[str, str, str], VersionRates]
"""By owner, name, and version."""


def ratings(state: TaskState) -> tuple[e.SkillRated, ...]:
    """Returns how each skill that people made did in this task, once it is done."""
    if state.phase != "done" or state.request is None:
        return ()
    found: dict[str, e.SkillRated] = {}
    for name, step in state.subtasks.items():
        reviews = [row for row in state.deliverables.values() if row.deliverable.subtask == name]
        corrections = sum(1 for row in reviews if row.replacement or row.text)
        reruns = step.attempt - 1 if step.moved_by is not None else 0
        for skill in step.skills:
            if not (owner := owner_of(skill.source, state.request)) or not skill.version.isdecimal():
                continue
            old = found.get(skill.name)
            good = step.status == "done" and not corrections and not reruns and (old is None or old.good)
            found[skill.name] = e.SkillRated(
                task=state.id, skill=skill, owner=owner, good=good,
                corrections=corrections + (old.corrections if old else 0), reruns=reruns + (old.reruns if old else 0),
            )  # fmt: skip
    return tuple(found.values())


def owner_of(source: SkillSource, request: Request) -> str:
    """Returns whose skill it is in a task; empty for skills that weren't made in chat."""
    place = request.place
    owners: dict[SkillSource, str] = {
        "person": request.by.id, "channel": f"{place.platform}:{place.channel}", "team": place.team,
    }  # fmt: skip
    return owners.get(source, "")


def tally(records: Iterable[e.Record]) -> Rates:
    """Counts each task once, as it was rated last."""
    last = {
        (x.task, x.owner, x.skill.name, x.skill.version): x for r in records if isinstance(x := r.event, e.SkillRated)
    }
    rates: dict[tuple[str, str, str], VersionRates] = {}
    for rated in last.values():
        key = (rated.owner, rated.skill.name, rated.skill.version)
        old = rates.get(key, VersionRates())
        rates[key] = VersionRates(
            old.uses + 1, old.good + rated.good, old.corrected + bool(rated.corrections), old.rerun + bool(rated.reruns)
        )
    return rates


def begun(records: Iterable[e.Record]) -> tuple[tuple[TaskId, int], ...]:
    """Returns every task and number under which a skill was made, oldest first."""
    return tuple((x.task, x.saving) for r in records if isinstance(x := r.event, e.SkillBegun))


def last_use(records: Iterable[e.Record], owner: str, name: str) -> datetime | None:
    """Returns when a task last used any version of the skill; None if none has."""
    used = (
        r.at for r in records if isinstance(x := r.event, e.SkillRated) and (x.owner, x.skill.name) == (owner, name)
    )
    return max(used, default=None)


def worse_version(rates: Rates, owner: str, skill: UsedSkill) -> str:
    """Returns the version before this one if that did better and this one does badly; else empty."""
    now = rates.get((owner, skill.name, skill.version), VersionRates())
    if not skill.version.isdecimal() or now.uses < _USES or now.share >= _SHARE:
        return ""
    before = [int(v) for who, name, v in rates if (who, name) == (owner, skill.name) and int(v) < int(skill.version)]
    best = str(max(before)) if before else ""
    return best if best and rates[(owner, skill.name, best)].share > now.share else ""
