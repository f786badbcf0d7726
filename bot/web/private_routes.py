"""Pages for one person: an address to open, a sign-in to a connector's service, an answer to read first."""

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from secrets import token_hex, token_urlsafe
from typing import NamedTuple, Protocol

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bot.web import render
from bot.web.request_context import NotSignedIn, RequestContext, theme
from orchestrator.domain import commands as c
from orchestrator.domain.approvals_and_questions import Question
from orchestrator.domain.audience import Viewer, is_one_of
from orchestrator.domain.ids import PersonId, QuestionId, TaskId
from orchestrator.domain.people import Person
from orchestrator.errors import NotAllowed, NotFound, Refused, Stale

CALLBACK, CLIENT, FINISH = "/connectors/callback", "/connectors/client.json", "/connectors/finish"
START = "/connect"
"""Where private links from the chats lead."""
_SECONDS = 900


class SignInRequest(NamedTuple):
    """A sign-in, perhaps one that a step waits for. `base`: this workspace's address, as the person's browser has it.

    `browser`: a secret that their browser keeps, if they may have no session here.
    """

    connector: str
    person: Person
    base: str
    task: str = ""
    question: str = ""
    browser: str = ""


class SignInOffer(NamedTuple):
    """A private link: for which connector, and whom it was given to."""

    connector: str
    person: Person


class SignInDone(NamedTuple):
    """A finished sign-in: whose it is, and the step that waits for it."""

    person: str
    name: str
    task: str
    question: str


class ConnectorSignIns(Protocol):
    """Signs people in to connectors' services. All raise a kind of Refused with a sentence."""

    async def offered(self, token: str) -> SignInOffer: ...

    async def take(self, token: str) -> None: ...

    async def begin(self, request: SignInRequest) -> str: ...

    async def finish(self, query: Mapping[str, str], people: Collection[str], browser: str = "") -> SignInDone: ...

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
            asked = SignInRequest(question.sign_in, question.only, base_of(request), task, question.id)
            url = await self._found().begin(asked)
        return render.link_page(url, question.text, task=task, theme=theme(request))

    async def offer(self, request: Request) -> Response:
        """Shows whom a link from a chat is for; it is used up only when the button is pressed."""
        token = request.path_params["token"]
        offered = await self._offered(request, token)
        return HTMLResponse(render.connect_page(
            token, connector=offered.connector, name=offered.person.name, id_=offered.person.id, theme=theme(request)
        ))  # fmt: skip

    async def take(self, request: Request) -> Response:
        """Uses the link up, and shows where to sign in. Its browser is the only one that may finish it."""
        token, secret = request.path_params["token"], token_urlsafe(32)
        offered = await self._offered(request, token)
        asked = SignInRequest(offered.connector, offered.person, base_of(request), browser=secret)
        url = await self._found().begin(asked)
        await self._found().take(token)
        words = f"You connect your account there for {offered.person.name}."
        answer = HTMLResponse(render.link_page(url, words, theme=theme(request)))
        answer.set_cookie(
            _cookie(request), secret, max_age=_SECONDS, path="/connectors", httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    async def _offered(self, request: Request, token: str) -> SignInOffer:
        """Raises Stale, and NotAllowed for a browser in which someone else is signed in."""
        offered, viewer = await self._found().offered(token), await self._viewer(request)
        if viewer is not None and not is_one_of(viewer, offered.person):
            raise NotAllowed(
                f"This link is for {offered.person.name} ({offered.person.id}), and you're signed in here as "
                f"{viewer.person.name}. If that's you, sign out here, or ask the owner of this workspace to run "
                f"`threadwork invite NAME --also {offered.person.id}` with your name."
            )
        return offered

    async def _viewer(self, request: Request) -> Viewer | None:
        """Returns who is signed in; None for a browser without a session."""
        try:
            return (await self._visits.own_desk(request)).viewer
        except NotSignedIn:
            return None

    async def arrived(self, request: Request) -> Response:
        """Where the service sends the browser: from another site, so without its session."""
        return HTMLResponse(render.arrived_page(request.url.query, theme=theme(request)))

    async def finish(self, request: Request) -> Response:
        """Keeps the sign-in, and lets the step go on that waits for it."""
        viewer, browser = await self._viewer(request), request.cookies.get(_cookie(request), "")
        if viewer is None and not browser:
            raise NotSignedIn
        people = {viewer.person.id, *viewer.also} if viewer else set[str]()
        done = await self._found().finish(dict(request.query_params), people, browser)
        if viewer is None:
            return HTMLResponse(render.connected_page(theme=theme(request)))
        if not done.task:
            return RedirectResponse("/connectors", status_code=303)
        own_desk = await self._visits.own_desk(request)
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


def base_of(request: Request) -> str:
    """Returns this workspace's address, as the person's browser has it."""
    return f"{request.url.scheme}://{request.headers['host']}"


def _cookie(request: Request) -> str:
    """Browsers send cookies to every port of a host, so each workspace has its own name."""
    return f"threadwork-connect-{request.url.port or 'web'}"
