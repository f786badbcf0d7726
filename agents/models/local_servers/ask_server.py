"""Asks a server what it is and what it serves. Loads no model: it only reads lists."""

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

from agents.models.local_servers import recognition
from agents.models.local_servers.model_server import ModelServer
from agents.models.local_servers.recognition import LM_STUDIO, LM_STUDIO_OLD, RUNNING, TAGS, VERSION
from agents.models.local_servers.server_http_client import ServerConnection

_MOST_SHOWN = 200
"""Models of one server that are asked for one by one."""
_AT_ONCE = 8


async def recognized(server: ServerConnection, listing: object, *, only: str | None = None) -> ModelServer | None:
    """Returns what serves there; None if it's none of the four kinds. `listing`: its answer to `/v1/models`. `only`:
    the one model to ask about; of the others, no more than the lists say is known."""
    if not recognition.is_listing(listing):
        return None
    match recognition.kind_by_listing(listing):
        case "vLLM":
            return ModelServer("vLLM", server.url, recognition.vllm_models(listing))
        case "llama.cpp":
            return ModelServer("llama.cpp", server.url, await _llamacpp(server, listing))
        case _:
            return await _by_own_lists(server, only)


async def _llamacpp(server: ServerConnection, listing: object) -> tuple[recognition.ServedModel, ...]:
    """A server with several models would load one that is asked for its properties, unless told not to."""
    listed = recognition.rows(recognition.table(listing).get("data"))
    names = [str(row["id"]) for row in listed if row.get("id") and recognition.llamacpp_loaded(row)]
    paths = {name: f"/props?model={quote(name, safe='')}&autoload=false" for name in names[:_MOST_SHOWN]}
    answers = await server.answers(list(paths.values()))
    return recognition.llamacpp_models(listing, {name: answers[path] for name, path in paths.items()})


async def _by_own_lists(server: ServerConnection, only: str | None) -> ModelServer | None:
    answers = await server.answers([LM_STUDIO, LM_STUDIO_OLD, TAGS, RUNNING, VERSION])
    match recognition.kind_by_answers(answers):
        case "LM Studio":
            return ModelServer("LM Studio", server.url, recognition.lm_studio_models(answers))
        case "Ollama":
            names = [str(row["name"]) for row in recognition.rows(recognition.table(answers[TAGS]).get("models"))]
            asked = [name for name in names if only is None or name in (only, f"{only}:latest")][:_MOST_SHOWN]
            return ModelServer("Ollama", server.url, recognition.ollama_models(answers, await _shown(server, asked)))
        case _:
            return None


async def _shown(server: ServerConnection, names: Sequence[str]) -> dict[str, object]:
    """Asks Ollama for each of these models, some at once: it reads their files."""
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def show(name: str) -> object:
        async with at_once:
            return (await server.post("/api/show", {"model": name})).ok

    answers = await asyncio.gather(*map(show, names))
    return dict(zip(names, answers, strict=True))
