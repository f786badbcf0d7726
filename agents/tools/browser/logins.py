"""Keeps the named logins of teams, encrypted, with their hosts, for later tasks."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from agents.egress.allowed_targets import grantable
from agents.encrypted_file_store import UnreadableFile, Vault, locked
from agents.tool import CallContext
from agents.tools.browser import login_storage
from agents.tools.browser.login_storage import Storage
from agents.tools.browser.network_rules import Fence
from orchestrator.domain.base_value import Value
from orchestrator.domain.ids import digest, slug
from orchestrator.domain.policy import domain_fits
from orchestrator.errors import ToolFailed

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SUFFIX = ".login"


class Login(Value):
    """`domains`: all hosts its pages may reach. `saved`: when, in UTC; `by`: the task that saved it, or `a person`;
    `http`: user name and password for sites that ask for them by HTTP (basic authentication)."""

    team: str
    name: str
    domains: tuple[str, ...]
    storage: dict[str, Any]
    saved: str = ""
    by: str = ""
    http: tuple[str, str] | None = None

    @property
    def words(self) -> str:
        """Returns name and hosts, e.g. `crm (app.example.com)`."""
        return f"{self.name} ({', '.join(self.domains)})"


class WantedLogin(NamedTuple):
    """The team login that a page should use; an empty name for none. `beside`: more hosts that people let it reach."""

    name: str = ""
    team: str = ""
    beside: tuple[str, ...] = ()


NONE = WantedLogin()


class Stamp(NamedTuple):
    """Identifies one version of a file."""

    node: int
    changed: int


_OLD = Stamp(0, 0)
"""Some state before that of now."""


@dataclass(frozen=True)
class Carried:
    """A login in use by a page. `domains`: all hosts the page may reach. `base`: the page's state when last compared
    with the file; `stamp`: the file's version then, None while there is no file yet."""

    login: Login
    domains: tuple[str, ...]
    base: Storage
    stamp: Stamp | None = None

    @property
    def http_credentials(self) -> dict[str, str] | None:
        """Returns what the page answers with when a host of its login uses HTTP basic authentication."""
        return {"username": self.login.http[0], "password": self.login.http[1]} if self.login.http else None

    @property
    def fence(self) -> Fence:
        return Fence(self.login.name, self.domains)


class Removed(Exception):
    """The login was removed while a page used it."""


