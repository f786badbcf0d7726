"""The errors of one call to a model, with what the layers around it need to know. Pure."""

from collections.abc import Mapping

from orchestrator.domain.token_usage import Usage
from orchestrator.errors import ModelBusy, ModelDown, ModelFailed, ModelGarbled, ModelSilent

BROKEN_OFF = "The server for {model} cut off its reply. Press Retry."
TOO_LONG = "The conversation is too long for {model}. Choose a model with a larger context window."
CUT: Mapping[str, str] = {
    "Ollama": "The conversation needs more than the {window} tokens that Ollama gave {model}. Start Ollama with a "
    "larger OLLAMA_CONTEXT_LENGTH, such as 32768, then press Retry.",
    "LM Studio": "The conversation needs more than the {window} tokens that LM Studio gave {model}. Load it with "
    "a longer context, then press Retry.",
}
"""By the server that would cut the prompt."""


class Busy(ModelBusy):
    """Rate limited. `retry_after`: seconds the provider asked us to wait, if given."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Down(ModelDown):
    """Temporarily unavailable. `retry_after` as in Busy. `silent`: it sent nothing for too long. `patient`: it will be
    available, so only the time limits the tries. `came`: the words of its reply that had come by then, as far as they
    may be kept."""

    def __init__(
        self, message: str, *, retry_after: float | None = None, silent: bool = False, patient: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after, self.silent, self.patient, self.came = retry_after, silent, patient, ""


class Silent(ModelSilent):
    """A server of one's own sent nothing for too long. `came` as in Down."""

    came = ""


class Crashed(Silent):
    """A server of one's own crashed. It starts again for the next request, which mostly ends in the same way."""

    retry_after = 2.0


class UnexplainedRefusal(ModelFailed):
    """The server refused the request for an unknown reason."""


class UnreadableReply(ModelGarbled):
    """A reply that could not be parsed; asking again may help. `problem` is for the model, the message for people."""

    def __init__(self, model: str, problem: str, usage: Usage, cost: float) -> None:
        super().__init__(garbled(model, problem))
        self.problem, self.spent = problem, usage.spent(cost)


class CutReply(UnreadableReply):
    """A reply that ended at the output limit. `more`: tokens that may be asked for next; None if there is no more."""

    def __init__(self, model: str, usage: Usage, cost: float, *, more: int | None, problem: str = "") -> None:
        super().__init__(model, problem or "it was cut off at its output limit", usage, cost)
        self.more = more


class FullWindow(CutReply):
    """A reply that ended because the prompt and it filled the model's window."""

    def __init__(self, model: str, usage: Usage, cost: float) -> None:
        super().__init__(model, usage, cost, more=None, problem="it was cut off where the model's window ended")


def garbled(model: str, problem: str) -> str:
    """Returns the message for people about a reply that could not be used."""
    return f"The reply from {model!r} can't be used: {problem}. Press Retry, or choose another model."
