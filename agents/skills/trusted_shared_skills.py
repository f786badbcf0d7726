"""Remembers which skills of shared folders people have looked at and trusted, by a hash of all of them."""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.skills.skill import Skill
from orchestrator.private_files import private_folder, replace_secret

FILE = "trusted.json"


class _TrustFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    folders: Mapping[str, str] = {}


def hash_of(skills: Iterable[Skill]) -> str:
    """Returns a SHA-256 that changes with any file of any of these skills."""
    rows = sorted(f"{one.digest}  {one.name}\n" for one in skills)
    return hashlib.sha256("".join(rows).encode()).hexdigest()


class TrustRecord:
    """The record in `skills/` of the data folder. Its methods block."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE

    def trusted(self, folder: Path) -> str:
        """Returns the hash that was trusted for the folder; empty if none was."""
        return self._load().folders.get(str(folder), "")

    def trust(self, folder: Path, hash_: str) -> None:
        """Remembers that people trust the folder's skills as they are under that hash."""
        private_folder(self._file.parent)
        new = _TrustFile(folders={**self._load().folders, str(folder): hash_})
        replace_secret(self._file, new.model_dump_json(indent=1).encode())

    def _load(self) -> _TrustFile:
        """Returns an empty record if there is none that can be read: then nothing is trusted."""
        with suppress(OSError, ValidationError):
            return _TrustFile.model_validate_json(self._file.read_bytes())
        return _TrustFile()
