"""How an app gets into a workspace: a page that asks, a code that is good once, a token for it."""

import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.slack_server.world import APP, Row

CLIENT_ID, CLIENT_SECRET = "123.456", "client-secret-test"


class OAuth:
    """`scopes`: those of the manifest; nothing else may be asked for."""

    def __init__(self, scopes: frozenset[str]) -> None:
        self._scopes = scopes
        self._codes: dict[str, Row] = {}

    def consented(self, location: str, about: Row) -> str:
        """What a yes brings back, as a query."""
        page = urlsplit(location)
        asked = {name: values[0] for name, values in parse_qs(page.query).items()}
        assert page.path == "/oauth/v2/authorize", location
        assert asked["client_id"] == CLIENT_ID, asked
        assert asked["state"], "whoever asks without a state can be tricked"
        wanted = asked["scope"].split(",")
        assert set(wanted) <= self._scopes, f"not in the manifest: {set(wanted) - self._scopes}"
        assert not asked.get("user_scope"), "no user scopes are in the manifest"
        code = secrets.token_hex(8)
        self._codes[code] = {**about, "scope": ",".join(wanted)}
        return urlencode({"code": code, "state": asked["state"]})

    def access(self, args: Row) -> dict[str, Any]:
        """The answer of `oauth.v2.access`."""
        if (args.get("client_id"), args.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return {"ok": False, "error": "bad_client_secret"}
        about = self._codes.pop(str(args.get("code")), None)
        if about is None:
            return {"ok": False, "error": "invalid_code"}
        return {"ok": True, "app_id": APP, "token_type": "bot", "enterprise": None, "is_enterprise_install": False,
                "authed_user": {"id": "U9ADMIN"}, **about}  # fmt: skip
