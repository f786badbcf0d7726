"""Reads back what was received, as the inbox stored it."""

from bot.chat import Inbound
from bot.inbox.received import KINDS
from orchestrator.desk import Desk
from orchestrator.domain import events as e


async def unpacked(desk: Desk, heard: e.Heard) -> Inbound:
    """Returns what was received; a large one is on the shelf."""
    kind = KINDS[heard.kind]
    if heard.whole is not None:
        return kind.model_validate_json(await desk.shelf.get(heard.whole.sha))
    return kind.model_validate(heard.inbound)
