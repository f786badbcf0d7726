"""Stores workspaces that have installed the app: one private file each, which only their owner can read."""

import asyncio
import json
import logging
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slack_bolt.error import BoltError
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models.installation import Installation

from orchestrator.private_files import replace_secret

log = logging.getLogger(__name__)
_TEAM = re.compile(r"T[A-Z0-9]{2,30}")


@dataclass(frozen=True)
class Install:
    """A workspace and the token it gave us."""

    team: str
    name: str
    token: str = field(repr=False)


def installs_folder(home: Path) -> Path:
    """Returns where they are kept in the data folder."""
    return home / "slack"


class Installs(AsyncInstallationStore):
    """Stored in `folder`, which one hub uses at a time. `allowed`: the workspaces that may install; empty: every one.

    Call `load` once before anything else.
    """

    def __init__(self, folder: Path, allowed: Collection[str] = ()) -> None:
        self._folder, self._allowed = folder, frozenset(allowed)
        self._known: dict[str, Install] = {}
        self._doubted: set[str] = set()
        self._news = asyncio.Event()

    @property
    def logger(self) -> logging.Logger:
        return log

    @property
    def known(self) -> Mapping[str, Install]:
        """By team."""
        return self._known

    def expects(self, team: str) -> bool:
        """Returns whether that workspace has the app installed."""
        return team in self._known

    async def load(self) -> None:
        """Reads what is there."""
        self._known = await asyncio.to_thread(_read, self._folder)

    async def news(self) -> set[str]:
        """Waits for a change; returns the teams whose installation has been in doubt since the last time."""
        await self._news.wait()
        self._news.clear()
        doubted, self._doubted = self._doubted, set()
        return doubted

    async def async_save(self, installation: Installation) -> None:
        """Raises BoltError if that workspace may not install the app."""
        team, token = installation.team_id or "", installation.bot_token or ""
        if installation.is_enterprise_install or not _TEAM.fullmatch(team) or not token:
            raise BoltError("Install the app in one workspace at a time, not in a whole organization.")
        if self._allowed and team not in self._allowed:
            raise BoltError(f"The workspace {team} isn't allowed by `slack.teams`.")
        install = Install(team, installation.team_name or team, token)
        await asyncio.to_thread(_write, self._folder, install)
        self._known[team] = install
        self._news.set()
        log.info("The app was installed in the workspace %r (%s).", install.name, team)

    async def forget(self, install: Install) -> None:
        """The workspace revoked its token; nothing happens if it has given another one since."""
        if self._known.get(install.team) == install:
            del self._known[install.team]
            await asyncio.to_thread(_path(self._folder, install.team).unlink, missing_ok=True)
            self._news.set()

    def doubt(self, team: str) -> None:
        """The workspace may have revoked its token: the account that serves it should check."""
        if team in self._known:
            self._doubted.add(team)
            self._news.set()


def _path(folder: Path, team: str) -> Path:
    return folder / f"{team}.json"


def _write(folder: Path, install: Install) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    row = {"team": install.team, "name": install.name, "token": install.token}
    replace_secret(_path(folder, install.team), json.dumps(row).encode())


def _read(folder: Path) -> dict[str, Install]:
    found: dict[str, Install] = {}
    for path in sorted(folder.glob("T*.json")):
        try:
            row: dict[str, Any] = json.loads(path.read_text("utf-8"))
            found[row["team"]] = Install(row["team"], row["name"], row["token"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.error("The installation %s can't be read; install the app there again: %s", path, error)
    return found
