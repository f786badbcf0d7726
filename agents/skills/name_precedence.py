"""Decides which skill counts where several have the same name: the nearest. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agents.skills.skill import Skill
from orchestrator.domain.skills import SkillSource, UsedSkill


@dataclass(frozen=True)
class VisibleSkills:
    """The skills that a task can use, by name, and for each the farther ones that it replaces."""

    by_name: Mapping[str, Skill] = field(default_factory=dict[str, Skill])
    replaced: Mapping[str, Sequence[Skill]] = field(default_factory=dict[str, Sequence[Skill]])

    def used(self, name: str) -> UsedSkill:
        """Returns the skill of that name as the ledger records it."""
        one = self.by_name[name]
        instead: tuple[SkillSource, ...] = tuple(dict.fromkeys(s.source for s in self.replaced.get(name, ())))
        return UsedSkill(
            name=one.name, digest=one.digest, version=one.version, source=one.source,
            instead_of=tuple(s for s in instead if s != one.source),
        )  # fmt: skip


def nearest(sources: Iterable[Sequence[Skill]]) -> VisibleSkills:
    """Returns what counts. `sources`: the skills of each source, the nearest first."""
    by_name: dict[str, Skill] = {}
    replaced: dict[str, list[Skill]] = {}
    for skills in sources:
        for one in skills:
            if one.name not in by_name:
                by_name[one.name] = one
            elif one.digest != by_name[one.name].digest:  # a copy of the same is no other skill
                replaced.setdefault(one.name, []).append(one)
    return VisibleSkills(by_name, replaced)
