"""Defines a host's configuration: it arrives in the first frame, never from the environment. Pure."""

from pydantic import Field

from agents.host.host_policy import HostPolicy
from agents.sandbox.limits import SandboxLimits
from orchestrator.domain.base_value import Value


class HostConfig(Value):
    """One host. `home` holds its workspaces, journal, files and logs, and belongs to this host alone.

    `browser`: the browser's program, None to find one. `toolsets`: more tools as `module:NAME`, each a list of Tool or
    a Toolset; only from this machine's owner. `as_root`: why the host could not give up root, else empty.
    """

    home: str
    name: str = "local"
    policy: HostPolicy = HostPolicy()
    limits: SandboxLimits = SandboxLimits()
    browser: str | None = None
    scan_languages: tuple[str, ...] = ()
    """Languages of scans, as Tesseract names them; empty: all that are installed."""
    page_seconds: float = 15
    """How long a page may take to load."""
    toolsets: tuple[str, ...] = ()
    at_once: int = Field(default=16, ge=1)
    """Calls that run in parallel; more wait."""
    keep_days: float = 14
    """How long finished calls and their files are kept."""
    folders: tuple[str, ...] = ()
    """Folders of this machine that may be shown to sandboxed code, read-only."""
    near: tuple[str, ...] = ()
    """Names or addresses (`10.0.0.5:8080`) in private networks that may be granted to sandboxed code and pages."""
    login_key: str = Field(default="", repr=False)
    """Key that encrypts browser logins and saved pages. It is never written below `home`; without one the
    link makes one, and the host of a later hub can't read them."""
    as_root: str = ""
    hub: str = ""
    """Id of the hub's process; the link sets it."""
