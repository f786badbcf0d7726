"""Describes what a model server answers and serves: Ollama, LM Studio, llama.cpp or vLLM. Pure."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

ServerKind = Literal["Ollama", "LM Studio", "llama.cpp", "vLLM"]


class ServerAnswer(NamedTuple):
    """What came back. `status` is 0 if nothing did, `refused` means that nobody listens there. `json` is None for
    anything but JSON."""

    status: int = 0
    json: object = None
    text: str = ""
    refused: bool = False

    @property
    def ok(self) -> object:
        """Returns the JSON of a success, else None."""
        return self.json if self.status == 200 else None


@dataclass(frozen=True)
class ServedModel:
    """One model that can chat, under the name that requests use.

    `window`: tokens of prompt and reply together as the server runs the model, or will run it; None if it doesn't
    say. `most`: tokens that the model was made for. `declares_tools`: what the server says of its tool calls, unasked.
    """

    name: str
    loaded: bool = True
    window: int | None = None
    most: int | None = None
    declares_tools: bool | None = None
    remote: bool = False
    """Whether another machine runs it, as Ollama's cloud models."""


@dataclass(frozen=True)
class ModelServer:
    """One server and its models that can chat, loaded ones first. `url` has no `/v1`."""

    kind: ServerKind
    url: str
    models: tuple[ServedModel, ...] = ()

    @property
    def api_base(self) -> str:
        """Returns the base URL of its OpenAI-compatible side."""
        return f"{self.url}/v1"

    def named(self, name: str) -> ServedModel | None:
        """Returns the model that the server runs for a request with that name."""
        if self.kind == "llama.cpp" and len(self.models) == 1:
            return self.models[0]
        names = (name, f"{name}:latest") if self.kind == "Ollama" and ":" not in name else (name,)
        return next((model for model in self.models if model.name in names), None)
