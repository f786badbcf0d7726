"""Reads settings from their sources, merges them with their origin, and reports each mistake in one sentence. Pure."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr, ValidationError

from orchestrator.errors import BadSettings

PREFIX = "THREADWORK_"
COMMAND = "THREADWORK_COMMAND"
"""The one name with our prefix that isn't a setting: how `run` was called."""
CONVENTIONAL: Mapping[str, str] = {
    "OPENAI_API_KEY": "models.keys.openai",
    "ANTHROPIC_API_KEY": "models.keys.anthropic",
    "GEMINI_API_KEY": "models.keys.gemini",
    "MISTRAL_API_KEY": "models.keys.mistral",
    "OPENROUTER_API_KEY": "models.keys.openrouter",
    "DEEPSEEK_API_KEY": "models.keys.deepseek",
    "GROQ_API_KEY": "models.keys.groq",
    "XAI_API_KEY": "models.keys.xai",
    "SEARXNG_URL": "search.searxng_url",
    "BRAVE_API_KEY": "search.brave_api_key",
    "TAVILY_API_KEY": "search.tavily_api_key",
}
"""Names that other programs also use."""
_LONG = 32
_USUAL_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")
M = TypeVar("M", bound=BaseModel)


class Leaf(NamedTuple):
    """One value: its dotted path, and how and where it was written, for people."""

    path: tuple[str, ...]
    value: object
    written: str
    where: str

    @property
    def told(self) -> str:
        return f"{self.written!r} {self.where}"


def of_arguments(arguments: Mapping[str, object]) -> list[Leaf]:
    """Values from the caller, e.g. a command-line option; None means not given."""
    return [Leaf(p, value, ".".join(p), "(given)") for p, value in _leaves(arguments) if value is not None]


def of_environment(environment: Mapping[str, str]) -> list[Leaf]:
    """Values from `THREADWORK_<SECTION>__<FIELD>`, in upper or lower case. An empty value counts as not set."""
    names = [name for name in environment if name.upper().startswith(PREFIX) and environment[name] and name != COMMAND]
    return [
        Leaf(tuple(name[len(PREFIX) :].lower().split("__")), environment[name], name, "(environment)")
        for name in sorted(names)
    ]


def of_conventional(environment: Mapping[str, str], known: Mapping[str, str]) -> list[Leaf]:
    """Values from names that other programs also use, each for the dotted path in `known`."""
    return [
        Leaf(tuple(path.split(".")), environment[name], name, "(environment)")
        for name, path in known.items()
        if environment.get(name)
    ]


def of_table(values: Mapping[str, object], file: str) -> list[Leaf]:
    """A parsed settings file."""
    return [Leaf(path, value, ".".join(path), f"in {file}") for path, value in _leaves(values)]


def build(model: type[M], leaves: Sequence[Leaf]) -> M:
    """Builds the settings; of two values for one setting, the earlier counts. Raises BadSettings."""
    merged: dict[str, Any] = {}
    for leaf in reversed(leaves):
        if problem := _unknown(model, leaf):
            raise BadSettings(problem)
        _put(merged, leaf)
    try:
        return model.model_validate(merged)
    except ValidationError as error:
        raise BadSettings(_sentence(error, leaves)) from None


def words(value: object) -> object:
    """A list from the environment: `a, b` or JSON."""
    if not isinstance(value, str):
        return value
    return table(value) if value.startswith("[") else tuple(part for w in value.split(",") if (part := w.strip()))


def table(value: object) -> object:
    """A table or list of tables from the environment: JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError("this must be JSON") from None


def long(value: SecretStr | None) -> SecretStr | None:
    """A secret that can't be guessed: at least 32 characters."""
    if value is not None and len(value.get_secret_value()) < _LONG:
        raise ValueError(f"this needs at least {_LONG} characters, e.g. from `openssl rand -hex 32`")
    return value


def address(value: str | None) -> str | None:
    """An address such as `https://threadwork.example`, as browsers write it: lower case, without a default port."""
    if not value:
        return None
    try:
        parts = urlsplit(value.strip())
        port = parts.port
    except ValueError:
        raise ValueError("this must be an address, e.g. https://threadwork.example") from None
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    if parts.scheme not in _USUAL_PORTS or not name or not _NAME.fullmatch(name):
        raise ValueError("this must start with http:// or https:// and name a host, e.g. https://threadwork.example")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("this must end with the host or its port, without a path, name, or password")
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in (None, _USUAL_PORTS[parts.scheme]) else "")


def _leaves(values: Mapping[str, object], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*above, str(name)))  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, BaseModel):
            yield from _leaves({n: getattr(value, n) for n in value.model_fields_set}, (*above, name))
        else:
            yield (*above, name), value


def _put(merged: dict[str, Any], leaf: Leaf) -> None:
    for name in leaf.path[:-1]:
        inner = merged.setdefault(name, {})
        if not isinstance(inner, dict):
            inner = merged[name] = {}
        merged = inner  # pyright: ignore[reportUnknownVariableType]
    merged[leaf.path[-1]] = leaf.value


def _unknown(model: type[BaseModel], leaf: Leaf) -> str | None:
    """Returns the sentence for a name that isn't a setting, or None."""
    at: type[BaseModel] = model
    for depth, name in enumerate(leaf.path):
        if name not in at.model_fields:
            near = difflib.get_close_matches(".".join(leaf.path), list(names(model)), n=1, cutoff=0.5)
            hint = f"; did you mean {_as_written(near[0], leaf)!r}?" if near else "; see deploy/settings.md."
            return f"There's no setting {leaf.told}{hint}"
        inner = at.model_fields[name].annotation
        if get_origin(inner) is dict:
            row, rest = get_args(inner)[1], leaf.path[depth + 2 :]
            fields = row.model_fields if isinstance(row, type) and issubclass(row, BaseModel) else {}
            bad = bool(rest) and rest[0] not in fields
            return f"There's no setting {leaf.told}; see deploy/settings.md." if bad else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            extra = leaf.path[depth + 1 :]
            return (
                f"There's no setting {leaf.told}; did you mean {'.'.join(leaf.path[: depth + 1])!r}?" if extra else None
            )
        at = inner
    return f"The setting {leaf.told} is a section; set one of its fields: {', '.join(at.model_fields)}."


def names(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """Yields the dotted path of every setting."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from names(inner, f"{above}{name}.")
        else:
            yield above + name


def _as_written(path: str, leaf: Leaf) -> str:
    return PREFIX + path.replace(".", "__").upper() if leaf.written.upper().startswith(PREFIX) else path


def _sentence(error: ValidationError, leaves: Sequence[Leaf]) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    path = tuple(str(part) for part in first["loc"])
    leaf = next((leaf for leaf in leaves if path[: len(leaf.path)] == leaf.path), None)
    told = leaf.told if leaf else repr(".".join(path))
    why = first["msg"].removeprefix("Value error, ")
    return f"The setting {told} is invalid: {why[:1].lower()}{why[1:]}. Correct it and start again."
