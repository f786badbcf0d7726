"""The addresses behind a page that a person has taken over: the view, its pictures, and the person's input."""

import json
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from bot.cards.card_projection import project
from bot.web import render
from bot.web.request_context import RequestContext
from bot.web.takeover import OVER, Takeovers, asked_at
from bot.web.view_models import TakeoverView
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.people import Person
from orchestrator.domain.takeover import MOST_TOUCHES, Touch
from orchestrator.errors import NotFound, Refused, Stale, ToolFailed

_TOUCHES: TypeAdapter[tuple[Touch, ...]] = TypeAdapter(tuple[Touch, ...])
VIEW = "x-view"


class TakeoverRoutes:
    """Checks every request's person; what is typed appears in no address and no message."""

    def __init__(self, visits: RequestContext, takeovers: Takeovers) -> None:
        self._visits, self._takeovers = visits, takeovers

    async def page(self, request: Request) -> Response:
        task, subtask = _place(request)
        frame = await self._visits.frame(request, task=task)
        state = await (await self._visits.own_desk(request)).state(task)
        now = state.of(subtask)
        row = next((r for r in project(state).rows if r.id == subtask), None)
        if row is None:
            raise NotFound("That step isn't part of this task.")
        asked = asked_at(state, subtask)
        view = TakeoverView(
            task=task,
            subtask=subtask,
            title=row.title,
            mine=now.takeover_by is not None and now.takeover_by.id == frame.me.id,
            by=now.takeover_by.name if now.takeover_by else "",
            asked=state.questions[asked].question.text if asked else "",
            possible=not state.final and now.status in ("running", "parked"),
        )
        return HTMLResponse(render.takeover_page(frame, view))

    async def state(self, request: Request) -> Response:
        """Says who has control, for a page that is waiting."""
        task, subtask = _place(request)
        state = await (await self._visits.own_desk(request)).state(task)
        now = state.of(subtask)
        return JSONResponse({"by": now.takeover_by.name if now.takeover_by else "", "status": now.status})

    async def picture(self, request: Request) -> Response:
        """Returns the newest picture other than `after`, or the same one after some seconds. A slow client misses
        some."""
        me, _ = await self._visits.who(request)
        after = request.query_params.get("after", "")
        number = int(after) if after.isascii() and after.isdigit() and len(after) < 12 else -1
        try:
            view, picture = await self._takeovers.see(*_place(request), me, number)
        except ToolFailed as error:
            raise Stale(f"{error} {OVER}") from error
        about = json.dumps(view.model_dump(mode="json", exclude={"asks": {"words", "text", "options"}}))
        return Response(picture, media_type="image/jpeg", headers={VIEW: about, "cache-control": "no-store"})

    async def asks(self, request: Request) -> Response:
        """Returns everything the page asks; it's too long for a header."""
        me, _ = await self._visits.who(request)
        try:
            view, _ = await self._takeovers.see(*_place(request), me, -1)
        except ToolFailed as error:
            raise Stale(f"{error} {OVER}") from error
        asks = view.asks.model_dump(mode="json") if view.asks else None
        return JSONResponse({"asks": asks}, headers={"cache-control": "no-store"})

    async def take(self, request: Request) -> Response:
        me, _ = await self._sent(request)
        try:
            await self._takeovers.take(*_place(request), me)
        except ToolFailed as error:
            raise Refused(str(error)) from error
        return JSONResponse({"ok": True})

    async def touches(self, request: Request) -> Response:
        me, sent = await self._sent(request)
        try:
            touches = _TOUCHES.validate_python(sent.get("touches"))
        except ValidationError:  # its own message would repeat what was typed
            raise Refused("The page sent something unexpected. Reload it and try again.") from None
        if len(touches) > MOST_TOUCHES:
            raise Refused("That was too fast. Slow down and try again.")
        try:
            await self._takeovers.do(*_place(request), me, touches)
        except ToolFailed as error:
            raise Stale(str(error)) from error
        return JSONResponse({"ok": True})

    async def allow(self, request: Request) -> Response:
        me, sent = await self._sent(request)
        await self._takeovers.allow(*_place(request), me, str(sent.get("domain", ""))[:260])
        return JSONResponse({"ok": True})

    async def hand_back(self, request: Request) -> Response:
        me, sent = await self._sent(request)
        task, subtask = _place(request)
        await self._takeovers.hand_back(task, subtask, me, done=sent.get("done") is not False)
        return JSONResponse({"ok": True, "go": f"/t/{task}"})

    async def _sent(self, request: Request) -> tuple[Person, dict[str, Any]]:
        """Returns the sender and the JSON object. Raises NotAllowed if the request isn't from our own page."""
        me, session = await self._visits.who(request)
        self._visits.guard(session, request.headers.get("x-csrf", ""))
        body = await request.body()
        try:
            found: object = from_json(body)  # unlike `json`, it refuses deep nesting
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Refused("The page sent something unexpected. Reload it and try again.")
        return me, cast("dict[str, Any]", found)


def _place(request: Request) -> tuple[TaskId, SubtaskId]:
    return TaskId(request.path_params["task"]), SubtaskId(request.path_params["subtask"])
