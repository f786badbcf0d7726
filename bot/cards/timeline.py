"""A task's facts as sentences with times, for the timeline and the terminal. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal

from bot.cards.tool_call_wording import call_words, cut, plain, tool_words, value_words
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Waits
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import Call

Kind = Literal["person", "plan", "work", "finding", "checkpoint", "file", "problem", "end"]
FINISHED = "Finished: "


@dataclass(frozen=True, slots=True)
class Moment:
    """One fact in words. `about`: the step's title, if it concerns one. `quiet`: neighboring facts already say it."""

    seq: int
    at: datetime
    kind: Kind
    text: str
    about: str = ""
    quiet: bool = False


def moments(records: Iterable[e.Record], titles: dict[str, str] | None = None) -> list[Moment]:
    """Returns these facts in order, each as one sentence. `titles`: of known steps; titles of new plans are added."""
    known = {} if titles is None else titles
    found: list[Moment] = []
    for record in records:
        if isinstance(record.event, e.PlanDrafted):
            known.update({s.id: s.title for s in record.event.plan.subtasks})
        kind, text, subtask = _words(record.event)
        about = known.get(subtask, subtask) if subtask else ""
        found.append(Moment(record.seq, record.at, kind, text, about, quiet=_quiet(record.event)))
    return found


def told(found: Sequence[Moment]) -> list[Moment]:
    """Returns the facts worth reading: no quiet ones, and no last words that the finish repeats."""
    kept: list[Moment] = []
    finish: dict[str, str] = {}
    for moment in reversed(found):
        if moment.quiet or finish.pop(moment.about, "") == FINISHED + moment.text:
            continue
        if moment.text.startswith(FINISHED):
            finish[moment.about] = moment.text
        kept.append(moment)
    return kept[::-1]


def _quiet(event: e.Event) -> bool:
    """Says whether to leave out the fact: a successful call already shows in its turn and its results."""
    return isinstance(event, e.SkillsListed) or (isinstance(event, e.ToolReturned) and event.result.ok)


Said = tuple[Kind, str, SubtaskId | None]


def _words(event: e.Event) -> Said:
    return _of_task(event) or _of_subtask(event) or _of_checkpoint(event)


def _of_task(event: e.Event) -> Said | None:
    match event:
        case e.TaskOpened(request=request):
            return "person", f"{request.by.name} asked: “{cut(request.text, 160)}”", None
        case e.PlanDrafted(plan=plan, version=version, by=by):
            who = f"{by.name} changed the plan" if by else "A plan was drafted"
            return "plan", f"{who}: version {version}, {len(plan.subtasks)} steps", None
        case e.PlanStarted(by=by):
            return "person" if by else "plan", f"{by.name} pressed Start" if by else "The plan started", None
        case e.PlanningFailed(problem=problem):
            return "problem", f"Planning failed: {problem}", None
        case e.PlanningRetried(by=by):
            return "person", f"{by.name} asked for a new plan", None
        case e.Replied(text=text):
            return "plan", f"Answered: “{cut(plain(text), 160)}”", None
        case e.PersonSaid(by=by, text=text, subtask=subtask):
            return "person", f"{by.name} said: “{cut(text, 160)}”", subtask
        case e.PersonRemarked(by=by, text=text):
            return "person", f"{by.name} said to the others: “{cut(text, 160)}”", None
        case e.TaskPaused(by=by):
            return "person", f"{by.name} paused the task", None
        case e.TaskResumed(by=by):
            return "person", f"{by.name} resumed the task", None
        case e.TaskStopped(by=by):
            return "end", f"{by.name} stopped the task", None
        case e.TaskClosed(words=words):
            return "end", f"Closed: {plain(words)}" if words else "Closed", None
        case e.Noted(text=text, subtask=subtask, level=level):
            return "work" if level == "info" else "problem", plain(text) or "An empty note", subtask
        case _:
            return None


def _of_subtask(event: e.Event) -> Said | None:
    match event:
        case e.SubtaskStarted(subtask=name, attempt=attempt, leg=leg, host=host):
            again = f" again (attempt {attempt})" if attempt > 1 and leg == 1 else ""
            where = f", on {host}" if host else ""
            return "work", f"{'Continued' if leg > 1 else 'Started'}{again}{where}", name
        case e.TurnTaken(subtask=name, reply=reply):
            return "work", _calls(reply.calls) or cut(plain(reply.text), 160) or "Thought", name
        case e.ConversationCompacted(subtask=name, through=through) if through:
            return "work", f"Replaced turns 1 to {through} with notes to stay within the model's context window", name
        case e.ToolReturned(subtask=name, tool=tool, result=result):
            outcome = "outcome unknown" if result.unknown else "done" if result.ok else cut(result.text, 160)
            return "work" if result.ok else "problem", f"{tool_words(tool, {}).rstrip(':')}: {outcome}", name
        case e.CallSent(subtask=name, tool=tool, account=account) if account:
            return "work", f"{tool_words(tool, {}).rstrip(':')}: with {account}'s account", name
        case e.SkillsListed(subtask=name):
            return "work", "Got the list of skills", name
        case e.SkillUsed(subtask=name, skill=skill):
            return "work", f"Follows the skill {skill.words}", name
        case e.AgentUsed(subtask=name, agent=agent):
            return "work", f"Works with the agent {agent.words}", name
        case e.SubtaskParked(subtask=name, waits=waits):
            return "work", _waiting(waits), name
        case e.SubtaskFinished(subtask=name, summary=summary):
            return "work", FINISHED + cut(plain(summary), 160) if summary else "Finished", name
        case e.SubtaskFailed(subtask=name, problem=problem):
            return "problem", f"Failed: {problem}", name
        case e.SubtaskRetried(subtask=name, attempt=attempt, by=by):
            return "person" if by else "work", f"{by.name if by else 'threadwork'} retried it (attempt {attempt})", name
        case e.SubtaskSkipped(subtask=name, by=by):
            return "person", f"{by.name} skipped it", name
        case e.FindingShared(finding=it):
            return "finding", f"Found {it.kind}: {cut(value_words(it.value), 120)}", it.by
        case _:
            return None


