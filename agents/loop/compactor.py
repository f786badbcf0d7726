"""Keeps one step's conversation within its model's window: near it, older turns become notes, as a recorded fact."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from agents.conversation.compaction import CUTS, Cut
from agents.conversation.compaction_notes import ASK_FOR_NOTES
from agents.conversation.transcript import Transcript
from agents.loop.context_window import Window
from orchestrator.domain import clean_outside_text
from orchestrator.domain import events as e
from orchestrator.domain.ids import Key
from orchestrator.domain.model_messages import Answer, Message, Prompt, Reply, Said
from orchestrator.domain.token_usage import Usage
from orchestrator.domain.tool_calls import ToolSpec
from orchestrator.errors import ModelFailed, ModelTooLong
from orchestrator.ports import Model, Shelf, Work

FULL = 0.92
"""Share of the room at which a conversation is compacted."""
AFTER = 0.45
"""Share of the room that it may have afterward, so that many turns follow before the next time."""
_WORTH = 0.65
"""Share of the room; a cut that leaves more than this is made without asking the model for its own notes."""
_NOTES = 0.25
"""Share of the room that notes may have, when there is more to say than must be said."""
_CHARACTERS = 3
"""Per token, at least."""
_USUAL_ERROR = 1.1
"""By how much our count may be too small, for a model whose own count isn't known yet."""
_MOST_ERROR = 1.8
"""A server that reports more than this has counted something else, such as a repair."""
_MOST_NOTES = 40_000
"""Bytes of notes that are kept in their event."""


@dataclass
class Compactor:
    """Measures and compacts the conversation of one leg."""

    work: Work
    transcript: Transcript
    tools: Callable[[], tuple[ToolSpec, ...]]
    """Returns the tools of the next prompt."""
    model: Model
    shelf: Shelf
    name: str
    window: Window
    observe: Callable[[], Awaitable[None]]
    """Reads what was recorded."""
    _counted: dict[int, tuple[Message, int]] = field(default_factory=dict[int, tuple[Message, int]])
    """Sizes by the message's identity; the message is kept so that no other takes its place in memory."""

    async def fit(self) -> None:
        """Compacts the conversation if the next prompt would come near the window."""
        room, size = await self.window.room(self.name), await self._size(self._next())
        if size > FULL * room:
            await self._compact(room, summary=True, below=0.95 * size)

    async def after_overflow(self, prompt: Prompt, problem: ModelTooLong) -> None:
        """Compacts after the model refused `prompt`. Raises `problem` if little is left to cut.

        After a guess the same conversation is then sent once more, which the model refuses for good.
        """
        size = await self._size(prompt.messages)
        if problem.sure:
            self.window.too_long(self.name, size, problem.window)
        room = await self.window.room(self.name)
        if not await self._compact(min(room, size), summary=False, below=0.9 * size) and problem.sure:
            raise problem

    def _next(self) -> Sequence[Message]:
        return self.transcript.before_next(self.transcript.seq)

    async def _compact(self, room: int, *, summary: bool, below: float) -> bool:
        """Chooses the gentlest cut that leaves enough room, and records it. Returns whether there was one.

        `below`: the size that it must come under, at least.
        """
        most = int(_NOTES * room * _CHARACTERS)
        pending = self._next()[self.transcript.length :]
        best: tuple[int, Cut] | None = None
        for cut in CUTS:
            notes = self.transcript.notes(cut, "", most=most)
            size = await self._size([*self.transcript.shorter(cut, notes), *pending])
            if best is None or size < best[0]:
                best = size, cut
            if size <= AFTER * room:
                break
        if best is None or best[0] > below:
            return False
        answer = await self._summary() if summary and best[0] <= _WORTH * room else None
        notes = self.transcript.notes(best[1], answer.reply.text if answer else "", most=most)
        await self._record(best[1], notes, answer)
        return True

    async def _record(self, cut: Cut, notes: tuple[int, str], answer: Answer | None) -> None:
        through, text = notes[0], clean_outside_text.text(notes[1])
        whole = None
        if len(text.encode()) > _MOST_NOTES:
            whole, text = await self.shelf.put(text.encode(), name="notes.md", media="text/markdown"), ""
        event = e.ConversationCompacted(
            subtask=self.work.subtask,
            attempt=self.work.attempt,
            through=through,
            notes=text,
            longest=cut.longest,
            whole=whole,
            model=answer.model if answer else "",
            usage=answer.usage if answer else Usage(),
            cost=answer.cost if answer else 0.0,
        )
        key = f"{self.work.subtask}/try:{self.work.attempt}/compacted:{self.transcript.seq}"
        await self.work.record(Key(key), event)
        self._counted.clear()
        await self.observe()

    async def _summary(self) -> Answer:
        """Asks the model for its own notes, at the end of the same conversation, so that it needn't be read anew."""
        messages = (*self._next(), Said(role="user", text=ASK_FOR_NOTES))
        topic = f"{self.work.task}/{self.work.subtask}/{self.work.attempt}.{self.transcript.turn + 1}/notes"
        prompt = Prompt(model=self.name, messages=messages, tools=self.tools(), topic=topic)
        try:
            return await self.model.complete(prompt)
        except ModelFailed as problem:  # the notes from the facts do without it
            return Answer(reply=Reply(), model="", usage=Usage.of(problem.spent), cost=problem.spent.cost)

    async def _size(self, messages: Sequence[Message]) -> int:
        """Returns the tokens of a prompt of these messages, corrected by what the server counted last time."""
        tools = await self.window.tools_size(self.tools())
        error = _USUAL_ERROR
        if self.transcript.reported is not None:
            counted, many = self.transcript.reported
            before = tools + sum((await self._sizes(self._next()))[:many])
            ratio = counted / max(1, before)
            error = ratio if 0.5 <= ratio <= _MOST_ERROR else error
        return int(error * (tools + sum(await self._sizes(messages))))

    async def _sizes(self, messages: Sequence[Message]) -> list[int]:
        """Counts only what wasn't counted before: a conversation grows at its end."""
        new = [m for m in messages if id(m) not in self._counted]
        if new:
            sizes = await self.window.sizes(new)
            self._counted |= {id(m): (m, size) for m, size in zip(new, sizes, strict=True)}
        return [self._counted[id(m)][1] for m in messages]
