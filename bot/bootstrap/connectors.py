"""Provides the connectors of this home to the hub and the command line."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from pydantic import JsonValue

from agents.connectors.approved_tools_store import ApprovedLists
from agents.connectors.call_types import ConnectorFailed
from agents.connectors.catalogue import CatalogueRow, catalogue
from agents.connectors.connectors import Connectors, filled, read_settings
from agents.connectors.one_time_sign_in_links import SignInOffers
from agents.connectors.package_install import uninstall
from agents.connectors.sealed_accounts import SealedAccounts
from agents.connectors.settings_file import Connector, ConnectorsRead
from agents.connectors.sign_in_and_renewal import ConnectorAccounts, LinkedIds
from agents.connectors.tool_list import (
    ApprovedTools,
    ToolList,
    details,
    difference,
    further,
    kept_reads,
    proposed_reads,
)
from bot.bootstrap.browser_login_key import login_key
from bot.bootstrap.connector_files import make_folders, places, rows_of, secrets_of, write_rows
from bot.config.settings import Settings
from orchestrator.errors import NotFound, Refused
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ports import Shelf


class ConnectorRow(NamedTuple):
    """A connector as it may be shown. `missing`: variables whose values aren't stored."""

    name: str
    runs: str
    scope: str
    tools: int
    reads: int
    missing: tuple[str, ...]
    approved: bool


class ConnectorsListed(NamedTuple):
    """All connectors, and a sentence for each mistake in the file."""

    rows: list[ConnectorRow]
    mistakes: tuple[str, ...]


class ConnectorTrial(NamedTuple):
    """What a server offers now, and what was approved before; None: nothing yet."""

    offered: ToolList
    approved: ApprovedTools | None

    @property
    def fits(self) -> bool:
        """Returns whether this list is approved."""
        return self.approved is not None and self.approved.list.digest == self.offered.digest

    @property
    def changes(self) -> str:
        """Returns the difference to the approved list in a sentence."""
        return difference(self._before, self.offered).words

    @property
    def details(self) -> Mapping[str, JsonValue]:
        """Returns the tools to look at before an approval."""
        return details(self._before, self.offered)

    @property
    def reads(self) -> tuple[str, ...]:
        """Returns the tools declared read-only."""
        names = proposed_reads(self.offered) | {tool.name for tool in further(self.offered)}
        return tuple(sorted(names))

    @property
    def kept(self) -> frozenset[str]:
        """Returns the reads that stay approved because their tools didn't change."""
        return kept_reads(self.approved, self.offered) if self.approved else frozenset()

    def approval(self, reads: frozenset[str], at: str) -> ApprovedTools:
        """Returns the approval of this list by the person at the terminal."""
        return ApprovedTools(list=self.offered, reads=reads, by="the person who runs threadwork", at=at)

    @property
    def _before(self) -> ToolList:
        return self.approved.list if self.approved else ToolList()


def connectors_of(settings: Settings, shelf: Shelf, accounts: ConnectorAccounts | None = None) -> Connectors:
    """Returns the connectors; enter them. Blocks."""
    return Connectors(places(settings), secrets_of(settings), shelf, accounts=accounts or accounts_of(settings))


def accounts_of(settings: Settings, linked: LinkedIds | None = None) -> ConnectorAccounts:
    """Returns the sign-ins to connectors' services. `linked`: which ids belong to one person. Blocks."""
    sealed = SealedAccounts(places(settings).home, login_key(settings))
    return ConnectorAccounts(sealed, linked=linked) if linked else ConnectorAccounts(sealed)


def offers_of(settings: Settings) -> SignInOffers:
    """Returns the private links to sign in there. Blocks."""
    return SignInOffers(SealedAccounts(places(settings).home, login_key(settings)))


def read_all(settings: Settings) -> ConnectorsRead:
    """Returns the settings file: the usable connectors, and its mistakes. Blocks."""
    return read_settings(places(settings).home)


