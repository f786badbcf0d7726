"""All that a host is told: it arrives in the first frame, never from the environment."""

import secrets
from typing import Self

from pydantic import Field

from agents.host.ceiling import Ceiling
from agents.sandbox.port import Limits
from orchestrator.domain.value import Value


class HostConfig(Value):
    """One host. `home` holds its workspaces, journal, files and logs, and belongs to this host alone.

    `browser`: the browser's program, None for the one that is found. `toolsets`: further tools as `module:NAME`, each a
    list of Tool or a Toolset; only ever from the owner of this machine. `as_root`: why the host could not give up root,
    else empty.
    """

    home: str
    name: str = "local"
    ceiling: Ceiling = Ceiling()
    limits: Limits = Limits()
    browser: str | None = None
    toolsets: tuple[str, ...] = ()
    at_once: int = Field(default=16, ge=1)
    """Calls that run beside each other; more wait."""
    keep_days: float = 14
    """How long finished calls and their files can be asked for again."""
    folders: tuple[str, ...] = ()
    """Folders of this machine that sandboxed code may be shown, read-only."""
    near: tuple[str, ...] = ()
    """Names or addresses (`10.0.0.5:8080`) in private networks that may be granted to sandboxed code and pages."""
    login_key: str = Field(default_factory=lambda: secrets.token_hex(32), repr=False)
    """What browser logins and page memories are sealed with. It is never written below `home`; without one from the hub
    they cannot be opened by a later host."""
    as_root: str = ""
    hub: str = ""
    """A word that is new with each life of the hub; the link sets it."""

    def of_this_life(self) -> Self:
        """The same, told to be of a hub that has just begun."""
        return self.model_copy(update={"hub": secrets.token_hex(8)})
