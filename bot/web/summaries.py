"""Summarizes task states for lists. Pure."""

from collections.abc import Iterable
from datetime import datetime

from bot.cards.card_projection import project, waiting
from bot.cards.tool_call_wording import plain
from bot.web.view_models import ChannelView, Rail, RailPerson, SessionLine, Summary
from bot.web.workspace_state import PLATFORM, WorkspaceRoom
from orchestrator.domain.people import Person
from orchestrator.domain.task import TaskState

MOST_IN_RAIL = 12
MOST_MESSAGES = 200


def summary(state: TaskState) -> Summary:
    """Returns a task as one line."""
    card = project(state)
    asked = state.request
    return Summary(
        task=state.id,
        title=card.title,
        state=card.state,
        headline=plain(card.headline),
        platform=asked.place.platform if asked else "",
        channel=asked.place.channel if asked else "",
        by=asked.by.name if asked else "",
        by_id=asked.by.id if asked else "",
        needs=state.phase != "stopped" and (card.state == "needs-you" or bool(waiting(card.checkpoints))),
        done=sum(1 for r in card.rows if r.state in ("done", "skipped")),
        steps=len(card.rows),
        asked=card.opened,
        draft=next((row.name for row in state.saved.values() if row.status == "waiting"), ""),
    )


def rail(room: WorkspaceRoom, tasks: Iterable[Summary], me: Person, *, channel: str = "", task: str = "") -> Rail:
    """Returns the rail for one person."""
    rows = tuple(tasks)
    mine = tuple(t for t in rows if _of(t, me))
    arrived = room.arrived()
    return Rail(
        channels=room.channels,
        people=tuple(RailPerson(p.id, p.name, p.id in arrived, p.id == me.id) for p in room.people.values()),
        waiting=tuple(t for t in mine if t.needs),
        mine=tuple(t for t in mine if not t.needs)[:MOST_IN_RAIL],
        elsewhere=tuple(t for t in rows if t.platform != PLATFORM and not _of(t, me))[:MOST_IN_RAIL],
        drafts=tuple(t for t in rows if t.draft),
        channel=channel,
        task=task,
    )


def _of(task: Summary, me: Person) -> bool:
    """Returns whether the person asked for it, here or, under the same name, at this machine's terminal."""
    return task.by_id in (me.id, f"terminal:{me.id.removeprefix(f'{PLATFORM}:')}")


def stays(room: WorkspaceRoom, me: Person, session: str, now: datetime) -> tuple[SessionLine, ...]:
    """Returns the sessions that a person may end: their own and, for the owner, everyone's. `session`: the current
    one."""
    mine = (s for s in room.stays.values() if s.person in room.people and now < s.until)
    shown = sorted((s for s in mine if me.id in (s.person, room.owner)), key=lambda s: s.since, reverse=True)
    return tuple(SessionLine(s.name, room.people[s.person].name, s.browser, s.since, s.name == session) for s in shown)


def channel(room: WorkspaceRoom, tasks: Iterable[Summary], name: str) -> ChannelView:
    """Returns a channel with its messages and threads, newest thread first."""
    rows = tuple(t for t in tasks if t.platform == PLATFORM and t.channel == name)
    messages = tuple(n for n in room.messages if n.channel == name)[-MOST_MESSAGES:]
    return ChannelView(name, messages, rows, {t.task: t for t in rows})
