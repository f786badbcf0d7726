"""Asks the owner, in the workspace and at the start, whether agents may follow the skills of shared folders."""

import asyncio
from collections.abc import Sequence

from agents.skills.library import SharedFolder, installed_library
from bot.config.settings import Settings
from bot.web.view_models import SharedSkillLine, UntrustedFolder
from orchestrator.domain.plural import counted
from orchestrator.errors import NotFound, Stale
from orchestrator.ledger.file_shelf import FolderShelf


class HomeSharedSkills:
    """Those of one home's granted folders."""

    def __init__(self, settings: Settings) -> None:
        self._library = installed_library(settings.home, FolderShelf(settings.home / "shelf"), settings.host.folders)

    async def waiting(self) -> Sequence[UntrustedFolder]:
        """Returns the folders with skills that nobody has trusted as they are now."""
        return [_line(one) for one in await asyncio.to_thread(self._untrusted)]

    async def trust(self, path: str, hash_: str) -> str:
        """Lets tasks use the skills with this hash. Raises NotFound, Stale."""
        return await asyncio.to_thread(self._trust, path, hash_)

    async def notices(self, link: str) -> list[str]:
        """Returns a sentence for each folder that waits, for the person who runs this. `link`: of the workspace."""
        return [
            f"Agents don't read the {counted(len(one.skills), 'skill')} in {one.path!r} before you trust them: "
            f"{link.rstrip('/')}/skills"
            for one in await self.waiting()
        ]

    def _untrusted(self) -> list[SharedFolder]:
        return [one for one in self._library.shared() if one.found.skills and not one.trusted]

    def _trust(self, path: str, hash_: str) -> str:
        found = next((one for one in self._library.shared() if str(one.root.path) == path and one.found.skills), None)
        if found is None:
            raise NotFound(f"There are no skills in {path!r} anymore.")
        if found.hash_ != hash_:
            raise Stale("These skills changed just now. Look at them again.")
        self._library.trust(found)
        return f"Agents can use {counted(len(found.found.skills), 'skill')} of {path!r} now."


def _line(one: SharedFolder) -> UntrustedFolder:
    skills = tuple(SharedSkillLine(skill.name, skill.sheet.description) for skill in one.found.skills)
    return UntrustedFolder(str(one.root.path), one.hash_, skills, one.changed)
