"""What people do: every handler checks session and CSRF token, parses the form, and hands one command to the desk."""

import re
from typing import NamedTuple

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.web import parse, render
from bot.web.access import COOKIE, SESSION_LASTS
from bot.web.answers import done
from bot.web.files import fields_of, keep
from bot.web.people import door, enter, invite, person_named
from bot.web.room import ROOM
from bot.web.visit import Visits
from orchestrator.domain.events import ChannelOpened, MessagePosted
from orchestrator.domain.ids import PersonId, TaskId, slug
from orchestrator.domain.people import FileRef, Person
from orchestrator.errors import NotAllowed, NotFound, Refused


class Sent(NamedTuple):
    """A checked form."""

    me: Person
    fields: parse.Fields
    files: tuple[FileRef, ...]


class Writes:
    """The POST addresses."""

    def __init__(self, visits: Visits) -> None:
        self._visits = visits

    async def post(self, request: Request) -> Response:
        """A message in a channel; with a mention it opens a task."""
        sent, channel = await self._form(request), request.path_params["channel"]
        if channel not in (await self._visits.room()).channels:
            raise NotFound(f"There is no channel {channel!r}; choose one on the left.")
        key, task, go = parse.command_id(sent.fields, sent.me), None, f"/c/{channel}"
        text = parse.words(sent.fields, sent.files)
        if parse.mentions(text):
            command = parse.mention(sent.fields, sent.files, by=sent.me, channel=channel)
            task = (await self._visits.desk.submit(command)).task
            go = f"/t/{task}"
        message = MessagePosted(channel=channel, by=sent.me, text=text, files=sent.files, task=task)
        await self._visits.desk.note(ROOM, f"message/{key}", message)
        return done(request, go=go)

    async def say(self, request: Request) -> Response:
        """A reply in a thread."""
        sent, task = await self._form(request), TaskId(request.path_params["task"])
        receipt = await self._visits.desk.submit(parse.say(sent.fields, sent.files, by=sent.me, task=task))
        return done(request, receipt.words, go=f"/t/{task}")

    async def do(self, request: Request) -> Response:
        """A pressed button."""
        sent, task = await self._form(request), TaskId(request.path_params["task"])
        state = await self._visits.desk.state(task)
        command = parse.press(sent.fields, next(iter(sent.files), None), by=sent.me, state=state)
        receipt = await self._visits.desk.submit(command)
        return done(request, receipt.words, go=f"/t/{task}")

    async def channel(self, request: Request) -> Response:
        """A new channel, or the one of that name."""
        sent = await self._form(request)
        given = parse.one(sent.fields, "name").strip().lstrip("#")
        if not re.search(r"[A-Za-z0-9]", given):
            raise Refused(f"A channel's name needs a letter or digit from a to z or 0 to 9; {given!r} has none.")
        name = slug(given)
        await self._visits.desk.note(ROOM, f"channel/{name}", ChannelOpened(channel=name, by=sent.me))
        return done(request, go=f"/c/{name}")

    async def invite(self, request: Request) -> Response:
        """A login link for somebody, shown once; only the owner may."""
        sent = await self._form(request)
        room = await self._visits.room()
        if room.owner != sent.me.id:
            raise NotAllowed("Only the owner of this workspace can invite people.")
        if again := parse.one(sent.fields, "again"):
            person = room.people.get(PersonId(again))
            if person is None:
                raise NotFound(f"There is no person {again!r}; load the page again.")
        else:
            person = person_named(parse.one(sent.fields, "name"))
            if person.id in room.people:
                raise Refused(f"{person.name!r} is already here; press New link beside the name.")
        path = await invite(self._visits.desk, person, self._visits.clock)
        link = f"{request.url.scheme}://{request.headers['host']}{path}"
        return HTMLResponse(render.people_page(await self._visits.frame(request), link=link, invited=person.name))

    async def enter(self, request: Request) -> Response:
        """Uses a login link: of all who try, the first gets the cookie."""
        async with request.form(max_files=0, max_fields=10) as form:
            session = str(form.get("session", ""))
        if not re.fullmatch(r"[0-9a-f]{32}", session):
            raise Refused("Open the login link again.")
        found = door(await self._visits.room(), request.path_params["token"], self._visits.clock, session)
        entered = await enter(self._visits.desk, found, session, self._visits.clock)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(
            COOKIE, self._visits.seal.cookie(entered), max_age=int(SESSION_LASTS.total_seconds()), httponly=True,
            samesite="strict", secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    async def leave(self, request: Request) -> Response:
        """Forgets the cookie in this browser."""
        await self._form(request)
        answer = HTMLResponse(render.problem_page("You have left this workspace.", status=401, theme="auto"))
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    async def _form(self, request: Request) -> Sent:
        me, session = await self._visits.who(request)
        async with request.form(max_files=20, max_fields=9000) as form:
            self._visits.guard(session, _token(request, form))
            return Sent(me, fields_of(form), await keep(form, self._visits.desk.shelf))


def _token(request: Request, form: FormData) -> str:
    given = form.get("csrf")
    return request.headers.get("x-csrf") or (given if isinstance(given, str) else "")
