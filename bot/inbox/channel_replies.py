"""Moves a reply that stands in the channel into the thread of the request that it replies to."""

from bot.chat_platform import Inbound, Mentioned
from bot.inbox.stored_messages import message_at
from orchestrator.desk import Desk


async def within_its_task(desk: Desk, platform: str, it: Inbound) -> Inbound:
    """Returns it as said in the thread of the message that it replies to, if its author asked for work there or said
    more about it; what someone else asked for isn't theirs to change by a reply."""
    if not isinstance(it, Mentioned) or it.in_thread or it.place.private or not it.replies_to:
        return it
    old = await message_at(desk, platform, it.place.channel, it.replies_to)
    if old is None or old.by.id != it.by.id:
        return it
    quotes = tuple(one for one in it.quotes if one.message != it.replies_to)
    place = it.place.model_copy(update={"thread": old.place.thread})
    return it.model_copy(update={"place": place, "in_thread": True, "quotes": quotes})
