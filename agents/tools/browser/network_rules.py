"""Decides where a page may go and what it may send. Pure."""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from agents.egress.allowed_targets import Grant
from orchestrator.domain.policy import domain_fits
from orchestrator.domain.tool_calls import domain_of


class Refusal(StrEnum):
    """Why a navigation is blocked."""

    DOMAIN = "domain"
    SEND = "send"


def permitted(url: str, domains: Collection[str]) -> bool:
    """Returns whether the run may open the URL. Refuses spellings that two parsers could read differently."""
    url = url.removeprefix("blob:")  # made by a page of that domain
    domain = domain_of(url)
    if domain is None or "\\" in url or "@" in urlsplit(url).netloc:
        return False
    return any(domain_fits(pattern, domain) for pattern in domains)


def navigation(url: str, method: str, domains: Collection[str], *, send: bool) -> Refusal | None:
    """Returns why a page or frame may not go there."""
    if not permitted(url, domains):
        return Refusal.DOMAIN
    return None if method in ("GET", "HEAD") or send else Refusal.SEND


def resource(url: str, method: str, domains: Collection[str]) -> bool:
    """Returns whether a page may load this: anything from its own domains; from others only by GET, and nothing
    private.

    A public page must not probe the host's own network.
    """
    if permitted(url, domains):
        return True
    if method not in ("GET", "HEAD", "OPTIONS"):
        return False
    return not _private(urlsplit(url).hostname) or any(_private(urlsplit(f"//{d}").hostname) for d in domains)


@dataclass(frozen=True)
class Fence:
    """The only hosts that a page with a login may reach, whatever else the run may open. `login`: its name."""

    login: str
    domains: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"This page uses the login {self.login!r}, so it can only reach {', '.join(self.domains)}."


def grant(domains: Collection[str], near: Collection[str], fence: Fence | None = None) -> Grant:
    """Returns what the page's proxy allows: the run's domains, the public web, and named hosts of private networks.

    Pages load resources from elsewhere; the rules above judge those by URL and method. With a fence only its hosts are
    open.
    """
    named = {d for d in domains if _private(urlsplit(f"//{d}").hostname)}
    if fence is None:
        return Grant(tuple(domains), (*near, *named), others=True)
    return Grant(fence.domains, (*near, *named), why=f"isn't a host of the login {fence.login!r}")


def words(refusal: Refusal, url: str, fence: Fence | None = None) -> str:
    """Returns the sentence for the agent."""
    shown = url if len(url) <= 500 else f"{url[:500]}…"
    if refusal is Refusal.SEND:
        return (
            f"Going to {shown!r} would send or change something, so it was stopped and nothing was sent. The last line "
            "says how to send it."
        )
    if fence:
        return f"{shown!r} wasn't opened. {fence.words} Call browser_open without the login for other pages."
    return (
        f"The page tried to open {shown!r}, which this task isn't allowed to open. Call browser_open with that URL to "
        "ask for permission."
    )


def closed(url: str) -> str:
    """Returns the sentence for a URL that the agent itself named and nobody allowed."""
    return (
        f"This task isn't allowed to open {url[:500]!r}: no one has approved its site. Use another page, or call "
        "ask_person."
    )


def _private(host: str | None) -> bool:
    if not host:
        return False
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
