"""Handles what people do: every handler checks session and CSRF token, parses the form, and submits one command to the
desk."""

import re
from typing import NamedTuple
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.buttons.typed_reply import Ambiguous, Answers, Meaning, Points, Starts
from bot.cards.card import Button
from bot.config.command_name import told
from bot.inbox.linked_tasks import linked_tasks
from bot.inbox.told_once import first_time
from bot.web import parse_form, render
from bot.web.auth import SESSION_LASTS, cookie_name
from bot.web.error_responses import done
from bot.web.files import MOST_UPLOADS, fields_of, keep
from bot.web.people_page import people_page
from bot.web.request_context import RequestContext
from bot.web.sign_in import door, end, enter, invite, person_named, remove
from bot.web.workspace_state import PLATFORM
from orchestrator.desk import PersonalDesk
from orchestrator.domain import commands as c
from orchestrator.domain.events import ChannelOpened, MessagePosted
from orchestrator.domain.ids import PersonId, TaskId, slug
from orchestrator.domain.people import FileRef, MessageBackground, Person
from orchestrator.errors import NotAllowed, NotFound, Refused, Stale


class SentForm(NamedTuple):
    """A checked form."""

    me: Person
    own_desk: PersonalDesk
    fields: parse_form.Fields
    files: tuple[FileRef, ...]
    left_out: tuple[str, ...]
    """A sentence about each file that was left out."""


