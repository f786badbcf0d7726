"""Turns a model's answer into the fact that records it."""

from orchestrator.domain import clean_outside_text
from orchestrator.domain import events as e
from orchestrator.domain.ids import CallId
from orchestrator.domain.model_messages import Answer, Reply
from orchestrator.domain.tool_calls import Call
from orchestrator.ports import Shelf, Work

MOST_REPLY = 40_000
"""Largest reply kept in its event, in bytes; a larger one goes to the shelf."""


async def turn_taken(answer: Answer, work: Work, turn: int, *, saw: int, shelf: Shelf) -> e.TurnTaken:
    """Returns the fact, with our own ids for the calls. `saw`: up to which fact the model had the news."""
    name, attempt = work.subtask, work.attempt
    calls = tuple(
        Call(id=CallId(f"{name}.{attempt}.{turn}.{i}"), tool=c.tool, args=c.args)
        for i, c in enumerate(answer.reply.calls)
    )
    reply, whole = clean_outside_text.value(answer.reply.model_copy(update={"calls": calls})), None
    encoded = reply.model_dump_json().encode()
    if len(encoded) > MOST_REPLY:
        whole = await shelf.put(encoded, name="reply.json", media="application/json")
        short = tuple(Call(id=c.id, tool=c.tool, args={}) for c in reply.calls)
        reply = Reply(text=reply.text[:2000], calls=short)
    return e.TurnTaken(
        subtask=name,
        attempt=attempt,
        turn=turn,
        saw=saw,
        reply=reply,
        model=answer.model,
        usage=answer.usage,
        cost=answer.cost,
        whole=whole,
    )
