"""What is wanted, against what stands there: the deeds that are due. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.outbox.desired_messages import CARD, Mark, Want
from bot.outbox.rate_limits import Deed
from bot.outbox.standing import Standing
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Place

LOOK_AFTER = 2.0
"""Seconds until a post whose answer was lost, or that a crash interrupted, can be seen if it was made."""


@dataclass
class Due:
    """One deed. `since`: when it became due, in seconds; not before `at`; `tries`: how often it has failed."""

    task: TaskId
    want: Want
    deed: Deed
    place: Place
    index: int
    since: float
    at: float
    urgent: bool
    tries: int = 0

    @property
    def order(self) -> tuple[bool, float, int]:
        """Urgent first, then what has been wrong for longest, then as a thread is read."""
        return (not self.urgent, self.since, self.index)


def due(
    task: TaskId, wants: Iterable[Want], standing: Standing, *, place: Place, before: Mapping[str, Due], now: float
) -> dict[str, Due]:
    """The deeds that make the thread show what is wanted. `before`: what was due already keeps its age and patience.

    Messages wait for the card, which makes the thread.
    """
    found: dict[str, Due] = {}
    for index, want in enumerate(wants):
        deed = _deed(want, standing)
        if deed is None:
            continue
        here = standing.posted[want.key].place if deed == "edit" else place
        old = before.get(want.key)
        since = old.since if old else now
        at = old.at if old else now + (LOOK_AFTER if deed == "find" else want.after if deed == "post" else 0.0)
        alarmed = bool(want.alarm) and standing.alarms.get(want.key) != want.alarm
        urgent = want.urgent or alarmed or (want.key == CARD and deed != "edit")
        found[want.key] = Due(task, want, deed, here, index, since, at, urgent, old.tries if old else 0)
    if CARD in found and found[CARD].deed != "edit":
        return {k: d for k, d in found.items() if k == CARD or isinstance(d.want.item, Mark)}
    return found


def _deed(want: Want, standing: Standing) -> Deed | None:
    if want.key in standing.posted:
        return None if want.once or standing.shown.get(want.key) == want.fingerprint else "edit"
    if isinstance(want.item, Mark):
        if want.item.mark == "unseen":
            return "unreact" if "mark/seen" in standing.posted else None
        return "react" if want.fresh else None
    if want.key in standing.unsure:
        return "find"
    return "post" if want.fresh else None
