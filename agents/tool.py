"""Defines a tool: a name, a schema taken from a function's signature, its effects, and a call.

    @tool(effects={Effect.READ}, parallel=True)
    async def read_file(room: CallContext, path: Annotated[str, "path inside the workspace"]) -> str:
        '''Read a text file.'''

The first parameter is the room the call happens in; the others become the schema, their `Annotated` strings its
descriptions, the docstring the tool's description. Return text or a CallResult. Raise ToolFailed with one clear
sentence that says what to do next; the agent reads it.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Field, ValidationError, create_model

from agents.explain_argument_errors import misfit
from agents.shorten_schema import shortened
from orchestrator.domain.people import FileRef
from orchestrator.domain.tool_calls import MOST_TEXT, CallResult, Effect, HostCall, Label, ToolSpec
from orchestrator.errors import ToolFailed


class Workspace(Protocol):
    """A task's folder. Paths are relative; paths outside and symbolic links are refused."""

    @property
    def root(self) -> Path: ...

    def read(self, path: str, *, most: int = 50_000_000) -> bytes:
        """Raises ToolFailed: missing, not a regular file, outside, larger than `most`."""
        ...

    def write(self, path: str, content: bytes) -> None:
        """Writes the file atomically and creates parent folders. Raises ToolFailed or OutOfSpace."""
        ...

    def exists(self, path: str) -> bool: ...

    def forget(self, half: str) -> None:
        """Removes temporary files of that name that a killed writer left, in any folder."""
        ...

    def files(self, below: str = "") -> list[tuple[str, int]]:
        """Returns relative path and size (bytes) of every regular file, sorted; skips hidden folders
        (`.threadwork`)."""
        ...


@dataclass(frozen=True)
class CallContext:
    """Context of one call.

    `keep(content, name)` puts bytes on the host's side of the shelf and gives the reference to return in a CallResult;
    the link carries them to the hub. `progress(words)` shows a line on the card while the tool runs.
    """

    call: HostCall
    workspace: Workspace
    keep: Callable[[bytes, str], FileRef]
    progress: Callable[[str], None]


Function = Callable[..., Awaitable[str | CallResult]]


@dataclass(frozen=True)
class Tool:
    """A spec and the function behind it."""

    spec: ToolSpec
    arguments: type[BaseModel]
    function: Function

    async def __call__(self, room: CallContext) -> CallResult:
        """Runs the call of `room`. Raises ToolFailed when the arguments are wrong, or what the function raises."""
        given = self.parse(room.call.args)
        result = await self.function(room, **{name: getattr(given, name) for name in type(given).model_fields})
        return (
            result
            if isinstance(result, CallResult)
            else CallResult(ok=True, text=clipped(result), labels=self.spec.taints)
        )

    def parse(self, args: dict[str, Any]) -> BaseModel:
        """Returns the arguments as a value. Raises ToolFailed naming each wrong field."""
        try:
            return self.arguments.model_validate(args)
        except ValidationError as error:
            wrong = misfit(self.spec.parameters, args) or sentence(error).rstrip(".")
            raise ToolFailed(f"The arguments to {self.spec.name!r} are wrong: {wrong}.") from error


def sentence(error: ValidationError) -> str:
    """Returns what is wrong, field by field, without the values (they may be secret)."""
    return "; ".join(f"{'.'.join(str(p) for p in e['loc']) or 'arguments'}: {e['msg']}" for e in error.errors()[:5])


def clipped(text: str, *, most: int = MOST_TEXT) -> str:
    """Returns at most that many characters and a note on how much was left out."""
    if len(text) <= most:
        return text
    return f"{text[:most]}\n[{len(text) - most} more characters were left out; read a smaller part]"


def tool(
    *,
    effects: Iterable[Effect],
    place: Literal["host", "hub"] = "host",
    target: str | None = None,
    reaches: str | None = None,
    login: str | None = None,
    beside: str | None = None,
    releases: str | None = None,
    parallel: bool = False,
    repeat: bool = True,
    taints: Iterable[Label] = (),
) -> Callable[[Function], Tool]:
    """Makes a Tool from an async function; the module's docstring and ToolSpec explain the arguments."""

    def make(function: Function) -> Tool:
        arguments = _arguments(function)
        spec = ToolSpec(
            name=function.__name__,
            description=inspect.cleandoc(function.__doc__ or ""),
            parameters=shortened(arguments.model_json_schema()),
            effects=frozenset(effects),
            place=place,
            target=target,
            reaches=reaches,
            login=login,
            beside=beside,
            releases=releases,
            parallel=parallel,
            repeat=repeat,
            taints=frozenset(taints),
        )
        return Tool(spec, arguments, function)

    return make


def _arguments(function: Function) -> type[BaseModel]:
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        hint = hints[name]
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        words = (
            next((a for a in get_args(hint)[1:] if isinstance(a, str)), None) if get_origin(hint) is Annotated else None
        )
        fields[name] = (hint, Field(default, description=words))
    return create_model(function.__name__, __config__={"extra": "forbid"}, **fields)
