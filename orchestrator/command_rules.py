"""Turns a command and the state into the one fact it becomes, or a refusal in words. Pure."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from jsonschema import Draft202012Validator
from pydantic import JsonValue

from orchestrator import skill_command_rules, takeover_command_rules
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Approval, Question
from orchestrator.domain.attachment_names import attached, background_with_names, told_apart
from orchestrator.domain.ids import Key, SubtaskId
from orchestrator.domain.people import Person
from orchestrator.domain.plan import Plan, check_agents
from orchestrator.domain.task import Reviewed, TaskState
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import BadPlan, NotAllowed, NotFound, Refused, Stale
from orchestrator.explain_late_press import by_whom, instead

MOST_WORDS = 20_000
OUTWARD = frozenset({Effect.NETWORK_SEND, Effect.MESSAGE_OTHERS, Effect.SPEND, Effect.WRITE_OUTSIDE})


@dataclass(frozen=True)
class FactToRecord:
    """A fact to record, its key, and what to say to a person who came second."""

    key: Key
    event: e.Event
    words: str = ""
    too_late: Callable[[e.Event], str] = lambda kept: f"This has already been done{_who(kept)}."


def fact_of(command: c.AnyCommand, state: TaskState, now: datetime, agents: Collection[str]) -> FactToRecord:
    """Returns the fact that the command becomes. Raises a kind of Refused."""
    match command:
        case c.OpenTask():
            raise Refused("A task can't be opened inside another task.")
        case c.Say():
            return _say(command, state)
        case c.Remark(text=text, files=files):
            _must_be_short(text)
            return FactToRecord(
                Key(f"remarked:{command.id}"),
                e.PersonRemarked(by=command.by, text=text, files=told_apart(files, attached(state))),
            )
        case c.EditPlan() | c.StartPlan() | c.RetryPlanning():
            return _of_plan(command, state, agents)
        case c.Pause() | c.Resume() | c.Stop():
            return _of_run(command, state)
        case c.RetrySubtask() | c.SkipSubtask():
            return _of_subtask(command, state)
        case c.Decide():
            return _decide(command, state, now)
        case c.AnswerQuestion():
            return _answer(command, state)
        case c.StartTakeover() | c.EndTakeover() | c.AllowDomain():
            moved = takeover_command_rules.move(command, state)
            return FactToRecord(moved.key, moved.event)
        case c.Review():
            return _review(command, state)
        case (
            c.SaveSkill() | c.EditSkill() | c.DecideScript() | c.TrySkill() | c.DecideSkill() | c.RollBackSkill()
            | c.ExportSkill() | c.ReviveSkill()
        ):  # fmt: skip
            return FactToRecord(*skill_command_rules.skill_fact(command, state))
        case _:
            assert_never(command)


def _say(command: c.Say, state: TaskState) -> FactToRecord:
    if state.phase == "stopped":
        raise Refused("This task was stopped; mention the bot again to start another.")
    if not command.text.strip() and not command.files and not command.background.quoted:
        raise Refused("Write a few words, or attach a file.")
    _must_be_short(command.text)
    if command.subtask is not None and command.subtask not in state.subtasks:
        raise NotFound(f"There's no step {command.subtask!r} in this task.")
    if command.subtask is not None and state.of(command.subtask).status in ("done", "skipped"):
        raise Stale("This agent has finished; press Retry on its step, or send your reply to everyone.")
    taken = attached(state)
    files = told_apart(command.files, taken)
    background = background_with_names(command.background, (*taken, *files))
    event = e.PersonSaid(
        by=command.by, text=command.text, files=files, subtask=command.subtask, background=background
    )  # fmt: skip
    return FactToRecord(Key(f"said:{command.id}"), event)


def _must_be_short(text: str) -> None:
    if len(text) > MOST_WORDS:
        raise Refused(f"That's longer than {MOST_WORDS} characters; attach it as a file instead.")


def _of_plan(
    command: c.EditPlan | c.StartPlan | c.RetryPlanning, state: TaskState, agents: Collection[str]
) -> FactToRecord:
    match command:
        case c.RetryPlanning():
            if state.phase != "stuck":
                raise Stale(instead(state) or "Planning hasn't failed, so there's nothing to retry.")
            return FactToRecord(
                Key(f"replan:{state.rounds + 1}"), e.PlanningRetried(by=command.by, round=state.rounds + 1)
            )
        case c.StartPlan(base=base):
            if state.plan is None or state.phase != "review":
                raise Stale(instead(state) or "There's no plan to start.")
            _must_be_newest(base, state)
            return FactToRecord(Key(f"start:{state.rounds}"), e.PlanStarted(version=base, by=command.by))
        case c.EditPlan(plan=plan, base=base, running=running):
            started = running is False and state.started
            if state.plan is None or started or state.phase not in ("review", "running", "paused"):
                raise Stale(instead(state) or "The plan can't be edited now.")
            _must_be_newest(base, state)
            check_agents(plan, agents, begun=_must_keep_begun(plan, state))
            event = e.PlanDrafted(plan=plan, version=base + 1, by=command.by)
            return FactToRecord(Key(f"edit:{base + 1}"), event)


def _must_be_newest(base: int, state: TaskState) -> None:
    if base != state.version:
        who = state.planned_by.name if state.planned_by else "The planner"
        raise Stale(f"{who} has changed the plan (version {state.version}). Review it and press the button again.")


def _must_keep_begun(plan: Plan, state: TaskState) -> Collection[SubtaskId]:
    """Returns the steps that have begun. Raises BadPlan if the plan changes one."""
    assert state.plan is not None
    begun = [old for old in state.plan.subtasks if state.of(old.id).status not in ("planned", "failed")]
    for old in begun:
        if plan.subtask(old.id) != old:
            raise BadPlan(f"{old.title!r} has started, so it can't be changed. Skip or redirect it instead.")
    return [old.id for old in begun]


def _of_run(command: c.Pause | c.Resume | c.Stop, state: TaskState) -> FactToRecord:
    match command:
        case c.Pause():
            if state.phase != "running":
                raise Stale(instead(state) or "Only a running task can be paused.")
            return FactToRecord(Key(f"pause:{state.seq}"), e.TaskPaused(by=command.by))
        case c.Resume():
            if state.phase != "paused":
                running = f"This task is already running; it was started or resumed{by_whom(state.moved_by)}."
                raise Stale(running if state.phase == "running" else instead(state) or "This task isn't paused.")
            return FactToRecord(Key(f"resume:{state.seq}"), e.TaskResumed(by=command.by))
        case c.Stop():
            if state.final:
                raise Stale(instead(state))
            return FactToRecord(Key("stopped"), e.TaskStopped(by=command.by))


def _of_subtask(command: c.RetrySubtask | c.SkipSubtask, state: TaskState) -> FactToRecord:
    if command.subtask not in state.subtasks:
        raise NotFound(f"There's no step {command.subtask!r} in this task.")
    if state.phase not in ("running", "paused"):
        raise Stale(instead(state) or "The task isn't running, so its steps can't be retried or skipped.")
    mine = state.of(command.subtask)
    if command.attempt not in (None, mine.attempt):
        raise Stale(
            f"This step has already been retried{by_whom(mine.moved_by)}. Check how it's doing before you press "
            "Retry again."
        )
    if mine.status == "skipped":
        raise Stale(f"This step has already been skipped{by_whom(mine.moved_by)}.")
    match command:
        case c.RetrySubtask(attempt=attempt, model=model):
            if mine.status in ("planned", "retrying"):
                raise Stale("This step hasn't run yet.")
            event = e.SubtaskRetried(subtask=command.subtask, attempt=attempt + 1, by=command.by, model=model)
            return FactToRecord(Key(f"{command.subtask}/try:{attempt + 1}"), event)
        case c.SkipSubtask():
            if mine.status == "done":
                raise Stale("This step is already done.")
            return FactToRecord(
                Key(f"{command.subtask}/skip"), e.SubtaskSkipped(subtask=command.subtask, by=command.by)
            )


def _decide(command: c.Decide, state: TaskState, now: datetime) -> FactToRecord:
    if command.by.kind in ("guest", "outsider"):
        raise NotAllowed("Guests can't approve or reject calls; ask a member of this workspace to do it.")
    row = state.approvals.get(command.approval)
    if row is None:
        raise NotFound("That approval isn't part of this task.")
    if state.phase == "stopped":
        raise Stale(f"{instead(state)} Nothing is waiting for a decision anymore.")
    if row.decision is not None:
        raise Stale(f"This has already been decided{by_whom(row.by)}.")
    _must_be(row.approval.only, command.by)
    if row.approval.expires is not None and now >= row.approval.expires:
        raise Stale("This approval has expired; retry the step to be asked again.")
    verb = command.decision.verb
    if verb == "reject" and not command.decision.reason.strip():
        raise Refused("Say why, so the agent can find another way.")
    if verb == "edit":
        _must_fit(command.decision.args, row.approval)
    if verb == "approve-for-task" and row.approval.effects & OUTWARD:
        raise NotAllowed("Anything that reaches other people is approved one call at a time. Press *Approve once*.")
    event = e.ApprovalDecided(approval=command.approval, decision=command.decision, by=command.by)
    return FactToRecord(Key(f"decision:{command.approval}"), event)


def _must_be(only: Person | None, by: Person) -> None:
    if only is not None and only.id != by.id:
        raise NotAllowed(f"This is about {only.name}'s own account, so only {only.name} can decide it.")


def _must_fit(args: Mapping[str, JsonValue] | None, approval: Approval) -> None:
    """Raises Refused for an edited call that the tool can't take, so that the decision stays open."""
    if args is None:
        raise Refused("The edited call is missing.")
    problems = Draft202012Validator(approval.parameters).iter_errors(args)  # pyright: ignore[reportUnknownMemberType]
    if problem := next(iter(problems), None):
        where = ".".join(str(part) for part in problem.path)
        raise Refused(
            f"The edited call doesn't fit {approval.tool!r}: {f'{where}: ' if where else ''}{problem.message}."
        )


