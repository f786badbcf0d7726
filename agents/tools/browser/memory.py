"""What is kept of a page so that it can be opened again after a crash: its address, cookies and storage."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from orchestrator.domain.ids import digest, slug


class Place(NamedTuple):
    """Whose page it is."""

    task: str
    subtask: str


@dataclass(frozen=True)
class Past:
    """`names`: what stood behind each ref when the agent last looked; `storage`: as Playwright gives and takes it."""

    url: str = ""
    storage: dict[str, Any] | None = None
    names: dict[str, str] = field(default_factory=dict[str, str])


def found_again(ref: str, before: Mapping[str, str], now: Mapping[str, str]) -> str | None:
    """The ref of the same thing on the page opened again, or None when that is not certain.

    The part before the `e` counts documents, so it differs; number and name must be the same, and only one may be.
    """
    name, number = before.get(ref), ref.rpartition("e")[2]
    same = [r for r, n in now.items() if n == name and r.rpartition("e")[2] == number]
    return same[0] if len(same) == 1 else None


class Memory:
    """One file per page below `home`, written whole or not at all, readable by the owner only (it holds cookies)."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def load(self, place: Place) -> Past:
        """What was saved last, or nothing; a damaged file counts as nothing."""
        try:
            return Past(**json.loads(self._file(place).read_bytes()))
        except (OSError, ValueError, TypeError):
            return Past()

    def save(self, place: Place, past: Past) -> None:
        file = self._file(place)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_suffix(".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(asdict(past), stream)
        draft.replace(file)

    def forget(self, task: str, subtask: str | None) -> None:
        if subtask is None:
            shutil.rmtree(self._folder(task), ignore_errors=True)
        else:
            self._file(Place(task, subtask)).unlink(missing_ok=True)

    def _folder(self, task: str) -> Path:
        return self._home / f"{slug(task)}-{digest(task)}"

    def _file(self, place: Place) -> Path:
        return self._folder(place.task) / f"{slug(place.subtask)}-{digest(place.subtask)}.json"
