"""Settles which skills the steps of a new plan name. Pure."""

from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.skill_content import PlannerSkills

MOST = 4
"""Skills of one step."""


def with_skills(plan: Plan, skills: PlannerSkills) -> Plan:
    """Returns the plan without skills that don't exist, and with those that people asked for and no step names.

    Those go to the steps that hand in files; if no step does, to all of them.
    """
    forgotten = [n for n in skills.called if not any(n in step.skills for step in plan.subtasks)]
    handing_in = any(step.deliverables for step in plan.subtasks)

    def settled(step: Subtask) -> Subtask:
        added = forgotten if step.deliverables or not handing_in else []
        known = [name for name in (*added, *step.skills) if name in skills.names]
        return step.model_copy(update={"skills": tuple(dict.fromkeys(known))[:MOST]})

    return plan.model_copy(update={"subtasks": tuple(map(settled, plan.subtasks))})


def asked_for(skills: PlannerSkills) -> str:
    """Returns what the planner reads about skills that people called by name; empty if they called none."""
    if not skills.called:
        return ""
    return (
        f"\n\nThe person asked for these skills by name: {', '.join(skills.called)}. Name each in the steps it is for."
    )
