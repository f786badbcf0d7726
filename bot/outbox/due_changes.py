"""Compares what is wanted with what is shown, and returns the changes that are due. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.outbox.desired_messages import CARD, DesiredMessage, Mark
from bot.outbox.posted_thread import PostedThread
from bot.outbox.rate_limits import Haste, Operation
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Place

DRAFT_AFTER = 1.0
"""Seconds that a draft collects words before it is worth an edit: a short answer is complete by then."""
LOOK_AFTER = 2.0
"""Seconds until a post whose response was lost, or that a crash interrupted, is visible if it was made."""


@dataclass
class DueChange:
    """One change. `since`: when it became due, in seconds; not before `at`; `tries`: failures so far. `spare`: only
    what models are writing has changed, so it waits for everything else and leaves room for it."""

    task: TaskId
    want: DesiredMessage
    operation: Operation
    place: Place
    index: int
    since: float
    at: float
    urgent: bool
    tries: int = 0
    spare: bool = False

    @property
    def haste(self) -> Haste:
        return "urgent" if self.urgent else "spare" if self.spare else "ordinary"

    @property
    def order(self) -> tuple[bool, bool, float, int]:
        """Urgent ones first and drafts last, then what has been wrong for longest, then in the thread's order."""
        return (not self.urgent, self.spare, self.since, self.index)


def due(
    task: TaskId,
    wants: Iterable[DesiredMessage],
    standing: PostedThread,
    *,
    place: Place,
    before: Mapping[str, DueChange],
    now: float,
) -> dict[str, DueChange]:
    """Returns the changes that make the thread show what is wanted. `before`: changes that were due already keep their
    age and patience.

    Messages wait for the card, which creates the thread.
    """
    found: dict[str, DueChange] = {}
    if standing.closed:
        return found
    for index, want in enumerate(wants):
        operation = _operation(want, standing)
        if operation is None:
            continue
        here = standing.posted[want.key].place if operation == "edit" else place
        spare = operation == "edit" and standing.lasting.get(want.key) == want.lasting
        old = before.get(want.key)
        if old and old.spare != spare and not old.tries:
            old = None  # a fact doesn't wait for as long as a draft may
        since = old.since if old else now
        wait = {"find": LOOK_AFTER, "post": want.after, "edit": DRAFT_AFTER if spare else 0.0}.get(operation, 0.0)
        at = old.at if old else now + wait
        alarmed = bool(want.alarm) and standing.alarms.get(want.key) != want.alarm
        urgent = want.urgent or alarmed or (want.key == CARD and operation != "edit")
        tries = old.tries if old else 0
        found[want.key] = DueChange(task, want, operation, here, index, since, at, urgent, tries, spare)
    if CARD in found and found[CARD].operation != "edit":
        return {k: d for k, d in found.items() if k == CARD or isinstance(d.want.item, Mark)}
    return found


def _operation(want: DesiredMessage, standing: PostedThread) -> Operation | None:
    if want.key in standing.posted:
        return None if want.once or standing.shown.get(want.key) == want.fingerprint else "edit"
    if isinstance(want.item, Mark):
        if want.item.mark == "unseen":
            return "unreact" if "mark/seen" in standing.posted else None
        return "react" if want.fresh else None
    if want.key in standing.unsure:
        return "find"
    if standing.given_up(want.key):
        return None
    return "post" if want.fresh else None
