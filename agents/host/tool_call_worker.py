"""Handles a call on the host: looks in the journal, checks the host policy, runs the tool, records the result.

The toolbox turns every call into a result, whatever happens in a tool; its sets of tools are loaded when the host
starts or at the first call of one of them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agents.host import host_policy
from agents.host.call_journal import Journal
from agents.host.config import HostConfig
from agents.host.file_store import FileStore
from agents.host.lent_skills import FOLDER, LentSkills
from agents.host.takeover_link import TakeoverPages
from agents.host.task_workspace import TaskFolder, workspace_of
from agents.host.wire import MOST_CARRIED
from agents.tool import CallContext, Tool, clipped
from orchestrator.domain import clean_outside_text
from orchestrator.domain.ids import CallId, TaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.tool_calls import CallResult, HostCall, ToolSpec, fingerprint
from orchestrator.errors import HostRefused, ThreadworkError
from orchestrator.press_log import passing

log = logging.getLogger(__name__)

MOST_TRIES = 3
Progress = Callable[[str], None]
Leave = Callable[[TaskId, str | None], Awaitable[None]]


@dataclass(frozen=True)
class Toolset:
    """Tools that belong together. `leave(task, subtask)` frees what they hold for it; `close` frees everything; people
    can take over `pages`."""

    tools: tuple[Tool, ...]
    leave: Leave | None = None
    close: Callable[[], Awaitable[None]] | None = None
    pages: TakeoverPages | None = None

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        return tuple(tool.spec for tool in self.tools)

    @property
    def has_pages(self) -> bool:
        return self.pages is not None

    @property
    def now(self) -> "Toolset | None":
        """Returns the set if it's loaded; this one always is."""
        return self

    async def get(self) -> "Toolset":
        return self


@dataclass
class LaterToolset:
    """A set whose specs are known; `load` imports its libraries in a thread when it's first needed."""

    specs: Sequence[ToolSpec]
    load: Callable[[], Toolset]
    has_pages: bool = False
    now: Toolset | None = None
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self) -> Toolset:
        async with self._loading:
            if self.now is None:
                self.now = await _uninterrupted(self.load)
            return self.now


async def _uninterrupted(load: Callable[[], Toolset]) -> Toolset:
    """A canceled call must not leave a half-imported library behind."""
    task = asyncio.ensure_future(asyncio.to_thread(load))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


AnyToolset = Toolset | LaterToolset


class Toolbox:
    """Holds the tools of one host. Raises ValueError if two have the same name."""

    def __init__(self, sets: Iterable[AnyToolset]) -> None:
        self._sets = tuple(sets)
        self._where = {spec.name: (spec, row) for row in self._sets for spec in row.specs}
        if len(self._where) < sum(len(row.specs) for row in self._sets):
            raise ValueError("two tools on this host have the same name")

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        return tuple(spec for spec, _ in self._where.values())

    async def pages(self) -> TakeoverPages | None:
        """Returns the pages of the last set that has any; the owner's sets come after ours."""
        row = next((row for row in reversed(self._sets) if row.has_pages), None)
        return (await row.get()).pages if row else None

    def spec(self, name: str) -> ToolSpec | None:
        found = self._where.get(name)
        return found[0] if found else None

    async def run(self, room: CallContext) -> CallResult:
        """Runs the call of `room`; a tool's failure becomes a result that says what went wrong."""
        spec = self.spec(room.call.tool)
        if spec is None:
            names = ", ".join(sorted(self._where))
            return CallResult(
                ok=False, text=f"This host doesn't have a tool named {room.call.tool!r}. Its tools are {names}."
            )
        try:
            loaded = await self._where[spec.name][1].get()
            tool = {tool.spec.name: tool for tool in loaded.tools}[spec.name]
            result = await tool(room)
        except ThreadworkError as error:
            return CallResult(ok=False, text=clipped(clean_outside_text.text(str(error))), labels=spec.taints)
        except (Exception, SystemExit) as error:  # a library that was made for the command line may want to leave
            log.exception("tool %s failed in call %s", room.call.tool, room.call.id)
            words = f"The tool {room.call.tool!r} had an internal error ({type(error).__name__}). Try another way."
            return CallResult(ok=False, text=words, labels=spec.taints)
        if len(result.carried) > MOST_CARRIED:
            words = (
                f"{room.call.tool!r} made {len(result.carried)} files; at most {MOST_CARRIED} are allowed. Make "
                "fewer per call."
            )
            return CallResult(ok=False, text=words, labels=spec.taints)
        return clean_outside_text.value(result.model_copy(update={"text": clipped(result.text)}))

    async def leave(self, task: TaskId, subtask: str | None) -> None:
        """Frees what the tools hold for a subtask, or for the whole task."""
        for row in self._sets:
            if row.now and row.now.leave:
                await row.now.leave(task, subtask)

    async def close(self) -> None:
        for row in self._sets:
            if row.now and row.now.close:
                await row.now.close()


