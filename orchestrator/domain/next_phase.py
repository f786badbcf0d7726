"""How facts move a task from phase to phase. Pure; the fold and the task list share it."""

from orchestrator.domain import events as e
from orchestrator.domain.phases import Phase


def next_phase(phase: Phase, started: bool, event: e.Event) -> tuple[Phase, bool]:
    """Returns the phase after `event`, and whether the plan has been started."""
    match event:
        case e.PlanDrafted():
            return (phase if started else "review"), started
        case e.Replied(keeps_plan=True) if phase == "planning":
            return "review", started
        case e.PlanStarted():
            return "running", True
        case e.PlanningFailed():
            return "stuck", started
        case e.PlanningRetried():
            return "planning", started
        case e.PersonSaid() if replans(phase, event):
            return "planning", False
        case e.TaskPaused() if phase == "running":
            return "paused", started
        case e.TaskResumed() if phase == "paused":
            return "running", started
        case e.TaskStopped():
            return "stopped", started
        case e.TaskClosed(outcome=outcome):
            return outcome, started
        case e.DeliverableDecided() if reopens(phase, event):
            return "running", True
        case _:
            return phase, started


def replans(phase: Phase, event: e.PersonSaid) -> bool:
    """A reply before the start or after the end makes the planner think again; during a run, the agents get it."""
    return event.subtask is None and phase in ("stuck", "review", "done", "answered")


def reopens(phase: Phase, event: e.DeliverableDecided) -> bool:
    """A file has to be revised: a task that had ended continues."""
    return event.verdict == "changes" and phase in ("done", "answered")
