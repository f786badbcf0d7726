"""Decides where a connection may go: its target, whether that was granted, and whether the address is public. Pure."""

import ipaddress
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from orchestrator.domain.policy import domain_fits

WEB_PORTS = (80, 443)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
_PORT = re.compile(r"[0-9]{1,5}")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_HIDING = tuple(  # IPv6 addresses that hide an IPv4 address or a private network
    ipaddress.ip_network(n) for n in ("::/96", "::ffff:0:0/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")
)


class Target(NamedTuple):
    """A host name or address, lowercase, without brackets or final dot, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port in WEB_PORTS else f"{host}:{self.port}"


def target(authority: str, port: int | None = None) -> Target | None:
    """Parses `host`, `host:port` or `[v6]:port`; returns None if two parsers could disagree.

    `port` is the default port; None: it's required.
    """
    if authority.startswith("["):
        host, closed, rest = authority[1:].partition("]")
        if not closed or address(host) is None or ":" not in host:
            return None
        name = str(address(host))
    else:
        host, colon, after = authority.partition(":")
        rest = colon + after
        name = host.lower().removesuffix(".")
        if not _NAME.fullmatch(name):
            return None
    if rest and not (rest[0] == ":" and _PORT.fullmatch(rest[1:])):
        return None
    number = int(rest[1:]) if rest else port
    return Target(name, number) if number is not None and 0 < number < 65_536 else None


def grantable(pattern: str) -> bool:
    """Returns whether it can be granted: a host, or `*.` before a name of at least two parts, with or without a
    port."""
    name = pattern.removeprefix("*.")
    found = target(name, 443)
    return found is not None and (name == pattern or "." in found.host)


@dataclass(frozen=True)
class Grant:
    """`domains`: names as in a policy (`a.test`, `*.a.test`, with a port unless it is the web's).

    `near`: names and addresses in the same form that may be in a private network; empty for public ones only.
    `others`: whether ungranted hosts are open too, on the web's ports or in `near`, because pages load from them.
    `why`: the reason given for an ungranted host.
    """

    domains: Collection[str] = ()
    near: Collection[str] = ()
    others: bool = False
    why: str = "isn't allowed here"

    def names(self, wanted: Target) -> bool:
        """Returns whether the connection was granted."""
        return _listed(wanted, self.domains) or (
            self.others and (wanted.port in WEB_PORTS or _listed(wanted, self.near))
        )

    def refused(self, wanted: Target, addresses: Iterable[str]) -> str:
        """Returns why not to connect there, as a sentence; empty if every address may be used."""
        if _listed(wanted, self.near):
            return ""
        bad = next((text for text in addresses if not public(text)), None)
        return f"{wanted} resolves to {bad}, which isn't a public address." if bad else ""


def public(text: str) -> bool:
    """Returns whether the address is publicly reachable; an address that embeds another isn't."""
    found = address(text)
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        elif found.is_site_local or any(found in network for network in _HIDING):
            return False
    return found is not None and found.is_global and not (found.is_multicast or found.is_reserved)


def address(text: str) -> Address | None:
    """Returns the full address without a zone; None for a name or a short form."""
    try:
        return ipaddress.ip_address(text) if "%" not in text else None
    except ValueError:
        return None


def _listed(wanted: Target, patterns: Collection[str]) -> bool:
    host = f"[{wanted.host}]" if ":" in wanted.host else wanted.host
    spelled: Sequence[str] = (f"{host}:{wanted.port}", *((host,) if wanted.port in WEB_PORTS else ()))
    return any(domain_fits(pattern, name) for pattern in patterns for name in spelled)
