"""Runs one connection to a server in one task, as the library requires, and one call on it at a time."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, cast

import anyio
import httpx2
import mcp_types as types
from mcp import Client, MCPError
from mcp.client.session import ClientRequestContext, ElicitationFnT, IncomingMessage, MessageHandlerFnT

from agents.connectors import mcp_conversion
from agents.connectors.call_types import (
    DECLINED,
    Action,
    ConnectorAnswer,
    ConnectorFailed,
    ExchangeHooks,
    ServerRequest,
)
from agents.connectors.tool_list import MOST_TOOLS, ToolList, visible

CONNECT_SECONDS = 45.0
LIST_SECONDS = 20.0
FRESH = 300.0
"""Seconds after which a list is asked for again before a call, if the server didn't say that it changed."""
LIBRARY = (
    OSError, ValueError, RuntimeError, MCPError, httpx2.HTTPError, httpx2.InvalidURL, anyio.BrokenResourceError,
    anyio.ClosedResourceError, anyio.EndOfStream, ExceptionGroup,
)  # fmt: skip
"""What the library raises for servers that fail, disconnect, or break the protocol."""

for _name in ("httpx2", "mcp"):
    # they log addresses, which may contain keys, and a traceback for each line that isn't protocol
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class Callbacks(NamedTuple):
    """What the library calls."""

    elicit: ElicitationFnT
    message: MessageHandlerFnT


class Line(NamedTuple):
    """An open line: the library's client, an event that is set when the server is gone, and why it may have left.

    `turned_down`: whether the service refused a call because nobody is signed in, so it did nothing. `scope`: the
    rights that the sign-in lacks, if it was refused for that; None if it wasn't.
    """

    client: Client
    ended: asyncio.Event
    problem: Callable[[], str]
    turned_down: Callable[[], bool] = bool
    scope: Callable[[], str | None] = lambda: None


Dial = Callable[[Callbacks], AbstractAsyncContextManager[Line]]
"""Opens a line; entered and left by the connection's own task."""


