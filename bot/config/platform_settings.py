"""The common part of every platform's settings. Pure."""

from collections.abc import Mapping
from typing import ClassVar

from bot.config.health_check import HealthCheck
from orchestrator.domain.base_value import Value


class PlatformSettings(Value):
    """A section of the settings file.

    `needs`: the fields without which the platform isn't served. `variables`: usual names in the environment, each with
    its field.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    variables: ClassVar[Mapping[str, str]] = {}

    @property
    def serves(self) -> bool:
        """Returns whether everything that the platform needs is set."""
        return all(getattr(self, name) for name in self.needs)

    @property
    def missing(self) -> str:
        """Returns the field that is still missing although others are set; empty for none."""
        given = {name for name in self.needs if getattr(self, name)}
        return next((name for name in self.needs if given and name not in given), "")

    @property
    def summary(self) -> str:
        """Describes what is set, for `threadwork doctor`."""
        return "a token is set"

    def wrong(self) -> HealthCheck | None:
        """Returns what is obviously wrong, without asking the platform; None for nothing."""
        return None
