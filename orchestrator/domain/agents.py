"""Agents of a team's own, as the ledger knows them. Pure."""

from pydantic import Field

from orchestrator.domain.base_value import Value


class UsedAgent(Value):
    """An agent at one version. `digest`: SHA-256 of its file; `version`: counts from 1, empty if nobody counted."""

    name: str
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    version: str = ""

    @property
    def words(self) -> str:
        """Returns its name and version, e.g. `contract-reader 3`; without a version, the digest's beginning."""
        return f"{self.name} {self.version or self.digest[:7]}"