def _answer(command: c.AnswerQuestion, state: TaskState) -> FactToRecord:
    row = state.questions.get(command.question)
    if row is None:
        raise NotFound("That question isn't part of this task.")
    if state.phase == "stopped":
        raise Stale(f"{instead(state)} Nothing is waiting for a decision anymore.")
    if row.answers is not None:
        raise Stale(f"This has already been answered{f' by {row.by.name}' if row.by else ''}.")
    _must_be(row.question.only, command.by)
    answers = command.answers if command.choice is None else _chosen(row.question, command.choice)
    for ask in row.question.fields:
        given = answers.get(ask.name, "").strip()
        if ask.required and not given:
            raise Refused(f"“{ask.label}” needs an answer.")
        if ask.options and given and given not in ask.options and not command.own_words:
            raise Refused(f"“{ask.label}” has to be one of: {', '.join(ask.options)}.")
    known = {ask.name for ask in row.question.fields}
    answers = {name: text.strip() for name, text in answers.items() if name in known}
    _must_be_short("".join(answers.values()))
    event = e.QuestionAnswered(question=command.question, answers=answers, by=command.by)
    return FactToRecord(Key(f"answer:{command.question}"), event)


def _chosen(question: Question, choice: int) -> dict[str, str]:
    fields = question.fields
    if len(fields) != 1 or not 0 <= choice < len(fields[0].options):
        raise NotFound("That isn't one of the question's choices.")
    return {fields[0].name: fields[0].options[choice]}


