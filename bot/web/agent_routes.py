"""Serves the agents of a team's own: their list, a form with history, and *Try it*. Only the owner may change them."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.web import render
from bot.web.agent_views import AgentEditor, AgentForm
from bot.web.files import fields_of
from bot.web.request_context import RequestContext
from orchestrator.domain.people import Person
from orchestrator.errors import NotAllowed, Refused

_MOST_FIELDS = 300


class AgentRoutes:
    """The addresses below /agents."""

    def __init__(self, visits: RequestContext, editor: AgentEditor) -> None:
        self._visits, self._editor = visits, editor

    async def page(self, request: Request) -> Response:
        """Lists all agents, for everyone here."""
        me, _ = await self._visits.who(request)
        if me.kind in ("guest", "outsider"):
            raise NotAllowed("Guests can't see this team's agents.")
        frame = await self._visits.frame(request)
        return HTMLResponse(render.agents_page(frame, await self._editor.lines()))

    async def form(self, request: Request) -> Response:
        """Shows an agent to change, or a new one."""
        await self._owner(request)
        name = request.path_params.get("name", "")
        return await self._shown(request, await self._editor.form(name))

    async def save(self, request: Request) -> Response:
        """Saves a version; a form with mistakes comes back with them."""
        _, fields = await self._sent(request)
        name = _one(fields, "agent")
        form = await self._editor.save(name, fields)
        if form.mistakes:
            return await self._shown(request, form, status=422)
        return RedirectResponse(f"/agents/{form.name}?saved=1", status_code=303)

    async def try_out(self, request: Request) -> Response:
        """Takes one turn with what is in the form, and shows it below."""
        me, fields = await self._sent(request)
        form = await self._editor.try_out(_one(fields, "agent"), fields, me)
        return await self._shown(request, form, status=422 if form.mistakes else 200)

    async def roll_back(self, request: Request) -> Response:
        """Lets an earlier version count again."""
        _, fields = await self._sent(request)
        name, number = _one(fields, "agent"), _one(fields, "number")
        if number and not (number.isascii() and number.isdigit() and len(number) < 9):
            raise Refused("Choose a version from the list.")
        await self._editor.roll_back(name, int(number) if number else None)
        return RedirectResponse(f"/agents/{name}", status_code=303)

    async def remove(self, request: Request) -> Response:
        """Takes an agent off the roster."""
        _, fields = await self._sent(request)
        await self._editor.remove(_one(fields, "agent"))
        return RedirectResponse("/agents", status_code=303)

    async def _shown(self, request: Request, form: AgentForm, *, status: int = 200) -> Response:
        frame = await self._visits.frame(request)
        saved = "saved" in request.query_params
        return HTMLResponse(render.agent_page(frame, form, saved=saved), status_code=status)

    async def _owner(self, request: Request) -> Person:
        me, _ = await self._visits.who(request)
        if (await self._visits.room()).owner != me.id:
            raise NotAllowed("Only the owner of this workspace can change or try agents.")
        return me

    async def _sent(self, request: Request) -> tuple[Person, Mapping[str, Sequence[str]]]:
        me = await self._owner(request)
        _, session = await self._visits.who(request)
        async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
            given = form.get("csrf")
            self._visits.guard(session, given if isinstance(given, str) else "")
            return me, fields_of(form)


def _one(fields: Mapping[str, Sequence[str]], key: str) -> str:
    return next(iter(fields.get(key, ())), "")
