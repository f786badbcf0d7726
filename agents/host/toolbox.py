"""Holds the tools of one host and turns every call into a result, whatever happens in a tool."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from agents.host.takeover_link import Pages
from agents.host.wire import MOST_CARRIED
from agents.tool import Room, Tool, clipped
from orchestrator.domain import outside_text
from orchestrator.domain.calls import CallResult, ToolSpec
from orchestrator.domain.ids import TaskId
from orchestrator.errors import ThreadworkError

log = logging.getLogger(__name__)

Leave = Callable[[TaskId, str | None], Awaitable[None]]


@dataclass(frozen=True)
class Toolset:
    """Tools that belong together. `leave(task, subtask)` frees what they hold for it; `close` frees everything; people
    can take over `pages`."""

    tools: tuple[Tool, ...]
    leave: Leave | None = None
    close: Callable[[], Awaitable[None]] | None = None
    pages: Pages | None = None


class Toolbox:
    """Returns all tools by name. Raises ValueError if two have the same name."""

    def __init__(self, sets: Iterable[Toolset]) -> None:
        self._sets = tuple(sets)
        tools = [tool for row in self._sets for tool in row.tools]
        self._tools = {tool.spec.name: tool for tool in tools}
        if len(self._tools) < len(tools):
            raise ValueError("two tools of this host have the same name")

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        return tuple(tool.spec for tool in self._tools.values())

    @property
    def pages(self) -> Pages | None:
        """Returns the pages of the last set that has any; the owner's sets come after ours."""
        return next((row.pages for row in reversed(self._sets) if row.pages), None)

    def spec(self, name: str) -> ToolSpec | None:
        tool = self._tools.get(name)
        return tool.spec if tool else None

    async def run(self, room: Room) -> CallResult:
        """Runs the call of `room`; a tool's failure becomes a result that says what went wrong."""
        tool = self._tools.get(room.call.tool)
        if tool is None:
            names = ", ".join(sorted(self._tools))
            return CallResult(ok=False, text=f"This host has no tool {room.call.tool!r}. Its tools are {names}.")
        try:
            result = await tool(room)
        except ThreadworkError as error:
            return CallResult(ok=False, text=clipped(outside_text.text(str(error))), labels=tool.spec.taints)
        except (Exception, SystemExit) as error:  # a library that was made for the command line may want to leave
            log.exception("tool %s failed in call %s", room.call.tool, room.call.id)
            words = f"The tool {room.call.tool!r} failed internally ({type(error).__name__}). Try another way."
            return CallResult(ok=False, text=words, labels=tool.spec.taints)
        if len(result.carried) > MOST_CARRIED:
            words = f"{room.call.tool!r} made {len(result.carried)} files; at most {MOST_CARRIED} fit. Do less."
            return CallResult(ok=False, text=words, labels=tool.spec.taints)
        return outside_text.value(result.model_copy(update={"text": clipped(result.text)}))

    async def leave(self, task: TaskId, subtask: str | None) -> None:
        """Frees what the tools hold for a subtask, or for the whole task."""
        for row in self._sets:
            if row.leave:
                await row.leave(task, subtask)

    async def close(self) -> None:
        for row in self._sets:
            if row.close:
                await row.close()