class Worker:
    """Runs calls, each id at most once at a time; a repeated id joins the running call."""

    def __init__(self, config: HostConfig, toolbox: Toolbox, journal: Journal, store: FileStore) -> None:
        self._config = config
        self._toolbox = toolbox
        self._journal = journal
        self.store = store
        self.skills = LentSkills(Path(config.home) / FOLDER, store)
        self._running: dict[CallId, tuple[HostCall, asyncio.Task[CallResult]]] = {}
        self._stopping: dict[CallId, asyncio.Task[CallResult]] = {}
        self._room = asyncio.Semaphore(config.at_once)

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        return self._toolbox.specs

    async def run(self, call: HostCall, progress: Progress) -> CallResult:
        """Returns the call's result, new or from the journal. Canceling this wait doesn't cancel the call; `cancel`
        does.

        Raises HostRefused: the host policy, or the id belongs to another call. Raises HostFailed, OutOfSpace if the
        journal can't be written; then nothing was run.
        """
        while stopping := self._stopping.get(call.id):
            await asyncio.wait({stopping})
        if call.id not in self._running:
            task = asyncio.create_task(self._answer(call, progress))
            self._running[call.id] = (call, task)
            task.add_done_callback(lambda _: self._running.pop(call.id, None))
        known, task = self._running[call.id]
        if fingerprint(known.tool, known.args) != fingerprint(call.tool, call.args):
            raise HostRefused(
                f"Call {call.id!r} is running as {known.tool!r} with different arguments. Use a new ID for the "
                "new call."
            )
        return await asyncio.shield(task)

    async def cancel(self, call: CallId) -> None:
        """Stops the call and waits until it has stopped. Its outcome stays open in the journal."""
        if found := self._running.get(call):
            self._stopping[call] = found[1]
            found[1].cancel()
            await asyncio.wait({found[1]})
            self._stopping.pop(call, None)

    async def pages(self) -> TakeoverPages | None:
        """Returns the pages that people can take over."""
        return await self._toolbox.pages()

    async def leave(self, task: TaskId, subtask: str | None) -> None:
        await self._toolbox.leave(task, subtask)

    async def close(self) -> None:
        """Cancels running calls and frees what the tools hold."""
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._toolbox.close()

    def workspace(self, task: TaskId) -> TaskFolder:
        """Returns the task's workspace, creating it if missing. Blocks."""
        return workspace_of(Path(self._config.home), task)

    async def _answer(self, call: HostCall, progress: Progress) -> CallResult:
        entry = await self._journal.find(call, self._config.hub)
        if entry and entry.result:
            return entry.result
        spec = self._toolbox.spec(call.tool)
        if spec and (words := host_policy.refusal(call, spec, self._config.policy)):
            raise HostRefused(words)
        if entry and not (spec and spec.repeat and entry.tries < MOST_TRIES):
            result = _interrupted(call, entry.tries, repeat=bool(spec and spec.repeat))
        else:
            async with self._room:
                await self._journal.start(call, self._config.hub)
                passing("effect", call.task, call.id.removeprefix(f"{call.task}/"), more=call.tool)
                try:
                    result = await self._toolbox.run(await asyncio.to_thread(self._make_room, call, progress))
                except asyncio.CancelledError:
                    await self._journal.excuse(call.id)
                    raise
        try:
            await self._journal.finish(call.id, result)
        except ThreadworkError:
            # What was done is done; should the answer be lost on its way too, it counts as unknown.
            log.exception("the result of call %s couldn't be recorded", call.id)
        return result

    def _make_room(self, call: HostCall, progress: Progress) -> CallContext:
        def keep(content: bytes, name: str) -> FileRef:
            return FileRef(name=Path(name).name or "file", sha=self.store.keep(content), size=len(content))

        return CallContext(call=call, workspace=self.workspace(call.task), keep=keep, progress=progress)


def _interrupted(call: HostCall, tries: int, *, repeat: bool) -> CallResult:
    if repeat:
        words = (
            f"The host crashed {tries} times while running {call.tool!r}, so the call won't be retried. Try another "
            "way."
        )
        return CallResult(ok=False, text=words)
    words = (
        f"The host stopped while running {call.tool!r}, so the call may have taken effect. Check, then repeat it if "
        "needed."
    )
    return CallResult(ok=False, text=words, unknown=True)
