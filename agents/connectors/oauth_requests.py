"""Talks to sign-in servers: finds them, registers, sends people there, and gets and renews tokens.

Reads answers with the library of the connectors' protocol, and keeps nothing.
"""

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import quote, urlencode, urlsplit

import httpx2
from mcp.client.auth import OAuthFlowError
from mcp.client.auth import utils as oauth
from mcp.shared.auth import OAuthClientMetadata, OAuthMetadata, ProtectedResourceMetadata
from mcp.shared.auth_utils import check_resource_allowed
from pydantic import JsonValue

from agents.connectors.account import (
    Account,
    AuthClient,
    AuthServer,
    StartedSignIn,
    TokenAnswer,
    client_metadata,
    is_safe,
    label_of,
)
from agents.connectors.account_settings import SignInSettings
from agents.connectors.call_types import ConnectorFailed
from agents.connectors.limited_http_client import http_client
from orchestrator.domain import clean_outside_text

SECONDS = 30.0
"""For one request. A refresh has to end before others give up on its lock."""
_GRANT_GONE = ("invalid_grant", "bad_refresh_token", "bad_verification_code")
_CLIENT_GONE = ("invalid_client", "unauthorized_client", "incorrect_client_credentials")
_PROBLEMS = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, OAuthFlowError, ValueError, TimeoutError)


class GrantRefused(Exception):
    """The service no longer accepts this sign-in; a person has to sign in again."""


class ClientRefused(GrantRefused):
    """The service no longer knows threadwork."""


async def found_server(url: str, settings: SignInSettings) -> AuthServer:
    """Returns the sign-in server of a connector at this address. Raises ConnectorFailed."""
    if settings.authorize_url and settings.token_url:
        return _checked(url, AuthServer(
            issuer=settings.issuer, authorize=settings.authorize_url, token=settings.token_url, scope=settings.scope,
        ))  # fmt: skip
    try:
        async with http_client({}) as http:
            challenge, resource = await _resource(http.client, url)
            issuer = settings.issuer or (str(resource.authorization_servers[0]) if resource else "")
            if issuer and not is_safe(issuer, url):
                raise ConnectorFailed(f"it sends sign-ins to {issuer[:80]!r}, which isn't safe")
            metadata = await _metadata(http.client, issuer, url)
    except _PROBLEMS as error:
        raise ConnectorFailed(f"its sign-in server couldn't be found ({_words(error)})") from error
    scope = settings.scope or oauth.get_client_metadata_scopes(
        oauth.extract_scope_from_www_auth(challenge), resource, metadata, ["authorization_code", "refresh_token"]
    )
    return _checked(url, AuthServer(
        issuer=str(metadata.issuer),
        authorize=str(metadata.authorization_endpoint),
        token=str(metadata.token_endpoint),
        register_at=str(metadata.registration_endpoint or ""),
        takes_metadata_url=metadata.client_id_metadata_document_supported is True,
        says_issuer=metadata.authorization_response_iss_parameter_supported is True,
        resource=str(resource.resource) if resource else "",
        scope=scope or "",
    ))  # fmt: skip


def _checked(url: str, server: AuthServer) -> AuthServer:
    for address in filter(None, (server.authorize, server.token, server.register_at)):
        if not is_safe(address, url):
            raise ConnectorFailed(f"its sign-in server has the address {address[:80]!r}, which isn't safe")
    return server


async def _resource(http: httpx2.AsyncClient, url: str) -> tuple[httpx2.Response, ProtectedResourceMetadata | None]:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    accepts = {"accept": "application/json, text/event-stream"}
    challenge = await _sent(http, httpx2.Request("POST", url, json=ping, headers=accepts))
    named = oauth.extract_resource_metadata_from_www_auth(challenge) if challenge.status_code in (401, 403) else None
    for address in oauth.build_protected_resource_metadata_discovery_urls(named, url):
        if not is_safe(address, url):
            continue
        answer = await _sent(http, oauth.create_oauth_metadata_request(address))
        if found := await oauth.handle_protected_resource_response(answer):
            if not check_resource_allowed(requested_resource=url, configured_resource=str(found.resource)):
                raise OAuthFlowError(f"it identifies itself as {str(found.resource)[:80]!r}")
            return challenge, found
    return challenge, None


async def _metadata(http: httpx2.AsyncClient, issuer: str, url: str) -> OAuthMetadata:
    parts = urlsplit(url)
    expected = issuer or f"{parts.scheme}://{parts.netloc}"
    for address in oauth.build_oauth_authorization_server_metadata_discovery_urls(issuer or None, url):
        ok, metadata = await oauth.handle_auth_metadata_response(
            await _sent(http, oauth.create_oauth_metadata_request(address))
        )
        if metadata is not None:
            if not oauth.issuers_match(str(metadata.issuer), expected):
                raise OAuthFlowError(
                    f"its sign-in server identifies itself as {str(metadata.issuer)[:80]!r}, not {expected[:80]!r}"
                )
            return metadata
        if not ok:
            break
    raise OAuthFlowError("it publishes no sign-in addresses")


