"""Asks a server what it is and what it serves. Loads no model: it only reads lists."""

import asyncio
from urllib.parse import quote

from agents.models.local_servers import recognition
from agents.models.local_servers.model_server import ModelServer
from agents.models.local_servers.recognition import LISTING, LM_STUDIO, LM_STUDIO_OLD, RUNNING, TAGS, VERSION
from agents.models.local_servers.server_answers import ServerConnection

_MOST_SHOWN = 200
"""Models of one server that are asked for one by one."""


async def recognized(server: ServerConnection, listing: object) -> ModelServer | None:
    """Returns what serves there; None if it's none of the four kinds. `listing`: its answer to `/v1/models`."""
    if not recognition.is_listing(listing):
        return None
    match recognition.kind_by_listing(listing):
        case "vLLM":
            return ModelServer("vLLM", server.url, recognition.vllm_models(listing))
        case "llama.cpp":
            return ModelServer("llama.cpp", server.url, await _llamacpp(server, listing))
        case _:
            return await _by_own_lists(server)


async def ask_server(server: ServerConnection) -> ModelServer | None:
    """Asks for the list of models first; what isn't a model server is asked nothing else."""
    return await recognized(server, (await server.get(LISTING)).ok)


async def _llamacpp(server: ServerConnection, listing: object) -> tuple[recognition.ServedModel, ...]:
    """A server with several models would load one that is asked for its properties, unless told not to."""
    listed = recognition.rows(recognition.table(listing).get("data"))
    names = [str(row["id"]) for row in listed if row.get("id") and recognition.llamacpp_loaded(row)]
    paths = {name: f"/props?model={quote(name, safe='')}&autoload=false" for name in names[:_MOST_SHOWN]}
    answers = await server.answers(list(paths.values()))
    return recognition.llamacpp_models(listing, {name: answers[path] for name, path in paths.items()})


async def _by_own_lists(server: ServerConnection) -> ModelServer | None:
    answers = await server.answers([LM_STUDIO, LM_STUDIO_OLD, TAGS, RUNNING, VERSION])
    match recognition.kind_by_answers(answers):
        case "LM Studio":
            return ModelServer("LM Studio", server.url, recognition.lm_studio_models(answers))
        case "Ollama":
            names = [str(row["name"]) for row in recognition.rows(recognition.table(answers[TAGS]).get("models"))]
            asked = names[:_MOST_SHOWN]
            shown = await asyncio.gather(*(server.post("/api/show", {"model": name}) for name in asked))
            told = {name: answer.ok for name, answer in zip(asked, shown, strict=True)}
            return ModelServer("Ollama", server.url, recognition.ollama_models(answers, told))
        case _:
            return None
