"""Where a page may go and what it may send. Pure."""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from agents.egress.verdicts import Grant
from orchestrator.domain.calls import domain_of
from orchestrator.domain.policy import domain_fits


class Refusal(StrEnum):
    """Why a navigation does not happen."""

    DOMAIN = "domain"
    SEND = "send"


def permitted(url: str, domains: Collection[str]) -> bool:
    """Whether the run may open the URL. Spellings that two parsers could read differently are refused."""
    url = url.removeprefix("blob:")  # made by a page of that domain
    domain = domain_of(url)
    if domain is None or "\\" in url or "@" in urlsplit(url).netloc:
        return False
    return any(domain_fits(pattern, domain) for pattern in domains)


def navigation(url: str, method: str, domains: Collection[str], *, send: bool) -> Refusal | None:
    """What speaks against a page or a frame going there."""
    if not permitted(url, domains):
        return Refusal.DOMAIN
    return None if method in ("GET", "HEAD") or send else Refusal.SEND


def resource(url: str, method: str, domains: Collection[str]) -> bool:
    """Whether a page may load this: anything of its own domains; from others by GET only, and nothing private.

    A public page must not look around in the host's own network.
    """
    if permitted(url, domains):
        return True
    if method not in ("GET", "HEAD", "OPTIONS"):
        return False
    return not _private(urlsplit(url).hostname) or any(_private(urlsplit(f"//{d}").hostname) for d in domains)


@dataclass(frozen=True)
class Fence:
    """All that a page with a login may reach, whatever else the run may open. `login`: its name."""

    login: str
    domains: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"This page carries the login {self.login!r}, so it reaches {', '.join(self.domains)} and nothing else."


def grant(domains: Collection[str], near: Collection[str], fence: Fence | None = None) -> Grant:
    """What the page's proxy lets through: the run's domains, the public web, of private networks only what was named.

    A page is made of what it loads from elsewhere; which of that is fine is judged above, by URL and method. With a
    fence only what it lists is open.
    """
    named = {d for d in domains if _private(urlsplit(f"//{d}").hostname)}
    if fence is None:
        return Grant(tuple(domains), (*near, *named), others=True)
    return Grant(fence.domains, (*near, *named), why=f"is not a host of the login {fence.login!r}")


def words(refusal: Refusal, url: str, fence: Fence | None = None) -> str:
    """The sentence for the agent."""
    shown = url if len(url) <= 500 else f"{url[:500]}…"
    if refusal is Refusal.SEND:
        return (
            f"The form would send data to {shown!r}, so nothing was sent. Call browser_submit with the ref of the "
            "form's button; a person is asked first."
        )
    if fence:
        return f"{shown!r} was not opened. {fence.words} Call browser_open without the login for other pages."
    return (
        f"The page wanted to go to {shown!r}, which this run may not open. Call browser_open with that URL to ask for "
        "permission."
    )


def closed(url: str) -> str:
    """The sentence when what the agent itself named may not be opened: nobody said yes when it was asked for."""
    return (
        f"This run may not open {url[:500]!r}: nobody has allowed its site. Use another page, or ask with ask_person."
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
