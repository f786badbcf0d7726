"""Describes an account at a connector's service: who signed in, its tokens, and what is needed to renew them. Pure."""

import base64
import re
from collections.abc import Mapping
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from pydantic import JsonValue

from agents.connectors.call_types import ConnectorFailed
from orchestrator.domain import clean_outside_text
from orchestrator.domain.base_value import Value

EARLY = 300.0
"""Seconds before the end of a token at which it is renewed."""
JITTER = 60.0
SIGN_IN_SECONDS = 900.0
"""How long a sign-in link works."""


class AuthServer(Value):
    """The sign-in server's addresses. `says_issuer`: it names itself in every answer, so an answer without is refused.

    `resource`: the connector's own address, which tokens are bound to; empty if the server doesn't know the word.
    """

    issuer: str
    authorize: str
    token: str
    register_at: str = ""
    takes_metadata_url: bool = False
    says_issuer: bool = False
    resource: str = ""
    scope: str = ""


class AuthClient(Value):
    """Who we are at the sign-in server. `redirect`: the address it was registered with.

    `scope`: the rights that it was registered with, if it was; more need another registration.
    """

    id: str
    secret: str = ""
    method: str = "none"
    redirect: str = ""
    issuer: str = ""
    scope: str | None = None

    def fits(self, redirect: str, server: AuthServer) -> bool:
        """Returns whether it can be used for this sign-in."""
        enough = self.scope is None or set(server.scope.split()) <= set(self.scope.split())
        return enough and (self.redirect, self.issuer) == (redirect, server.issuer)


class Tokens(Value):
    """What a sign-in granted. `renew_at`, `expires_at`: seconds since 1970; None: never by itself."""

    access: str
    refresh: str = ""
    scope: str = ""
    expires_at: float | None = None
    renew_at: float | None = None


class StartedSignIn(Value):
    """A sign-in that a person was sent to, and where its answer belongs.

    `person`: the id of the only one who may finish it. `task`, `question`: the step that waits for it, if one does.
    `server`, `client`: what its tokens will be bound to; those of the account are left alone until it's finished.
    `browser`: the hash of a secret in the browser that started it, for a person without a session in the workspace.
    """

    state: str
    verifier: str
    server: AuthServer
    client: AuthClient
    person: str
    name: str
    until: float
    task: str = ""
    question: str = ""
    browser: str = ""


class OfferedSignIn(Value):
    """A private link to start a sign-in. `token`: the hash of its secret; `person`, `name`: whom it was given to."""

    token: str
    connector: str
    person: str
    name: str
    until: float


class Account(Value):
    """All that is kept of one account of a connector. `owner`, `name`: the id and name of the person who signed in.

    `label`: what the service calls the account, e.g. an e-mail address. `wanted`: rights that it asked for later.
    """

    connector: str = ""
    owner: str = ""
    name: str = ""
    server: AuthServer | None = None
    client: AuthClient | None = None
    tokens: Tokens | None = None
    started: StartedSignIn | None = None
    offered: OfferedSignIn | None = None
    label: str = ""
    wanted: str = ""

    def is_due(self, now: float) -> bool:
        """Returns whether the token should be renewed before it's used."""
        return self.tokens is not None and self.tokens.renew_at is not None and now >= self.tokens.renew_at

    def is_usable(self, now: float) -> bool:
        """Returns whether the token may still work."""
        return self.tokens is not None and (self.tokens.expires_at is None or now < self.tokens.expires_at)


class SignInNeeded(ConnectorFailed):
    """Nobody is signed in to the service, or no longer, or without enough rights. Nothing was called.

    `again`: someone was. `scope`: the rights that the sign-in lacks.
    """

    def __init__(self, connector: str, *, again: bool = False, scope: str = "") -> None:
        ended = "the sign-in has ended" if again else "nobody has signed in yet"
        why = f"the sign-in lacks the rights {scope!r}" if scope else ended
        super().__init__(f"{why}; run `threadwork connectors sign-in {connector}`", scope=scope)
        self.again = again


