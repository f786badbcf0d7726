"""Finds the task that a message outside a thread, in a conversation of one person with the bot, is for."""

from bot.buttons import typed_in_direct_message
from bot.buttons.short_replies import kinds, polite
from bot.buttons.typed_reply import Ambiguous, Typed, attached
from bot.chat_platform import Mentioned, Whisper
from bot.inbox.home_page import MOST_CARDS
from bot.inbox.inbound_keys import command_id
from orchestrator.desk import Desk
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.task_list import TaskQuery


class DirectMessages:
    """One platform's. What a message was taken for is recorded, so repeating it after a crash does the same."""

    def __init__(self, desk: Desk, platform: str) -> None:
        self._desk, self._room = desk, f"{platform}/typed"

    async def task_for(self, it: Mentioned) -> TaskId | Whisper | None:
        """Returns the one task that the message is for, or asks the person. None: it is a request."""
        if not it.place.private:
            return None
        here = TaskQuery(platform=it.place.platform, channel=it.place.channel, by=it.by.id, most=MOST_CARDS)
        states = await self._desk.states(  # for the hub: it asks for this person's own tasks only
            here.model_copy(update={"undecided": True}), here.model_copy(update={"unfinished": True})
        )
        if isinstance(taken := await self._desk.noted(self._room, command_id(it)), e.Acted):
            return TaskId(taken.heard)  # it is repeated after a crash
        carried = attached([file.name for file in it.files], forwards=bool(it.quotes))
        typed = Typed(it.text, kept=it.message, attached=carried)
        fits = [state for state in states if typed_in_direct_message.belongs_to_the_wait(state, typed)]
        waiting = [] if fits else [state for state in states if typed_in_direct_message.waits_for_words(state)]
        if len(waiting) == 1:
            meant = typed_in_direct_message.meant(waiting[0], typed)
            if isinstance(meant, Ambiguous):
                return Whisper(words=meant.words, task=waiting[0].id, buttons=meant.buttons)
            fits = waiting if meant else []
        several = fits if len(fits) > 1 else waiting if len(waiting) > 1 and not polite(kinds(it.text)) else []
        if several:
            asked = typed_in_direct_message.which(several, typed)
            return Whisper(words=asked.words, task=several[0].id, buttons=asked.buttons)
        if not fits:
            return None
        await self._desk.note(self._room, command_id(it), e.Acted(heard=fits[0].id))
        return fits[0].id