class ConnectorConnection:
    """One open connection. Canceling a call notifies the server."""

    def __init__(self, dial: Dial, *, seconds: float = CONNECT_SECONDS) -> None:
        self._dial, self._seconds = dial, seconds
        self._line: asyncio.Future[Line] = asyncio.get_running_loop().create_future()
        self._line.add_done_callback(lambda line: line.cancelled() or line.exception())  # nobody may be waiting
        self._stop = asyncio.Event()
        self._hooks: ExchangeHooks | None = None
        self._limit: asyncio.Timeout | None = None
        self._offered: ToolList | None = None
        self._listed_at = 0.0
        self.gone = False

    async def live(self) -> None:
        """Opens the line and keeps it until it is asked to stop or the server is gone. Never raises."""
        problem = lambda: ""  # noqa: E731
        try:
            with anyio.CancelScope(deadline=anyio.current_time() + self._seconds) as patience:
                async with self._dial(Callbacks(self._elicit, self._heard)) as line:
                    problem = line.problem
                    patience.deadline = float("inf")
                    self._line.set_result(line)
                    await _first(self._stop, line.ended)
            if patience.cancelled_caught:
                self._fail(f"it didn't answer within {self._seconds:g} seconds", problem())
        except ConnectorFailed as error:
            self._fail(str(error), scope=error.scope)
        except LIBRARY as error:
            self._fail(mcp_conversion.reason(error), problem())
        finally:
            self.gone = True
            self._fail("it was closed")

    async def opened(self) -> None:
        """Waits until the line is open. Raises ConnectorFailed."""
        await asyncio.shield(self._line)

    def close(self) -> None:
        """Asks the connection's task to end."""
        self._stop.set()

    async def offered(self) -> ToolList:
        """Returns what the server offers, asked for again if it may have changed. Raises ConnectorFailed."""
        line, now = await asyncio.shield(self._line), asyncio.get_running_loop().time()
        if self._offered is None or now - self._listed_at > FRESH:
            self._listed_at = now
            self._offered = None
            try:
                async with asyncio.timeout(LIST_SECONDS):
                    self._offered = await _listed(line.client)
            except TimeoutError:
                raise ConnectorFailed(f"it didn't list its tools within {LIST_SECONDS:g} seconds") from None
            except LIBRARY as error:
                if line.scope() is not None:
                    self.gone = True
                raise failure(error, line.problem(), line.scope()) from error
        return self._offered

    async def call(self, request: ServerRequest, hooks: ExchangeHooks, *, seconds: float) -> ConnectorAnswer:
        """Returns the answer. `seconds`: timeout, which doesn't run while a person is asked. Raises ConnectorFailed."""
        line = await asyncio.shield(self._line)
        self._hooks = hooks
        try:
            async with asyncio.timeout(seconds) as self._limit:
                return await _ACTIONS[request.action](line.client, request, hooks)
        except TimeoutError:
            self.gone = True  # whatever the server still does, the next call gets a fresh one
            self.close()
            raise ConnectorFailed(f"it didn't answer within {seconds:g} seconds", sent=True, slow=True) from None
        except LIBRARY as error:
            unsent = line.turned_down()
            if unsent or not isinstance(error, MCPError) or error.code == types.CONNECTION_CLOSED:
                self.gone = True
                self.close()
                raise failure(error, line.problem(), line.scope(), sent=not unsent) from error
            return ConnectorAnswer(mcp_conversion.reason(error), failed=True)
        finally:
            self._hooks = self._limit = None

    async def _elicit(
        self, context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult | types.ErrorData:
        del context
        hooks, limit = self._hooks, self._limit
        if hooks is None or limit is None:
            return mcp_conversion.elicit_result(DECLINED)  # it asks although nobody called it
        now = asyncio.get_running_loop().time
        left = (limit.when() or now()) - now()
        limit.reschedule(None)
        try:
            return mcp_conversion.elicit_result(await hooks.ask(mcp_conversion.asked(params)))
        finally:
            if self._limit is limit and not limit.expired():
                limit.reschedule(now() + max(left, 1.0))

    async def _heard(self, message: IncomingMessage) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._listed_at = float("-inf")

    def _fail(self, why: str, problem: str = "", scope: str = "") -> None:
        if not self._line.done():
            self._line.set_exception(ConnectorFailed(mcp_conversion.why(why, problem), scope=scope))


def failure(error: Exception, problem: str, scope: str | None, *, sent: bool = False) -> ConnectorFailed:
    """Returns what the library raised in our words. `problem`, `scope`: see `Line`."""
    if scope is None:
        return ConnectorFailed(mcp_conversion.why(mcp_conversion.reason(error), problem), sent=sent)
    more = f" ({scope})" if scope else ""
    return ConnectorFailed(f"it needs more rights than the sign-in has{more}", sent=sent, scope=scope)


async def _first(*events: asyncio.Event) -> None:
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()


async def _listed(client: Client) -> ToolList:
    able = client.server_capabilities
    listed = [tool async for tool in _tools(client)] if able.tools is not None else []
    found = await asyncio.to_thread(lambda: [mcp_conversion.offered_tool(tool) for tool in listed])
    unique = {tool.name: tool for tool in found}
    return ToolList(
        tools=tuple(unique.values()),
        resources=able.resources is not None and await _has_resources(client),
        prompts=able.prompts is not None and await _has_prompts(client),
    )


async def _has_resources(client: Client) -> bool:
    """Many servers declare the capability and have none."""
    try:
        return bool((await client.list_resources()).resources or await _templates(client))
    except MCPError:
        return False


async def _has_prompts(client: Client) -> bool:
    try:
        return bool((await client.list_prompts()).prompts)
    except MCPError:
        return False


async def _templates(client: Client) -> list[types.ResourceTemplate]:
    try:
        return (await client.list_resource_templates()).resource_templates
    except MCPError:  # many servers don't know the request
        return []


def named_well(tools: Sequence[types.Tool], seen: int) -> list[types.Tool]:
    """Returns the tools that may be offered, after so many others: no name that could fool a terminal or a person."""
    return [tool for tool in tools if visible(tool.name)][: max(0, MOST_TOOLS - seen)]


async def _tools(client: Client) -> AsyncGenerator[types.Tool]:
    cursor, seen = None, 0
    while True:
        page = await client.list_tools(cursor=cursor)
        for tool in named_well(page.tools, seen):
            yield tool
        seen += max(1, len(page.tools))
        cursor = page.next_cursor
        if not cursor or seen >= MOST_TOOLS:
            return


async def _call_tool(client: Client, request: ServerRequest, hooks: ExchangeHooks) -> ConnectorAnswer:
    async def progressed(progress: float, total: float | None, message: str | None) -> None:
        hooks.progress(mcp_conversion.progress_words(progress, total, message))

    result = await client.call_tool(request.name, dict(request.args), progress_callback=progressed)
    return mcp_conversion.tool_answer(result)


async def _list_resources(client: Client, _: ServerRequest, __: ExchangeHooks) -> ConnectorAnswer:
    found = await client.list_resources()
    return mcp_conversion.resource_list(found.resources, await _templates(client))


async def _read_resource(client: Client, request: ServerRequest, _: ExchangeHooks) -> ConnectorAnswer:
    return mcp_conversion.resource(await client.read_resource(str(request.args.get("uri", ""))))


async def _list_prompts(client: Client, _: ServerRequest, __: ExchangeHooks) -> ConnectorAnswer:
    return mcp_conversion.prompt_list((await client.list_prompts()).prompts)


async def _get_prompt(client: Client, request: ServerRequest, _: ExchangeHooks) -> ConnectorAnswer:
    arguments = cast("dict[str, str]", request.args.get("arguments") or {})
    return mcp_conversion.prompt(await client.get_prompt(str(request.args.get("name", "")), arguments))


_ACTIONS: dict[Action, Callable[[Client, ServerRequest, ExchangeHooks], Awaitable[Any]]] = {
    "tool": _call_tool,
    "list_resources": _list_resources,
    "read_resource": _read_resource,
    "list_prompts": _list_prompts,
    "get_prompt": _get_prompt,
}
