"""The named logins of teams: who is logged in where, for which hosts, kept sealed for later tasks."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from agents.egress.verdicts import grantable
from agents.tool import Room
from agents.tools.browser import storage
from agents.tools.browser.rules import Fence
from agents.tools.browser.sealed_files import Unreadable, Vault, locked
from agents.tools.browser.storage import Storage
from orchestrator.domain.ids import digest, slug
from orchestrator.domain.policy import domain_fits
from orchestrator.domain.value import Value
from orchestrator.errors import ToolFailed

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SUFFIX = ".login"


class Login(Value):
    """`domains`: all that its pages may reach. `saved`: when, in UTC; `by`: the task that saved it, or `a person`."""

    team: str
    name: str
    domains: tuple[str, ...]
    storage: dict[str, Any]
    saved: str = ""
    by: str = ""

    @property
    def words(self) -> str:
        """Name and hosts, e.g. `crm (app.example.com)`."""
        return f"{self.name} ({', '.join(self.domains)})"


class Wanted(NamedTuple):
    """The login of a team that a page is to carry; an empty name for none. `beside`: further hosts that people let it
    reach."""

    name: str = ""
    team: str = ""
    beside: tuple[str, ...] = ()


NONE = Wanted()


class Stamp(NamedTuple):
    """Which state of a file it is: each is a file of its own."""

    node: int
    changed: int


_OLD = Stamp(0, 0)
"""Some state before that of now."""


@dataclass(frozen=True)
class Carried:
    """A login in use by a page. `domains`: all that the page may reach. `base`: what the page had when it was last
    compared with the file; `stamp`: which state of the file that was, None while there is no file yet."""

    login: Login
    domains: tuple[str, ...]
    base: Storage
    stamp: Stamp | None = None

    @property
    def fence(self) -> Fence:
        return Fence(self.login.name, self.domains)


class Removed(Exception):
    """The login was removed while a page carried it."""


class Logins:
    """One sealed file per login in a folder per team, each with a lock of its own. Everything blocks.

    `permits`: whether this host may let a page reach a domain at all.
    """

    def __init__(self, vault: Vault, permits: Callable[[str], bool] = lambda domain: True) -> None:
        self._vault = vault
        self._permits = permits

    def carry(self, wanted: Wanted, made_for: str | None) -> Carried:
        """The login for a page. Where there is none it is begun, for the domain `made_for` and those beside it.

        Raises ToolFailed: no such login, not for that domain, not a name, not to be read.
        """
        check_name(wanted.name)
        if wrong := [d for d in wanted.beside if not grantable(d)]:
            raise ToolFailed(f"{wrong[0]!r} is no host; write it like app.example.com or *.example.com.")
        team, file = wanted.team, self._file(wanted.team, wanted.name)
        with locked(file, self._vault.home):
            login, stamp = self._load(team, wanted.name), _stamp(file)
        if login is None and made_for is None:
            raise ToolFailed(f"There is no login {wanted.name!r} any more. {self.known(team)}")
        if login is None:
            domains = tuple(dict.fromkeys((made_for or "", *wanted.beside)))
            login = Login(team=team, name=wanted.name, domains=domains, storage=storage.empty())
        elif made_for is not None and not any(domain_fits(p, made_for) for p in login.domains):
            raise ToolFailed(
                f"The login {login.name!r} is for {', '.join(login.domains)} only, not for {made_for!r}. Open that "
                f"page without it, or with another login. {self.known(team)}"
            )
        domains = tuple(d for d in dict.fromkeys((*login.domains, *wanted.beside)) if self._permits(d))
        return Carried(login, domains, login.storage, stamp)

    def news(self, carried: Carried) -> tuple[Carried, list[dict[str, Any]]]:
        """Cookies that others renewed since, for the page to take over. Raises Removed, ToolFailed."""
        file = self._file(carried.login.team, carried.login.name)
        stamp = _stamp(file)
        if stamp == carried.stamp:
            return carried, []
        login = self._load(carried.login.team, carried.login.name)
        if login is None:
            raise Removed
        cookies = storage.newer_cookies(carried.base, login.storage)
        return replace(carried, base=storage.with_cookies(carried.base, cookies), stamp=stamp), cookies

    def save(self, carried: Carried, now: Storage, by: str) -> Carried:
        """Puts what the page changed into the file, beside what others changed; a removed login stays removed."""
        team, name = carried.login.team, carried.login.name
        file = self._file(team, name)
        with locked(file, self._vault.home):
            login = self._load(team, name)
            if login is None and (carried.stamp is not None or storage.is_empty(now)):
                return carried
            if login is not None and now == carried.base:
                return carried
            old = login or carried.login
            whole = storage.merged(carried.base, now, old.storage)
            self._write(old.model_copy(update={"storage": whole, "saved": _now(), "by": by}))
            return replace(carried, base=now, stamp=_stamp(file) if whole == now else _OLD)

    def add(self, login: Login) -> Login:
        """Makes the login, or makes it anew; of an old one the domains stay. Raises ToolFailed for a bad name."""
        check_name(login.name)
        with locked(self._file(login.team, login.name), self._vault.home):
            old = self._load(login.team, login.name)
            domains = tuple(dict.fromkeys((*(old.domains if old else ()), *login.domains)))
            kept = login.storage if old is None or not storage.is_empty(login.storage) else old.storage
            made = login.model_copy(update={"domains": domains, "storage": kept, "saved": _now()})
            self._write(made)
        return made

    def remove(self, team: str, name: str) -> bool:
        """Whether there was one."""
        file = self._file(team, name)
        with locked(file, self._vault.home):
            there = file.exists()
            file.unlink(missing_ok=True)
        return there

    def every(self, team: str | None = None) -> list[Login]:
        """The logins of a team, or of all teams, by team and name; what cannot be read is left out."""
        found = [login for file in self._files(team) if (login := self._read(file))]
        return sorted(found, key=lambda one: (one.team, one.name))

    def unreadable(self) -> list[Path]:
        """Files that are damaged, or sealed with another key."""
        aside = sorted(self._home.glob("*/*.unreadable"))
        return [*(file for file in self._files(None) if self._read(file) is None), *aside]

    def known(self, team: str) -> str:
        """Which logins a team has, as a sentence."""
        names = "; ".join(login.words for login in self.every(team))
        return f"The logins of this team: {names}." if names else "This team has no logins yet."

    def for_domain(self, team: str, domain: str) -> list[Login]:
        """The team's logins that could be used there."""
        return [one for one in self.every(team) if any(domain_fits(pattern, domain) for pattern in one.domains)]

    @property
    def _home(self) -> Path:
        return self._vault.home / "logins"

    def _files(self, team: str | None) -> Iterator[Path]:
        yield from self._home.glob(f"{digest(team) if team is not None else '*'}/*{_SUFFIX}")

    def _file(self, team: str, name: str) -> Path:
        return self._vault.folder(self._home / digest(team)) / f"{slug(name)}-{digest(name)}{_SUFFIX}"

    def _load(self, team: str, name: str) -> Login | None:
        """Raises ToolFailed for a file that cannot be read; it is put aside first."""
        file = self._file(team, name)
        found = self._read(file)
        if found is not None and (found.team, found.name) == (team, name):
            return found
        if file.exists():
            kept = self._vault.aside(file)
            raise ToolFailed(
                f"The login {name!r} cannot be read: it is damaged, or was sealed with another key; it is put aside as "
                f"{kept.name!r}. It has to be made again: call browser_open with login {name!r} once more."
            )
        return None

    def _read(self, file: Path) -> Login | None:
        with suppress(Unreadable, ValidationError):
            if (found := self._vault.read(file)) is not None:
                return Login.model_validate_json(found)
        return None

    def _write(self, login: Login) -> None:
        self._vault.write(self._file(login.team, login.name), login.model_dump_json().encode())


