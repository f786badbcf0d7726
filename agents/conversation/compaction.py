"""Makes a conversation shorter: older turns become notes, and long texts of the turns that stay lose their ends. Pure.

Turns are removed whole, so a call never loses its result, and the two opening messages stay as they are.
"""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import JsonValue

from orchestrator.domain.model_messages import Message, Reply, Returned, Said
from orchestrator.domain.plural import counted

OPENING = 2
"""Messages at the start of a conversation that never change: who the agent is, and its assignment."""


class TurnStart(NamedTuple):
    """Where a turn starts in the list of messages: with the news it was given. `saw`: up to which fact."""

    turn: int
    saw: int
    at: int


class Cut(NamedTuple):
    """How much to cut: the last `turns` turns stay, with texts of at most `longest` characters (None: any length)."""

    turns: int
    longest: int | None = None


CUTS = (Cut(6), Cut(3), Cut(2, 8_000), Cut(1, 4_000), Cut(1, 1_000), Cut(0, 300))
"""From the gentlest to the hardest."""

_SKILL_STAYS = 4_000
"""A skill that the agent follows stays whole, unless texts have to become shorter than this."""


def compacted(
    messages: Sequence[Message], starts: Sequence[TurnStart], *, through: int, longest: int | None, notes: str
) -> tuple[list[Message], list[TurnStart]]:
    """Returns the conversation with `notes` in place of the turns up to `through`, and where its turns start now."""
    kept = [one for one in starts if one.turn > through]
    first = kept[0].at if kept else len(messages)
    note = [Said(role="user", text=notes)] if notes else list(messages[OPENING:first])
    rest = [_shortened(m, longest, _number(starts, first + i)) for i, m in enumerate(messages[first:])]
    moved = first - OPENING - len(note)
    return [*messages[:OPENING], *note, *rest], [one._replace(at=one.at - moved) for one in kept]


def _number(starts: Sequence[TurnStart], index: int) -> int:
    """Returns the turn that the message belongs to."""
    return max((one.turn for one in starts if one.at <= index), default=0)


def _shortened(message: Message, longest: int | None, turn: int) -> Message:
    if longest is None:
        return message
    match message:
        case Returned(tool="use_skill") if longest >= _SKILL_STAYS:
            return message
        case Returned(text=text, call=call) if len(text) > longest + 200:
            number = f"{turn}.{call.rpartition('.')[2]}"
            return message.model_copy(update={"text": _begun(text, longest, number)})
        case Reply(text=text, calls=calls):
            short = tuple(
                call.model_copy(
                    update={"args": {n: _argument(v, longest, f"{turn}.{at}") for n, v in call.args.items()}}
                )
                for at, call in enumerate(calls)
            )
            return message.model_copy(update={"text": text[: max(longest, 1_000)], "calls": short})
        case Said(pictures=(_, *_), text=text):
            return message.model_copy(
                update={
                    "pictures": (),
                    "text": f"{text}\n[The pictures were removed to save space; look again if you need them.]",
                }
            )
        case _:
            return message


def _argument(value: JsonValue, longest: int, number: str) -> JsonValue:
    return _begun(value, longest, number) if isinstance(value, str) and len(value) > longest + 200 else value


def _begun(text: str, longest: int, number: str) -> str:
    return (
        f"{text[:longest]}\n[{counted(len(text) - longest, 'more character')} cut to save space; recall {number} shows "
        "them]"
    )
