"""Does what it means when a request, or a message in a task's thread, is edited or deleted."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.buttons import typed_reply
from bot.buttons.typed_reply import Answers, Typed
from bot.cards.tool_call_wording import cut
from bot.chat_platform import Answer, Changed, Mentioned, Whisper, Wrote
from bot.inbox.inbound_keys import command_id
from bot.inbox.incoming_files import MessageParts
from orchestrator.desk import Desk, PersonalDesk
from orchestrator.domain import commands as c
from orchestrator.domain.audience import Viewer
from orchestrator.domain.ids import QuestionId, TaskId
from orchestrator.domain.people import FileRef, Person, Place
from orchestrator.domain.task import TaskState

Parts = Callable[[], Awaitable[MessageParts]]
BEGUN = "Work has started, so I'm keeping the original request. Reply here to change it."
DELETED = "The request was deleted, so I stopped."
DELETED_LATE = "The request was deleted, but work continues. Press Stop to end it."
TOO_LATE = "This edit came too late: the work that used your message has ended. Reply to ask for a change."
_MESSAGE, _QUOTED = "my message", 300


class Tell(Protocol):
    """Says something in a place, once per key; if the place refuses it, to that person alone."""

    def __call__(
        self, key: str, place: Place, text: str, picture: FileRef | None = None, to: Person | None = None
    ) -> Awaitable[None]: ...


class Understands(Protocol):
    """Knows what messages mean."""

    async def do(self, it: Mentioned | Wrote, own_desk: PersonalDesk, state: TaskState, parts: Parts) -> Answer: ...

    async def answered_by(self, message: str, task: TaskId) -> QuestionId | None: ...


class ReadsContext(Protocol):
    """Fetches what a message builds on."""

    async def of(self, it: Mentioned | Wrote, own_desk: PersonalDesk, *, within: TaskId | None) -> MessageParts: ...


class Changes:
    """One platform's."""

    def __init__(self, desk: Desk, replies: Understands, tell: Tell, context: ReadsContext) -> None:
        self._desk, self._replies, self._tell, self._context = desk, replies, tell, context

    async def of_request(self, it: Changed, task: TaskId) -> Answer:
        """The request itself: before the start it is planned again, and a deleted one stops its task."""
        state = await self._desk.state(task)  # for the hub: Discord doesn't say who deletes a message
        if state.request is None or state.final:
            return None
        begun = state.phase not in ("planning", "stuck", "review")
        if it.text is None:
            if not begun:
                stop = c.Stop(id=it.id, by=state.request.by, task=task)
                await self._desk.submit(stop)  # for the hub, as above
            words = DELETED_LATE if begun else DELETED
            await self._tell(f"deleted/{task}", state.request.place, words, to=state.request.by)
            return None
        words = f"The request was changed to: {it.text.strip()}"
        known = {state.request.text, *(line.text for line in state.lines)}
        if not it.text.strip() or words in known or it.text.split() == state.request.text.split():
            return None
        if begun:
            return Whisper(words=BEGUN)
        own_desk = PersonalDesk(self._desk, Viewer(it.by, at=(it.place.platform, it.place.channel)))
        return await self._say(it, state.request.text, words, own_desk, task)

    async def edited(self, it: Changed, old: Mentioned | Wrote, task: TaskId) -> Answer:
        """What it did before is corrected; if it did nothing, it is understood as if it were new."""
        text = (it.text or "").strip()
        own_desk = self._own_desk(it.by, old)
        state = await own_desk.state(task)
        how = await self._used(old, state)
        new = (it.now or old).model_copy(update={"text": text, "files": (), "place": old.place})
        now = typed_reply.meaning(state, Typed(text, kept=""))
        if not how or (how.startswith(_MESSAGE) and isinstance(now, Answers)):
            return await self._replies.do(new, own_desk, state, lambda: self._added(it, "", own_desk, task))
        words = f"Correction: {how} now reads “{text}”."
        if not text or (text.split() == old.text.split() and not _corrected(state, how)):
            return None
        if any(line.text == words for line in state.lines):
            return None
        if not _heard(state):
            return Whisper(words=TOO_LATE)
        return await self._say(it, old.text, words, own_desk, task)

    async def deleted(self, it: Changed, old: Mentioned | Wrote, task: TaskId) -> None:
        """Platforms don't say who deleted it, so its author did."""
        own_desk = self._own_desk(old.by, old)
        state = await own_desk.state(task)
        if (how := await self._used(old, state)) and _heard(state):
            words = f"I deleted {how}. Ignore it."
            await own_desk.submit(c.Say(id=it.id, by=old.by, task=task, text=words))

    async def _say(self, it: Changed, before: str, words: str, own_desk: PersonalDesk, task: TaskId) -> Answer:
        added = (await self._added(it, before, own_desk, task)).background
        say = c.Say(id=it.id, by=it.by, task=task, text=words, background=added)
        receipt = await own_desk.submit(say)
        return Whisper(words=receipt.words) if receipt.words else None

    async def _added(self, it: Changed, before: str, own_desk: PersonalDesk, task: TaskId) -> MessageParts:
        """Returns what the new words link to: an edit brings no files."""
        known = set(before.split())
        fresh = " ".join(word for word in (it.text or "").split() if word not in known)
        said = Wrote(id=it.id, by=it.by, place=it.place, roles=it.roles, text=fresh, message=it.message)
        return await self._context.of(said, own_desk, within=task)

    async def _used(self, old: Mentioned | Wrote, state: TaskState) -> str:
        """Says what the message was to the agents; empty if they never heard it."""
        text = old.text.strip()
        quoted = f"“{cut(text, _QUOTED)}”"
        question = await self._replies.answered_by(command_id(old), state.id)
        if question is not None and (row := state.questions.get(question)) is not None:
            return f"my answer {quoted} to “{cut(row.question.text, _QUOTED)}”"
        said = any(line.by and line.by.id == old.by.id and line.text == text for line in state.lines)
        return f"{_MESSAGE} {quoted}" if said else ""

    def _own_desk(self, who: Person, old: Mentioned | Wrote) -> PersonalDesk:
        return PersonalDesk(self._desk, Viewer(who, at=(old.place.platform, old.place.channel)))


def _corrected(state: TaskState, how: str) -> bool:
    return any(line.text.startswith(f"Correction: {how}") for line in state.lines)


def _heard(state: TaskState) -> bool:
    """Returns whether anyone is at work who hears it, or will plan with it."""
    if state.phase in ("planning", "stuck", "review"):
        return True
    if state.phase not in ("running", "paused") or state.plan is None:
        return False
    return any(state.of(s.id).status not in ("done", "skipped", "review") for s in state.plan.subtasks)


Reshow = Callable[[TaskId], None]
"""Asks the outbox to look at a task's messages again."""


def untouched(_: TaskId) -> None:
    """A `Reshow` that does nothing."""
