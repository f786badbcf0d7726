"""Does what a message in a task's thread means, and what buttons do that use words typed before."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from bot.buttons import typed_reply
from bot.buttons.press import Press, command
from bot.buttons.typed_choice import fitted
from bot.buttons.typed_reply import Ambiguous, Answers, Nothing, Points, Says, Starts, Typed
from bot.chat_platform import Answer, Mentioned, Posted, Pressed, Whisper, Wrote
from bot.inbox.inbound_keys import command_id, key_of
from bot.inbox.incoming_files import MessageParts
from bot.inbox.stored_messages import message_at
from bot.inbox.told_once import first_time
from orchestrator.desk import Desk, PersonalDesk
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.ids import QuestionId, TaskId
from orchestrator.domain.people import NO_BACKGROUND, Place
from orchestrator.domain.task import TaskState
from orchestrator.errors import NotAllowed, Stale

Parts = Callable[[], Awaitable[MessageParts]]
"""Fetches the files of the message, and what it builds on."""
Messages = Callable[[TaskId], Awaitable[Mapping[str, Posted]]]
"""Returns what is posted in a task's thread, by item."""


Seen = Callable[[str, Place, str], Awaitable[None]]
"""Marks a message of a place as seen, once per key."""


async def unmarked(key: str, place: Place, message: str) -> None:
    """A `Seen` that does nothing."""


TALK = timedelta(minutes=10)
"""So long after words from one person to another, a message may be meant for them too."""


