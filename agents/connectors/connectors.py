"""The hub's connectors: which ones a task has, their tools, and their connections."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import NamedTuple, Self

from agents.connectors.account import SignInNeeded, TokenSource
from agents.connectors.approved_tools_store import ApprovedLists
from agents.connectors.call_types import ConnectorAnswer, ConnectorFailed, ExchangeHooks, SignInAsked
from agents.connectors.call_with_questions import PendingCall
from agents.connectors.connector_folders import ConnectorPlaces
from agents.connectors.connector_pool import ConnectorPool, OpenConnection, PoolHealth
from agents.connectors.connector_tool import APPROVED, CHANGED, ConnectorCall, ConnectorCalls, list_approval, tools_of
from agents.connectors.personal_account_call import PersonalCall, Review, may_use, owner_of
from agents.connectors.sealed_secrets import SealedSecrets
from agents.connectors.settings_file import FILE, Connector, ConnectorsRead, read
from agents.connectors.sign_in_and_renewal import ConnectorAccounts
from agents.connectors.tool_list import ApprovedTools, ToolList, kept_reads
from agents.connectors.tool_search import families_of, search_tools, too_many
from agents.hub_tools.coordination import HubCallContext
from agents.tool import Tool
from agents.tool_source import ToolOffer
from orchestrator.domain.people import Person
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import CallResult
from orchestrator.errors import BadSettings
from orchestrator.ports import Shelf

_CONNECTION = "agents.connectors.open_connection:connection_to"


Make = Callable[[Connector, ConnectorPlaces, TokenSource | None], Awaitable[OpenConnection]]


class _Pool(NamedTuple):
    connector: Connector
    pool: ConnectorPool


class Connectors:
    """All connectors of a hub. The settings file is read again for every leg, so a change needs no restart."""

    def __init__(
        self,
        places: ConnectorPlaces,
        secrets: SealedSecrets,
        shelf: Shelf,
        *,
        accounts: ConnectorAccounts | None = None,
        make: Make | None = None,
    ) -> None:
        """`make`: opens no connection yet; for tests. `accounts`: needed by connectors with a sign-in."""
        self._places, self._secrets, self._accounts = places, secrets, accounts
        self.lists = ApprovedLists(places.home)
        self._make = make or _connection_to
        self._pools: dict[tuple[str, str], _Pool] = {}
        self._retired: list[ConnectorPool] = []
        self._calls = ConnectorCalls(self._start, {}, self.lists.propose, shelf, self._guard)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        """Ends all calls and servers."""
        for pending in list(self._calls.pending.values()):
            await pending.cancel()
        for pool in (*self._retired, *(one.pool for one in self._pools.values())):
            await pool.close()
        if self._accounts is not None:
            await self._accounts.close()

    async def offer(self, state: TaskState, agent: str, only: Collection[str] | None = None) -> ToolOffer:
        """Returns the tools of the connectors that this task and agent may use, and whose tools are approved. `only`:
        the names of those that the agent is limited to; None: no limit."""
        found = (await asyncio.to_thread(read_settings, self._places.home)).connectors
        tools = dict[str, Tool]()
        ids = await self._ids(state.request.by.id) if state.request else frozenset[str]()
        for connector in found:
            owner = owner_of(connector, state.request)
            listed = only is None or connector.name in only
            mine = connector.scope.admits(state.request, agent, ids) and may_use(connector, state.request, ids)
            if listed and mine:
                await asyncio.to_thread(self._take_over_decisions, connector.name, state)
                if approved := await self.lists.get(connector.name):
                    tools |= tools_of(connector, approved, self._calls, owner)
        if not too_many(tools):
            return ToolOffer(shown=tools, families=families_of(tools))
        return ToolOffer(shown={tool.spec.name: tool for tool in search_tools(tools)}, hidden=tools)

    async def look(self, connector: Connector, person: str = "") -> ToolList:
        """Connects and returns what the server offers now. `person`: whose account to use. Raises ConnectorFailed."""
        return await self._pool(connector, person).offered()

    def health(self, connector: Connector, person: str) -> PoolHealth:
        """Returns how the connections are that this person's requests use."""
        known = self._pools.get((connector.name, person if connector.account.personal else ""))
        return known.pool.health if known and known.connector == connector else PoolHealth()

    async def _guard(
        self,
        side: HubCallContext,
        connector: Connector,
        owner: Person,
        run: Callable[[Review], Awaitable[CallResult]],
    ) -> CallResult:
        return await PersonalCall(side, connector, owner, self._calls.shelf, await self._ids(owner.id)).run(run)

    async def _ids(self, person: str) -> frozenset[str]:
        return await self._accounts.ids(person) if self._accounts else frozenset({person})

    def _take_over_decisions(self, connector: str, state: TaskState) -> None:
        """Puts a changed list in force that people of this task have approved."""
        new, old = self.lists.proposed(connector), self.lists.read(connector)
        if new is None or old is None or new.digest == old.list.digest:
            return
        for row in state.approvals.values():
            asked, said = row.approval, row.decision
            mine = asked.tool == CHANGED and asked.id == list_approval(state.id, asked.call, connector, new)
            if mine and said is not None and said.verb in APPROVED:
                by, at = row.by.name if row.by else "", row.at.isoformat() if row.at else ""
                self.lists.write(connector, ApprovedTools(list=new, reads=kept_reads(old, new), by=by, at=at))

    def _start(self, call: ConnectorCall) -> PendingCall:
        for old, pending in list(self._calls.pending.items()):
            if pending.over:
                del self._calls.pending[old]  # its step was stopped while a person was asked

        async def run(hooks: ExchangeHooks) -> ConnectorAnswer:
            pool = self._pool(call.connector, call.person)

            async def once() -> ConnectorAnswer:
                return await pool.call(call.request, hooks, call.approved, seconds=call.connector.seconds)

            try:
                return await self._signed_in(call, hooks, once)
            except ConnectorFailed as error:
                if error.slow or not error.sent or not call.spec.repeat:
                    raise
                return await self._signed_in(call, hooks, once)

        return PendingCall(run, sending=call.sending, wanted=call.wanted)

    async def _signed_in(
        self, call: ConnectorCall, hooks: ExchangeHooks, once: Callable[[], Awaitable[ConnectorAnswer]]
    ) -> ConnectorAnswer:
        """Returns the answer; asks the owner to sign in, as often as the service wants it, but once for more rights.

        Raises ConnectorFailed.
        """
        tokens, widened = self._accounts.of(call.connector, call.person) if self._accounts else None, False
        if tokens is None:
            return await once()
        while True:
            try:
                await tokens.token()
                try:
                    return await once()
                except ConnectorFailed as error:
                    if error.sent and not call.spec.repeat:
                        raise  # it may have happened, so it isn't made again
                    if error.scope:
                        if widened:
                            raise
                        widened = True
                        await tokens.want(error.scope)
                        raise SignInNeeded(call.connector.name, again=True, scope=error.scope) from error
                    await tokens.token()  # the library hides why; a service that refused the account has ended it
                    raise
            except SignInNeeded as needed:
                reply = await hooks.ask(SignInAsked(needed.again, needed.scope))
                if reply.action != "accept":
                    raise ConnectorFailed("nobody signed in there") from None

    def _pool(self, connector: Connector, person: str = "") -> ConnectorPool:
        """Returns the pool; another one when the settings of the connector changed. A person's account has its own."""
        key = (connector.name, person if connector.account.personal else "")
        known = self._pools.get(key)
        if known is not None and known.connector == connector:
            return known.pool
        if known is not None:
            known.pool.retire()
            self._retired.append(known.pool)

        async def make() -> OpenConnection:
            tokens = self._accounts.of(connector, person) if self._accounts else None
            return await self._make(await asyncio.to_thread(filled, connector, self._secrets), self._places, tokens)

        made = self._pools[key] = _Pool(connector, ConnectorPool(make))
        return made.pool


def read_settings(home: Path) -> ConnectorsRead:
    """Returns what the settings file contains. Blocks."""
    try:
        return read((home / FILE).read_bytes(), str(home / FILE))
    except FileNotFoundError:
        return ConnectorsRead()


def filled(connector: Connector, secrets: SealedSecrets) -> Connector:
    """Returns the connector with its secrets. Raises ConnectorFailed if one is missing. Blocks."""
    try:
        known: Mapping[str, str] = secrets.of(connector.name)
    except BadSettings as error:
        raise ConnectorFailed(str(error).rstrip(".")) from error
    if missing := [name for name in connector.variables if name not in known]:
        raise ConnectorFailed(
            f"the value of {', '.join(missing)} is missing; `threadwork connectors add {connector.name}` asks for it"
        )
    return connector.filled(known.get)


async def _connection_to(connector: Connector, places: ConnectorPlaces, tokens: TokenSource | None) -> OpenConnection:
    # in a thread: importing the library takes a second, and most hubs have no connector
    make = await asyncio.to_thread(resolve_name, _CONNECTION)
    return make(connector, places.servers, places.near, tokens)
