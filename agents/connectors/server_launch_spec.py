"""What to run for a connector, as the hub sends it to the process that runs it. Pure."""

from collections.abc import Mapping

from pydantic import Field

from orchestrator.domain.base_value import Value

PACKAGE = "package"
"""The name of the folder with the installed package, inside /folders."""


class ServerJob(Value):
    """`folder`: the server's own writable folder. `egress`, `near`: hosts it may reach, see `agents/egress/`."""

    name: str
    command: tuple[str, ...]
    folder: str
    env: Mapping[str, str] = Field(default={}, repr=False)
    folders: Mapping[str, str] = {}
    egress: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