class Logins:
    """One encrypted file per login in a folder per team, each with its own lock. All methods block.

    `permits`: whether this host lets a page reach a domain at all.
    """

    def __init__(self, vault: Vault, permits: Callable[[str], bool] = lambda domain: True) -> None:
        self._vault = vault
        self._permits = permits

    def carry(self, wanted: WantedLogin, made_for: str | None) -> Carried:
        """Returns the login for a page. Creates it for the domain `made_for` and those beside it if it doesn't exist.

        Raises ToolFailed: no such login, wrong domain, invalid name, unreadable.
        """
        check_name(wanted.name)
        if wrong := [d for d in wanted.beside if not grantable(d)]:
            raise ToolFailed(f"{wrong[0]!r} isn't a host. Use a format like app.example.com or *.example.com.")
        team, file = wanted.team, self._file(wanted.team, wanted.name)
        with locked(file, self._vault.home):
            login, stamp = self._load(team, wanted.name), _stamp(file)
        if login is None and made_for is None:
            raise ToolFailed(f"The login {wanted.name!r} no longer exists. {self.known(team)}")
        if login is None:
            domains = tuple(dict.fromkeys((made_for or "", *wanted.beside)))
            login = Login(team=team, name=wanted.name, domains=domains, storage=login_storage.empty())
        elif made_for is not None and not any(domain_fits(p, made_for) for p in login.domains):
            raise ToolFailed(
                f"The login {login.name!r} is for {', '.join(login.domains)} only, not for {made_for!r}. Open that "
                f"page without it, or with another login. {self.known(team)}"
            )
        domains = tuple(d for d in dict.fromkeys((*login.domains, *wanted.beside)) if self._permits(d))
        return Carried(login, domains, login.storage, stamp)

    def news(self, carried: Carried) -> tuple[Carried, list[dict[str, Any]]]:
        """Returns cookies that others renewed since, for the page to load. Raises Removed, ToolFailed."""
        file = self._file(carried.login.team, carried.login.name)
        stamp = _stamp(file)
        if stamp == carried.stamp:
            return carried, []
        login = self._load(carried.login.team, carried.login.name)
        if login is None:
            raise Removed
        cookies = login_storage.newer_cookies(carried.base, login.storage)
        return replace(carried, base=login_storage.with_cookies(carried.base, cookies), stamp=stamp), cookies

    def save(self, carried: Carried, now: Storage, by: str) -> Carried:
        """Merges the page's changes into the file with those of others; a removed login stays removed."""
        team, name = carried.login.team, carried.login.name
        file = self._file(team, name)
        with locked(file, self._vault.home):
            login = self._load(team, name)
            if login is None and (carried.stamp is not None or login_storage.is_empty(now)):
                return carried
            if login is not None and now == carried.base:
                return carried
            old = login or carried.login
            whole = login_storage.merged(carried.base, now, old.storage)
            self._write(old.model_copy(update={"storage": whole, "saved": _now(), "by": by}))
            return replace(carried, base=now, stamp=_stamp(file) if whole == now else _OLD)

    def add(self, login: Login) -> Login:
        """Creates or replaces the login; an existing one keeps its domains. Raises ToolFailed for a bad name."""
        check_name(login.name)
        with locked(self._file(login.team, login.name), self._vault.home):
            old = self._load(login.team, login.name)
            domains = tuple(dict.fromkeys((*(old.domains if old else ()), *login.domains)))
            kept = login.storage if old is None or not login_storage.is_empty(login.storage) else old.storage
            http = login.http or (old.http if old else None)
            made = login.model_copy(update={"domains": domains, "storage": kept, "saved": _now(), "http": http})
            self._write(made)
        return made

    def remove(self, team: str, name: str) -> bool:
        """Returns whether it existed."""
        file = self._file(team, name)
        with locked(file, self._vault.home):
            there = file.exists()
            file.unlink(missing_ok=True)
        return there

    def every(self, team: str | None = None) -> list[Login]:
        """Returns the logins of a team, or of all teams, by team and name; skips unreadable ones."""
        found = [login for file in self._files(team) if (login := self._read(file))]
        return sorted(found, key=lambda one: (one.team, one.name))

    def unreadable(self) -> list[Path]:
        """Returns files that are damaged or encrypted with another key."""
        aside = sorted(self._home.glob("*/*.unreadable"))
        return [*(file for file in self._files(None) if self._read(file) is None), *aside]

    def known(self, team: str) -> str:
        """Returns a sentence listing the team's logins."""
        names = "; ".join(login.words for login in self.every(team))
        return f"This team's logins: {names}." if names else "This team doesn't have any logins yet."

    def for_domain(self, team: str, domain: str) -> list[Login]:
        """Returns the team's logins that could be used there."""
        return [one for one in self.every(team) if any(domain_fits(pattern, domain) for pattern in one.domains)]

    @property
    def _home(self) -> Path:
        return self._vault.home / "logins"

    def _files(self, team: str | None) -> Iterator[Path]:
        yield from self._home.glob(f"{digest(team) if team is not None else '*'}/*{_SUFFIX}")

    def _file(self, team: str, name: str) -> Path:
        return self._vault.folder(self._home / digest(team)) / f"{slug(name)}-{digest(name)}{_SUFFIX}"

    def _load(self, team: str, name: str) -> Login | None:
        """Raises ToolFailed for an unreadable file, after setting it aside."""
        file = self._file(team, name)
        found = self._read(file)
        if found is not None and (found.team, found.name) == (team, name):
            return found
        if file.exists():
            kept = self._vault.aside(file)
            raise ToolFailed(
                f"The login {name!r} can't be read: it's damaged, or was encrypted with another key. It was "
                f"renamed to {kept.name!r}. To create it again, call browser_open with login {name!r}."
            )
        return None

    def _read(self, file: Path) -> Login | None:
        with suppress(UnreadableFile, ValidationError):
            if (found := self._vault.read(file)) is not None:
                return Login.model_validate_json(found)
        return None

    def _write(self, login: Login) -> None:
        self._vault.write(self._file(login.team, login.name), login.model_dump_json().encode())


def wanted(room: CallContext, login: str | None, hosts: Sequence[str] | None) -> WantedLogin:
    """Returns the login that a call names. Raises ToolFailed: hosts without a login, or a task without a team."""
    if not login:
        if hosts:
            raise ToolFailed("login_hosts needs a login. Pass one, or omit login_hosts.")
        return NONE
    if not room.call.team:
        raise ToolFailed("This task doesn't belong to a team, so it can't use logins. Open the page without one.")
    check_name(login)
    return WantedLogin(login, room.call.team, tuple(sorted({host.strip().lower() for host in hosts or ()})))


def about(logins: "Logins", carried: Carried | None, team: str, domain: str) -> list[str]:
    """Returns notes for an agent that opens a page: that its login is new, or that the team has one for this site."""
    if carried and carried.stamp is None:
        return [
            f"The login {carried.login.name!r} is new; this page's session will be saved under that name. Have a "
            f"person sign in here (ask_to_take_over). {logins.known(team)}"
        ]
    fitting = [one.words for one in logins.for_domain(team, domain)] if team and not carried else []
    return (
        [f"This team's logins for this site: {'; '.join(fitting)}. Pass one as `login` to use it."] if fitting else []
    )


def check_name(name: str) -> None:
    """Raises ToolFailed for an invalid login name."""
    if not _NAME.fullmatch(name):
        raise ToolFailed(
            f"{name!r} isn't a valid login name. Use only lowercase letters, digits, and hyphens, as in crm-2."
        )


def _stamp(file: Path) -> Stamp | None:
    with suppress(FileNotFoundError):
        found = file.stat()
        return Stamp(found.st_ino, found.st_mtime_ns)
    return None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
