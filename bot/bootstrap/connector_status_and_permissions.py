"""Says how a connector is, and what a person of the workspace may do with it."""

import json
from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from agents.connectors.catalogue import catalogue
from agents.connectors.connector_pool import PoolHealth
from agents.connectors.settings_file import Connector, read
from agents.connectors.sign_in_and_renewal import SignInState
from agents.connectors.tool_list import (
    ApprovedTools,
    ToolList,
    details,
    difference,
    further,
    kept_reads,
    proposed_reads,
)
from bot.web.connector_views import CatalogLine, ChangeLine, ConnectorLine, Health, ReadChoice, ToolLine
from orchestrator.domain.audience import Viewer
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person

_MOST_ABOUT = 300


class ConnectorFacts(NamedTuple):
    """`old`: the tools in force; `new`: others that wait for an approval. `missing`: variables without a value."""

    old: ApprovedTools | None
    new: ToolList | None
    account: SignInState
    missing: tuple[str, ...]
    health: PoolHealth


class ConnectorHealth(NamedTuple):
    """How it is, and in words."""

    state: Health
    words: str


def owns(viewer: Viewer) -> bool:
    """Returns whether the machine is theirs."""
    return viewer.owner and viewer.person.kind == "member"


def may_approve(one: Connector, viewer: Viewer, *, new: bool) -> bool:
    """Returns whether they may let agents use its tools. `new`: nobody has yet."""
    return owns(viewer) if new else may_test(one, viewer)


def may_test(one: Connector, viewer: Viewer) -> bool:
    """Returns whether they may connect to it: everyone but guests; for one person's account, that one."""
    owner = one.account.owner if one.account.personal else ""
    return viewer.person.kind == "member" and (not owner or _is(viewer, owner))


def may_sign_in(one: Connector, viewer: Viewer) -> bool:
    """Returns whether they may sign in and out: each person for themselves, the team's owner for everyone."""
    if one.account.sign_in is None or viewer.person.kind != "member":
        return False
    return not one.account.owner or _is(viewer, one.account.owner)


def as_owner(one: Connector, viewer: Viewer) -> Person:
    """Returns who signs in: the owner that the settings name, whom this person is, or this person."""
    owner = one.account.owner
    return Person(id=PersonId(owner), name=viewer.person.name) if owner else viewer.person


def who_may(one: Connector, *, new: bool) -> str:
    """Says who may, if not everyone."""
    if new:
        return "The owner of this workspace approves its first list of tools."
    return f"Its owner is {one.account.owner}." if one.account.owner else "Guests can't."


def possible_reads(offered: ToolList) -> frozenset[str]:
    """Returns the tools that may run without asking, because their server says that they only read."""
    return proposed_reads(offered) | {tool.name for tool in further(offered)}


def line(one: Connector, viewer: Viewer, facts: ConnectorFacts) -> ConnectorLine:
    """Returns the connector as this person sees it."""
    old, new, account = facts.old, facts.new, facts.account
    how, first = _how(facts), old is None
    shown = ConnectorLine(
        name=one.name, state=how.state, words=how.words, runs=one.at if one.url else " ".join(one.command),
        account=_account(one, viewer, account), scope=_scope(one), tools=_tools(old) if old else (),
        may_test=may_test(one, viewer), may_sign_in=may_sign_in(one, viewer),
        signed_in=account.kind == "signed in" and may_sign_in(one, viewer),
    )  # fmt: skip
    if new is None:
        return shown
    before, kept = old.list if old else ToolList(), kept_reads(old, new) if old else frozenset[str]()
    words = difference(before, new).words
    return replace(
        shown, change=_changes(before, new), change_words=words[:1].upper() + words[1:], digest=new.digest,
        reads=tuple(ReadChoice(it, it in kept) for it in sorted(possible_reads(new))),
        may_approve=may_approve(one, viewer, new=first), who_approves=who_may(one, new=first),
    )  # fmt: skip


def catalog(known: Collection[str]) -> tuple[CatalogLine, ...]:
    """Returns what else can be added. Blocks."""
    found = list[CatalogLine]()
    for name, row in catalogue().items():
        if name not in known:
            settings = read(json.dumps({name: dict(row.settings)})).connectors
            variables = settings[0].variables if settings else ()
            here = "--" not in row.needs
            command = f"threadwork connectors add {name}"
            found.append(CatalogLine(name, row.about, row.needs, here=here, command=command, variables=variables))
    return tuple(found)


def _how(facts: ConnectorFacts) -> ConnectorHealth:
    if facts.missing:
        return ConnectorHealth("waits", f"Needs the value of {', '.join(facts.missing)}")
    if facts.old and facts.new:
        return ConnectorHealth("waits", "Stopped, because its tools changed")
    if facts.account.kind == "ended":
        return ConnectorHealth("waits", "The sign-in has expired")
    if facts.account.kind == "needed":
        return ConnectorHealth("waits", "Needs a sign-in")
    if facts.old is None:
        return ConnectorHealth("waits", "Nobody has approved its tools yet")
    if facts.health.failure:
        return ConnectorHealth("failed", f"The last try failed: {facts.health.failure}")
    return ConnectorHealth("ready", "Connected" if facts.health.connected else "Ready")


def _account(one: Connector, viewer: Viewer, state: SignInState) -> str:
    account = one.account
    if not account.whose:
        return "none"
    mine = _is(viewer, account.owner)
    owner = "yours" if mine else f"owned by {account.owner}" if account.owner else ""
    whose = "each person's own" if account.personal and not owner else f"one for everyone, {owner}"
    whose = owner if account.personal and owner else whose
    if state.kind != "signed in" or not (mine or not account.owner):
        return whose
    return f"{whose}; you're signed in{f' as {state.label}' if state.label else ''}"


def _scope(one: Connector) -> str:
    rows = [(kind, ", ".join(names)) for kind, names in one.scope.model_dump().items() if names]
    return "; ".join(f"{kind} {names}" for kind, names in rows) or "everyone"


def _tools(approved: ApprovedTools) -> tuple[ToolLine, ...]:
    rows = (*approved.list.tools, *further(approved.list))
    return tuple(
        ToolLine(tool.name, tool.description[:_MOST_ABOUT], asks=not (tool.hint and tool.name in approved.reads))
        for tool in rows
    )


def _changes(before: ToolList, new: ToolList) -> tuple[ChangeLine, ...]:
    return tuple(ChangeLine(label, str(text)) for label, text in details(before, new).items())


def _is(viewer: Viewer, person: str) -> bool:
    return person == viewer.person.id or person in viewer.also
