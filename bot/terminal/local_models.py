"""Words a list of the models that were found on this machine, and reads a choice from it."""

from collections.abc import Mapping, Sequence

from bot.bootstrap.find_local_model_servers import FoundModel, FoundModels

NONE = "No model server responds on this machine (Ollama, LM Studio, llama.cpp, or vLLM)."
PLACEHOLDER = "none-needed"
"""A key for servers that want none, so that another provider's key from the environment isn't sent to them."""
_SHOWN = 20
_ENOUGH = 16_000
"""Tokens; with fewer, the instructions and tools of a step leave little room for the work."""
_TOOLS: Mapping[str, str] = {
    "called": "can call tools",
    "accepted": "accepts tools, but didn't call one when asked",
    "unfinished": "accepts tools, but was still thinking when it hit the token limit",
    "declared": "can call tools",
    "off-vllm": "can't call tools: start it with --enable-auto-tool-choice and the --tool-call-parser for this model",
    "off-llamacpp": "can't call tools: start it with --jinja",
    "none": "can't call tools",
    "key": "tool calling not checked (the server requires a key)",
    "silent": "tool calling unknown (no response within 15 seconds)",
    "unclear": "tool calling unknown (the server returned an error)",
    "not-asked": "tool calling not checked (the model isn't loaded)",
}
_LARGER: Mapping[str, str] = {
    "Ollama": "Start Ollama with OLLAMA_CONTEXT_LENGTH=32768.",
    "LM Studio": "Load the model with a longer context, e.g. `lms load --context-length 32768`.",
    "llama.cpp": "Start llama-server with a larger --ctx-size, or with fewer slots (--parallel).",
    "vLLM": "Start vLLM with a larger --max-model-len.",
}
_RANK = ("called", "declared", "unfinished", "accepted", "not-asked")
"""What may be chosen without a person, best first."""


def listed(found: FoundModels) -> Sequence[str]:
    """Returns the lines to print: a numbered list, then what else was found."""
    if not found.models and not found.locked and not found.empty:
        return [NONE]
    shown = found.models[:_SHOWN]
    lines = [f"{number:3}  {line(model)}" for number, model in enumerate(shown, 1)]
    if len(shown) < len(found.models):
        lines.append(f"     and {len(found.models) - len(shown)} more")
    lines += [f"{server} doesn't have any chat models." for server in found.empty]
    lines += [
        f"{url} requires a key. If it's a model server, use --api-base {url}/v1 and --api-key-stdin."
        for url in found.locked
    ]
    return lines


def line(model: FoundModel) -> str:
    """Describes one model: where it is, how much it holds, and whether it calls tools."""
    where = f"{model.kind} at {model.api_base.removesuffix('/v1')}"
    cloud = ", runs in Ollama's cloud" if model.remote else ""
    return f"{model.name} ({where}{cloud}): {window(model)}, {_TOOLS[model.tools]}"


def window(model: FoundModel) -> str:
    """Describes how many tokens it holds."""
    if model.window is not None:
        return f"{model.window:,} tokens" if model.loaded or model.remote else f"not loaded, {model.window:,} tokens"
    most = f"up to {model.most:,} tokens" if model.most else "window unknown"
    return most if model.loaded else f"not loaded, {most}"


def advice(model: FoundModel) -> Sequence[str]:
    """Returns what to change before the model can do a step, if anything."""
    found: list[str] = []
    if model.tools.startswith("off-") or model.tools == "none":
        found.append(f"{model.name} {_TOOLS[model.tools]}. Every step needs tools.")
    if larger := too_small(model):
        found.append(larger)
    if model.kind == "Ollama" and model.window is None and not model.loaded:
        found.append("Ollama may give it only 4,096 tokens; `ollama ps` shows how many. Steps need 16,000 or more.")
        found.append(_LARGER["Ollama"])
    return found


def too_small(model: FoundModel) -> str:
    """Returns how to give the model a larger window if this one is too small for most steps, else nothing."""
    if model.window is None or model.window >= _ENOUGH:
        return ""
    return f"{model.window:,} tokens are too few for most steps. {_LARGER[model.kind]}"


def chosen(found: FoundModels, typed: str) -> FoundModel | None:
    """Returns the model that a person chose by number or by name; None for anything else they typed."""
    if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= min(_SHOWN, len(found.models)):
        return found.models[int(typed) - 1]
    return next((model for model in found.models if typed in (model.name, f"openai/{model.name}")), None)


def best(found: FoundModels) -> FoundModel | None:
    """Returns the model to take when nobody is asked: one that calls tools first, loaded before others."""
    fit = [model for model in found.models if model.tools in _RANK and not model.remote]
    return min(fit, key=lambda model: (_RANK.index(model.tools), not model.loaded), default=None)
