"""Turns a press on a card's button into a command. Pure; a button means the same on every platform."""

from dataclasses import dataclass

from pydantic import JsonValue

from orchestrator.domain import commands as c
from orchestrator.domain.approvals_and_questions import Decision, Verb
from orchestrator.domain.ids import ApprovalId, DeliverableId, QuestionId, SubtaskId, TaskId
from orchestrator.domain.people import FileRef, Person
from orchestrator.domain.plan import Plan
from orchestrator.domain.skills import SkillScope, SkillText
from orchestrator.domain.takeover import COULD_NOT, DONE, OUTCOME
from orchestrator.errors import NotFound, Refused

VERBS: dict[str, Verb] = {
    "approve": "approve",
    "approve-for-task": "approve-for-task",
    "edit": "edit",
    "reject": "reject",
}


@dataclass(frozen=True, slots=True)
class Press:
    """What a platform knows about a press: the button's verb and ref, and what its form returned."""

    id: str
    by: Person
    task: TaskId
    verb: str
    ref: str = ""
    words: str = ""
    file: FileRef | None = None
    arguments: dict[str, JsonValue] | None = None
    answers: dict[str, str] | None = None
    own_words: bool = False
    """The answer may be none of the choices."""
    plan: Plan | None = None
    skill: SkillText | None = None
    scope: SkillScope | None = None
    """Whose the skill is to be."""


def command(press: Press) -> c.AnyCommand:
    """Returns the command that a press means. Raises Refused with a sentence if the press lacks something its verb
    needs."""
    return _of_task(press) or _of_part(press) or _of_skill(press) or _of_checkpoint(press)


def _of_task(press: Press) -> c.AnyCommand | None:
    id_, by, task = press.id, press.by, press.task
    match press.verb:
        case "start":
            return c.StartPlan(id=id_, by=by, task=task, base=_number(press.ref))
        case "edit-plan":
            if press.plan is None:
                raise Refused("The form came back empty. Open it again.")
            version, _, running = press.ref.partition(":")
            seen = {"": None, "waiting": False, "running": True}.get(running)
            return c.EditPlan(id=id_, by=by, task=task, base=_number(version), running=seen, plan=press.plan)
        case "retry-planning":
            return c.RetryPlanning(id=id_, by=by, task=task)
        case "stop":
            return c.Stop(id=id_, by=by, task=task)
        case "pause":
            return c.Pause(id=id_, by=by, task=task)
        case "resume":
            return c.Resume(id=id_, by=by, task=task)
        case _:
            return None


def _of_part(press: Press) -> c.AnyCommand | None:
    id_, by, task = press.id, press.by, press.task
    match press.verb:
        case "retry":
            name, _, attempt = press.ref.rpartition(":")
            return c.RetrySubtask(id=id_, by=by, task=task, subtask=SubtaskId(name), attempt=_number(attempt))
        case "skip":
            name, _, attempt = press.ref.partition(":")
            seen = _number(attempt) if attempt else None
            return c.SkipSubtask(id=id_, by=by, task=task, subtask=SubtaskId(name), attempt=seen)
        case "pass-on":
            return c.Say(id=id_, by=by, task=task, text=press.words)
        case "redirect":
            words = _needed(press.words, "Say what this agent should do instead.")
            return c.Say(id=id_, by=by, task=task, text=words, subtask=SubtaskId(press.ref))
        case _:
            return None


_SCOPES: dict[str, SkillScope] = {"person": "person", "channel": "channel", "team": "team"}


def _of_skill(press: Press) -> c.SkillCommand | None:
    id_, by, task = press.id, press.by, press.task
    number, _, rest = press.ref.partition(":")
    revision, _, scope = rest.partition(":")
    match press.verb:
        case "save-skill":
            return c.SaveSkill(id=id_, by=by, task=task)
        case "edit-skill":
            if press.skill is None or press.scope is None:
                raise Refused("The form came back empty. Open it again.")
            return c.EditSkill(
                id=id_, by=by, task=task, saving=_number(number), revision=_number(revision), draft=press.skill,
                scope=press.scope,
            )  # fmt: skip
        case "approve-script" | "leave-script-out":
            return c.DecideScript(
                id=id_, by=by, task=task, saving=_number(number), revision=_number(revision),
                approved=press.verb == "approve-script",
            )  # fmt: skip
        case "try-skill":
            return c.TrySkill(id=id_, by=by, task=task, saving=_number(number), revision=_number(revision))
        case "approve-skill" | "discard-skill":
            return c.DecideSkill(
                id=id_, by=by, task=task, saving=_number(number), revision=_number(revision),
                approved=press.verb == "approve-skill", scope=_SCOPES.get(scope),
            )  # fmt: skip
        case "roll-back-skill":
            return c.RollBackSkill(id=id_, by=by, task=task, saving=_number(number))
        case "bring-back-skill":
            return c.ReviveSkill(id=id_, by=by, task=task, saving=_number(number))
        case "export-skill":
            return c.ExportSkill(id=id_, by=by, task=task, saving=_number(number))
        case _:
            return None


def _of_checkpoint(press: Press) -> c.AnyCommand:
    id_, by, task = press.id, press.by, press.task
    if press.verb in VERBS:
        if press.verb == "edit" and press.arguments is None:
            raise Refused("The form came back empty. Open it again.")
        args = press.arguments if press.verb == "edit" else None
        decision = Decision(verb=VERBS[press.verb], reason=press.words, args=args)
        return c.Decide(id=id_, by=by, task=task, approval=ApprovalId(press.ref), decision=decision)
    match press.verb:
        case "answer":
            return c.AnswerQuestion(
                id=id_, by=by, task=task, question=QuestionId(press.ref), answers=press.answers or {},
                own_words=press.own_words,
            )  # fmt: skip
        case "choose":
            name, _, choice = press.ref.rpartition(":")
            return c.AnswerQuestion(id=id_, by=by, task=task, question=QuestionId(name), choice=_number(choice))
        case "take-over":
            raise Refused("Open the task in the web workspace and press Take over in its Browser panel.")
        case "open-link":
            raise Refused("Open the task in the web workspace and press Open the page there.")
        case "handed-back" | "could-not":
            answers = {OUTCOME: DONE if press.verb == "handed-back" else COULD_NOT}
            return c.AnswerQuestion(id=id_, by=by, task=task, question=QuestionId(press.ref), answers=answers)
        case "accept":
            return c.Review(id=id_, by=by, task=task, deliverable=DeliverableId(press.ref), verdict="approved")
        case "revise":
            return c.Review(id=id_, by=by, task=task, deliverable=DeliverableId(press.ref), verdict="changes")
        case "request-changes":
            words = _needed(press.words, "Say what should change, so the agent knows what to do.")
            return c.Review(
                id=id_, by=by, task=task, deliverable=DeliverableId(press.ref), verdict="changes", text=words
            )
        case "replace":
            if press.file is None:
                raise Refused("Choose a replacement file.")
            return c.Review(
                id=id_, by=by, task=task, deliverable=DeliverableId(press.ref), verdict="replaced",
                text=press.words, file=press.file,
            )  # fmt: skip
        case _:
            raise NotFound(f"There's no button {press.verb!r}; reload the page.")


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Refused(f"The button's reference {text!r} isn't a number; reload the page.") from None


def _needed(text: str, sentence: str) -> str:
    if not text.strip():
        raise Refused(sentence)
    return text.strip()
