"""Keeps which list of tools people approved for each connector, in the data folder."""

import asyncio
from pathlib import Path

from pydantic import ValidationError

from agents.connectors.tool_list import ApprovedTools, ToolList
from orchestrator.private_files import private_folder, replace_secret

FOLDER, PROPOSED = "approved", "proposed"


class ApprovedLists:
    """One file per connector. A damaged file counts as not approved."""

    def __init__(self, home: Path) -> None:
        """`home`: the connectors' folder, for the hub alone."""
        self._folder, self._proposed = home / FOLDER, home / PROPOSED

    async def get(self, connector: str) -> ApprovedTools | None:
        return await asyncio.to_thread(self.read, connector)

    async def keep(self, connector: str, approved: ApprovedTools) -> None:
        await asyncio.to_thread(self.write, connector, approved)

    def read(self, connector: str) -> ApprovedTools | None:
        """Returns the approved list; None if there is none. Blocks."""
        try:
            return ApprovedTools.model_validate_json(self._file(connector).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def write(self, connector: str, approved: ApprovedTools) -> None:
        """Replaces the approved list. Blocks."""
        private_folder(self._folder)
        replace_secret(self._file(connector), approved.model_dump_json().encode())

    def forget(self, connector: str) -> None:
        """Removes the approval. Blocks."""
        self._file(connector).unlink(missing_ok=True)
        (self._proposed / f"{connector}.json").unlink(missing_ok=True)

    async def propose(self, connector: str, offered: ToolList) -> None:
        """Keeps a changed list until a person has decided."""
        await asyncio.to_thread(self._propose, connector, offered)

    def _propose(self, connector: str, offered: ToolList) -> None:
        private_folder(self._proposed)
        replace_secret(self._proposed / f"{connector}.json", offered.model_dump_json().encode())

    def proposed(self, connector: str) -> ToolList | None:
        """Returns the changed list that waits for a person; None if there is none. Blocks."""
        try:
            return ToolList.model_validate_json((self._proposed / f"{connector}.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def _file(self, connector: str) -> Path:
        return self._folder / f"{connector}.json"
