"""What is kept of a page so that it can be opened again after a crash: its address, cookies and storage."""

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from agents.tools.browser.logins import NONE, Wanted
from agents.tools.browser.sealed_files import Unreadable, Vault
from orchestrator.domain.ids import digest, slug


class Place(NamedTuple):
    """Whose page it is."""

    task: str
    subtask: str


@dataclass(frozen=True)
class Past:
    """`names`: what stood behind each ref when the agent last looked; `storage`: as Playwright gives and takes it, of
    the page without a login; `wanted`: the login that the page carried."""

    url: str = ""
    storage: dict[str, Any] | None = None
    names: dict[str, str] = field(default_factory=dict[str, str])
    wanted: Wanted = NONE


def found_again(ref: str, before: Mapping[str, str], now: Mapping[str, str]) -> str | None:
    """The ref of the same thing on the page opened again, or None when that is not certain.

    The part before the `e` counts documents, so it differs; number and name must be the same, and only one may be.
    """
    name, number = before.get(ref), ref.rpartition("e")[2]
    same = [r for r, n in now.items() if n == name and r.rpartition("e")[2] == number]
    return same[0] if len(same) == 1 else None


class Memory:
    """One sealed file per page, for the owner only: it holds cookies."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def load(self, place: Place) -> Past:
        """What was saved last, or nothing; a file that cannot be read counts as nothing."""
        with suppress(Unreadable, OSError, ValueError, TypeError, KeyError):
            if (found := self._vault.read(self._file(place))) is not None:
                row = json.loads(found)
                name, team, beside = row.pop("wanted")
                return Past(**row, wanted=Wanted(name, team, tuple(beside)))
        return Past()

    def save(self, place: Place, past: Past) -> None:
        self._vault.write(self._file(place), json.dumps(asdict(past)).encode())

    def forget(self, task: str, subtask: str | None) -> None:
        if subtask is None:
            shutil.rmtree(self._folder(task), ignore_errors=True)
        else:
            self._file(Place(task, subtask)).unlink(missing_ok=True)

    def _folder(self, task: str) -> Path:
        return self._vault.home / f"{slug(task)}-{digest(task)}"

    def _file(self, place: Place) -> Path:
        return self._folder(place.task) / f"{slug(place.subtask)}-{digest(place.subtask)}.page"