class TokenSource(Protocol):
    """One account's tokens. Both methods raise SignInNeeded and ConnectorFailed."""

    async def token(self, refused_token: str = "") -> str: ...

    async def refuse(self, token: str) -> None: ...


class TokenAnswer(NamedTuple):
    """What a sign-in server answered to a request for tokens."""

    access: str
    refresh: str = ""
    scope: str = ""
    seconds: float | None = None
    label: str = ""


def tokens_of(answer: TokenAnswer, old: Tokens | None, now: float, jitter: float) -> Tokens:
    """Returns the tokens as they are kept. `jitter`: 0 to 1, so that many hubs don't renew at the same second.

    A server that doesn't rotate leaves the refresh token out, so the old one stays.
    """
    expires = None if answer.seconds is None else now + answer.seconds
    early = EARLY + JITTER * jitter
    renew = None if answer.seconds is None else now + max(answer.seconds / 2, answer.seconds - early)
    return Tokens(
        access=answer.access,
        refresh=answer.refresh or (old.refresh if old else ""),
        scope=answer.scope or (old.scope if old else ""),
        expires_at=expires,
        renew_at=renew,
    )


def is_safe(url: str, connector: str) -> bool:
    """Returns whether a connector may send sign-ins there: HTTPS, or this machine if the connector is here too."""
    try:
        target, own = urlsplit(url), urlsplit(connector)
    except ValueError:
        return False
    if not target.hostname or target.username or target.password:
        return False
    if target.scheme == "https":
        return True
    return target.scheme == "http" and _is_here(target.hostname) and _is_here(own.hostname or "")


def _is_here(host: str) -> bool:
    return host in ("127.0.0.1", "localhost", "::1")


def is_loopback(url: str) -> bool:
    """Returns whether a browser reaches this address on its own machine only."""
    return _is_here(urlsplit(url).hostname or "")


def client_metadata(redirect: str) -> dict[str, JsonValue]:
    """Returns how threadwork describes itself to sign-in servers."""
    return {
        "client_name": "threadwork",
        "redirect_uris": [redirect],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": "native" if is_loopback(redirect) else "web",
    }


def refused(query: Mapping[str, str]) -> str:
    """Returns why the service ended a sign-in without a code; empty if it didn't."""
    if not (error := query.get("error", "")):
        return ""
    return "you declined" if error == "access_denied" else f"the service says {error[:60]!r}"


_MOST_SCOPE, _MOST_LABEL = 1_000, 100
_NOT_SCOPE = re.compile(r"[^\x21\x23-\x5b\x5d-\x7e]+")
_FIELD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')


def joined_scopes(*scopes: str) -> str:
    """Returns these rights together, each once."""
    return " ".join(dict.fromkeys(one for scope in scopes for one in scope.split()))


def lacking_scope(challenge: str) -> str | None:
    """Returns the rights that a service asks for in its WWW-Authenticate header; empty if it doesn't say which.

    None: it didn't refuse the request for that.
    """
    fields = {match[1].lower(): match[2] or match[3] or "" for match in _FIELD.finditer(challenge[:4_000])}
    if fields.get("error") != "insufficient_scope":
        return None
    return joined_scopes(_NOT_SCOPE.sub(" ", fields.get("scope", "")))[:_MOST_SCOPE]


def label_of(id_token: object) -> str:
    """Returns what the service calls the account; empty if it doesn't say. People read it, and nothing relies on it."""
    if not isinstance(id_token, str) or id_token.count(".") != 2:
        return ""
    try:
        payload = id_token.split(".")[1]
        claims = clean_outside_text.parsed(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, clean_outside_text.Unfit):
        return ""
    row = claims if isinstance(claims, dict) else {}
    names = (row.get(name) for name in ("email", "preferred_username", "name"))
    said = next((name for name in names if isinstance(name, str) and name.strip()), "")
    return "".join(c for c in " ".join(said.split()) if c.isprintable())[:_MOST_LABEL]
