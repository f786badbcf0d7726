"""Turns commands about a takeover into facts or a refusal. Pure."""

from dataclasses import dataclass

from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.ids import Key
from orchestrator.domain.people import Person
from orchestrator.domain.task import SubtaskState, TaskState
from orchestrator.domain.tool_calls import domain_of
from orchestrator.errors import NotAllowed, NotFound, Refused, Stale
from orchestrator.explain_late_press import instead


@dataclass(frozen=True)
class Move:
    """A fact and its key."""

    key: Key
    event: e.Event


def move(command: c.StartTakeover | c.EndTakeover | c.AllowDomain, state: TaskState) -> Move:
    """Returns the fact that the command becomes. Raises a kind of Refused."""
    if command.by.kind in ("guest", "outsider"):
        raise NotAllowed("Guests can't take over a page; ask a member of this workspace to do it.")
    name = command.subtask
    if name not in state.subtasks:
        raise NotFound(f"There's no step {name!r} in this task.")
    now = state.of(name)
    match command:
        case c.StartTakeover(by=by):
            _may_take(state, now)
            return Move(Key(f"{name}/page:{now.takeover_seq}/taken"), e.TakeoverStarted(subtask=name, by=by))
        case c.EndTakeover(by=by, how=how):
            _has_control(now, by)
            return Move(Key(f"{name}/page:{now.takeover_seq}/returned"), e.TakeoverEnded(subtask=name, by=by, how=how))
        case c.AllowDomain(by=by, domain=domain):
            _has_control(now, by)
            plain = domain.strip().lower()
            if domain_of(f"https://{plain}") != plain:
                raise Refused(f"{domain!r} isn't a domain name.")
            return Move(Key(f"domain:{plain}"), e.DomainAllowed(subtask=name, domain=plain, by=by))


def _may_take(state: TaskState, now: SubtaskState) -> None:
    if state.final or now.status not in ("running", "parked"):
        ended = instead(state) if state.final else "This agent isn't working right now."
        raise Stale(f"{ended} There's no page to take over.")
    if now.takeover_by is not None:
        raise Stale(f"{now.takeover_by.name} has control of this page. Ask them to hand it back.")


def _has_control(now: SubtaskState, by: Person) -> None:
    if now.takeover_by is None:
        raise Stale("The page has already been handed back. If you still need to do something there, take over again.")
    if now.takeover_by.id != by.id:
        raise NotAllowed(f"{now.takeover_by.name} has control of this page; only they can do that.")
