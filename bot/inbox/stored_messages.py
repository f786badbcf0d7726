"""Reads back what was received, as the inbox stored it."""

from bot.chat_platform import Inbound, Mentioned, Wrote
from bot.inbox.inbound_keys import KINDS
from orchestrator.desk import Desk
from orchestrator.domain import events as e


async def unpacked(desk: Desk, heard: e.Heard) -> Inbound:
    """Returns what was received; a large one is on the shelf."""
    kind = KINDS[heard.kind]
    if heard.whole is not None:
        return kind.model_validate_json(await desk.shelf.get(heard.whole.sha))
    return kind.model_validate(heard.inbound)


async def message_at(desk: Desk, platform: str, channel: str, message: str) -> Mentioned | Wrote | None:
    """Returns what was written in that message when it was first received."""
    for kind in ("wrote", "mentioned"):
        heard = await desk.noted(platform, f"{kind}/{channel}/{message}")
        if isinstance(heard, e.Heard):
            found = await unpacked(desk, heard)
            return found if isinstance(found, Mentioned | Wrote) else None
    return None
