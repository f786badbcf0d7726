"""Decides who may come in: session and CSRF tokens, Host and Origin rules, response headers. Pure."""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from orchestrator.domain.ids import PersonId

SESSION_LASTS = timedelta(days=30)
LINK_LASTS = timedelta(hours=24)

HEADERS = (
    (b"content-security-policy",
     b"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),  # `no-referrer` makes browsers send `Origin: null` with our own forms
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)  # fmt: skip
"""Sent with every response."""


@dataclass(frozen=True, slots=True)
class WebSession:
    """A person's session. `name`: the hash of its cookie's token."""

    person: PersonId
    name: str


class TokenSigner:
    """Makes session and CSRF tokens with the hub's secret."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("The cookie secret needs at least 16 bytes.")
        self._secret = secret

    def token(self, link: str, use: str) -> str:
        """Returns the cookie's value for one use of a sign-in link: the same for a double click, and impossible to
        guess."""
        return self._mac("session", f"{link}/{use}")

    def csrf(self, session: WebSession) -> str:
        """Returns the token that every write of this session has to carry."""
        return self._mac("csrf", session.name)

    def csrf_holds(self, session: WebSession, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.csrf(session).encode())

    def _mac(self, purpose: str, text: str) -> str:
        return hmac.new(self._secret, f"{purpose}\x1f{text}".encode(), hashlib.sha256).hexdigest()


def cookie_name(port: int | None) -> str:
    """Browsers send cookies to every port of a host, so each workspace has its own name."""
    return f"threadwork-{port}" if port else "threadwork"


def hashed(token: str) -> str:
    """Returns a token's hash, which is all the ledger sees."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def host_allowed(host: str, hosts: Collection[str]) -> bool:
    """Returns whether the Host header is one of ours; an entry without a port allows every port."""
    host = host.lower()
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    bare = f"[{name}]" if name and ":" in name else name
    return host in hosts or (bare is not None and bare in hosts and host.startswith(bare))


def origin_allowed(origin: str | None, host: str) -> bool:
    """Returns whether a write comes from our own page: the browser's Origin must name the host it talks to."""
    if not origin or origin == "null":
        return False
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
