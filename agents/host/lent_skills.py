"""Keeps the skills that the hub has lent, each in a folder named by its digest, for sandboxed code to read."""

import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from secrets import token_hex

from agents.host.file_store import FileStore
from orchestrator.domain.skill_content import SkillFile
from orchestrator.domain.skills import digest_of
from orchestrator.errors import OutOfSpace, ToolFailed

FOLDER = "skills"
"""In the host's home."""
_DRAFT = "half-"


class LentSkills:
    """Folders below `folder`; what is in one never changes. Its methods block; call them from a thread."""

    def __init__(self, folder: Path, store: FileStore) -> None:
        self._folder, self._store = folder, store

    def has(self, digest: str) -> bool:
        """Returns whether the skill is there; it then stays for another while."""
        place = self._folder / digest
        if not place.is_dir():
            return False
        os.utime(place)
        return True

    def missing(self, files: Sequence[SkillFile]) -> list[SkillFile]:
        """Returns the files whose content has to be sent first, each content once."""
        once = {one.file.sha: one for one in files}
        return [one for sha, one in once.items() if not self._store.has(sha)]

    def place(self, digest: str, files: Sequence[SkillFile]) -> None:
        """Makes the folder from stored files. Raises ToolFailed if they aren't that skill, OutOfSpace."""
        if digest_of({one.path: one.file.sha for one in files}) != digest or not all(_is_inside(f.path) for f in files):
            raise ToolFailed("The skill's files don't match its digest. Call use_skill again.")
        draft = self._folder / f"{_DRAFT}{token_hex(8)}"
        try:
            for one in files:
                target = draft / one.path
                target.parent.mkdir(parents=True, exist_ok=True)
                content = self._store.path(one.file.sha).read_bytes()
                target.write_bytes(content)
                target.chmod(0o755 if content.startswith(b"#!") else 0o644)
            if not self.has(digest):
                draft.rename(self._folder / digest)
        except OSError as error:
            if not self.has(digest):
                raise OutOfSpace(f"The host couldn't store a skill on its disk: {error.strerror}.") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def forget(self, *, older_than: float) -> None:
        """Deletes skills that were unused for that many seconds, and what a killed host left."""
        oldest = time.time() - older_than
        for place in self._folder.iterdir() if self._folder.is_dir() else ():
            if place.stat().st_mtime < oldest or place.name.startswith(_DRAFT):
                shutil.rmtree(place, ignore_errors=True)


def _is_inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return not pure.is_absolute() and ".." not in pure.parts and "\0" not in path and bool(pure.parts)
