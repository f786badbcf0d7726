"""Turns discord.py's messages back into rows as Discord's HTTP side writes them, so that both are read alike."""

import discord

from bot.discord.components import Payload


def row(message: discord.Message | discord.MessageSnapshot) -> Payload:
    """Returns what `message_text` reads of a message, or of one that was forwarded."""
    found: Payload = {
        "type": message.type.value,
        "content": message.content,
        "flags": message.flags.value,
        "embeds": [one.to_dict() for one in message.embeds],
        "components": [one.to_dict() for one in message.components],
        "sticker_items": [{"name": one.name} for one in message.stickers],
    }
    if isinstance(message, discord.Message):
        found["message_snapshots"] = [{"message": row(one)} for one in message.message_snapshots]
        found["poll"] = poll(message.poll) if message.poll else None
    return found


def poll(it: discord.Poll) -> Payload:
    """Returns the question and its answers, with the votes as far as the message knew them."""
    answers = [{"answer_id": one.id, "poll_media": {"text": one.text}} for one in it.answers]
    counts = [{"id": one.id, "count": one.vote_count} for one in it.answers]
    results = {"is_finalized": it.is_finalised(), "answer_counts": counts}
    return {"question": {"text": str(it.question)}, "answers": answers, "results": results}
