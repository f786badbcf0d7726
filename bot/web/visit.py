"""Somebody's request: who it is, what the room looks like, and the frame around every page."""

from pathlib import Path
from secrets import token_hex

from starlette.requests import Request

from bot.web import lists
from bot.web.access import COOKIE, Seal, Session
from bot.web.excerpt import Excerpts
from bot.web.room import ROOM, Room, fold
from bot.web.story import Stories
from bot.web.views import Frame, Summary
from orchestrator.desk import Desk
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Person
from orchestrator.errors import NotAllowed
from orchestrator.ports import Clock

STATIC = Path(__file__).parent / "static"


class NotIn(NotAllowed):
    """Open the login link that you were given; each works once, and the owner can make you a new one."""


class Visits:
    """What every handler needs; knows nothing of single pages."""

    def __init__(self, desk: Desk, *, secret: bytes, clock: Clock) -> None:
        self.desk = desk
        self.clock = clock
        self.seal = Seal(secret)
        self.stories = Stories(desk)
        self.excerpts = Excerpts(desk.shelf)
        self._room = Room()
        self._lines: dict[TaskId, tuple[int, Summary]] = {}

    async def room(self) -> Room:
        """The room, up to date."""
        base = self._room
        self._room = fold(base, await self.desk.room(ROOM, after=base.seq))
        return self._room

    async def who(self, request: Request) -> tuple[Person, Session]:
        """The person of a valid cookie. Raises NotIn."""
        session = self.seal.open(request.cookies.get(COOKIE, ""), self.clock.now())
        person = (await self.room()).people.get(session.person) if session else None
        if session is None or person is None:
            raise NotIn
        return person, session

    def guard(self, session: Session, token: str) -> None:
        """Raises NotAllowed unless the form was made for this session."""
        if not self.seal.csrf_holds(session, token):
            raise NotAllowed("This form is not from your page; load the page again.")

    async def summaries(self) -> tuple[Summary, ...]:
        """Every task as a line, newest first; only what changed is projected again."""
        states = await self.desk.states()
        lines = {s.id: self._lines.get(s.id) for s in states}
        fresh = {s.id: old if (old := lines[s.id]) and old[0] == s.seq else (s.seq, lists.summary(s)) for s in states}
        self._lines = fresh
        return tuple(line for _, line in fresh.values())

    async def frame(self, request: Request, *, channel: str = "", task: str = "") -> Frame:
        """The page around the content. Raises NotIn."""
        me, session = await self.who(request)
        room = await self.room()
        return Frame(
            me=me,
            owner=room.owner == me.id,
            csrf=self.seal.csrf(session),
            fresh=token_hex(12),
            theme=theme(request),
            trouble=self.desk.trouble.words,
            rail=lists.rail(room, await self.summaries(), me, channel=channel, task=task),
        )


def theme(request: Request) -> str:
    """`light`, `dark`, or `auto`, as the person chose."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in ("light", "dark") else "auto"
