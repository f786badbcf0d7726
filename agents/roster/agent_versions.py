"""Keeps every version of an agent's file, so that an earlier one can count again.

The one that counts is the one that the file holds now, so nothing else has to be written down: bringing a version back
is writing its content to the file.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from agents.roster.agent_file import NAME
from orchestrator.domain.agents import UsedAgent
from orchestrator.private_files import kept_secret, private_folder, replace_secret

KEPT = ".versions"
"""The folder beside the files of agents with one folder for each agent."""


class AgentVersion(NamedTuple):
    """A kept version. `number` counts from 1; `at`: when it was first kept, in UTC."""

    number: int
    digest: str
    at: datetime
    path: Path


def digest_of(content: bytes) -> str:
    """Returns the SHA-256 of an agent's file."""
    return hashlib.sha256(content).hexdigest()


def kept_versions(folder: Path, name: str) -> list[AgentVersion]:
    """Returns the kept versions of an agent, the newest first. `folder`: of the agents' files. Blocks."""
    if not NAME.fullmatch(name):  # what a broken file or a form says isn't the name of a folder
        return []
    found = [path for path in (folder / KEPT / name).glob("*.md") if path.stem.isdecimal()]
    return sorted(map(_version, found), reverse=True)


def keep(folder: Path, name: str, content: bytes) -> AgentVersion:
    """Keeps this content as the next version; content that is kept already has its number. Raises OSError. Blocks."""
    kept, digest = kept_versions(folder, name), digest_of(content)
    if known := next((one for one in kept if one.digest == digest), None):
        return known
    private_folder(folder / KEPT / name)
    number = kept[0].number + 1 if kept else 1
    while kept_secret(path := folder / KEPT / name / f"{number}.md", lambda: content) != content:
        number += 1  # another process was faster with another content
    return _version(path)


def edition(folder: Path, name: str, content: bytes) -> UsedAgent:
    """Returns which version this content is; one that isn't kept has no number. Blocks."""
    digest = digest_of(content)
    number = next((str(one.number) for one in kept_versions(folder, name) if one.digest == digest), "")
    return UsedAgent(name=name, digest=digest, version=number)


def before(folder: Path, name: str, content: bytes) -> AgentVersion | None:
    """Returns the newest version before this content; for content that isn't kept, the newest of all. Blocks."""
    kept, digest = kept_versions(folder, name), digest_of(content)
    now = next((one.number for one in kept if one.digest == digest), None)
    return next((one for one in kept if now is None or one.number < now), None)


def write(path: Path, content: bytes) -> None:
    """Replaces an agent's file atomically. Raises OSError. Blocks."""
    private_folder(path.parent)
    replace_secret(path, content)


def _version(path: Path) -> AgentVersion:
    found = path.stat()
    at = datetime.fromtimestamp(found.st_mtime, UTC)
    return AgentVersion(int(path.stem), digest_of(path.read_bytes()), at, path)
