"""The files in which this home keeps its connectors: settings, secrets, and the servers' folders."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from agents.connectors.connector_folders import ConnectorPlaces
from agents.connectors.sealed_secrets import SealedSecrets
from agents.connectors.settings_file import FILE
from bot.bootstrap.browser_login_key import login_key
from bot.config.settings import Settings
from orchestrator.domain import clean_outside_text
from orchestrator.errors import Refused
from orchestrator.private_files import passable_folder, private_folder, replace_secret


def rows_of(home: Path) -> dict[str, JsonValue]:
    """Returns the file's rows as they are, also those with mistakes. Raises Refused if it isn't such a file."""
    try:
        whole = clean_outside_text.parsed((home / FILE).read_bytes())
    except FileNotFoundError:
        return {}
    except clean_outside_text.Unfit as error:
        raise Refused(f"{str(home / FILE)!r} can't be read: it is {error}. Correct it first.") from error
    rows = whole.get("mcpServers", whole) if isinstance(whole, dict) else None
    if not isinstance(rows, dict):
        raise Refused(f"{str(home / FILE)!r} isn't an mcpServers file. Correct it first.")
    return rows


def write_rows(home: Path, rows: Mapping[str, JsonValue]) -> None:
    """Replaces the settings file. Blocks."""
    content = json.dumps({"mcpServers": cast("dict[str, JsonValue]", rows)}, indent=2, ensure_ascii=False)
    replace_secret(home / FILE, f"{content}\n".encode())


def make_folders(settings: Settings) -> None:
    """Creates the folders of settings and servers. Blocks."""
    passable_folder(settings.home)
    private_folder(places(settings).home)
    passable_folder(places(settings).servers)


def places(settings: Settings) -> ConnectorPlaces:
    """Returns where settings and servers are."""
    return ConnectorPlaces(settings.home / "connectors", settings.home / "servers", settings.host.near)


def secrets_of(settings: Settings) -> SealedSecrets:
    """Returns the values of connectors' variables. Blocks."""
    return SealedSecrets(places(settings).home, login_key(settings))
