"""Finds the model servers on this machine, for `init` and `doctor`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agents.models.endpoint import route
from agents.models.local_servers.current_window import server_url
from agents.models.local_servers.find_servers import FoundServer, find_servers
from agents.models.local_servers.model_server import ServedModel, ServerKind
from agents.models.local_servers.tool_probe import ToolFinding
from bot.bootstrap.models import endpoint_of
from bot.config.settings import Settings

_PLAIN = frozenset({"openai"})
"""Prefixes that matter to find a server of one's own; litellm, which knows them all, takes seconds to load."""


class FoundModel(NamedTuple):
    """One model that a server offers. `window`: tokens that it holds, or will; `most`: tokens it was made for."""

    name: str
    kind: ServerKind
    api_base: str
    loaded: bool
    remote: bool
    window: int | None
    most: int | None
    tools: ToolFinding


@dataclass(frozen=True)
class FoundModels:
    """What was found. `locked`: addresses where something wants a key first. `empty`: servers without a model."""

    models: tuple[FoundModel, ...]
    locked: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


class DefaultServer(NamedTuple):
    """The server of the default model. `model` is None if it doesn't serve that one."""

    name: str
    kind: ServerKind
    url: str
    model: FoundModel | None


async def found_models(urls: Sequence[str], key: str | None = None, *, calls: bool = True) -> FoundModels:
    """Returns the models of the servers at `urls` that can chat, loaded ones first. `calls`: whether to ask loaded
    models for a tool call."""
    servers = await find_servers([server_url(url) for url in urls], key, calls=calls)
    models = [model for found in servers for model in _models(found) if model.tools != "no-chat"]
    serving = {model.api_base for model in models}
    return FoundModels(
        models=tuple(sorted(models, key=lambda model: (not model.loaded, model.remote))),
        locked=tuple(found.url for found in servers if found.server is None),
        empty=tuple(
            f"{found.server.kind} at {found.server.url}"
            for found in servers
            if found.server and found.server.api_base not in serving
        ),
    )


async def default_server(settings: Settings) -> DefaultServer | None:
    """Returns the server of the default model, asked without a call; None if it isn't one on this network that we
    recognize."""
    chosen = settings.models.chosen
    way = route(endpoint_of(settings), chosen, _PLAIN) if chosen else None
    if way is None or way.api_base is None or not way.api_base.startswith("http://"):
        return None
    for found in await find_servers([server_url(way.api_base)], way.api_key, calls=False):
        if found.server is not None:
            name = way.vendor_name.partition("/")[2]
            named = found.server.named(name)
            return DefaultServer(name, found.server.kind, found.server.url, _model(found, named) if named else None)
    return None


def _models(found: FoundServer) -> Sequence[FoundModel]:
    return [model for served in found.server.models if (model := _model(found, served))] if found.server else []


def _model(found: FoundServer, model: ServedModel) -> FoundModel | None:
    if (server := found.server) is None:
        return None
    return FoundModel(
        name=model.name,
        kind=server.kind,
        api_base=server.api_base,
        loaded=model.loaded,
        remote=model.remote,
        window=model.window,
        most=model.most,
        tools=found.tools[model.name],
    )
