"""Manages the browser logins of this machine's host for the command line. Contents are never shown."""

import json
import re
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.egress.allowed_targets import grantable
from agents.encrypted_file_store import Vault
from agents.tools.browser import login_storage
from agents.tools.browser.logins import Login, Logins
from bot.bootstrap.browser_login_key import login_key
from bot.config.settings import Settings
from bot.platforms import PLATFORMS
from orchestrator.domain.people import LOCAL_TEAM
from orchestrator.errors import NotFound, Refused

_SUFFIX = re.compile(r"(\*\.)?((com?|org|net|ac|gov|edu)\.[a-z]{2}|(?!localhost$)[a-z0-9-]*[a-z][a-z0-9-]*)")
"""Anyone may register a site below these: `com`, `co.uk`."""
_TEAM = re.compile("|".join([LOCAL_TEAM, *(f"{row.name}:(?:{row.team})" for row in PLATFORMS)]))


class LoginRow(NamedTuple):
    """The part of a login that may be shown. `saved`: when, in UTC; `by`: which task, or `a person`."""

    team: str
    name: str
    domains: tuple[str, ...]
    saved: str
    by: str
    empty: bool = False


class Listed(NamedTuple):
    """The logins, and the files that can't be read because they are damaged or encrypted with another key."""

    rows: list[LoginRow]
    unreadable: list[Path]


class _Cookie(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str
    value: str
    domain: str
    path: str = "/"


class _Origin(BaseModel):
    model_config = ConfigDict(extra="allow")
    origin: str
    localStorage: list[dict[str, str]] = []  # noqa: N815


class _HttpCredentials(BaseModel):
    username: str
    password: str


class _State(BaseModel):
    """Playwright's storage state, and optionally the user name and password for a site's HTTP basic authentication."""

    cookies: list[_Cookie] = []
    origins: list[_Origin] = []
    httpCredentials: _HttpCredentials | None = None  # noqa: N815


def listed(settings: Settings) -> Listed:
    """Returns every login of every team. Blocks."""
    logins = _logins(settings)
    return Listed([_row(login) for login in logins.every()], logins.unreadable())


def add(settings: Settings, name: str, domains: tuple[str, ...], state: Path | None, team: str) -> LoginRow:
    """Creates or replaces the login; without a state, only its domains grow. Blocks.

    Raises Refused if a domain isn't one, or if the file isn't a storage state or has nothing for these domains.
    """
    domains = tuple(domain.strip().lower() for domain in domains)
    if wrong := next((d for d in domains if not grantable(d)), None):
        raise Refused(f"{wrong!r} isn't a host name; use a format like app.example.com or *.example.com.")
    if wide := next((d for d in domains if _SUFFIX.fullmatch(d)), None):
        raise Refused(f"{wide!r} covers many unrelated sites; enter the full host name, like app.example.com.")
    if problem := team_problem(team):
        raise Refused(problem)
    logins = _logins(settings)
    old = next((one for one in logins.every(team) if one.name == name), None)
    kept, http = login_storage.empty(), None
    if state is not None:
        read = _read(state)
        http = (read.httpCredentials.username, read.httpCredentials.password) if read.httpCredentials else None
        kept = login_storage.for_domains(read.model_dump(), (*(old.domains if old else ()), *domains))
        if login_storage.is_empty(kept) and http is None:
            raise Refused(
                f"{str(state)!r} has no cookies or storage for {', '.join(domains)}; use the domains it was saved for."
            )
    return _row(logins.add(Login(team=team, name=name, domains=domains, storage=kept, by="a person", http=http)))


def team_problem(team: str) -> str:
    """Says why this can't be a team; empty if it can."""
    if _TEAM.fullmatch(team):
        return ""
    known = " or ".join(f"{row.name}:" for row in PLATFORMS)
    return f"{team!r} isn't a team. It starts with {known} and ends with the team's ID; leave it out for 'local'."


def remove(settings: Settings, name: str, team: str) -> None:
    """Raises NotFound. Blocks."""
    if not _logins(settings).remove(team, name):
        raise NotFound(f"The team {team!r} has no login named {name!r}; `threadwork logins` lists them.")


def _logins(settings: Settings) -> Logins:
    home = settings.home / "host" / "browser"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Logins(Vault(home, login_key(settings)))


def _row(login: Login) -> LoginRow:
    return LoginRow(
        login.team,
        login.name,
        login.domains,
        login.saved,
        login.by,
        login_storage.is_empty(login.storage) and not login.http,
    )


def _read(state: Path) -> _State:
    try:
        return _State.model_validate(json.loads(state.read_bytes()))
    except (OSError, ValueError, ValidationError) as error:
        raise Refused(
            f"{str(state)!r} isn't a Playwright storage state; create one with `context.storage_state(path=…)`."
        ) from error
