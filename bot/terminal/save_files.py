"""Saves delivered files for the person, without overwriting anything."""

import asyncio
from itertools import count
from pathlib import Path

from bot.cards.decisions_one_at_a_time import Need
from orchestrator.domain.ids import DeliverableId
from orchestrator.domain.people import FileRef
from orchestrator.domain.task import TaskState
from orchestrator.errors import Refused
from orchestrator.ports import Shelf


def delivered(state: TaskState) -> list[FileRef]:
    """Returns the files that people accepted or handed in themselves."""
    return [row.file for row in state.deliverables.values() if row.verdict in ("approved", "replaced")]


def waiting_file(state: TaskState, need: Need) -> list[FileRef]:
    """Returns the file that a person is asked about, to look at before answering; none if it's about something else."""
    if need.kind != "deliverable" or need.point is None:
        return []
    return [state.deliverables[DeliverableId(need.point.id)].file]


async def save(shelf: Shelf, files: list[FileRef], folder: Path) -> list[Path]:
    """Copies the files into `folder`; if a name is taken by different content, the file becomes `name-2`."""
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        return [await asyncio.to_thread(_copy, await shelf.path(f.sha), folder, Path(f.name).name) for f in files]
    except OSError as error:
        raise Refused(
            f"The files can't be saved in {str(folder)!r} ({error.strerror}); choose another folder with --out."
        ) from error


def _copy(source: Path, folder: Path, name: str) -> Path:
    content = source.read_bytes()
    for number in count(1):
        target = folder / (name if number == 1 else f"{Path(name).stem}-{number}{Path(name).suffix}")
        try:
            with target.open("xb") as file:
                file.write(content)
        except FileExistsError:
            if target.is_file() and target.read_bytes() == content:
                return target
            continue
        except OSError:
            target.unlink(missing_ok=True)
            raise
        return target
    raise AssertionError("count() never ends")
