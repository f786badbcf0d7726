"""Folds the use of a skill into its step. Pure."""

from dataclasses import replace

from orchestrator.domain.calls import Label
from orchestrator.domain.skills import OUTSIDE, UsedSkill
from orchestrator.domain.task import SubtaskState


def with_skill(step: SubtaskState, skill: UsedSkill) -> SubtaskState:
    """Returns the step with the skill, each name once and at its newest version; one from outside taints the step."""
    kept = tuple(one for one in step.skills if one.name != skill.name)
    labels = step.labels | ({Label.UNTRUSTED} if skill.source in OUTSIDE else frozenset[Label]())
    return replace(step, skills=(*kept, skill), labels=labels)
