"""Checks each reply against the tools' schemas and asks the model to correct malformed ones."""

from collections.abc import Mapping

from agents.explain_argument_errors import misfit
from agents.models.argument_fitting import fitted
from agents.models.model_errors import TOO_LONG, CutReply, FullWindow, UnreadableReply, garbled
from agents.models.nameless_calls import with_call
from orchestrator.domain.model_messages import Answer, Prompt, Reply, Said
from orchestrator.domain.token_usage import Usage
from orchestrator.domain.tool_calls import Call, ToolSpec
from orchestrator.errors import ModelCut, ModelFailed, ModelGarbled, ModelTooLong
from orchestrator.ports import Model, OnDraft


class RepairingModel:
    """A Model whose replies are valid. Asks again up to `repairs` times, then raises ModelGarbled. A window that is
    full even for a smaller reply raises ModelTooLong.

    The returned answer includes the tokens and cost of discarded ones.
    """

    def __init__(self, inner: Model, *, repairs: int = 2) -> None:
        self._inner = inner
        self._repairs = repairs

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        """One turn; see ports.Model."""
        ask, usage, cost = prompt, Usage(), 0.0
        for left in range(self._repairs, -1, -1):
            try:
                answer = await self._inner.complete(ask, on_draft=on_draft)
            except UnreadableReply as error:
                problem, spent, price, cut = error.problem, Usage.of(error.spent), error.spent.cost, error
            except ModelFailed as error:
                error.spent = error.spent.plus(usage.spent(cost))
                raise
            else:
                if prompt.must_call:
                    answer = answer.model_copy(update={"reply": with_call(answer.reply, prompt.tools)})
                answer, cut = with_fitting_calls(answer, prompt), None
                problem, spent, price = first_problem(answer.reply, prompt), answer.usage, answer.cost
                if not problem:
                    return answer.model_copy(update={"usage": usage + spent, "cost": cost + price})
            usage, cost = usage + spent, cost + price
            if left == 0 or (isinstance(cut, FullWindow) and ask is not prompt):
                end = _end(prompt.model, problem, cut)
                end.spent = usage.spent(cost)
                raise end
            if isinstance(cut, CutReply) and cut.more is not None and ask.room is None:
                ask = ask.model_copy(update={"room": cut.more})
            else:
                complaint = SMALLER if isinstance(cut, CutReply) else _complaint(problem)
                ask = ask.model_copy(update={"messages": (*prompt.messages, complaint)})
        raise AssertionError("unreachable: the last round returns or raises")


SMALLER = Said(
    role="user",
    text="Your last reply was cut off at its length limit, so none of it counts. Do the same in smaller pieces: "
    "write a long file in several calls, each with a part of it, and keep your text short.",
)


def _end(model: str, problem: str, cut: UnreadableReply | None) -> ModelFailed:
    """Returns the error for a reply that can't be used even after repairs."""
    if isinstance(cut, FullWindow):
        return ModelTooLong(TOO_LONG.format(model=repr(model)))
    return cut_off(model) if isinstance(cut, CutReply) else ModelGarbled(garbled(model, problem))


def cut_off(model: str) -> ModelCut:
    """Returns the error for replies that stay too long."""
    return ModelCut(
        f"The replies from {model!r} are cut off at its output limit, even in smaller pieces. Split the step "
        "into smaller ones, or choose another model."
    )


def with_fitting_calls(answer: Answer, prompt: Prompt) -> Answer:
    """Returns the answer with each call's arguments in the form that its tool's schema asks for."""
    schemas = {spec.name: spec.parameters for spec in (*prompt.tools, *prompt.unopened)}
    calls = tuple(
        call.model_copy(update={"args": fitted(schemas[call.tool], call.args)}) if call.tool in schemas else call
        for call in answer.reply.calls
    )
    return answer.model_copy(update={"reply": answer.reply.model_copy(update={"calls": calls})})


def first_problem(reply: Reply, prompt: Prompt) -> str:
    """Returns what is wrong with the reply, for the model to read; empty if nothing is."""
    specs = {spec.name: spec for spec in prompt.tools}
    if prompt.must_call and prompt.tools and not reply.calls:
        return f"it didn't call a tool, but it must call one of {_names(specs)}"
    if not reply.calls and not reply.text.strip():
        return "it was empty"
    unopened = {spec.name for spec in prompt.unopened}  # whose schemas it hasn't seen; it's shown them instead
    judged = (call for call in reply.calls if call.tool not in unopened)
    return next((problem for call in judged if (problem := _call_problem(call, specs))), "")


def _call_problem(call: Call, specs: Mapping[str, ToolSpec]) -> str:
    spec = specs.get(call.tool)
    if spec is None:
        if not specs:
            return "no tools can be called here"
        return f"there's no tool named {call.tool!r}; the available tools are {_names(specs)}"
    wrong = misfit(spec.parameters, call.args)
    return f"the arguments to {call.tool!r} are wrong: {wrong}" if wrong else ""


def _complaint(problem: str) -> Said:
    text = f"Your last reply couldn't be used: {problem}. Send the whole reply again, corrected."
    return Said(role="user", text=text)


def _names(specs: Mapping[str, ToolSpec]) -> str:
    return ", ".join(sorted(specs))
