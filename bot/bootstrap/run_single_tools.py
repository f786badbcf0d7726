"""Runs single tools on copies of folders, as agents would: own agent host, same sandbox and limits, no hub."""

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal, NamedTuple

from agents.host.child_process_host import StdioHost
from agents.host.task_workspace import workspace_of
from agents.loop.run_tool_call import INTERNAL, fitting
from agents.models.argument_fitting import fitted
from bot.bootstrap.agent_host import host_config
from bot.config.settings import Settings
from orchestrator.domain.escape_file_names import shown
from orchestrator.domain.ids import CallId, SubtaskId, TaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.tool_calls import CallResult, Effect, HostCall, ToolSpec
from orchestrator.errors import HostRefused, NotFound, Refused
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ports import HostLink

MOST_FILES = 5_000
_KEPT_BESIDE = ".threadwork"
"""Folder for the tools' own records in a workspace; it isn't reported as a result."""


class ChangedFile(NamedTuple):
    """A file that the call made or changed; `path` is relative to the folder, `at` is where it is in the copy."""

    path: str
    change: Literal["new", "changed", "deleted"]
    at: Path


@dataclass(frozen=True)
class ToolRun:
    """What an agent would read, the arguments after fitting, and what the call left behind.

    `pictures`: files shown to a model that can see. The paths exist as long as the tools are open.
    """

    args: Mapping[str, Any]
    result: CallResult
    files: Sequence[ChangedFile]
    pictures: Sequence[tuple[FileRef, Path]]


class OpenTools:
    """The tools of one agent host."""

    def __init__(self, host: HostLink, specs: Sequence[ToolSpec], shelf: FolderShelf, home: Path) -> None:
        self._host, self._shelf, self._home = host, shelf, home
        self._numbers = count(1)
        self.specs = {spec.name: spec for spec in specs if spec.name not in INTERNAL}

    async def run(self, name: str, args: dict[str, Any], folder: Path | None = None) -> ToolRun:
        """Runs the tool on a fresh copy of the folder; None is an empty folder. Raises NotFound, Refused, HostFailed.

        The call may open what its own arguments name, as if a person had approved it.
        """
        if (spec := self.specs.get(name)) is None:
            words = " ".join((f"There's no tool {name!r} here.", *self._host.notices))
            raise NotFound(f"{words} The tools are {', '.join(sorted(self.specs))}.")
        task = TaskId(f"try-{next(self._numbers)}")
        copied = await self._copy(task, folder) if folder else {}
        args = fitted(spec.parameters, args)
        call = HostCall(
            id=CallId(f"{task}/call"),
            task=task,
            subtask=SubtaskId("s1"),
            tool=name,
            args=args,
            domains=spec.aims(args),
            send=Effect.NETWORK_SEND in spec.does(args),
        )
        try:
            result = fitting(await self._host.call(call))
        except HostRefused as error:
            result = CallResult(ok=False, text=str(error))
        changed = await asyncio.to_thread(_changed, self._home, task, copied)
        pictures = [(ref, await self._shelf.path(ref.sha)) for ref in result.shown]
        await self._host.leave(task)
        return ToolRun(args, result, changed, pictures)

    async def _copy(self, task: TaskId, folder: Path) -> dict[str, str]:
        """Returns the SHA-256 of each file by its path."""
        paths = await asyncio.to_thread(_files, folder)
        if len(paths) > MOST_FILES:
            raise Refused(
                f"{str(folder)!r} contains more than {MOST_FILES:,} files. Choose a folder with only what's needed."
            )
        found: dict[str, str] = {}
        for path in paths:
            try:
                ref = await self._shelf.put_file(path)
            except OSError as error:
                raise Refused(f"{str(path)!r} can't be copied: {error.strerror}.") from error
            inside = path.relative_to(folder).as_posix()
            await self._host.give(task, ref, shown(inside))
            found[inside] = ref.sha
        return found


@asynccontextmanager
async def open_tools(settings: Settings) -> AsyncGenerator[OpenTools]:
    """Starts an agent host in a folder of its own, which is deleted at the end. Raises HostLost if it can't start."""
    made = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="threadwork-"))
    try:
        shelf = FolderShelf(made / "shelf")
        usual = await asyncio.to_thread(host_config, settings, ())
        config = usual.model_copy(update={"home": str(made / "host"), "login_key": ""})
        async with StdioHost(config, shelf) as host:
            yield OpenTools(host, await host.tools(), shelf, made / "host")
    finally:
        await asyncio.to_thread(shutil.rmtree, made, ignore_errors=True)


def _files(folder: Path) -> list[Path]:
    """Returns regular files only, at most one more than allowed."""
    found: list[Path] = []
    for where, folders, names in os.walk(folder):
        folders.sort()
        found += [path for name in sorted(names) if (path := Path(where, name)).is_file() and not path.is_symlink()]
        if len(found) > MOST_FILES:
            break
    return found


def _changed(home: Path, task: TaskId, before: Mapping[str, str]) -> list[ChangedFile]:
    root = workspace_of(home, task).root
    now = {path.relative_to(root).as_posix(): path for path in _files(root)}
    rows = [ChangedFile(name, "deleted", root / name) for name in before if name not in now]
    for name, path in now.items():
        if name.split("/")[0] != _KEPT_BESIDE and before.get(name) != hashlib.sha256(path.read_bytes()).hexdigest():
            rows.append(ChangedFile(name, "changed" if name in before else "new", path))
    return sorted(rows)