def _review(command: c.Review, state: TaskState) -> FactToRecord:
    row = state.deliverables.get(command.deliverable)
    if row is None:
        raise NotFound("That file isn't part of this task.")
    if state.phase == "stopped":
        raise Stale(f"{instead(state)} Nothing is waiting for a decision anymore.")
    if row.verdict == "superseded":
        raise Stale("There's a newer version of this file; review that one.")
    again = row.verdict == "approved" and command.verdict == "changes" and bool(state.outdated(row))
    if again and state.phase in ("planning", "stuck"):
        raise Refused("A new plan is being drafted. Press Revise again when it's ready.")
    if row.verdict != "waiting" and not again:
        raise Stale(f"{row.deliverable.file.name!r} has already been decided{f' by {row.by.name}' if row.by else ''}.")
    text = command.text.strip() or _corrections(state, row)
    if command.verdict == "changes" and not text:
        raise Refused("Say what should be changed.")
    if command.verdict == "replaced" and command.file is None:
        raise Refused("Attach your version of the file.")
    event = e.DeliverableDecided(
        deliverable=command.deliverable,
        verdict=command.verdict,
        by=command.by,
        text=(text if command.verdict == "changes" else command.text)[:MOST_WORDS],
        file=command.file,
    )
    return FactToRecord(Key(f"review:{command.deliverable}:{row.seq}"), event)


def _corrections(state: TaskState, row: Reviewed) -> str:
    """Tells the agent what to revise in a file based on corrected findings; empty if there are none."""
    old = state.outdated(row)
    if not old:
        return ""
    newer = [(i, new) for i in old if (new := state.newest(i))]
    said = "; ".join(f"{i} was corrected by {n.id} ({n.kind} = {json.dumps(n.value)[:200]})" for i, n in newer)
    return f"Revise whatever is based on the corrected findings. {said}. uses_of_findings {list(old)} lists the places."


def _who(event: e.Event) -> str:
    return by_whom(getattr(event, "by", None))
