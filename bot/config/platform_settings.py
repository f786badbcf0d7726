"""What every platform's section of the settings has in common. Pure."""

from collections.abc import Mapping
from typing import ClassVar

from bot.config.check import HealthCheck
from orchestrator.domain.value import Value


class PlatformSettings(Value):
    """A section of the settings file.

    `needs`: the fields without which the platform isn't served. `variables`: names that are usual in the environment,
    each with its field.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    variables: ClassVar[Mapping[str, str]] = {}

    @property
    def serves(self) -> bool:
        """Whether everything that the platform needs is set."""
        return all(getattr(self, name) for name in self.needs)

    @property
    def missing(self) -> str:
        """The field that is still needed where others are set; empty for none."""
        given = {name for name in self.needs if getattr(self, name)}
        return next((name for name in self.needs if given and name not in given), "")

    @property
    def summary(self) -> str:
        """What is set, for `threadwork doctor`."""
        return "a token is set"

    def wrong(self) -> HealthCheck | None:
        """What is wrong at first sight, without asking the platform; None for nothing."""
        return None
