"""Loads the litellm library: late, in a thread, silenced, and without its own network calls."""

import asyncio
import gc
import importlib
import logging
import os
import warnings
from types import ModuleType
from typing import Any

from agents.models.native_stop_reasons import OwnReasons
from agents.models.response_watch import let_watch

_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "httpx", "openai")
_AT_FIRST_CALL = (
    "litellm.litellm_core_utils.litellm_logging",
    "litellm.litellm_core_utils.default_encoding",
    "litellm.llms.openai.openai",
    "litellm.llms.openai.chat.gpt_audio_transformation",
    "litellm.responses.mcp.litellm_proxy_mcp_handler",
    "litellm.responses.mcp.chat_completions_handler",
    "litellm.proxy._types",
    "litellm._service_logger",
    "openai.resources",
    "anyio._backends._asyncio",
)
"""Modules that the first call would import on the event loop (nearly a second); measure again with each version."""


async def load() -> ModuleType:
    """Returns the library. Imports it in a thread because that takes seconds; later calls are free."""
    found = await asyncio.to_thread(_without_collecting)
    _hush()
    return found


def _hush() -> None:
    """Hides the library's own pydantic warnings; other warnings stay."""
    warnings.filterwarnings("ignore", "Item '.*' on TypedDict class", UserWarning)
    warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
    warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"litellm\.")


def _without_collecting() -> ModuleType:
    """Imports with the garbage collector paused, which saves a second of five: all that an import makes stays."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _import()
    finally:
        if collecting:
            gc.enable()


def _import() -> ModuleType:
    # Without this, importing the library fetches a price list from the network. It has no other switch for it; this
    # sets the variable for our own process and reads nothing.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    # The package's own logger writes to the terminal unless it is configured before the import.
    os.environ["LITELLM_LOG"] = "CRITICAL"
    library: Any = importlib.import_module("litellm")
    library.suppress_debug_info = True
    library.drop_params = False
    library.num_retries = 0
    library.disable_hf_tokenizer_download = True  # it would fetch a tokenizer on the event loop, for every Llama 3
    reasons: Any = importlib.import_module("litellm.litellm_core_utils.core_helpers")
    reasons._FINISH_REASON_MAP = OwnReasons(reasons._FINISH_REASON_MAP)
    let_watch(importlib.import_module("litellm.llms.custom_httpx.aiohttp_transport").AiohttpResponseStream)
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in _LOGGERS[:3]:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = False
    for name in _AT_FIRST_CALL:
        importlib.import_module(name)
    return library


async def unload(library: ModuleType) -> None:
    """Closes the library's connections and its background worker."""
    worker = importlib.import_module("litellm.litellm_core_utils.logging_worker").GLOBAL_LOGGING_WORKER
    await asyncio.sleep(0)  # the last reply's logging is only about to start, and would start the worker again
    await worker.clear_queue()
    await worker.stop()
    cleanup = importlib.import_module("litellm.llms.custom_httpx.async_client_cleanup")
    await cleanup.close_litellm_async_clients()
    # Vendors' streams use a client of the library's own; its next request opens another session.
    shared: Any = vars(library).get("module_level_aclient")
    if shared is not None:
        await shared.client._transport.aclose()
    library.in_memory_llm_clients_cache.flush_cache()
