"""What tests of hosts need: a folder that an unprivileged host can reach, and calls."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from pydantic import JsonValue

from orchestrator.domain.ids import CallId, SubtaskId, TaskId
from orchestrator.domain.tool_calls import HostCall

TASK = TaskId("t1")
_numbers = count(1)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter; pytest's own lie in one that only its user may enter."""
    with tempfile.TemporaryDirectory(prefix="threadwork-test-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)
        shutil.rmtree(name, ignore_errors=True)


def a_call(tool: str, *, id: str | None = None, domains: tuple[str, ...] = (), send: bool = False, **args: JsonValue):
    """A call with a fresh id, unless one is given."""
    return HostCall(
        id=CallId(id or f"call-{next(_numbers)}"),
        task=TASK,
        subtask=SubtaskId("s"),
        tool=tool,
        args=args,
        domains=domains,
        send=send,
    )


def processes(marker: str) -> list[int]:
    """Processes of this machine, ours excluded, that have the marker in their command line."""
    found: list[int] = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit() and int(place.name) != os.getpid():
            try:
                if marker.encode() in (place / "cmdline").read_bytes():
                    found.append(int(place.name))
            except OSError:
                continue
    return found


def emptied(folder: Path) -> None:
    """Takes away what a test left in its workspace, and its bait, so that the next can have the same host."""
    for place in (*folder.glob("host/workspaces/*"), folder / "open"):
        shutil.rmtree(place, ignore_errors=True)
    for name in ("secret", "victim", "socket"):
        (folder / name).unlink(missing_ok=True)
