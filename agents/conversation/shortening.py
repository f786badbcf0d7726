"""Keeps a conversation within limits: drops old pictures first, then cuts old tool results. Pure."""

import json
from collections.abc import Sequence

from pydantic import JsonValue

from orchestrator.domain.model_messages import Message, Reply, Returned, Said

MOST_TALK = 400_000
"""Characters of a conversation; about 100,000 tokens."""
KEPT_WHOLE = 6
"""The newest results are never cut."""
STUB = 400
KEPT_PICTURES = 8
"""The newest pictures are kept; each is sent again with every turn."""
PICTURE = 6_000
"""Size of a picture in characters: it costs about 1,500 tokens."""


def shortened(messages: Sequence[Message], *, most: int = MOST_TALK) -> tuple[Message, ...]:
    """Returns the same messages, with the oldest tool results cut until all fit. Deterministic."""
    short = _newest_pictures(messages)
    too_much = sum(_size(m) for m in short) - most
    if too_much <= 0:
        return tuple(short)
    results = [i for i, m in enumerate(short) if isinstance(m, Returned)]
    for i in results[:-KEPT_WHOLE]:
        message = short[i]
        if too_much <= 0:
            break
        if isinstance(message, Returned) and len(message.text) > STUB:
            text = f"{message.text[:STUB]}\n[the rest was cut to save room; call the tool again if you need it]"
            short[i] = message.model_copy(update={"text": text})
            too_much -= len(message.text) - len(text)
    return tuple(short)


def halved(messages: Sequence[Message]) -> tuple[Message, ...] | None:
    """Returns the conversation at about half its size, for a model that couldn't hold it; None if little can go.

    What people and the system said stays; results lose their ends, the oldest first, then long arguments of calls.
    """
    short = list(messages)
    before = now = sum(map(_size, short))
    for most, upto in ((STUB, len(short) - KEPT_WHOLE), (2 * STUB, len(short))):
        for i in range(max(0, upto)):
            if now <= before // 2:
                break
            stub = _stub(short[i], most)
            now += _size(stub) - _size(short[i])
            short[i] = stub
    return tuple(short) if now < 0.9 * before else None


def _stub(message: Message, most: int) -> Message:
    match message:
        case Returned(text=text) if len(text) > most + len(_CUT):
            return message.model_copy(update={"text": f"{text[:most]}\n{_CUT}"})
        case Reply(calls=calls):
            short = tuple(
                c.model_copy(update={"args": {n: _stub_text(v, most) for n, v in c.args.items()}}) for c in calls
            )
            return message.model_copy(update={"calls": short})
        case Said(pictures=(_, *_), role="user"):
            return message.model_copy(update={"pictures": (), "text": f"{message.text}\n{_CUT}"})
        case _:
            return message


def _stub_text(value: JsonValue, most: int) -> JsonValue:
    return f"{value[:most]}\n{_CUT}" if isinstance(value, str) and len(value) > most + len(_CUT) else value


_CUT = "[the rest was cut to save room; read it again if you need it]"


def _newest_pictures(messages: Sequence[Message]) -> list[Message]:
    """Returns the messages with only the last KEPT_PICTURES pictures."""
    kept, left = list(messages), KEPT_PICTURES
    for i in range(len(kept) - 1, -1, -1):
        message = kept[i]
        if not isinstance(message, Said) or not message.pictures:
            continue
        gone = max(0, len(message.pictures) - left)
        left = max(0, left - len(message.pictures))
        if gone:
            words = "the pictures" if gone == len(message.pictures) else f"the first {gone} pictures"
            text = f"{message.text}\n[{words} were removed to save room; look again if you need them]"
            kept[i] = message.model_copy(update={"text": text, "pictures": message.pictures[gone:]})
    return kept


def _size(message: Message) -> int:
    if isinstance(message, Reply):
        return len(message.text) + sum(len(json.dumps(call.args)) for call in message.calls)
    return len(message.text) + PICTURE * (len(message.pictures) if isinstance(message, Said) else 0)