def wanted(room: Room, login: str | None, hosts: Sequence[str] | None) -> Wanted:
    """The login that a call names. Raises ToolFailed: hosts without one, or no team to have one."""
    if not login:
        if hosts:
            raise ToolFailed("login_hosts belongs to a login; name one, or leave it out.")
        return NONE
    if not room.call.team:
        raise ToolFailed("This task belongs to no team, so it has no logins; open the page without one.")
    check_name(login)
    return Wanted(login, room.call.team, tuple(sorted({host.strip().lower() for host in hosts or ()})))


def about(logins: "Logins", carried: Carried | None, team: str, domain: str) -> list[str]:
    """What an agent is told when it opens a page: that its login is a new one, or that there would be one."""
    if carried and carried.stamp is None:
        return [
            f"There was no login {carried.login.name!r} yet; what this page is given is kept under that name. Let a "
            f"person log in here (ask_to_take_over). {logins.known(team)}"
        ]
    fitting = [one.words for one in logins.for_domain(team, domain)] if team and not carried else []
    return (
        [f"Logins of this team for this site: {'; '.join(fitting)}. Name one as `login` to use it."] if fitting else []
    )


def check_name(name: str) -> None:
    """Raises ToolFailed when a login cannot have that name."""
    if not _NAME.fullmatch(name):
        raise ToolFailed(f"A login is named with small letters, digits and hyphens, like crm; {name!r} is not.")


def _stamp(file: Path) -> Stamp | None:
    with suppress(FileNotFoundError):
        found = file.stat()
        return Stamp(found.st_ino, found.st_mtime_ns)
    return None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
