"""Decides what it means when people do something: inbound -> commands and an answer. The same on every platform."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from bot.buttons import forms, typed_reply
from bot.buttons.press import Press, command
from bot.cards.card_projection import project
from bot.cards.markdown import gist
from bot.cards.tool_call_wording import for_chat
from bot.chat_platform import (
    Answer,
    Changed,
    Home,
    Inbound,
    Mentioned,
    Posted,
    Pressed,
    Submitted,
    Summoned,
    Whisper,
    Wrote,
)
from bot.inbox.admission import Admission
from bot.inbox.edits_and_deletions import Changes, Reshow, Tell, untouched
from bot.inbox.find_task_of_direct_message import DirectMessages
from bot.inbox.home_page import HELP, MOST_CARDS, About, Totals, home, settings
from bot.inbox.inbound_keys import command_id, key_of
from bot.inbox.incoming_files import Fetch, FileFetcher
from bot.inbox.known_inputs import KnownInputs
from bot.inbox.message_context import BackgroundReader, Quoted, nothing_quoted
from bot.inbox.parse_connect_command import Connect, connector_named, no_connectors
from bot.inbox.plan_picture import asks_for_graph, png
from bot.inbox.stored_messages import message_at
from bot.inbox.thread_replies import Replies, Seen, unmarked
from bot.inbox.voice_and_text_file_messages import UNHEARD, unheard, with_their_words
from bot.outbox.monotonic_clock import Ticks
from bot.outbox.record_posted_messages import PostedMessages
from orchestrator.desk import Desk, PersonalDesk
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.audience import Viewer
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Person, Request
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import TaskQuery
from orchestrator.errors import NotAllowed, NotFound, Refused, Stale

FOREIGN = "This button belongs to another thread. Use the card in the task's thread."
OUTDATED = "This button is out of date. The newest card shows what you can do now."
ALONE = "Look at this conversation and help. Ask me if it isn't clear what I want."
"""The request of someone who only mentions the bot."""


class Interpreted(NamedTuple):
    """The answer, and the task that was opened, if any."""

    answer: Answer = None
    opened: TaskId | None = None
    request: Mentioned | None = None
    """The earlier message that asked for the task, if it was opened by a press."""


class Interpreter:
    """Interprets one platform. Commands carry the inbound's own id, so repeating it changes nothing."""

    def __init__(
        self, desk: Desk, platform: str, *, fetch: Fetch, tell: Tell, known: KnownInputs, posts: PostedMessages,
        ticks: Ticks, admission: Admission, about: About, reshow: Reshow = untouched,
        quoted: Quoted = nothing_quoted, seen: Seen = unmarked, connect: Connect = no_connectors,
    ):  # fmt: skip
        self._desk, self._platform = desk, platform
        self._incoming, self._tell = FileFetcher(desk.shelf, fetch, ticks), tell
        self._background = BackgroundReader(self._incoming, quoted, about.link)
        self._known, self._posts = known, posts
        self._admission, self._about, self._connect = admission, about, connect
        self._threads = posts.threads
        self._alone = DirectMessages(desk, platform)
        self._replies = Replies(desk, platform, self._posted, seen)
        self._changes, self._reshow = Changes(desk, self._replies, tell, self._background), reshow

    async def do(self, inbound: Inbound) -> Interpreted:
        """Raises LedgerFailed and OutOfSpace; any mistake of the person's is answered."""
        if why := self._admission.refusal(inbound):
            return Interpreted(await self._refusal(inbound, why))
        try:
            if isinstance(inbound, Mentioned | Wrote):
                inbound = await with_their_words(inbound, self._incoming)
            match inbound:
                case Mentioned() | Wrote() if unheard(inbound):
                    return Interpreted(None if inbound.to_others else Whisper(words=UNHEARD))
                case Mentioned():
                    return await self._mentioned(inbound)
                case Wrote():
                    return Interpreted(await self._say(inbound, await self._threads.task_at(inbound.place)))
                case Changed():
                    return Interpreted(await self._changed(inbound))
                case Pressed(verb=typed_reply.NEW_REQUEST):
                    return await self._new_request(inbound)
                case Pressed():
                    return Interpreted(await self._pressed(inbound))
                case Submitted():
                    return Interpreted(await self._submitted(inbound))
                case Summoned():
                    return Interpreted(await self._summoned(inbound.words, inbound))
                case _:
                    raise NotFound(f"There's no handler for {type(inbound).__name__!r}.")
        except Refused as error:
            return Interpreted(Whisper(words=for_chat(str(error))))

    async def _refusal(self, it: Inbound, why: str) -> Answer:
        """Answers privately. A person who only joins the conversation in a task's thread gets one answer."""
        if isinstance(it, Summoned):
            return Home(words=why)
        if isinstance(it, Wrote):
            room, whom = f"{self._platform}/turned-away", f"{await self._threads.task_at(it.place)}/{it.by.id}"
            told = e.Acted(heard=key_of(it))
            if await self._desk.note(room, whom, told) != told:
                return None
        return Whisper(words=why)

    async def _mentioned(self, it: Mentioned) -> Interpreted:
        if not it.files and (it.text.strip().lower() in ("help", "tasks") or connector_named(it.text) is not None):
            return Interpreted(await self._summoned(it.text, it))
        graph = not it.files and asks_for_graph(it.text)
        task = await self._threads.task_at(it.place) if it.in_thread else await self._alone.task_for(it)
        if graph:
            return Interpreted(await self._graph(it, None if isinstance(task, Whisper) else task))
        if isinstance(task, Whisper):
            return Interpreted(task)
        if task is not None and (await self._own_desk(it).state(task)).phase != "stopped":
            return Interpreted(await self._say(it, task))
        return await self._opened(it)

    async def _new_request(self, it: Pressed) -> Interpreted:
        """Opens a task with an earlier message that could have meant something else."""
        heard = await with_their_words(await self._replies.kept(it), self._incoming)
        if not isinstance(heard, Mentioned):
            raise NotFound(OUTDATED)
        done = await self._opened(heard)
        return done._replace(answer=done.answer or Whisper(words="Done."), request=heard)

    async def _opened(self, it: Mentioned) -> Interpreted:
        own_desk = self._own_desk(it)
        parts = await self._background.of(it, own_desk)
        instead = "Look at the attached files." if parts.files else ALONE if parts.background.quoted else ""
        if not (text := it.text.strip() or instead) and parts.background.problems:
            raise Refused(" ".join(parts.background.problems))
        request = Request(text=text, by=it.by, place=it.place, files=parts.files, background=parts.background)
        receipt = await own_desk.submit(c.OpenTask(id=command_id(it), by=it.by, request=request))
        self._known.opened(receipt.task, it.place, it.message)
        self._threads.opened(receipt.task, it.place)
        return Interpreted(_whisper(receipt.words), receipt.task)

    async def _say(self, it: Mentioned | Wrote, task: TaskId | None) -> Answer:
        if task is None or not (it.text.strip() or it.files or it.quotes):
            return None
        if not it.files and asks_for_graph(it.text):
            return await self._graph(it, task)
        own_desk = self._own_desk(it)
        state = await own_desk.state(task)
        return await self._replies.do(it, own_desk, state, lambda: self._background.of(it, own_desk, within=task))

    async def _posted(self, task: TaskId) -> Mapping[str, Posted]:
        return (await self._posts.of(task)).posted

    async def _graph(self, it: Inbound, task: TaskId | None) -> Answer:
        """Posts the current plan as a picture in the thread, for everyone there."""
        if task is None:
            return Whisper(words="Say `graph` in a task's thread to see its plan as a picture.")
        card = project(await self._own_desk(it).state(task))
        picture = await self._desk.shelf.put(await png(card), name="plan.png", media="image/png")
        words = f"Current plan for “{card.title}”: {gist(card.headline, 200)}"
        await self._tell(f"graph/{command_id(it)}", it.place, words, picture)
        return None

    async def _changed(self, it: Changed) -> Answer:
        task = await self._known.request_at(it.place.channel, it.message)
        if task is None and (task := await self._threads.task_at(it.place)) is not None:
            return await self._changed_within(it, task)
        return await self._changes.of_request(it, task) if task else None

    async def _changed_within(self, it: Changed, task: TaskId) -> Answer:
        """A message in a task's thread, perhaps one of ours, which is then shown again."""
        old = await message_at(self._desk, self._platform, it.place.channel, it.message)
        if old is not None and it.text is not None:
            return await self._changes.edited(it, old, task)
        if old is not None:
            await self._changes.deleted(it, old, task)
        elif it.text is None and (item := (await self._posts.of(task)).item_of(it.message)):
            await self._posts.lost(task, item)
            self._reshow(task)
        return None

    async def _pressed(self, it: Pressed) -> Answer:
        if it.verb in typed_reply.KEPT:
            heard = await with_their_words(await self._replies.kept(it), self._incoming)
            own_desk = self._own_desk(heard)
            parts = partial(self._background.of, heard, own_desk, within=it.task)
            return await self._replies.pressed(it, heard, own_desk, parts)
        state = await self._state(it)
        # The person who asked also has the card on their private home, whose message isn't stored.
        if not _asked_by(state, it.by) and not (await self._posts.of(it.task)).has(it.message):
            raise NotAllowed(FOREIGN)
        if it.verb in forms.NEEDS_FORM:
            button = forms.find(project(state), it.verb, it.ref)
            if button is None:
                raise Stale(_decided(state, it.ref) or OUTDATED)
            return forms.form(state, button, await self._agents(it.verb, state))
        press = Press(id=it.id, by=it.by, task=it.task, verb=it.verb, ref=it.ref)
        return _whisper((await self._own_desk(it).submit(command(press))).words)

    async def _submitted(self, it: Submitted) -> Answer:
        state = await self._state(it)
        try:
            files = await self._incoming.all(it.files)
            press = forms.press(it, state, files[0] if files else None)
            return _whisper((await self._own_desk(it).submit(command(press))).words)
        except (Stale, NotAllowed, NotFound):
            raise
        except Refused as error:
            if it.verb not in forms.NEEDS_FORM:
                raise
            button = forms.find(project(state), it.verb, it.ref)
            if button is None:
                raise Stale(_decided(state, it.ref) or OUTDATED) from None
            shown = forms.form(state, button, await self._agents(it.verb, state))
            return forms.again(shown, it.values, str(error))

    async def _summoned(self, words: str, it: Inbound) -> Answer:
        if (name := connector_named(words)) is not None:
            return await self._connect(it.by, it.place, name)
        match words.strip().lower():
            case "tasks" | "home" | "costs":
                return await self._home(it)
            case "graph":
                return await self._graph(it, await self._threads.task_at(it.place))
            case "settings":
                return Home(words=settings(self._about), link=self._about.link)
            case _:
                return Whisper(words=HELP)

    async def _agents(self, verb: str, state: TaskState) -> list[str]:
        """Returns the agents that a person may choose from in a form; empty for a form without."""
        return [row.name for row in await self._desk.roster(state.request)] if verb == "edit-plan" else []

    def _own_desk(self, it: Inbound) -> PersonalDesk:
        """Returns the desk as the person may use it; speaking in a channel shows that they can read it."""
        return PersonalDesk(self._desk, Viewer(it.by, at=(it.place.platform, it.place.channel)))

    async def _home(self, it: Inbound) -> Home:
        """Returns everything unfinished or undecided, however old, and the newest."""
        mine = TaskQuery(by=it.by.id, most=MOST_CARDS)
        waiting = [mine.model_copy(update={it: True, "most": None}) for it in ("unfinished", "undecided")]
        now = self._desk.clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        since = (None, midnight.replace(day=1), midnight)
        totals = [await self._desk.tally(it.by.id, since=start) for start in since]
        return home(await self._own_desk(it).states(mine, *waiting), Totals(*totals), about=self._about)

    async def _state(self, it: Pressed | Submitted) -> TaskState:
        """Returns the task if it lives in this channel or is the person's own: what is private stays between the
        two."""
        try:
            state = await self._own_desk(it).state(it.task)
        except NotFound:  # or is hidden from them
            raise NotAllowed(FOREIGN) from None
        place = state.request.place if state.request else None
        if place is None or place.platform != self._platform:
            raise NotAllowed(FOREIGN)
        if place.channel != it.place.channel and not _asked_by(state, it.by):
            raise NotAllowed(FOREIGN)
        return state


def _asked_by(state: TaskState, who: Person) -> bool:
    return state.request is not None and state.request.by.id == who.id


def _decided(state: TaskState, ref: str) -> str:
    """Says who was faster."""
    point = next((p for p in project(state).checkpoints if p.id == ref), None)
    return f"This has already been decided: {point.decided}." if point and point.decided else ""


def _whisper(words: str) -> Whisper | None:
    return Whisper(words=words) if words else None
