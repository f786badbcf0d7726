"""Knows a request's person and room, and draws the frame around every page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sized
from pathlib import Path
from secrets import token_hex

from starlette.requests import Request

from bot.web import summaries
from bot.web.auth import TokenSigner, WebSession, cookie_name, hashed
from bot.web.excerpt_cache import Excerpts
from bot.web.task_cache import TaskCache
from bot.web.view_models import PageFrame, Summary
from bot.web.workspace_state import PLATFORM, ROOM, WorkspaceRoom, fold
from orchestrator.desk import Desk, PersonalDesk
from orchestrator.domain.audience import Viewer
from orchestrator.domain.events import Event, Record
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Person
from orchestrator.domain.task_list import TaskQuery
from orchestrator.errors import NotAllowed
from orchestrator.ports import Clock, Shelf

STATIC = Path(__file__).parent / "static"
MOST_LINES = 400
"""Summaries kept in memory."""


class NotSignedIn(NotAllowed):
    """Open the sign-in link you were given. Each link works once; the owner can create a new one for you."""


class RequestContext:
    """What every handler needs; it knows nothing about single pages. Tasks are reached only through `own_desk`."""

    def __init__(
        self,
        desk: Desk,
        *,
        secret: bytes,
        clock: Clock,
        agents: bool = False,
        untrusted: Callable[[], Awaitable[Sized]] | None = None,
    ) -> None:
        """`agents`: whether there is a page of agents. `untrusted`: finds shared folders that wait for the owner."""
        self._untrusted = untrusted
        self.hub_desk = desk
        self._agents = agents
        self.clock = clock
        self.seal = TokenSigner(secret)
        self.stories = TaskCache()
        self.excerpts = Excerpts(desk.shelf)
        self._room = WorkspaceRoom()
        self._lines: dict[TaskId, tuple[int, Summary]] = {}

    @property
    def shelf(self) -> Shelf:
        """Files by hash; only those that a task or message names are served."""
        return self.hub_desk.shelf

    async def room(self) -> WorkspaceRoom:
        """Returns the current room."""
        base = self._room
        self._room = fold(base, await self.hub_desk.room(ROOM, after=base.seq))
        return self._room

    def room_changes(self) -> AsyncIterator[Record]:
        """Yields the room's facts from now on."""
        return self.hub_desk.watch_room(ROOM, after=self._room.seq)

    def trouble_changes(self) -> AsyncIterator[str]:
        """Yields what keeps facts from being written, whenever it changes."""
        return self.hub_desk.trouble_changes()

    async def note(self, key: str, event: Event) -> None:
        """Records a fact of the room once per key."""
        await self.hub_desk.note(ROOM, key, event)

    async def who(self, request: Request) -> tuple[Person, WebSession]:
        """Returns the person of a valid cookie. Raises NotSignedIn."""
        token = request.cookies.get(cookie_name(request.url.port), "")
        room = await self.room()
        stay = room.stays.get(hashed(token))
        person = room.people.get(stay.person) if stay else None
        if stay is None or person is None or self.clock.now() >= stay.until:
            raise NotSignedIn
        return person, WebSession(person.id, stay.name)

    async def own_desk(self, request: Request) -> PersonalDesk:
        """Returns the desk as this person may use it. Raises NotSignedIn."""
        me, _ = await self.who(request)
        room = await self.room()
        viewer = Viewer(me, also=room.also.get(me.id, frozenset()), owner=room.owner == me.id)
        return PersonalDesk(self.hub_desk, viewer)

    def guard(self, session: WebSession, token: str) -> None:
        """Raises NotAllowed unless the form was made for this session."""
        if not self.seal.csrf_holds(session, token):
            raise NotAllowed("This form didn't come from your page; reload the page.")

    async def summaries(self, own_desk: PersonalDesk, channel: str = "") -> tuple[Summary, ...]:
        """Returns the tasks that the person may see as lines, newest first; only changed ones are projected again.

        Includes the newest, everything unfinished, and the channel's newest.
        """
        queries = [TaskQuery(), TaskQuery(unfinished=True, most=None)]
        if channel:
            queries.append(TaskQuery(platform=PLATFORM, channel=channel))
        states = await own_desk.states(*queries)
        found: list[Summary] = []
        for state in states:
            old = self._lines.get(state.id)
            line = old[1] if old and old[0] == state.seq else summaries.summary(state)
            self._lines.pop(state.id, None)
            self._lines[state.id] = (state.seq, line)
            found.append(line)
        while len(self._lines) > MOST_LINES:
            del self._lines[next(iter(self._lines))]
        return tuple(found)

    async def frame(self, request: Request, *, channel: str = "", task: str = "") -> PageFrame:
        """Returns the page around the content. Raises NotSignedIn."""
        me, session = await self.who(request)
        room = await self.room()
        rows = await self.summaries(await self.own_desk(request))
        return PageFrame(
            me=me,
            owner=room.owner == me.id,
            csrf=self.seal.csrf(session),
            fresh=token_hex(12),
            theme=theme(request),
            agents=self._agents,
            untrusted=len(await self._untrusted()) if self._untrusted and room.owner == me.id else 0,
            trouble=self.hub_desk.trouble,
            rail=summaries.rail(room, rows, me, channel=channel, task=task),
        )


def theme(request: Request) -> str:
    """Returns `light`, `dark`, or `auto`, as the person chose."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in ("light", "dark") else "auto"
