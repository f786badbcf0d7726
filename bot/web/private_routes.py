"""Pages for one person of a task: an address to open, a sign-in to a connector's service, an answer to read first."""

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from secrets import token_hex
from typing import NamedTuple, Protocol

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bot.web import render
from bot.web.request_context import RequestContext, theme
from orchestrator.domain import commands as c
from orchestrator.domain.approvals import Question
from orchestrator.domain.audience import is_one_of
from orchestrator.domain.ids import PersonId, QuestionId, TaskId
from orchestrator.domain.people import Person
from orchestrator.errors import NotAllowed, NotFound, Refused, Stale

CALLBACK, CLIENT = "/connectors/callback", "/connectors/client.json"


class SignInRequest(NamedTuple):
    """A sign-in that a step waits for. `base`: this workspace's address, as the person's browser has it."""

    connector: str
    person: Person
    base: str
    task: str
    question: str


class SignInDone(NamedTuple):
    """A finished sign-in: whose it is, and the step that waits for it."""

    person: str
    name: str
    task: str
    question: str


class ConnectorSignIns(Protocol):
    """Signs people in to connectors' services. Both raise a kind of Refused with a sentence."""

    async def begin(self, request: SignInRequest) -> str: ...

    async def finish(self, query: Mapping[str, str], people: Collection[str]) -> SignInDone: ...

    def described(self, base: str) -> dict[str, JsonValue]: ...


class PrivateRoutes:
    """Checks that the visitor is the person that a page is for."""

    def __init__(self, visits: RequestContext, sign_ins: ConnectorSignIns | None) -> None:
        self._visits, self._sign_ins = visits, sign_ins

    async def link(self, request: Request) -> Response:
        """Shows what a question leads to: before an address is opened, whose it is."""
        own_desk, task = await self._visits.own_desk(request), TaskId(request.path_params["task"])
        row = (await own_desk.state(task)).questions.get(QuestionId(request.path_params["question"]))
        if row is None or not row.question.leads_to or row.answers is not None:
            raise NotFound("This link is no longer needed. Go back to the thread.")
        question = row.question
        if question.only is not None and not is_one_of(own_desk.viewer, question.only):
            raise NotAllowed(f"This page is only for {question.only.name}.")
        page = await self._page(request, task, question)
        return HTMLResponse(page, headers={"cache-control": "no-store"})

    async def _page(self, request: Request, task: TaskId, question: Question) -> str:
        if question.kept is not None:
            answer = json.loads(await self._visits.shelf.get(question.kept))
            return render.kept_page(task, str(answer.get("text", "")), question.text, theme=theme(request))
        url = question.link
        if question.sign_in and question.only is not None:
            base = f"{request.url.scheme}://{request.headers['host']}"
            url = await self._found().begin(SignInRequest(question.sign_in, question.only, base, task, question.id))
        return render.link_page(task, url, question.text, theme=theme(request))

    async def arrived(self, request: Request) -> Response:
        """Where the service sends the browser: from another site, so without its session."""
        return HTMLResponse(render.arrived_page(request.url.query, theme=theme(request)))

    async def finish(self, request: Request) -> Response:
        """Keeps the sign-in, and lets the step that waits for it continue."""
        own_desk = await self._visits.own_desk(request)
        viewer = own_desk.viewer
        done = await self._found().finish(dict(request.query_params), {viewer.person.id, *viewer.also})
        if not done.task:
            return RedirectResponse("/", status_code=303)
        by = Person(id=PersonId(done.person), name=done.name)
        answer = c.AnswerQuestion(
            id=token_hex(12), by=by, task=TaskId(done.task), question=QuestionId(done.question), choice=0
        )
        with suppress(Stale):  # the person pressed Done before the service had sent them back
            await own_desk.submit(answer)
        return RedirectResponse(f"/t/{done.task}", status_code=303)

    async def client(self, request: Request) -> Response:
        """Describes threadwork to sign-in servers that take such a document instead of a registration."""
        return JSONResponse(self._found().described(f"https://{request.headers['host']}"))

    def _found(self) -> ConnectorSignIns:
        if self._sign_ins is None:
            raise Refused("This workspace has no connectors with a sign-in.")
        return self._sign_ins