class WriteRoutes:
    """The POST addresses."""

    def __init__(self, visits: RequestContext) -> None:
        self._visits = visits

    async def post(self, request: Request) -> Response:
        """A message in a channel; with a mention, it opens a task."""
        sent, channel = await self._form(request), request.path_params["channel"]
        if channel not in (await self._visits.room()).channels:
            raise NotFound(f"There's no channel {channel!r}; choose one on the left.")
        key, task, go = parse_form.command_id(sent.fields, sent.me), None, f"/c/{channel}"
        text = parse_form.words(sent.fields, sent.files, left_out=sent.left_out)
        if (named := parse_form.connector(text)) is not None and not sent.files:
            return done(request, go=f"/connectors{f'?name={quote(named)}' if named else ''}")
        if parse_form.mentions(text):
            background = await self._background(request, sent, text)
            command = parse_form.mention(sent.fields, sent.files, by=sent.me, channel=channel, background=background)
            task = (await sent.own_desk.submit(command)).task
            go = f"/t/{task}"
        message = MessagePosted(channel=channel, by=sent.me, text=text, files=sent.files, task=task)
        await self._visits.note(f"message/{key}", message)
        return done(request, " ".join(sent.left_out), go=go)

    async def say(self, request: Request) -> Response:
        """A reply in a thread."""
        sent, task = await self._form(request), TaskId(request.path_params["task"])
        text = parse_form.words(sent.fields, sent.files, left_out=sent.left_out)
        if (named := parse_form.connector(text)) is not None and not sent.files:
            return done(request, go=f"/connectors{f'?name={quote(named)}' if named else ''}")
        background = await self._background(request, sent, text, within=task)
        say = parse_form.say(sent.fields, sent.files, by=sent.me, task=task, background=background)
        meaning = parse_form.meaning(say, await sent.own_desk.state(task))
        buttons = tuple[Button, ...]()
        words = await self._does(sent.own_desk, say, meaning)
        match meaning:
            case Points(words=pointed, about=about, buttons=buttons):
                new = await first_time(self._visits.hub_desk, PLATFORM, task, about, sent.me, say.id)
                words = pointed if new or buttons else words
            case Ambiguous(words=words, buttons=buttons):
                pass
            case _:
                pass
        return done(request, words, go=f"/t/{task}", said=parse_form.used(say), buttons=buttons)

    async def _does(self, own_desk: PersonalDesk, say: c.Say, meaning: Meaning) -> str:
        """Returns what to tell the person. If someone else was faster, the words stay in the thread."""
        words, heard = "", False
        try:
            for command in parse_form.commands(say, meaning):
                words = (await own_desk.submit(command)).words or words
                heard = heard or isinstance(command, c.Say)
        except Stale as error:
            if not isinstance(meaning, Answers | Starts):
                raise
            if not heard:
                await own_desk.submit(parse_form.remark(say))
            return told(str(error))
        return words

    async def do(self, request: Request) -> Response:
        """A pressed button."""
        sent, task = await self._form(request), TaskId(request.path_params["task"])
        if sent.left_out:
            raise Refused(" ".join(sent.left_out))
        state = await sent.own_desk.state(task)
        command = parse_form.press(sent.fields, next(iter(sent.files), None), by=sent.me, state=state)
        if kept := parse_form.kept(sent.fields, by=sent.me, state=state):
            await sent.own_desk.submit(kept)
            if isinstance(command, c.Say):
                return done(request, go=f"/t/{task}")
        receipt = await sent.own_desk.submit(command)
        return done(request, receipt.words, go=f"/t/{task}")

    async def channel(self, request: Request) -> Response:
        """A new channel, or the existing one of that name."""
        sent = await self._form(request)
        given = parse_form.one(sent.fields, "name").strip().lstrip("#")
        if not re.search(r"[A-Za-z0-9]", given):
            raise Refused(f"A channel name needs at least one letter (a–z) or digit (0–9); {given!r} has none.")
        name = slug(given)
        await self._visits.note(f"channel/{name}", ChannelOpened(channel=name, by=sent.me))
        return done(request, go=f"/c/{name}")

    async def invite(self, request: Request) -> Response:
        """A sign-in link for a person, shown once; only the owner may create it."""
        sent = await self._form(request)
        room = await self._visits.room()
        if room.owner != sent.me.id:
            raise NotAllowed("Only the owner of this workspace can invite people.")
        if again := parse_form.one(sent.fields, "again"):
            person = room.people.get(PersonId(again))
            if person is None:
                raise NotFound(f"Nobody with the ID {again!r} is in this workspace. Reload the page.")
        else:
            person = person_named(parse_form.one(sent.fields, "name"))
            if person.id in room.people:
                raise Refused(f"{person.name!r} is already here; press New link next to the name.")
        path = await invite(self._visits.hub_desk, person, self._visits.clock)
        link = f"{request.url.scheme}://{request.headers['host']}{path}"
        return HTMLResponse(await people_page(self._visits, request, link=link, invited=person.name))

    async def remove(self, request: Request) -> Response:
        """Removes a person, with their sessions; only the owner may."""
        sent, room = await self._form(request), await self._visits.room()
        if room.owner != sent.me.id:
            raise NotAllowed("Only the owner of this workspace can remove people.")
        await remove(self._visits.hub_desk, room, PersonId(parse_form.one(sent.fields, "person")), sent.me)
        return done(request, go="/people")

    async def end_session(self, request: Request) -> Response:
        """Ends one of the person's own sessions; the owner may end every session."""
        sent, room = await self._form(request), await self._visits.room()
        stay = room.stays.get(parse_form.one(sent.fields, "session"))
        if stay is None or (stay.person != sent.me.id and room.owner != sent.me.id):
            raise NotFound("This session has already ended.")
        await end(self._visits.hub_desk, stay, sent.me)
        return done(request, go="/people")

    async def enter(self, request: Request) -> Response:
        """Uses a sign-in link: of everyone who tries, the first gets the cookie."""
        async with request.form(max_files=0, max_fields=10) as form:
            use = str(form.get("session", ""))
        if not re.fullmatch(r"[0-9a-f]{32}", use):
            raise Refused("Open the sign-in link again.")
        found = door(await self._visits.room(), request.path_params["token"], self._visits.clock, use)
        browser = request.headers.get("user-agent", "")
        it = self._visits
        token = await enter(it.hub_desk, found, use, it.seal, it.clock, browser=browser)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(
            cookie_name(request.url.port), token, max_age=int(SESSION_LASTS.total_seconds()), httponly=True,
            samesite="strict", secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    async def leave(self, request: Request) -> Response:
        """Ends the session, and forgets the cookie in this browser."""
        sent = await self._form(request)
        _, session = await self._visits.who(request)
        if stay := (await self._visits.room()).stays.get(session.name):
            await end(self._visits.hub_desk, stay, sent.me)
        answer = HTMLResponse(render.problem_page("You've signed out.", status=401, theme="auto"))
        answer.delete_cookie(cookie_name(request.url.port), httponly=True, samesite="strict")
        return answer

    async def _form(self, request: Request) -> SentForm:
        me, session = await self._visits.who(request)
        async with request.form(max_files=MOST_UPLOADS, max_fields=9000) as form:
            self._visits.guard(session, _token(request, form))
            own_desk = await self._visits.own_desk(request)
            return SentForm(me, own_desk, fields_of(form), *await keep(form, self._visits.shelf))

    async def _background(
        self, request: Request, sent: SentForm, text: str, within: TaskId | None = None
    ) -> MessageBackground:  # fmt: skip
        """Returns the tasks that the message links to, and what is missing of it."""
        linked = await linked_tasks(sent.own_desk, text, request.url.netloc, but=within)
        return linked.model_copy(update={"problems": (*sent.left_out, *linked.problems)})


def _token(request: Request, form: FormData) -> str:
    given = form.get("csrf")
    return request.headers.get("x-csrf") or (given if isinstance(given, str) else "")