async def client_for(server: AuthServer, settings: SignInSettings, redirect: str, metadata_url: str) -> AuthClient:
    """Returns who we are there: an app registered by hand, our own public document, or a new registration.

    `metadata_url`: address of that document; empty if this workspace isn't on the internet. Raises ConnectorFailed.
    """
    if settings.client_id:
        method = "client_secret_post" if settings.client_secret else "none"
        return AuthClient(id=settings.client_id, secret=settings.client_secret, method=method, redirect=redirect,
                          issuer=server.issuer)  # fmt: skip
    if metadata_url and server.takes_metadata_url:
        return AuthClient(id=metadata_url, redirect=redirect, issuer=server.issuer)
    if not server.register_at:
        raise ConnectorFailed(
            'its sign-in server doesn\'t register apps automatically; register one there, and put its "client_id" and '
            f'"client_secret" in "oauth" (redirect address: {redirect})'
        )
    wanted = {"scope": server.scope} if server.scope else {}
    asked = OAuthClientMetadata.model_validate({**client_metadata(redirect), **wanted})
    try:
        async with http_client({}) as http:
            request = httpx2.Request("POST", server.register_at, json=asked.model_dump(mode="json", exclude_none=True))
            made = await oauth.handle_registration_response(await _sent(http.client, request))
    except _PROBLEMS as error:
        raise ConnectorFailed(f"its sign-in server refused to register threadwork ({_words(error)})") from error
    method = made.token_endpoint_auth_method or ("client_secret_basic" if made.client_secret else "none")
    return AuthClient(id=made.client_id, secret=made.client_secret or "", method=method, redirect=redirect,
                      issuer=server.issuer, scope=server.scope)  # fmt: skip


def link_to(started: StartedSignIn) -> str:
    """Returns the address at which the person signs in."""
    server, client = started.server, started.client
    challenge = base64.urlsafe_b64encode(hashlib.sha256(started.verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": client.redirect,
        "state": started.state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if server.resource:
        query["resource"] = server.resource
    if server.scope:
        query["scope"] = server.scope
    if "offline_access" in server.scope.split():
        query["prompt"] = "consent"
    if urlsplit(server.authorize).hostname == "accounts.google.com":
        query |= {"access_type": "offline", "prompt": "consent"}  # otherwise it gives no refresh token
    return f"{server.authorize}{'&' if '?' in server.authorize else '?'}{urlencode(query)}"


def check_issuer(server: AuthServer, query: Mapping[str, str]) -> None:
    """Raises ConnectorFailed if another sign-in server than the expected one sent this answer."""
    named = query.get("iss")
    if (named is None and server.says_issuer) or (named is not None and named != server.issuer):
        raise ConnectorFailed("the answer came from a different sign-in server than expected")


async def tokens_for_code(started: StartedSignIn, code: str) -> TokenAnswer:
    """Returns the tokens of a finished sign-in. Raises GrantRefused, ConnectorFailed."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": started.client.redirect,
            "code_verifier": started.verifier}  # fmt: skip
    return await _asked(started.server, started.client, form)


async def renewed_tokens(account: Account) -> TokenAnswer:
    """Returns new tokens for the refresh token. Raises GrantRefused, ConnectorFailed."""
    if account.tokens is None or not account.tokens.refresh or account.server is None or account.client is None:
        raise GrantRefused
    return await _asked(
        account.server, account.client, {"grant_type": "refresh_token", "refresh_token": account.tokens.refresh}
    )


async def _asked(server: AuthServer, client: AuthClient, form: dict[str, str]) -> TokenAnswer:
    headers, form = {"accept": "application/json"}, {**form, "client_id": client.id}
    if server.resource:
        form["resource"] = server.resource
    if client.method == "client_secret_basic":
        pair = f"{quote(client.id, safe='')}:{quote(client.secret, safe='')}".encode()
        headers["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        del form["client_id"]
    elif client.method == "client_secret_post":
        form["client_secret"] = client.secret
    try:
        async with http_client({}) as http:
            answer = await _sent(http.client, httpx2.Request("POST", server.token, data=form, headers=headers))
    except _PROBLEMS as error:
        raise ConnectorFailed(f"its sign-in server didn't respond ({_words(error)})") from error
    return _read(answer)


def _read(answer: httpx2.Response) -> TokenAnswer:
    found: JsonValue = None
    with suppress(clean_outside_text.Unfit):
        found = clean_outside_text.parsed(answer.content)
    row = found if isinstance(found, dict) else {}
    if row.get("error") in _CLIENT_GONE:
        raise ClientRefused
    if row.get("error") in _GRANT_GONE:
        raise GrantRefused
    access, refresh, scope = row.get("access_token"), row.get("refresh_token"), row.get("scope")
    if answer.status_code != 200 or not isinstance(access, str) or not access:
        raise ConnectorFailed(f"its sign-in server answered with status {answer.status_code} and no token")
    return TokenAnswer(
        access,
        refresh if isinstance(refresh, str) else "",
        scope if isinstance(scope, str) else "",
        _seconds(row.get("expires_in")),
        label_of(row.get("id_token")),
    )


def _seconds(value: JsonValue) -> float | None:
    """Some servers write the number as text."""
    try:
        return max(0.0, float(value)) if isinstance(value, int | float | str) else None
    except ValueError:
        return None


async def _sent(http: httpx2.AsyncClient, request: httpx2.Request) -> httpx2.Response:
    async with asyncio.timeout(SECONDS):
        response = await http.send(request)
        await response.aread()
        return response


def _words(error: Exception) -> str:
    return "it took too long" if isinstance(error, TimeoutError) else (str(error)[:120] or type(error).__name__)
