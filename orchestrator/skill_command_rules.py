"""Turns commands about skills made in chat into facts or a refusal. Pure."""

from typing import NamedTuple

from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.ids import Key
from orchestrator.domain.people import Person
from orchestrator.domain.saved_skill import SavedSkill
from orchestrator.domain.skills import SkillScope, UsedSkill
from orchestrator.domain.task import TaskState
from orchestrator.errors import NotAllowed, NotFound, Refused, Stale
from orchestrator.explain_late_press import by_whom

TRYING = "I'm trying the draft on the same request and files. The result will appear beside the draft."


class SkillFact(NamedTuple):
    """A fact, its key, and what to tell the person."""

    key: Key
    event: e.Event
    words: str = ""


def skill_fact(command: c.SkillCommand, state: TaskState) -> SkillFact:
    """Returns the fact that the command becomes. Raises a kind of Refused."""
    by = command.by
    if by.kind in ("guest", "outsider"):
        raise NotAllowed("Guests can't save or change skills; ask a member of this workspace to do it.")
    if isinstance(command, c.SaveSkill):
        return _requested(command, state)
    number, row = command.saving, state.saved.get(command.saving)
    if row is None:
        raise NotFound("That skill isn't part of this task.")
    _may_change(row, state, by)
    key = Key(f"skill:{number}/{command.__class__.__name__}:{row.seq}")
    match command:
        case c.EditSkill(draft=draft, scope=scope):
            _must_wait(row, command.revision)
            if row.draft is None:
                raise Refused("An attached skill can't be edited here. Change its files and attach it again.")
            _may_scope(row, scope, state, by)
            event = e.SkillEdited(saving=number, by=by, revision=row.revision + 1, draft=draft, scope=scope)
            return SkillFact(key, event)
        case c.DecideScript(approved=approved):
            _must_wait(row, command.revision)
            if row.script is None:
                raise NotFound("This draft has no script.")
            if (row.script_by is not None) == approved:
                done = f"approved{by_whom(row.script_by)}" if approved else "left out"
                raise Stale(f"The script has already been {done}.")
            return SkillFact(key, e.SkillScriptDecided(saving=number, by=by, approved=approved))
        case c.TrySkill(revision=revision):
            _must_wait(row, revision)
            if row.draft is None:
                raise Refused("An attached skill can be followed before it's installed: just ask for it in a request.")
            if row.trying is not None:
                raise Stale(f"This draft is already being tried{by_whom(row.trying.by)}. The result will appear here.")
            tried = e.SkillTryRequested(saving=number, by=by, revision=revision)
            return SkillFact(Key(f"skill:{number}/try:{len(row.trials) + 1}"), tried, TRYING)
        case c.DecideSkill(approved=approved):
            _must_wait(row, command.revision)
            scope = command.scope or row.scope
            if approved:
                _may_scope(row, scope, state, by)
            return SkillFact(key, e.SkillDecided(saving=number, by=by, approved=approved, scope=scope))
        case c.ExportSkill():
            _must_be_filed(row)
            return SkillFact(key, e.SkillExportRequested(saving=number, by=by))
        case c.ReviveSkill():
            if row.status != "archived":
                raise Stale(f"This skill isn't archived anymore{by_whom(row.last_by)}.")
            return SkillFact(key, e.SkillRevivalRequested(saving=number, by=by))
        case c.RollBackSkill():
            _must_be_filed(row)
            if row.scope == "person" and row.by.id != by.id:
                raise NotAllowed(f"This skill belongs to {row.by.name}; only they can roll it back.")
            return SkillFact(key, e.SkillRollbackRequested(saving=number, by=by))


def _requested(command: c.SaveSkill, state: TaskState) -> SkillFact:
    at_work = [row for row in state.saved.values() if row.status in ("drafting", "waiting", "approved")]
    if at_work:
        raise Stale(f"{at_work[0].by.name} is already saving a skill from this task. Approve or discard it first.")
    if not command.updates and state.phase not in ("done", "answered"):
        raise Refused("A skill can be saved once the task is done.")
    if not command.updates and not any(step.status == "done" for step in state.subtasks.values()):
        raise Refused("This task has no finished step that a skill could be made from.")
    number = len(state.saved) + 1
    event = e.SkillRequested(saving=number, by=command.by, words=command.words, updates=command.updates)
    return SkillFact(Key(f"skill:{number}"), event, "I'm drafting the skill in the background and will post it here.")


def _must_wait(row: SavedSkill, revision: int) -> None:
    if row.status != "waiting":
        raise Stale(f"This skill has already been decided{by_whom(row.by)}.")
    if row.revision != revision:
        who = row.last_by.name if row.last_by else "Someone"
        raise Stale(f"{who} has edited this skill. Review it and press the button again.")


def _must_be_filed(row: SavedSkill) -> None:
    match row.status:
        case "filed":
            return
        case "restoring" | "rolled-back":
            raise Stale(f"This has already been rolled back{by_whom(row.by)}.")
        case "archived" | "reviving":
            raise Stale("The skill is archived. Press Bring back first.")
        case "exporting":
            raise Stale(f"The skill is being exported{by_whom(row.last_by)}. Press the button again in a moment.")
        case _:
            raise Stale("The skill hasn't been saved.")


def _may_change(row: SavedSkill, state: TaskState, by: Person) -> None:
    """A personal skill is changed by its owner only; the task found it among the skills of whoever asked for it."""
    owner = state.request.by if state.request else None
    if _is_personal(row.replaces) and owner is not None and owner.id != by.id:
        raise NotAllowed(f"This skill belongs to {owner.name}; only they can change it.")


def _may_scope(row: SavedSkill, scope: SkillScope, state: TaskState, by: Person) -> None:
    """What was made from a person's own conversation stays theirs unless they share it themselves."""
    private = state.request is not None and state.request.place.private
    if scope != "person" and private and state.request and state.request.by.id != by.id:
        raise NotAllowed(f"Only {state.request.by.name} can share a skill from this private conversation.")


def _is_personal(skill: UsedSkill | None) -> bool:
    return skill is not None and skill.source == "person"
