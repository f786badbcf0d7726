"""Installs the package of a search server that is named as for npx or uvx, once, pinned to the version found then."""

from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from agents.connectors.package_install import install_named
from agents.connectors.parse_server_command import CannotRun, HostedServer, understood
from agents.connectors.server_launch_spec import PACKAGE
from agents.search.mcp_types import McpServer
from orchestrator.domain.base_value import Value
from orchestrator.errors import Refused
from orchestrator.private_files import replace_secret

_FOLDER, _RECORD = ".search", "installed.json"


class _Record(Value):
    """What was asked for, what was installed with which hash, and how to start it."""

    asked: tuple[str, ...]
    package: str
    command: tuple[str, ...]


def installed(server: McpServer) -> McpServer:
    """Returns the server with the command that the sandbox can run. Raises Refused. Blocks."""
    if not server.command:
        return server
    try:
        wanted = understood(server.command[0], server.command[1:])
    except CannotRun as error:
        raise Refused(str(error)) from None
    if wanted is None:
        return server
    if isinstance(wanted, HostedServer):
        raise Refused(f"it's a hosted server; set search.mcp.url to {wanted.url!r} instead")
    home = Path(server.home) / _FOLDER
    known = _known(home / _RECORD)
    if known is None or known.asked != server.command or not (home / PACKAGE).is_dir():
        found = install_named(wanted, home)
        known = _Record(asked=server.command, package=str(found.package), command=(*found.program, *wanted.args))
        replace_secret(home / _RECORD, known.model_dump_json(indent=1).encode())
    folders = {PACKAGE: str(home / PACKAGE)}
    return server.model_copy(update={"command": known.command, "folders": folders})


def _known(file: Path) -> _Record | None:
    with suppress(OSError, ValidationError):
        return _Record.model_validate_json(file.read_bytes())
    return None
