"""Finds out how many tokens a model's server holds now, which may be far fewer than the model was made for."""

from typing import NamedTuple

from agents.models.context_window_from_model_list import served_window
from agents.models.local_servers.ask_server import recognized
from agents.models.local_servers.model_server import ServedModel, ServerKind
from agents.models.local_servers.recognition import RUNNING, rows, table, tokens
from agents.models.local_servers.server_http_client import ServerConnection


class ServedWindow(NamedTuple):
    """`tokens`: of prompt and reply together, if the server says. `lasting`: whether it need not be asked again.
    `cut_by`: the server, if it cuts a longer prompt without saying so."""

    tokens: int | None
    lasting: bool
    cut_by: ServerKind | None = None


def server_url(api_base: str) -> str:
    """Returns the address of the server itself, without the `/v1` of its OpenAI-compatible side."""
    return api_base.rstrip("/").removesuffix("/v1")


async def current_window(api_base: str, name: str, key: str | None, *, load_within: float | None) -> ServedWindow:
    """Returns the window of the model `name`, which is about to be used.

    Ollama knows the window of a loaded model only, and another program may have loaded it with a window of its own. So
    it's asked to load the model as our turn will, for at most `load_within` seconds; None leaves it as it is.
    """
    async with ServerConnection(server_url(api_base), key) as server:
        answer = await server.get(f"{api_base.rstrip('/').removeprefix(server.url)}/models")
        if (listing := answer.ok) is None:
            return ServedWindow(None, lasting=not _may_change(answer.status))
        found = await recognized(server, listing, only=name)
        model = found.named(name) if found else None
        if found is None or model is None:
            return ServedWindow(served_window(listing, name), lasting=True)
        if found.kind == "Ollama" and not model.remote:
            return await _ollama(server, model, load_within)
        return _window(found.kind, model)


def _may_change(status: int) -> bool:
    """Returns whether the next turn may get another answer; 0 is none at all, and 501 says that there's no list."""
    return status in (0, 408, 425, 429) or (status >= 500 and status != 501)


def _window(kind: ServerKind, model: ServedModel) -> ServedWindow:
    """A model that isn't loaded yet may be loaded with any window up to what it was made for. LM Studio refuses or cuts
    what is longer, depending on its version."""
    if model.loaded or model.remote:
        return ServedWindow(model.window, lasting=True, cut_by=kind if kind == "LM Studio" else None)
    return ServedWindow(model.window or model.most, lasting=False)


async def _ollama(server: ServerConnection, model: ServedModel, load_within: float | None) -> ServedWindow:
    if load_within is None:
        return ServedWindow(model.window, lasting=False, cut_by="Ollama")
    await server.post("/api/generate", {"model": model.name}, load_within)
    running = rows(table((await server.get(RUNNING)).ok).get("models"))
    found = next((tokens(row.get("context_length")) for row in running if row.get("name") == model.name), None)
    return ServedWindow(found or model.window, lasting=found is not None, cut_by="Ollama")
