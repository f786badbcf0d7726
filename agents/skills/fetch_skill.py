"""Gets one skill from an address or from this machine, and reads it like an attached one."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from agents.skills.clone_skills import cloned
from agents.skills.download_skills import downloaded
from agents.skills.install_source import DownloadedFile, InstallSource, source_of
from agents.skills.read_attached_skills import read_attached
from agents.skills.read_folder import MOST_BYTES
from agents.skills.skill import BadSkill, Skill
from agents.skills.zip_skill import archive_of
from orchestrator.errors import Refused


class FetchedSkill(NamedTuple):
    """A skill and its files by their paths."""

    skill: Skill
    files: Mapping[str, bytes]


class SkillFetcher:
    """Gets skills from addresses, from private hosts only if they are `near`."""

    def __init__(self, near: Sequence[str] = ()) -> None:
        self._near = near

    async def __call__(self, address: str, name: str) -> FetchedSkill:
        """Returns the skill at that address; of several, the one of that name. Raises Refused."""
        return await fetched(source_of(address), self._near, name)


async def fetched(source: InstallSource, near: Sequence[str], name: str = "") -> FetchedSkill:
    """Returns the skill; of several, the one of that name. `near`: private hosts it may reach. Raises Refused."""
    get = cloned if source.kind == "git" else downloaded
    return await asyncio.to_thread(_read, await get(source, near, name), name, source.url)


def from_disk(path: Path, name: str = "") -> FetchedSkill:
    """Returns the skill in a folder or an archive. Raises Refused. Blocks."""
    try:
        if path.is_dir():
            return _read(DownloadedFile(f"{path.name}.zip", archive_of(path.resolve())), name, str(path))
        if path.stat().st_size > MOST_BYTES:
            raise Refused(f"{str(path)!r} is larger than {MOST_BYTES >> 20} MiB, so it can't be a skill.")
        return _read(DownloadedFile(path.name, path.read_bytes()), name, str(path))
    except OSError as error:
        raise Refused(f"{str(path)!r} can't be read: {error.strerror or error}.") from error
    except BadSkill as problem:
        raise Refused(f"The skill can't be used: {problem}.") from problem


def _read(file: DownloadedFile, name: str, where: str) -> FetchedSkill:
    found, files = read_attached(file.name, file.content)
    named = [one for one in found.skills if not name or one.name == name]
    if len(named) == 1:
        return FetchedSkill(named[0], files[named[0].digest])
    if found.skills:
        names = ", ".join(one.name for one in found.skills[:40])
        raise Refused(f"{where!r} has {len(found.skills)} skills. Say which one to install: {names}.")
    if found.skipped:
        raise Refused(f"The skill can't be used: {found.skipped[0].why}.")
    raise Refused(f"{where!r} isn't a skill: it's neither a SKILL.md nor a zip archive with one.")
