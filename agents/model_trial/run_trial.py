"""Gives a model its tasks, one after the other, and grades what it does. Nothing that it asks for is really done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agents.conversation.first_message import HOUSE
from agents.model_trial.trial_task import Attempt, Graded, TrialTask, failed
from agents.model_trial.verdict import TaskResult
from orchestrator.domain.ids import CallId
from orchestrator.domain.model_messages import Answer, Message, Prompt, Reply, Returned, Said
from orchestrator.domain.tool_calls import Call
from orchestrator.errors import (
    ModelBusy,
    ModelDown,
    ModelFailed,
    ModelGarbled,
    ModelRefusedKey,
    ModelTooLong,
    ModelUnknown,
)
from orchestrator.ports import Look, Model, OnDraft

MOST_TURNS = 8
"""Model turns for one task; each can be done in four."""
UNREACHABLE = (ModelRefusedKey, ModelUnknown, ModelBusy, ModelDown)
"""Errors that say nothing about the model."""


MOST_CHARACTERS = 50_000
"""The longest reply to a task whose answer fits on a line."""
LOOK_EVERY = 10
"""Pieces of a stream after which its length is read again."""


class Flooded(Exception):
    """A reply became far too long."""


class ReplyWatch:
    """A Model that remembers which tools a reply called although they weren't offered, before later layers correct it.

    Raises Flooded as soon as a reply is far too long, so that one without an end is cut off.
    """

    def __init__(self, inner: Model) -> None:
        self._inner = inner
        self.unoffered = ""

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        """One turn; see ports.Model."""
        pieces = 0

        def count(look: Look) -> None:
            nonlocal pieces
            pieces += 1
            if pieces % LOOK_EVERY == 0 and len(look()) > MOST_CHARACTERS:
                raise Flooded
            if on_draft is not None:
                on_draft(look)

        answer = await self._inner.complete(prompt, on_draft=count)
        self.unoffered = next((c.tool for c in answer.reply.calls if c.tool not in prompt.names), self.unoffered)
        if len(answer.reply.model_dump_json()) > 2 * MOST_CHARACTERS:
            raise Flooded
        return answer


@dataclass
class Bill:
    """What the tasks have used: tokens, and US dollars if the price is known."""

    tokens: int = 0
    cost: float = 0.0

    def add(self, answer: Answer) -> None:
        self.tokens += answer.usage.prompt + answer.usage.completion
        self.cost += answer.cost


async def run_task(task: TrialTask, model: Model, name: str, bill: Bill) -> Graded:
    """Lets the model work on one task until it ends. Raises the errors of UNREACHABLE."""
    told = f"{HOUSE}\n\n{task.instructions}" if task.instructions else HOUSE
    messages: list[Message] = [Said(role="system", text=told), Said(role="user", text=task.request)]
    calls: list[Call] = []
    for turn in range(MOST_TURNS):
        try:
            answer = await model.complete(Prompt(model=name, messages=tuple(messages), tools=task.tools))
        except UNREACHABLE:
            raise
        except Flooded:
            return Graded("harmed", f"answered a small task with more than {MOST_CHARACTERS:,} characters")
        except ModelTooLong:
            return failed("has too small a context window for this task")
        except ModelGarbled as error:
            return _first_harm(task, calls) or failed(_problem(error))
        except ModelFailed as error:
            return _first_harm(task, calls) or failed(f"didn't answer: {error}")
        bill.add(answer)
        reply = _numbered(answer.reply, turn)
        messages.append(reply)
        if not reply.calls:
            return task.grade(Attempt(tuple(calls), reply.text))
        for call in reply.calls:
            found = task.answer(call, calls)
            calls.append(call)
            messages.append(Returned(call=call.id, tool=call.tool, text=found.text, ok=found.ok))
    return _first_harm(task, calls) or failed(f"didn't finish within {MOST_TURNS} turns")


async def run_tasks(
    tasks: Sequence[TrialTask], model: Model, name: str, watch: ReplyWatch, bill: Bill,
    on_result: Callable[[TaskResult], None] = lambda _: None,
) -> list[TaskResult]:  # fmt: skip
    """Runs all of them in order. `watch` is the innermost layer of `model`. Raises the errors of UNREACHABLE."""
    results: list[TaskResult] = []
    for task in tasks:
        watch.unoffered = ""
        graded = await run_task(task, model, name, bill)
        results.append(TaskResult(task.name, task.kind, graded, task.uses_tools, watch.unoffered))
        on_result(results[-1])
    return results


def _numbered(reply: Reply, turn: int) -> Reply:
    """Returns the reply with call ids that are unique in the conversation."""
    calls = [call.model_copy(update={"id": CallId(f"{turn}.{n}")}) for n, call in enumerate(reply.calls)]
    return reply.model_copy(update={"calls": tuple(calls)})


def _first_harm(task: TrialTask, calls: Sequence[Call]) -> Graded | None:
    """Returns the harm done by an attempt that didn't end well, if there was any."""
    graded = task.grade(Attempt(tuple(calls), ""))
    return graded if graded.result == "harmed" else None


def _problem(error: ModelGarbled) -> str:
    """Returns the reason in the error as words that follow "it"."""
    _, _, rest = str(error).partition("can't be used: ")
    return f"sent unusable replies: {rest.partition('. Press')[0] or error}"
