"""Keeps only the newest pictures of a conversation, because each is sent again with every turn. Pure."""

from collections.abc import Sequence

from orchestrator.domain.model_messages import Message, Said

KEPT = 8
MOST = 16
"""Above this, all but the newest KEPT go at once: removing one at a time would change earlier turns at every turn, and
no vendor could reuse what it has read of them."""


def newest_pictures(messages: Sequence[Message]) -> list[Message]:
    """Returns the messages, without their oldest pictures once there are more than MOST."""
    kept, left = list(messages), KEPT
    if sum(len(m.pictures) for m in kept if isinstance(m, Said)) <= MOST:
        return kept
    for i in range(len(kept) - 1, -1, -1):
        message = kept[i]
        if not isinstance(message, Said) or not message.pictures:
            continue
        gone = max(0, len(message.pictures) - left)
        left = max(0, left - len(message.pictures))
        if gone:
            words = "the pictures" if gone == len(message.pictures) else f"the first {gone} pictures"
            text = f"{message.text}\n[{words} were removed to save space; look again if you need them]"
            kept[i] = message.model_copy(update={"text": text, "pictures": message.pictures[gone:]})
    return kept
