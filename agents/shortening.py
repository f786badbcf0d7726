"""Keeps a conversation within bounds: what tools returned long ago is cut first. Pure."""

from collections.abc import Sequence

from orchestrator.domain.talk import Message, Returned

MOST_TALK = 400_000
"""Characters of a conversation; about 100,000 tokens."""
KEPT_WHOLE = 6
"""The newest results are never cut."""
STUB = 400


def shortened(messages: Sequence[Message], *, most: int = MOST_TALK) -> tuple[Message, ...]:
    """The same messages, with the oldest tool results cut until all fit; the same input gives the same output."""
    too_much = sum(_size(m) for m in messages) - most
    if too_much <= 0:
        return tuple(messages)
    results = [i for i, m in enumerate(messages) if isinstance(m, Returned)]
    short = list(messages)
    for i in results[:-KEPT_WHOLE]:
        message = messages[i]
        if too_much <= 0:
            break
        if isinstance(message, Returned) and len(message.text) > STUB:
            text = f"{message.text[:STUB]}\n[the rest was cut to save room; call the tool again if you need it]"
            short[i] = message.model_copy(update={"text": text})
            too_much -= len(message.text) - len(text)
    return tuple(short)


def _size(message: Message) -> int:
    return len(message.text)