class Replies:
    """One platform's. What a message was taken for is recorded before it is done, so repeating it after a crash does
    the same."""

    def __init__(self, desk: Desk, platform: str, posted: Messages, seen: Seen = unmarked) -> None:
        self._desk, self._platform, self._posted, self._seen = desk, platform, posted, seen
        self._talks: dict[TaskId, datetime] = {}
        """When people last spoke to each other in a task's thread; lost with the process, which only asks less."""

    async def do(self, it: Mentioned | Wrote, own_desk: PersonalDesk, state: TaskState, parts: Parts) -> Answer:
        """Raises a kind of Refused with a sentence for the person."""
        meaning = await self._meaning(it, state)
        match meaning:
            case Nothing():
                return None
            case Says():
                return await self._say(it, own_desk, state.id, await parts())
            case Starts(version=version):
                start = c.StartPlan(id=f"{command_id(it)}/start", by=it.by, task=state.id, base=version)
                return _whisper((await own_desk.submit(start)).words)
            case Answers():
                return await self._answer(it, own_desk, state, meaning, await parts())
            case Ambiguous(words=words, buttons=buttons):
                return Whisper(words=words, task=state.id, buttons=buttons)
            case Points(words=words, about=about, says=says, buttons=buttons):
                told = await self._say(it, own_desk, state.id, await parts()) if says else None
                new = await first_time(self._desk, self._platform, state.id, about, it.by, key_of(it))
                return Whisper(words=words, task=state.id, buttons=buttons) if new or buttons else told

    async def kept(self, it: Pressed) -> Mentioned | Wrote:
        """Returns the earlier message that a button uses; its author alone may press it. Raises NotAllowed."""
        state = await self._desk.state(it.task)  # for the hub: whose message the button belongs to
        place = state.request.place if state.request else None
        _, kept = typed_reply.kept_ref(it.ref)
        here = place is not None and place.platform == self._platform
        heard = await message_at(self._desk, self._platform, place.channel, kept) if place and here else None
        if heard is None or heard.by.id != it.by.id:
            raise NotAllowed("This button belongs to someone else's message.")
        return heard

    async def pressed(self, it: Pressed, heard: Mentioned | Wrote, own_desk: PersonalDesk, parts: Parts) -> Answer:
        """A press on a button that uses the words and files of an earlier message."""
        about, _ = typed_reply.kept_ref(it.ref)
        words = heard.text.strip() or attached(heard)
        state = await own_desk.state(it.task)
        press = Press(id=it.id, by=it.by, task=it.task, verb=it.verb, ref=about, words=words)
        meant = command(typed_reply.pressed(press, state))
        if isinstance(meant, c.Say):
            return await self._say(heard, own_desk, it.task, await parts()) or Whisper(words="Done.")
        carried = await parts()
        if carried.files or carried.background != NO_BACKGROUND:
            await self._say(heard, own_desk, it.task, carried)
        await own_desk.submit(meant)
        return Whisper(words="Done.")

    async def _meaning(self, it: Mentioned | Wrote, state: TaskState) -> typed_reply.Meaning:
        question = await self.answered_by(command_id(it), state.id)
        if question is not None:
            row = state.questions.get(question)
            found = fitted(row.question, it.text.strip() or attached(it)) if row else None
            return Answers(question, found) if found else Nothing()
        typed = Typed(
            it.text, kept=it.message, attached=attached(it), to_others=it.to_others,
            replies_to=await self._quoted(it, state.id), in_talk=self._in_talk(it, state.id),
        )  # fmt: skip
        meaning = typed_reply.meaning(state, typed)
        if it.to_others or (isinstance(meaning, Points) and meaning.about.startswith(typed_reply.TALK)):
            self._talks[state.id] = self._desk.clock.now()
        else:
            self._talks.pop(state.id, None)
        if isinstance(meaning, Answers):
            await self._desk.note(self._room(state.id), command_id(it), e.Acted(heard=meaning.question))
        return meaning

    def _in_talk(self, it: Mentioned | Wrote, task: TaskId) -> bool:
        began = self._talks.get(task)
        return isinstance(it, Wrote) and began is not None and self._desk.clock.now() - began < TALK

    async def answered_by(self, message: str, task: TaskId) -> QuestionId | None:
        """Returns the question that the message was taken to answer."""
        taken = await self._desk.noted(self._room(task), message)
        return QuestionId(taken.heard) if isinstance(taken, e.Acted) else None

    def _room(self, task: TaskId) -> str:
        return f"{self._platform}/typed/{task}"

    async def _quoted(self, it: Mentioned | Wrote, task: TaskId) -> str:
        """Returns the checkpoint whose message this one replies to."""
        if not it.replies_to:
            return ""
        posted = await self._posted(task)
        keys = (key for key, at in posted.items() if at.message == it.replies_to and key.startswith("point/"))
        return next(keys, "").removeprefix("point/")

    async def _answer(
        self,
        it: Mentioned | Wrote,
        own_desk: PersonalDesk,
        state: TaskState,
        found: Answers,
        parts: MessageParts,
    ) -> Answer:
        """Files go to the agent that asked, before the answer wakes it."""
        if parts.files or parts.background != NO_BACKGROUND:
            await self._say(it, own_desk, state.id, parts)
        answer = c.AnswerQuestion(
            id=f"{command_id(it)}/answer", by=it.by, task=state.id, question=found.question, answers=found.answers
        )
        try:
            return _whisper((await own_desk.submit(answer)).words)
        except Stale:
            row = (await own_desk.state(state.id)).questions[found.question]
            if row.by is not None and row.by.id == it.by.id:
                return None  # the same message, received before
            raise

    async def _say(self, it: Mentioned | Wrote, own_desk: PersonalDesk, task: TaskId, parts: MessageParts) -> Answer:
        say = c.Say(
            id=command_id(it), by=it.by, task=task, text=it.text.strip(), files=parts.files, background=parts.background
        )  # fmt: skip
        try:
            words = (await own_desk.submit(say)).words
        except Stale:
            return None  # the same message, received before in another form
        if it.message:
            await self._seen(f"seen/{it.place.channel}/{it.message}", it.place, it.message)
        return _whisper(words)


def attached(it: Mentioned | Wrote) -> str:
    """Returns words for what the message carries besides its text."""
    return typed_reply.attached([file.name for file in it.files], forwards=bool(it.quotes))


def _whisper(words: str) -> Whisper | None:
    return Whisper(words=words) if words else None