_RETURNED: Mapping[str, str] = {
    "handed-back": "handed the page back",
    "idle": "was inactive for a while; the agent has control again",
    "away": "left the page; the agent has control again",
    "lost": "lost the page; the agent has control again",
}


def _of_skill(event: e.OfSavedSkill) -> Said:
    match event:
        case e.SkillRequested(by=by, installs=installs, source=source) if installs or source:
            where = f" from {source}" if source else ""
            return (
                "person",
                f"{by.name} asked to install {f'the skill {installs}' if installs else 'a skill'}{where}",
                None,
            )
        case e.SkillUnpacked(package=package):
            return "checkpoint", f"Unpacked the skill {package.name}", None
        case e.SkillRequested(by=by, words=words):
            return (
                "person",
                f"{by.name} asked to {f'change a skill: {cut(words, 120)}' if words else 'save a skill'}",
                None,
            )
        case e.SkillDrafted(draft=draft):
            return "checkpoint", f"Drafted the skill {draft.name}", None
        case e.SkillEdited(by=by, draft=draft):
            return "person", f"{by.name} edited the skill {draft.name}", None
        case e.SkillScriptDecided(by=by, approved=approved):
            return "person", f"{by.name} {'approved the script' if approved else 'left the script out'}", None
        case e.SkillTryRequested(by=by):
            return "person", f"{by.name} asked to try the draft", None
        case e.SkillTried(words=words):
            return "checkpoint", f"The draft was tried: {cut(plain(words), 160)}", None
        case e.SkillDecided(by=by, approved=approved):
            return "person", f"{by.name} {'approved' if approved else 'discarded'} the skill", None
        case e.SkillFiled(skill=skill):
            return "work", f"Saved the skill {skill.words}", None
        case e.SkillExportRequested(by=by):
            return "person", f"{by.name} asked to export the skill", None
        case e.SkillExported(file=file):
            return "file", f"Exported {file.name}", None
        case e.SkillSavingFailed(problem=problem):
            return "problem", problem, None
        case e.SkillRollbackRequested(by=by):
            return "person", f"{by.name} rolled the skill back", None
        case e.SkillArchived(days=days):
            return "work", f"Archived the skill: nobody used it for {days} days", None
        case e.SkillRevivalRequested(by=by):
            return "person", f"{by.name} asked to bring the skill back", None
        case e.SkillRevived():
            return "work", "The skill is in use again", None
        case e.SkillRolledBack(version=version):
            return "work", f"Version {version} of the skill is in use again" if version else "Archived the skill", None
        case _:
            return "work", "A skill changed", None


def _of_checkpoint(event: e.Event) -> Said:
    match event:
        case e.ApprovalRequested(approval=it):
            return "checkpoint", f"Asked to use {it.tool} {it.target}".rstrip(), it.subtask
        case e.ApprovalDecided(decision=decision, by=by):
            reason = f": {decision.reason}" if decision.reason else ""
            return "person", f"{by.name} chose {decision.verb.replace('-', ' ')}{reason}", None
        case e.QuestionAsked(question=it):
            return "checkpoint", f"Asked: “{cut(plain(it.text), 160)}”", it.subtask
        case e.QuestionAnswered(answers=answers, by=by):
            return "person", f"{by.name} answered: {cut('; '.join(answers.values()), 160)}", None
        case e.TakeoverStarted(subtask=name, by=by):
            return "person", f"{by.name} took over the page", name
        case e.TakeoverEnded(subtask=name, by=by, how=how):
            return "person", f"{by.name} {_RETURNED[how]}", name
        case e.DomainAllowed(subtask=name, domain=domain, by=by):
            return "person", f"{by.name} allowed {domain} for this task", name
        case e.DeliverableOffered(deliverable=it):
            return "file", f"Delivered {it.file.name}, version {it.version}", it.subtask
        case e.DeliverableDecided(verdict=verdict, by=by, text=text):
            words = {"approved": "approved the file", "changes": "asked for changes", "replaced": "replaced the file"}
            return "person", f"{by.name} {words[verdict]}{': ' + cut(text, 120) if text else ''}", None
        case e.OfSavedSkill():
            return _of_skill(event)
        case _:
            return "work", event.type.replace("-", " "), None


def _calls(calls: Iterable[Call]) -> str:
    """Describes an agent's calls; of several calls to one tool, the first and a number."""
    told: list[str] = []
    for _, same in groupby(calls, key=lambda call: call.tool):
        first, *more = same
        told.append(call_words(first) + (f" and {counted(len(more), 'more', 'more')}" if more else ""))
    return "; ".join(told)


def _waiting(waits: Waits) -> str:
    if waits.paused:
        return "Paused"
    if waits.approvals:
        return "Waiting for approval"
    return "Waiting for an answer" if waits.questions else "Waiting for findings"
