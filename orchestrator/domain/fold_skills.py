"""Folds the use of skills into steps, and the saving of skills into the task. Pure."""

from dataclasses import replace

from orchestrator.domain import events as e
from orchestrator.domain.saved_skill import SavedSkill, SkillTrial
from orchestrator.domain.skills import OUTSIDE, SkillScope, SkillSource, UsedSkill
from orchestrator.domain.task import SubtaskState, TaskState, ThreadLine
from orchestrator.domain.tool_calls import Label

_SCOPES: dict[SkillSource, SkillScope] = {"person": "person", "channel": "channel", "team": "team"}


def with_skill(step: SubtaskState, skill: UsedSkill) -> SubtaskState:
    """Returns the step with the skill, each name once and at its newest version; one from outside taints the step."""
    kept = tuple(one for one in step.skills if one.name != skill.name)
    labels = step.labels | ({Label.UNTRUSTED} if skill.source in OUTSIDE else frozenset[Label]())
    return replace(step, skills=(*kept, skill), labels=labels)


def with_saving(state: TaskState, record: e.Record, event: e.OfSavedSkill) -> TaskState:
    """Returns the task after one more fact about a skill that is saved from it."""
    if isinstance(event, e.SkillRequested):
        new = SavedSkill(event.by, "drafting", record.seq, event.words, event.updates, event.installs, event.source)
    elif isinstance(event, e.SkillTryRequested | e.SkillTried):
        new = _tried(state.saved[event.saving], event)  # beside what else happens to the draft
    else:
        new = replace(_saved(state.saved[event.saving], event), seq=record.seq, at=record.at)
    if isinstance(event, e.SkillSavingFailed):
        line = ThreadLine(record.seq, record.at, None, event.problem, "warning")
        state = replace(state, lines=(*state.lines, line))
    if isinstance(event, e.SkillExported):
        text = f"The skill {event.skill.words}, exported by {event.by.name}"
        line = ThreadLine(record.seq, record.at, None, text, "info", files=(event.file,))
        state = replace(state, lines=(*state.lines, line))
    if isinstance(event, e.SkillArchived) and new.filed:
        text = (
            f"Nobody has used the skill {new.filed.words} for {event.days} days, so I've archived it. "
            "To use it again, press Bring back on it here."
        )
        state = replace(state, lines=(*state.lines, ThreadLine(record.seq, record.at, None, text)))
    return replace(state, saved={**state.saved, event.saving: new})


def _saved(old: SavedSkill, event: e.OfSavedSkill) -> SavedSkill:
    match event:
        case e.SkillDrafted(draft=draft, script=script, near=near):
            return _scoped(replace(old, status="waiting", draft=draft, script=script, near=near))
        case e.SkillScriptDecided(by=by, approved=approved):
            return replace(old, script_by=by if approved else None)
        case e.SkillUnpacked(package=package, content=content, near=near):
            return _scoped(replace(old, status="waiting", package=package, content=content, near=near))
        case e.SkillEdited(by=by, draft=draft, scope=scope, revision=revision):
            return replace(old, draft=draft, scope=scope, revision=revision, last_by=by)
        case e.SkillDecided(by=by, approved=approved, scope=scope):
            return replace(old, status="approved" if approved else "discarded", by=by, scope=scope)
        case e.SkillFiled(skill=skill):
            return replace(old, status="filed", filed=skill)
        case e.SkillSavingFailed():
            if old.status == "reviving":
                return replace(old, status="archived")
            return replace(old, status="filed" if old.filed else "waiting" if old.name else "failed")
        case e.SkillExportRequested(by=by):
            return replace(old, status="exporting", last_by=by)
        case e.SkillExported(file=file):
            kept = tuple(one for one in old.exports if one.sha != file.sha)
            return replace(old, status="filed", exports=(*kept, file))
        case e.SkillArchived():
            return replace(old, status="archived")
        case e.SkillRevivalRequested(by=by):
            return replace(old, status="reviving", last_by=by)
        case e.SkillRevived():
            return replace(old, status="filed")
        case e.SkillRollbackRequested(by=by):
            return replace(old, status="restoring", by=by)
        case e.SkillRolledBack(version=version):
            return replace(old, status="rolled-back", restored=version)
        case _:
            return old


def _tried(old: SavedSkill, event: e.SkillTryRequested | e.SkillTried) -> SavedSkill:
    if isinstance(event, e.SkillTryRequested):
        if old.draft is None:
            return old
        return replace(old, trials=(*old.trials, SkillTrial(event.by, event.revision, old.draft)))
    rows = tuple(
        replace(row, task=event.task, words=event.words, files=event.files) if n == event.number else row
        for n, row in enumerate(old.trials, start=1)
    )
    return replace(old, trials=rows)


def _scoped(new: SavedSkill) -> SavedSkill:
    """Proposes the owner of the version before it; for a new skill, whoever asked for it."""
    return replace(new, scope=_SCOPES[new.replaces.source]) if new.replaces else new