def every(settings: Settings) -> tuple[Connector, ...]:
    """Returns the usable connectors of the settings file, without their secrets. Blocks."""
    return read_all(settings).connectors


def whole(settings: Settings, name: str) -> Connector:
    """Returns a connector with its secrets. Raises NotFound, Refused, ConnectorFailed. Blocks."""
    return filled(found(settings, name), secrets_of(settings))


def listed(settings: Settings) -> ConnectorsListed:
    """Returns every connector of the settings file. Blocks."""
    found, lists, secrets = read_settings(places(settings).home), _lists(settings), secrets_of(settings)
    rows = [_row(one, lists.read(one.name), secrets.of(one.name)) for one in found.connectors]
    return ConnectorsListed(rows, found.mistakes)


def _row(one: Connector, approved: ApprovedTools | None, known: Mapping[str, str]) -> ConnectorRow:
    scope = "; ".join(f"{k}: {', '.join(v)}" for k, v in one.scope.model_dump().items() if v) or "everyone"
    tools = len(approved.list.tools) if approved else 0
    missing = tuple(name for name in one.variables if name not in known)
    runs = one.at if one.url else " ".join(one.command)
    return ConnectorRow(one.name, runs, scope, tools, len(approved.reads) if approved else 0, missing, bool(approved))


def choices() -> Mapping[str, CatalogueRow]:
    """Returns the catalog by name. Blocks."""
    return catalogue()


def give(settings: Settings, name: str, secrets: dict[str, str]) -> None:
    """Seals values for a connector's variables. Blocks."""
    make_folders(settings)
    secrets_of(settings).add(name, secrets)


def missing(settings: Settings, connector: Connector) -> tuple[str, ...]:
    """Returns the variables of a connector whose values aren't stored. Blocks."""
    known = secrets_of(settings).of(connector.name)
    return tuple(name for name in connector.variables if name not in known)


def found(settings: Settings, name: str) -> Connector:
    """Returns a connector of the settings file. Raises NotFound, or Refused if its row has a mistake. Blocks."""
    read_ = read_settings(places(settings).home)
    if connector := next((one for one in read_.connectors if one.name == name), None):
        return connector
    if mistake := next((words for words in read_.mistakes if repr(name) in words), ""):
        raise Refused(mistake)
    raise NotFound(f"There's no connector {name!r}; `threadwork connectors list` lists them.")


async def tried(settings: Settings, connector: Connector, person: str) -> ConnectorTrial:
    """Connects to it, with this person's account if it has accounts, and returns what it offers.

    Raises Refused with the reason.
    """
    shelf = FolderShelf(settings.home / "shelf")
    async with await asyncio.to_thread(connectors_of, settings, shelf) as connectors:
        try:
            offered = await connectors.look(connector, person)
        except ConnectorFailed as error:
            raise Refused(
                f"The connector {connector.name!r} can't be used: {str(error).rstrip('.')}. When that's fixed, run "
                f"`threadwork connectors test {connector.name}`."
            ) from error
        return ConnectorTrial(offered, await connectors.lists.get(connector.name))


def approve(settings: Settings, name: str, approved: ApprovedTools) -> None:
    """Puts a list in force. Blocks."""
    _lists(settings).write(name, approved)


def remove(settings: Settings, name: str) -> None:
    """Removes a connector with its secrets, its approval and its package; its own files stay. Raises NotFound.

    Blocks.
    """
    home = places(settings).home
    rows = rows_of(home)
    if name not in rows:
        raise NotFound(f"There's no connector {name!r}; `threadwork connectors list` lists them.")
    write_rows(home, {key: row for key, row in rows.items() if key != name})
    secrets_of(settings).forget(name)
    _lists(settings).forget(name)
    SealedAccounts(home, login_key(settings)).forget_all(name)
    uninstall(places(settings).servers / name)


def _lists(settings: Settings) -> ApprovedLists:
    return ApprovedLists(places(settings).home)
