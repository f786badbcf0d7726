"""Reads whose account a connector uses, and how its people sign in. Pure."""

from collections.abc import Mapping
from typing import Literal

from pydantic import JsonValue

from orchestrator.domain.base_value import Value

Whose = Literal["", "team", "personal"]
_OAUTH = ("client_id", "client_secret", "scope", "issuer", "authorize_url", "token_url")


class SignInSettings(Value):
    """How people sign in at the service; empty fields are found out from the server.

    `client_id`, `client_secret`: of an app that was registered by hand. `issuer`: the sign-in server, for services that
    don't name it. `authorize_url`, `token_url`: its addresses, for services that don't publish them.
    """

    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    issuer: str = ""
    authorize_url: str = ""
    token_url: str = ""


class AccountSettings(Value):
    """Whose account a connector acts with: the team's, or each person's own. Empty: it has no account.

    `owner`: the id of the person whose account it is. `share`: its owner doesn't want to see results first.
    """

    whose: Whose = ""
    owner: str = ""
    share: bool = False
    sign_in: SignInSettings | None = None

    @property
    def personal(self) -> bool:
        """Returns whether it acts only for its owner."""
        return self.whose == "personal"


NO_ACCOUNT = AccountSettings()


class WrongAccount(Exception):
    """What is wrong with these settings, as a sentence."""


def account_settings(row: Mapping[str, JsonValue], *, hosted: bool) -> AccountSettings:
    """Returns the settings in a connector's row. `hosted`: it has a "url". Raises WrongAccount."""
    whose, owner, share = row.get("account", ""), row.get("owner", ""), row.get("share", False)
    if whose not in ("", "team", "personal"):
        raise WrongAccount('"account" has to be "team" or "personal".')
    if not isinstance(owner, str) or (owner and ":" not in owner):
        raise WrongAccount('"owner" has to be a person, like slack:T1/U1 or web:ada.')
    if not isinstance(share, bool):
        raise WrongAccount('"share" has to be true or false.')
    sign_in = _sign_in(row.get("oauth"), hosted=hosted)
    if sign_in and "${" in str(row.get("url")):
        raise WrongAccount('"oauth" needs a "url" without variables, because sign-ins belong to one address.')
    if (owner or share or sign_in) and not whose:
        raise WrongAccount('"owner", "share", and "oauth" need "account", which is "team" or "personal".')
    if whose and not owner and (whose == "team" or sign_in is None):
        raise WrongAccount(f'a {whose} account needs an "owner", like slack:T1/U1 or web:ada.')
    return AccountSettings(whose=whose, owner=owner, share=share, sign_in=sign_in)


def _sign_in(value: JsonValue, *, hosted: bool) -> SignInSettings | None:
    if value is None or value is False:
        return None
    if value is True:
        value = {}
    if not hosted:
        raise WrongAccount('"oauth" is only for a hosted server with a "url".')
    if not isinstance(value, dict) or set(value) - set(_OAUTH):
        raise WrongAccount(f'"oauth" may have {", ".join(_OAUTH)}; each is a string.')
    texts = {key: text for key, text in value.items() if isinstance(text, str)}
    if len(texts) != len(value):
        raise WrongAccount(f'"oauth" may have {", ".join(_OAUTH)}; each is a string.')
    return SignInSettings(**texts)
