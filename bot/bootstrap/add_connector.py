"""Adds a connector: from the catalog, from another program's settings, from a command, or from an address."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from agents.connectors.catalogue import catalogue, lock_of
from agents.connectors.command_paths_in_sandbox import moved, unseen
from agents.connectors.literal_secrets import with_sealed
from agents.connectors.package_install import install, install_named
from agents.connectors.package_lock import Package
from agents.connectors.parse_server_command import CannotRun, HostedServer, NamedPackage, understood
from agents.connectors.settings_file import FILE, Connector, read
from bot.bootstrap.connector_files import make_folders, places, rows_of, secrets_of, write_rows
from bot.config.settings import Settings
from orchestrator.domain import clean_outside_text
from orchestrator.domain.plural import counted
from orchestrator.errors import NotFound, Refused

_Row = dict[str, JsonValue]


class KeptConnector(NamedTuple):
    """A connector that was written to the settings file, and a sentence about what was installed for it."""

    connector: Connector
    installed: str


def row_of(name: str, source: Path | None, command: tuple[str, ...], url: str) -> dict[str, JsonValue]:
    """Returns the row of the settings file for a new connector. Blocks.

    From a file in the usual format, from a command or an address, or from the catalog. Raises Refused, NotFound.
    """
    if source is not None:
        return _from_file(name, source)
    if url:
        return {"url": url}
    if command:
        return {"command": command[0], "args": list(command[1:])}
    if found := catalogue().get(name):
        return dict(found.settings)
    known = ", ".join(catalogue())
    raise NotFound(f"The catalog has no {name!r}; it has {known}. Or use --url, --from, or a command after --.")


def needs_app(name: str, row: Mapping[str, JsonValue]) -> bool:
    """Returns whether this row of the catalog needs an app that the person registered. Blocks."""
    found = catalogue().get(name)
    return found is not None and found.app and row.get("url") == found.settings.get("url")


def _from_file(name: str, source: Path) -> dict[str, JsonValue]:
    try:
        found = clean_outside_text.parsed(source.read_bytes())
    except (OSError, clean_outside_text.Unfit) as error:
        raise Refused(f"{str(source)!r} can't be read as JSON: {error}.") from error
    rows = found.get("mcpServers", found) if isinstance(found, dict) else None
    row = rows.get(name) if isinstance(rows, dict) else None
    if not isinstance(row, dict):
        names = ", ".join(rows) if isinstance(rows, dict) else "none"
        raise NotFound(f"{str(source)!r} has no connector {name!r}; it has {names}.")
    if row.get("package"):
        raise Refused(
            f"The connector {name!r} in {str(source)!r} names a package that threadwork installed. Add it from "
            "the catalog, or with the command that it was installed with."
        )
    return row


def keep(settings: Settings, name: str, row: Mapping[str, JsonValue], scope: Mapping[str, JsonValue]) -> KeptConnector:
    """Writes a connector to the settings file, its secrets sealed, and installs its package. Blocks.

    Raises Refused with a sentence.
    """
    shipped = catalogue().get(str(row.get("package", "")))
    given = _with_folders({**row, **({"for": dict(scope)} if scope else {})})
    wanted = None if shipped else _wanted(name, given)
    kept, secrets = (given, dict[str, str]()) if shipped else with_sealed(_meant(given, wanted))
    _checked(name, kept)
    make_folders(settings)
    home, server, installed = places(settings).home, places(settings).servers / name, ""
    if shipped and shipped.package:
        others = install(
            shipped.package, lock_of(str(row["package"]), shipped.package), places(settings).servers / name
        )
        installed = _said(shipped.package, others)
    elif isinstance(wanted, NamedPackage):
        found = install_named(wanted, server)
        program, *args = found.program
        sealed = kept["args"] if isinstance(kept["args"], list) else []
        kept: _Row = {**kept, "command": program, "args": [*args, *sealed], "package": str(found.package)}
        installed = _said(found.package, found.others)
    write_rows(home, {**rows_of(home), name: kept})
    if secrets:
        secrets_of(settings).add(name, secrets)
    return KeptConnector(_checked(name, kept), installed)


def _meant(row: _Row, wanted: NamedPackage | HostedServer | None) -> _Row:
    """Returns the row with what its command leads to."""
    match wanted:
        case NamedPackage():
            return {**row, "command": wanted.name, "args": [*wanted.args], "package": wanted.name}
        case HostedServer():
            rest = {key: value for key, value in row.items() if key not in ("command", "args", "env", "cwd", "type")}
            return {**rest, "url": wanted.url, "headers": {**wanted.headers}}
        case None:
            return row


def _said(package: Package, others: int) -> str:
    return (
        f"Installed {package.name} {package.version} with {counted(others, 'other package')} that it needs, all by "
        f"their hashes (SHA-256 of the list: {package.sha})."
    )


def _wanted(name: str, row: Mapping[str, JsonValue]) -> NamedPackage | HostedServer | None:
    command, args, env = row.get("command"), row.get("args", []), row.get("env", {})
    if not isinstance(command, str) or not isinstance(args, list) or not isinstance(env, dict):
        return None  # `_checked` says what is wrong
    words = [str(arg) for arg in args]
    try:
        found = understood(command, words, {key: str(value) for key, value in env.items()})
    except CannotRun as error:
        raise Refused(f"The connector {name!r} can't be added: {error}") from None
    left = found.args if isinstance(found, NamedPackage) else () if found else (command, *words)
    if path := unseen(left, lambda one: Path(one).expanduser().exists()):
        folder = path if Path(path).expanduser().is_dir() else str(Path(path).parent)
        raise Refused(
            f"The connector {name!r} can't be added: the sandbox doesn't show {path!r}. To show it read-only, add "
            f"--folder files={folder}."
        )
    return found


def _with_folders(row: Mapping[str, JsonValue]) -> _Row:
    """Returns the row with its paths as they are inside the sandbox."""
    folders, args = row.get("folders"), row.get("args")
    if not isinstance(folders, dict) or not isinstance(args, list):
        return dict(row)
    paths = {name: str(path) for name, path in folders.items()}
    command, *rest = moved([str(row.get("command", "")), *map(str, args)], paths)
    return {**row, "args": list(rest), **({"command": command} if command else {})}


def _checked(name: str, row: Mapping[str, JsonValue]) -> Connector:
    found = read(json.dumps({name: dict(row)}))
    if found.mistakes:
        raise Refused(found.mistakes[0].replace(f" in {FILE!r} is left out", " can't be added"))
    if not found.connectors:
        raise Refused(f'The connector {name!r} says "disabled"; remove that line first.')
    return found.connectors[0]
