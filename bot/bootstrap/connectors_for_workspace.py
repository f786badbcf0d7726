"""Shows the connectors of this home to a person of the workspace, and does what that person may do."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import JsonValue

from agents.connectors.approved_tools_store import ApprovedLists
from agents.connectors.call_types import ConnectorFailed
from agents.connectors.catalogue import catalogue
from agents.connectors.connectors import Connectors
from agents.connectors.settings_file import Connector, ConnectorsRead
from agents.connectors.sign_in_and_renewal import ConnectorAccounts, SignInState
from agents.connectors.tool_list import ApprovedTools, ToolList
from bot.bootstrap.connector_status_and_permissions import (
    ConnectorFacts,
    as_owner,
    catalog,
    line,
    may_approve,
    may_sign_in,
    may_test,
    owns,
    possible_reads,
    who_may,
)
from bot.web.connector_views import ConnectorLine, ConnectorsShown
from bot.web.private_routes import SignInRequest
from orchestrator.domain.audience import Viewer
from orchestrator.errors import NotAllowed, NotFound, Refused, Stale


class ConnectorHome(NamedTuple):
    """Reads and changes what is kept of this home's connectors. All of these block, and raise kinds of Refused."""

    read_all: Callable[[], ConnectorsRead]
    found: Callable[[str], Connector]
    missing: Callable[[Connector], tuple[str, ...]]
    keep: Callable[[str, Mapping[str, JsonValue], Mapping[str, JsonValue]], tuple[Connector, str]]
    give: Callable[[str, dict[str, str]], None]
    remove: Callable[[str], None]


class HomeConnectors:
    """Who may do what: the owner of the workspace adds, removes, and lets a new connector in. Changed tools are
    approved as in a thread: by any member, or by its owner alone if the account is one person's. Guests only look."""

    def __init__(self, home: ConnectorHome, connectors: Connectors, accounts: ConnectorAccounts) -> None:
        self._home, self._connectors, self._accounts = home, connectors, accounts

    @property
    def _lists(self) -> ApprovedLists:
        return self._connectors.lists

    async def shown(self, viewer: Viewer) -> ConnectorsShown:
        """Returns the page for this person."""
        found = await asyncio.to_thread(self._home.read_all)
        lines = [await self._line(one, viewer) for one in found.connectors]
        owner = owns(viewer)
        rows = await asyncio.to_thread(catalog, {one.name for one in found.connectors}) if owner else ()
        return ConnectorsShown(tuple(lines), found.mistakes if owner else (), rows, owner=owner)

    async def test(self, name: str, viewer: Viewer) -> str:
        """Connects, and keeps a changed list of tools for an approval."""
        one = await self._found(name)
        self._must(may_test(one, viewer), one)
        if (await self._accounts.state(one, viewer.person.id)).kind in ("needed", "ended"):
            raise Refused(f"Sign in to “{name}” first.")
        try:
            offered = await self._connectors.look(one, viewer.person.id)
        except ConnectorFailed as error:
            raise Refused(f"The connector “{name}” can't be used: {str(error).rstrip('.')}.") from error
        approved = await self._lists.get(name)
        if approved is not None and approved.list.digest == offered.digest:
            return f"“{name}” works, and offers the tools that were approved."
        await self._lists.propose(name, offered)
        return f"“{name}” works. Look at its tools below before you approve them."

    async def approve(self, name: str, viewer: Viewer, *, digest: str, reads: frozenset[str]) -> str:
        """Puts the list in force that the person has seen."""
        one = await self._found(name)
        old, new = await self._offer(name)
        self._must(may_approve(one, viewer, new=old is None), one)
        if new is None or new.digest != digest:
            raise Stale(f"The tools of “{name}” have changed since you saw them. Look again.")
        kept = reads & possible_reads(new)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        await self._lists.keep(name, ApprovedTools(list=new, reads=kept, by=viewer.person.name, at=at))
        return f"Agents can use the tools of “{name}” now."

    async def may_sign_in(self, name: str, viewer: Viewer) -> SignInRequest:
        """Returns the sign-in for this person, without the workspace's address."""
        one = await self._found(name)
        self._must(may_sign_in(one, viewer), one)
        return SignInRequest(name, as_owner(one, viewer), "")

    async def sign_out(self, name: str, viewer: Viewer) -> str:
        """Forgets the person's account."""
        one = await self._found(name)
        self._must(may_sign_in(one, viewer), one)
        await self._accounts.forget(one, viewer.person.id)
        return f"threadwork forgot the sign-in to “{name}”. To end it there too, remove threadwork in its settings."

    async def add(self, name: str, viewer: Viewer, secrets: Mapping[str, str]) -> str:
        """Adds a connector of the catalog, with its secrets."""
        self._must_own(viewer)
        row = await asyncio.to_thread(catalogue().get, name)
        if row is None or "--" in row.needs:
            raise NotFound(f"The catalog has no {name!r} that can be added here.")
        if name in {one.name for one in (await asyncio.to_thread(self._home.read_all)).connectors}:
            raise Stale(f"“{name}” is already here.")
        one, installed = await asyncio.to_thread(self._home.keep, name, row.settings, {})
        given = {key: value for key, value in secrets.items() if key in one.variables and value}
        if given:
            await asyncio.to_thread(self._home.give, name, given)
        then = "Sign in, then press Test" if one.account.sign_in else "Press Test"
        return " ".join(filter(None, (f"“{name}” was added.", installed, f"{then} to see its tools.")))

    async def remove(self, name: str, viewer: Viewer) -> str:
        """Removes a connector, with its secrets, sign-ins, and approval."""
        self._must_own(viewer)
        await asyncio.to_thread(self._home.remove, name)
        return f"“{name}” was removed."

    async def _line(self, one: Connector, viewer: Viewer) -> ConnectorLine:
        old, new = await self._offer(one.name)
        missing = await asyncio.to_thread(self._home.missing, one)
        health = self._connectors.health(one, viewer.person.id)
        return line(one, viewer, ConnectorFacts(old, new, await self._state_of(one, viewer), missing, health))

    async def _state_of(self, one: Connector, viewer: Viewer) -> SignInState:
        try:
            return await self._accounts.state(one, viewer.person.id)
        except ConnectorFailed:
            return SignInState("ended")

    async def _offer(self, name: str) -> tuple[ApprovedTools | None, ToolList | None]:
        """Returns the list in force, and another one that waits for an approval."""
        old, new = await self._lists.get(name), await asyncio.to_thread(self._lists.proposed, name)
        return old, None if new is None or (old and old.list.digest == new.digest) else new

    async def _found(self, name: str) -> Connector:
        return await asyncio.to_thread(self._home.found, name)

    def _must(self, may: bool, one: Connector) -> None:
        if not may:
            raise NotAllowed(f"You can't do that with “{one.name}”. {who_may(one, new=False)}")

    def _must_own(self, viewer: Viewer) -> None:
        if not (owns(viewer)):
            raise NotAllowed("Only the owner of this workspace adds and removes connectors.")
