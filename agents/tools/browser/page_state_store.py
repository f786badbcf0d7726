"""Saves what reopens a page after a crash: its address, cookies and storage."""

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from agents.encrypted_file_store import UnreadableFile, Vault
from agents.tools.browser.logins import NONE, WantedLogin
from orchestrator.domain.ids import digest, slug


class PageOwner(NamedTuple):
    """Identifies the owner of a page."""

    task: str
    subtask: str


@dataclass(frozen=True)
class PastPage:
    """`names`: the element behind each ref when the agent last looked; `storage`: Playwright's format, of the page
    without a login; `wanted`: the login that the page used; `held`: what it wants to send; `person`: someone
    used it."""

    url: str = ""
    storage: dict[str, Any] | None = None
    names: dict[str, str] = field(default_factory=dict[str, str])
    wanted: WantedLogin = NONE
    held: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    person: bool = False


def found_again(ref: str, before: Mapping[str, str], now: Mapping[str, str]) -> str | None:
    """Returns the ref of the same element on the reopened page, or None if that isn't certain.

    The part before the `e` counts documents, so it differs; number and name must match exactly one element.
    """
    name, number = before.get(ref), ref.rpartition("e")[2]
    same = [r for r, n in now.items() if n == name and r.rpartition("e")[2] == number]
    return same[0] if len(same) == 1 else None


class PageMemory:
    """Keeps one encrypted file per page, readable by the owner only, because it contains cookies."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def load(self, place: PageOwner) -> PastPage:
        """Returns what was saved last, or nothing; an unreadable file counts as nothing."""
        with suppress(UnreadableFile, OSError, ValueError, TypeError, KeyError):
            if (found := self._vault.read(self._file(place))) is not None:
                row = json.loads(found)
                name, team, beside = row.pop("wanted")
                return PastPage(**row, wanted=WantedLogin(name, team, tuple(beside)))
        return PastPage()

    def save(self, place: PageOwner, past: PastPage) -> None:
        self._vault.write(self._file(place), json.dumps(asdict(past)).encode())

    def forget(self, task: str, subtask: str | None) -> None:
        if subtask is None:
            shutil.rmtree(self._folder(task), ignore_errors=True)
        else:
            self._file(PageOwner(task, subtask)).unlink(missing_ok=True)

    def _folder(self, task: str) -> Path:
        return self._vault.home / f"{slug(task)}-{digest(task)}"

    def _file(self, place: PageOwner) -> Path:
        return self._folder(place.task) / f"{slug(place.subtask)}-{digest(place.subtask)}.page"
