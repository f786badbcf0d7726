"""Knows how large a prompt each model can take, and how large a conversation is.

From the first that says: an overflow, `models.rows.NAME.window`, the list of models of a server of one's own, litellm's
table. A model that none of them knows is taken to hold UNKNOWN tokens, until an overflow says otherwise.
"""

import asyncio
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, NamedTuple

from agents.models import litellm_import
from agents.models.endpoint import Endpoint, Route, route
from agents.models.local_servers.current_window import ServedWindow, current_window
from agents.models.model_errors import CUT
from agents.models.token_count import TokenCounter
from orchestrator.domain.model_messages import Message, Prompt
from orchestrator.domain.tool_calls import ToolSpec
from orchestrator.errors import ModelTooLong

UNKNOWN = 128_000
"""Tokens of prompt and reply together of a model that nobody knows."""
_REPLY = 8_192
"""Tokens kept free for the reply, or a quarter of a small window."""
_SMALLEST = 1_000
_USUAL_ERROR = 1.1
"""By how much our count may be too small."""


class _CutAt(NamedTuple):
    """A server that cuts longer prompts without saying so, and where."""

    server: str
    window: int


class ModelWindows:
    """Implements the loop's `Window` for the models behind an endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._lib: ModuleType | None = None
        self._counter: TokenCounter | None = None
        self._windows: dict[str, int] = {}
        self._learnt: dict[str, int] = {}
        self._cut: dict[str, _CutAt] = {}
        self._loaded: set[str] = set()
        self._asking: dict[str, asyncio.Task[ServedWindow]] = {}

    async def room(self, model: str) -> int:
        """Returns the tokens that a prompt for `model` may have. Asks the model's server until it's known for good."""
        if model not in self._windows:
            found = await self._asked_once(model)
            if not found.lasting:
                return self._least(model, _prompt_part(found.tokens or UNKNOWN))
            self._windows[model] = found.tokens or UNKNOWN
        return self._least(model, _prompt_part(self._windows[model]))

    async def sizes(self, messages: Sequence[Message]) -> Sequence[int]:
        """Returns the tokens of each message."""
        return await (await self._counting()).sizes(messages)

    async def tools_size(self, specs: Sequence[ToolSpec]) -> int:
        """Returns the tokens of the tools' schemas."""
        return await (await self._counting()).tools_size(specs)

    async def refuse_what_would_be_cut(self, prompt: Prompt) -> None:
        """Raises ModelTooLong for a prompt that its server would cut without saying so, as Ollama does."""
        model = prompt.model
        await self.room(model)
        if model not in self._cut:
            return
        size = await self.tools_size(prompt.tools) + sum(await self.sizes(prompt.messages))
        if self._holds(model, size):
            return
        self._windows.pop(model, None)  # its server may have been started again with a larger one
        await self.room(model)
        if not self._holds(model, size) and (cut := self._cut.get(model)):
            words = CUT[cut.server].format(window=f"{cut.window:,}", model=repr(model))
            raise ModelTooLong(words, window=cut.window)

    def too_long(self, model: str, size: int, named: int | None) -> None:
        """Learns from a refused prompt of `size` tokens by our count. `named`: the window that the server named."""
        if model in self._cut:
            return
        room = size * 4 // 5
        if named is not None and named >= _SMALLEST:
            room = min(room, _prompt_part(named)) if named < size else room
        self._learnt[model] = max(_SMALLEST, min(self._learnt.get(model, room), room))

    def _holds(self, model: str, size: int) -> bool:
        return model not in self._cut or size * _USUAL_ERROR <= self._cut[model].window

    async def _library(self) -> ModuleType:
        if self._lib is None:
            self._lib = await litellm_import.load()
        return self._lib

    async def _counting(self) -> TokenCounter:
        if self._counter is None:
            self._counter = TokenCounter((await self._library()).litellm_core_utils.default_encoding.encoding)
        return self._counter

    def _least(self, model: str, room: int) -> int:
        return min(room, self._learnt.get(model, room))

    async def _asked_once(self, model: str) -> ServedWindow:
        """Turns that run side by side share one question; one that is canceled leaves it to the others."""
        if model not in self._asking:
            self._asking[model] = asyncio.create_task(self._known(model))
            self._asking[model].add_done_callback(lambda _: self._asking.pop(model))
        return await asyncio.shield(self._asking[model])

    async def _known(self, model: str) -> ServedWindow:
        if window := self._endpoint.row(model).window:
            return ServedWindow(window, lasting=True)
        lib = await self._library()
        way = route(self._endpoint, model, frozenset(str(p.value) for p in lib.LlmProviders))
        if not way.compatible:
            return ServedWindow(_listed(lib, way), lasting=True)
        name = way.vendor_name.partition("/")[2]
        within = None if model in self._loaded else way.timeout
        said = await current_window(way.api_base or "", name, way.api_key, load_within=within)
        self._cut.pop(model, None)
        if said.cut_by and said.tokens:
            self._cut[model] = _CutAt(said.cut_by, said.tokens)
        if said.cut_by and not said.lasting:
            self._loaded.add(model)  # it doesn't stay loaded, so loading it before each turn is of no use
        return said if said.tokens else ServedWindow(_listed(lib, way), said.lasting)


def _prompt_part(window: int) -> int:
    return window - min(_REPLY, window // 4)


def _listed(lib: ModuleType, way: Route) -> int | None:
    """Returns the window by litellm's table; its own functions would ask some servers, on our event loop."""
    bare = way.vendor_name.partition("/")[2]
    row: Mapping[str, Any] = lib.model_cost.get(way.vendor_name) or lib.model_cost.get(bare) or {}
    most = row.get("max_input_tokens") or row.get("max_tokens")
    return int(most) if isinstance(most, int | float) and most >= _SMALLEST else None
