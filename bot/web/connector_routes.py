"""The page of connectors: how each is, its tools and account, and what a person may do there."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.inbox.parse_connect_command import no_such
from bot.web import parse_form, render
from bot.web.connector_views import ConnectorsShown
from bot.web.files import fields_of
from bot.web.private_routes import ConnectorSignIns, SignInRequest, base_of
from bot.web.request_context import RequestContext, theme
from orchestrator.domain.audience import Viewer
from orchestrator.errors import NotFound, Refused

_SECRET = "secret."


class ConnectorBoard(Protocol):
    """The connectors of this home. Each action returns a sentence, or raises a kind of Refused with one."""

    async def shown(self, viewer: Viewer) -> ConnectorsShown: ...

    async def test(self, name: str, viewer: Viewer) -> str: ...

    async def approve(self, name: str, viewer: Viewer, *, digest: str, reads: frozenset[str]) -> str: ...

    async def sign_out(self, name: str, viewer: Viewer) -> str: ...

    async def add(self, name: str, viewer: Viewer, secrets: Mapping[str, str]) -> str: ...

    async def remove(self, name: str, viewer: Viewer) -> str: ...

    async def may_sign_in(self, name: str, viewer: Viewer) -> SignInRequest: ...


class ConnectorRoutes:
    """Everyone in the workspace sees the page; the board says what each may do."""

    def __init__(self, visits: RequestContext, board: ConnectorBoard, sign_ins: ConnectorSignIns) -> None:
        self._visits, self._board, self._sign_ins = visits, board, sign_ins

    async def page(self, request: Request) -> Response:
        """`?name=`: the connector that the person asked for."""
        return await self._page(request, wanted=request.query_params.get("name", ""))

    async def press(self, request: Request) -> Response:
        """A pressed button; the page that follows says how it went."""
        _, session = await self._visits.who(request)
        async with request.form(max_files=0, max_fields=600) as form:
            token = form.get("csrf")
            self._visits.guard(session, token if isinstance(token, str) else "")
            fields = fields_of(form)
        viewer = (await self._visits.own_desk(request)).viewer
        verb, name = parse_form.one(fields, "verb"), parse_form.one(fields, "name")
        try:
            if verb == "sign-in":
                asked = (await self._board.may_sign_in(name, viewer))._replace(base=base_of(request))
                url = await self._sign_ins.begin(asked)
                return HTMLResponse(render.link_page(url, f"You sign in there for {name}.", theme=theme(request)))
            return await self._page(request, await self._done(verb, name, viewer, fields))
        except Refused as error:
            return await self._page(request, str(error), problem=True)

    async def _done(self, verb: str, name: str, viewer: Viewer, fields: parse_form.Fields) -> str:
        match verb:
            case "test":
                return await self._board.test(name, viewer)
            case "approve":
                reads = frozenset(fields.get("read", ()))
                return await self._board.approve(name, viewer, digest=parse_form.one(fields, "digest"), reads=reads)
            case "sign-out":
                return await self._board.sign_out(name, viewer)
            case "add":
                given = {
                    key.removeprefix(_SECRET): parse_form.one(fields, key) for key in fields if key.startswith(_SECRET)
                }
                return await self._board.add(name, viewer, given)
            case "remove":
                return await self._board.remove(name, viewer)
            case _:
                raise NotFound(f"There's no action {verb!r}. Reload the page.")

    async def _page(self, request: Request, said: str = "", *, problem: bool = False, wanted: str = "") -> Response:
        viewer = (await self._visits.own_desk(request)).viewer
        shown = await self._board.shown(viewer)
        names = [line.name for line in shown.lines]
        if wanted in names:
            shown = replace(shown, lines=tuple(sorted(shown.lines, key=lambda line: line.name != wanted)))
        elif wanted:
            said, problem = no_such(wanted, names), True
        frame = await self._visits.frame(request)
        page = render.connectors_page(frame, shown, said=said, problem=problem)
        return HTMLResponse(page, status_code=422 if problem else 200)
