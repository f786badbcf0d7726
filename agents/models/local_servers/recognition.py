"""Recognizes a model server by its answers, and reads from them what it serves. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from agents.models.local_servers.model_server import ServedModel, ServerKind

Json = Mapping[str, Any]
LISTING, LM_STUDIO, LM_STUDIO_OLD = "/v1/models", "/api/v1/models", "/api/v0/models"
TAGS, RUNNING, VERSION = "/api/tags", "/api/ps", "/api/version"
_OWNERS: Mapping[str, ServerKind] = {"llamacpp": "llama.cpp", "vllm": "vLLM"}
_LEAST, _MOST = 256, 100_000_000
"""Tokens; another number isn't a window."""
_LONGEST = 300
"""Characters of a name."""


def is_listing(answer: object) -> bool:
    """Returns whether this is an OpenAI-style list of models, which every one of these servers has."""
    found = table(answer)
    return found.get("object") == "list" and (found.get("data") is None or isinstance(found["data"], list))


def kind_by_listing(listing: object) -> ServerKind | None:
    """Returns the kind if the list of models names it."""
    owners = {row.get("owned_by") for row in rows(table(listing).get("data"))}
    return next((kind for owner, kind in _OWNERS.items() if owner in owners), None)


def kind_by_answers(answers: Mapping[str, object]) -> ServerKind | None:
    """Returns the kind by what it answered at the paths of LM Studio and Ollama."""
    if _lm_studio_rows(answers) is not None:
        return "LM Studio"
    tags = table(answers.get(TAGS))
    named = all(isinstance(row.get("name"), str) and "digest" in row for row in rows(tags.get("models")))
    if "models" in tags and named and isinstance(table(answers.get(VERSION)).get("version"), str):
        return "Ollama"
    return None


def vllm_models(listing: object) -> tuple[ServedModel, ...]:
    """Reads vLLM's list: everything in it is loaded. An adapter has the window of the model it builds on."""
    found = {name: row for row in rows(table(listing).get("data")) if (name := _name(row, "id"))}
    windows = {name: tokens(row.get("max_model_len")) for name, row in found.items()}
    return tuple(
        ServedModel(name, window=windows[name] or windows.get(str(row.get("parent")))) for name, row in found.items()
    )


def llamacpp_models(listing: object, props: Mapping[str, object]) -> tuple[ServedModel, ...]:
    """Reads llama.cpp's list. `props`: the answers to `/props` by model; they hold the window of one slot."""
    found: list[ServedModel] = []
    for row in rows(table(listing).get("data")):
        name, writes = _name(row, "id"), table(row.get("architecture")).get("output_modalities")
        if name is None or (isinstance(writes, list) and "text" not in writes):
            continue
        meta, own = table(row.get("meta")), table(props.get(name))
        slot = tokens(table(own.get("default_generation_settings")).get("n_ctx"))
        loaded = llamacpp_loaded(row) and own.get("is_sleeping") is not True
        window = slot or tokens(meta.get("n_ctx"))
        found.append(ServedModel(name, loaded, window, tokens(meta.get("n_ctx_train"))))
    return _loaded_first(found)


def llamacpp_loaded(row: Json) -> bool:
    """Returns whether a row of llama.cpp's list is in memory; a server with one model doesn't say, so it is."""
    return table(row.get("status")).get("value", "loaded") == "loaded"


def lm_studio_models(answers: Mapping[str, object]) -> tuple[ServedModel, ...]:
    """Reads LM Studio's list, of either version of its API. A loaded instance is asked under its own name."""
    found: list[ServedModel] = []
    for row in _lm_studio_rows(answers) or ():
        name, most = _name(row, "key") or _name(row, "id"), tokens(row.get("max_context_length"))
        if name is None or str(row.get("type")).startswith("embedding"):
            continue
        declares = _declared(row)
        instances = rows(row.get("loaded_instances"))
        if instances:
            windows = [(_name(one, "id") or name, table(one.get("config"))) for one in instances]
            found += [
                ServedModel(called, True, tokens(config.get("context_length")), most, declares)
                for called, config in windows
            ]
        else:
            loaded = row.get("state") == "loaded"
            found.append(ServedModel(name, loaded, tokens(row.get("loaded_context_length")), most, declares))
    return _loaded_first(found)


def _declared(row: Json) -> bool | None:
    """The newer API has a table of abilities, the older one a list."""
    able = row.get("capabilities")
    said = "tool_use" in able if isinstance(able, list) else table(able).get("trained_for_tool_use")
    return said if isinstance(said, bool) else None


def ollama_models(answers: Mapping[str, object], shown: Mapping[str, object]) -> tuple[ServedModel, ...]:
    """Reads Ollama's lists of models and of loaded ones. `shown`: the answers to `/api/show` by model."""
    running = {row.get("name"): row for row in rows(table(answers.get(RUNNING)).get("models"))}
    found: list[ServedModel] = []
    for row in rows(table(answers.get(TAGS)).get("models")):
        if (name := _name(row, "name")) is None:
            continue
        more = table(shown.get(name))
        able = more.get("capabilities") or row.get("capabilities")
        abilities = cast("list[object]", able) if isinstance(able, list) else None
        if abilities is not None and "completion" not in abilities:
            continue
        remote = bool(row.get("remote_host") or more.get("remote_host"))
        most = _made_for(more)
        window = tokens(running.get(name, {}).get("context_length")) or num_ctx(more) or (most if remote else None)
        declares = None if abilities is None else "tools" in abilities
        found.append(ServedModel(name, name in running, window, most, declares, remote))
    return _loaded_first(found)


def num_ctx(shown: Json) -> int | None:
    """Returns the window that the model's own parameters set, from an answer to Ollama's `/api/show`."""
    match = re.search(r"^num_ctx\s+(\d+)", str(shown.get("parameters") or ""), re.MULTILINE)
    return tokens(int(match[1])) if match else None


def _made_for(shown: Json) -> int | None:
    info = table(shown.get("model_info"))
    return tokens(info.get(f"{info.get('general.architecture')}.context_length"))


def _lm_studio_rows(answers: Mapping[str, object]) -> Sequence[Json] | None:
    """Returns the rows of LM Studio's own lists; None if it isn't LM Studio."""
    newer, older = table(answers.get(LM_STUDIO)), table(answers.get(LM_STUDIO_OLD))
    if isinstance(newer.get("models"), list):
        found = rows(newer["models"])
        return found if all("key" in row and "loaded_instances" in row for row in found) else None
    found = rows(older.get("data"))
    return found if found and all("state" in row and "id" in row for row in found) else None


def _loaded_first(found: Sequence[ServedModel]) -> tuple[ServedModel, ...]:
    return tuple(sorted(found, key=lambda model: (not model.loaded, model.remote)))


def _name(row: Json, field: str) -> str | None:
    """Returns the name, unless it could do something to the terminal that shows it."""
    name = row.get(field)
    return name if isinstance(name, str) and 0 < len(name) <= _LONGEST and name.isprintable() else None


def tokens(value: object) -> int | None:
    """Returns a number of tokens, or None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and _LEAST <= value <= _MOST else None


def table(value: object) -> Json:
    """Returns a JSON object, or an empty one for anything else."""
    return cast("Json", value) if isinstance(value, Mapping) else {}


def rows(value: object) -> list[Json]:
    """Returns the objects of a JSON list, or none for anything else."""
    return [found for one in cast("list[object]", value if isinstance(value, list) else []) if (found := table(one))]
