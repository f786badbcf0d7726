"""Says for which tasks something is: by team, channel, and person. Pure."""

from orchestrator.domain.base_value import Value
from orchestrator.domain.people import Place, Request


class TaskScope(Value):
    """An empty list doesn't limit.

    `teams`: `slack:T1`. `channels`: `slack:T1/C1`. `people`: `slack:T1/U1` or `web:ada`.
    """

    teams: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    def includes(self, request: Request | None, ids: frozenset[str] = frozenset()) -> bool:
        """Returns whether it is for a task with this request; without one, only if nothing is limited.

        `ids`: further ids of the person who asked.
        """
        if request is None:
            return not (self.teams or self.channels or self.people)
        return self.reaches(request.place, ids | {request.by.id})

    def reaches(self, place: Place, ids: frozenset[str]) -> bool:
        """Returns whether it is for requests of the person with these ids in this place."""
        here = (
            (self.teams, {place.team}),
            (self.channels, {f"{place.platform}:{place.channel}"}),
            (self.people, ids),
        )
        return all(not wanted or found & set(wanted) for wanted, found in here)


EVERY_TASK = TaskScope()
