"""Shows what is said or marked outside a task: a thread with one message. Pure."""

from dataclasses import dataclass

from bot.chat_platform import PictureItem, WordsItem
from bot.outbox.desired_messages import DesiredMessage, fingerprint, seen_mark
from orchestrator.domain import events as e


@dataclass(frozen=True)
class ToldNote:
    """`want`: how it appears."""

    key: str
    told: e.Told
    want: DesiredMessage


def told_note(key: str, told: e.Told, *, mention: bool) -> ToldNote:
    """Returns a sentence, a picture with one, or a mark. `mention`: people may be mentioned."""
    if told.seen:
        return ToldNote(key, told, seen_mark())
    calls = told.to.id if told.to and told.ping and mention else ""
    words = WordsItem(text=told.text, ping=calls, link=told.link)
    item = PictureItem(text=told.text, picture=told.picture) if told.picture else words
    return ToldNote(key, told, DesiredMessage("words", item, fingerprint(item), urgent=True, settled=True))
