"""The page of skills in shared folders that wait for trust: only the workspace's owner sees them and may trust them."""

from collections.abc import Sequence
from typing import Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.web import parse_form, render
from bot.web.files import fields_of
from bot.web.request_context import RequestContext
from bot.web.view_models import UntrustedFolder
from orchestrator.errors import NotAllowed, Refused


class SharedSkills(Protocol):
    """The skills of this machine's shared folders. `trust` returns a sentence, or raises a kind of Refused."""

    async def waiting(self) -> Sequence[UntrustedFolder]: ...

    async def trust(self, path: str, hash_: str) -> str: ...


class SharedSkillRoutes:
    """Reads and answers the question; nothing of these skills reaches a model before."""

    def __init__(self, visits: RequestContext, shared: SharedSkills) -> None:
        self._visits, self._shared = visits, shared

    async def page(self, request: Request) -> Response:
        await self._owner(request)
        return await self._page(request)

    async def press(self, request: Request) -> Response:
        """Trusts the skills that the page showed, and only those."""
        await self._owner(request)
        _, session = await self._visits.who(request)
        async with request.form(max_files=0, max_fields=10) as form:
            token = form.get("csrf")
            self._visits.guard(session, token if isinstance(token, str) else "")
            fields = fields_of(form)
        try:
            said = await self._shared.trust(parse_form.one(fields, "path"), parse_form.one(fields, "hash"))
            return await self._page(request, said)
        except Refused as error:
            return await self._page(request, str(error), problem=True)

    async def _page(self, request: Request, said: str = "", *, problem: bool = False) -> Response:
        frame, found = await self._visits.frame(request), await self._shared.waiting()
        page = render.shared_skills_page(frame, found, said=said, problem=problem)
        return HTMLResponse(page, status_code=422 if problem else 200)

    async def _owner(self, request: Request) -> None:
        me, _ = await self._visits.who(request)
        if (await self._visits.room()).owner != me.id:
            raise NotAllowed("Only the owner of this workspace can trust skills of shared folders.")
