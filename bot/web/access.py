"""Who may come in: signed cookies, CSRF tokens, Host and Origin rules, response headers. Pure."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from orchestrator.domain.ids import PersonId

COOKIE = "threadwork"
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
"""On every response, whatever it is."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody's stay. `name` is a random word that ties CSRF tokens to this stay."""

    person: PersonId
    name: str
    until: datetime


class Seal:
    """Signs and opens cookies with the hub's secret; nothing in a cookie is believed without its signature."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("The cookie secret needs at least 16 bytes.")
        self._secret = secret

    def cookie(self, session: Session) -> str:
        """The cookie's value for this session."""
        body = json.dumps([session.person, session.name, int(session.until.timestamp())]).encode()
        packed = base64.urlsafe_b64encode(body).decode().rstrip("=")
        return f"{packed}.{self._mac('cookie', packed)}"

    def open(self, cookie: str, now: datetime) -> Session | None:
        """The session, or None when the cookie is forged, malformed or over."""
        packed, _, mac = cookie.partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac("cookie", packed).encode()):
            return None
        try:
            person, name, until = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
            session = Session(PersonId(str(person)), str(name), datetime.fromtimestamp(int(until), now.tzinfo))
        except (ValueError, TypeError, binascii.Error):
            return None
        return session if now < session.until else None

    def csrf(self, session: Session) -> str:
        """The token that every write of this session has to carry."""
        return self._mac("csrf", session.name)

    def csrf_holds(self, session: Session, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.csrf(session).encode())

    def _mac(self, purpose: str, text: str) -> str:
        return hmac.new(self._secret, f"{purpose}\x1f{text}".encode(), hashlib.sha256).hexdigest()


def link_hash(token: str) -> str:
    """What the ledger knows of a login link."""
    return hashlib.sha256(token.encode()).hexdigest()


def host_allowed(host: str, hosts: Collection[str]) -> bool:
    """Whether the Host header is one of ours; an entry without a port stands for that name on every port."""
    host = host.lower()
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    bare = f"[{name}]" if name and ":" in name else name
    return host in hosts or (bare is not None and bare in hosts and host.startswith(bare))


def origin_allowed(origin: str | None, host: str) -> bool:
    """Whether a write comes from our own page: the browser's Origin must name the host it talks to."""
    if not origin or origin == "null":
        return False
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
