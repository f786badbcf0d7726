"""Reads connectors from the usual `mcpServers` JSON; one sentence for each mistake. Pure."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import NamedTuple, cast

from pydantic import JsonValue

from agents.connectors.account_settings import NO_ACCOUNT, AccountSettings, WrongAccount, account_settings
from agents.connectors.parse_server_command import downloads
from agents.egress.allowed_targets import grantable
from agents.task_scope import TaskScope
from orchestrator.domain import clean_outside_text
from orchestrator.domain.base_value import Value
from orchestrator.domain.connector_tool_names import CONNECTOR
from orchestrator.domain.people import Request
from orchestrator.domain.tool_calls import domain_of

FILE = "connectors.json"
_KEYS = (
    "command", "args", "env", "cwd", "url", "headers", "type", "disabled", "egress", "folders", "private", "for",
    "package", "seconds", "account", "owner", "share", "oauth",
)  # fmt: skip
_OF_OTHERS = frozenset(
    {"alwaysAllow", "autoApprove", "description", "icon", "name", "timeout", "disabledTools", "enabled", "trust"}
)
"""What other programs keep in the same file. Ignored: no file grants a permission."""
_SCOPES = ("teams", "channels", "people", "agents")
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_FOLDER = re.compile(r"[a-z][a-z0-9-]{0,31}")
_TYPES = {"stdio": "stdio", "http": "http", "streamable-http": "http", "streamableHttp": "http"}
MOST_SECONDS = 600.0


class ConnectorScope(TaskScope):
    """Who may use a connector. `agents`: names of the roster; an empty list doesn't limit."""

    agents: tuple[str, ...] = ()

    def admits(self, request: Request | None, agent: str, ids: frozenset[str] = frozenset()) -> bool:
        """Returns whether a task with this request, and this agent in it, may use the connector.

        `ids`: further ids of the person who asked.
        """
        return self.includes(request, ids) and (not self.agents or agent in self.agents)


EVERYONE = ConnectorScope()


class Connector(Value):
    """One server as the settings file describes it, with `${VAR}` where secrets go.

    `egress`: hosts that a local server may reach. `folders`: folders of this machine that it sees read-only at
    /folders/NAME. `private`: its results are private data. `package`: the row of the catalog it was installed from.
    `seconds`: timeout of a call. `account`: whose account at the service it acts with.
    """

    name: str
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    cwd: str = ""
    url: str = ""
    headers: Mapping[str, str] = {}
    egress: tuple[str, ...] = ()
    folders: Mapping[str, str] = {}
    private: bool = True
    scope: ConnectorScope = EVERYONE
    package: str = ""
    seconds: float = 60.0
    account: AccountSettings = NO_ACCOUNT

    @property
    def at(self) -> str:
        """Returns where its calls go, as policies and people read it."""
        return domain_of(self.url) or f"connector:{self.name}" if self.url else f"connector:{self.name}"

    @property
    def local(self) -> bool:
        """Returns whether nothing can leave this machine through it."""
        return not self.url and not self.egress

    @property
    def variables(self) -> tuple[str, ...]:
        """Returns the names of the variables it needs."""
        sign_in = self.account.sign_in
        app = (sign_in.client_id, sign_in.client_secret) if sign_in else ()
        texts = (*self.command, *self.env.values(), self.url, *self.headers.values(), *app)
        found = [match for text in texts for match in VARIABLE.finditer(text) if match[2] is None]
        return tuple(dict.fromkeys(match[1] for match in found))

    def filled(self, value: Callable[[str], str | None]) -> "Connector":
        """Returns the connector with its variables replaced; an unknown one without a default becomes empty."""

        def fill(text: str) -> str:
            return VARIABLE.sub(lambda m: found if (found := value(m[1])) is not None else (m[2] or ""), text)

        return self.model_copy(
            update={
                "command": tuple(map(fill, self.command)),
                "env": {name: fill(text) for name, text in self.env.items()},
                "url": fill(self.url),
                "headers": {name: fill(text) for name, text in self.headers.items()},
                "account": self._filled_account(fill),
            }
        )

    def _filled_account(self, fill: Callable[[str], str]) -> AccountSettings:
        if (app := self.account.sign_in) is None:
            return self.account
        keys = {"client_id": fill(app.client_id), "client_secret": fill(app.client_secret)}
        return self.account.model_copy(update={"sign_in": app.model_copy(update=keys)})


class ConnectorsRead(NamedTuple):
    """What a file contains: the usable connectors, and a sentence for each mistake."""

    connectors: tuple[Connector, ...] = ()
    mistakes: tuple[str, ...] = ()


class _Mistake(Exception):
    """What is wrong with one connector."""


def read(text: str | bytes, file: str = FILE) -> ConnectorsRead:
    """Returns the connectors in this text. A mistake in one doesn't affect the others."""
    try:
        found = clean_outside_text.parsed(text)
    except clean_outside_text.Unfit as error:
        return ConnectorsRead((), (f"{file!r} can't be read: it is {error}. Correct it, or delete it and start over.",))
    rows = found.get("mcpServers", found) if isinstance(found, dict) else None
    if not isinstance(rows, dict):
        return ConnectorsRead((), (f'{file!r} has to be an object like {{"mcpServers": {{…}}}}.',))
    good, mistakes = list[Connector](), list[str]()
    for name, row in rows.items():
        try:
            if isinstance(row, dict) and row.get("disabled") is True:
                continue
            good.append(_connector(name, row))
        except _Mistake as mistake:
            mistakes.append(f"The connector {name[:60]!r} in {file!r} is left out: {mistake}")
    return ConnectorsRead(tuple(good), tuple(mistakes))


def _connector(name: str, row: JsonValue) -> Connector:
    if not CONNECTOR.fullmatch(name):
        raise _Mistake("its name must have 1 to 24 lowercase letters, digits, or hyphens and start with a letter.")
    if not isinstance(row, dict):
        raise _Mistake('it has to be an object with "command" or "url".')
    _only_known(row)
    command, url = _text(row, "command"), _text(row, "url").strip()
    if bool(command) == bool(url):
        raise _Mistake('it needs either "command" (a program) or "url" (a hosted server).')
    if not row.get("package") and (program := downloads(command, _texts(row, "args"))):
        raise _Mistake(
            f"{program!r} can't download anything in the sandbox. `threadwork connectors add {name} --from FILE` "
            "installs the package once."
        )
    kind = _text(row, "type") or ("http" if url else "stdio")
    if kind == "sse":
        raise _Mistake("the old \"sse\" transport isn't supported; use the server's streamable HTTP address.")
    if _TYPES.get(kind) != ("http" if url else "stdio"):
        raise _Mistake(f'"type" is {kind!r}, which isn\'t supported here; remove it.')
    if url and not domain_of(VARIABLE.sub("x", url)):
        raise _Mistake(f'"url" has to start with https:// or http://, and {url[:60]!r} doesn\'t.')
    if url and (misplaced := next((key for key in ("args", "env", "cwd", "egress", "folders") if row.get(key)), "")):
        raise _Mistake(f'"{misplaced}" is only for a server with a "command".')
    try:
        account = account_settings(row, hosted=bool(url))
    except WrongAccount as wrong:
        raise _Mistake(str(wrong)) from None
    return Connector(
        name=name,
        command=(command, *_texts(row, "args")) if command else (),
        env=_pairs(row, "env"),
        cwd=_text(row, "cwd"),
        url=url,
        headers=_pairs(row, "headers"),
        egress=_egress(row),
        folders=_folders(row),
        private=_flag(row, "private", default=True),
        scope=_scope(row),
        package=_text(row, "package"),
        seconds=_seconds(row),
        account=account,
    )


def _only_known(row: Mapping[str, JsonValue]) -> None:
    for key in row:
        if key not in _KEYS and key not in _OF_OTHERS:
            near = get_close_matches(key, _KEYS, n=1)
            raise _Mistake(f'"{key[:60]}" isn\'t a setting{f"; did you mean {near[0]!r}?" if near else "."}')


def _text(row: Mapping[str, JsonValue], key: str) -> str:
    value = row.get(key, "")
    if not isinstance(value, str):
        raise _Mistake(f'"{key}" has to be a string.')
    return value


def _texts(row: Mapping[str, JsonValue], key: str) -> tuple[str, ...]:
    value = row.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _Mistake(f'"{key}" has to be a list of strings.')
    return tuple(cast("list[str]", value))


def _pairs(row: Mapping[str, JsonValue], key: str) -> dict[str, str]:
    value = row.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise _Mistake(f'"{key}" has to be an object with string values.')
    return cast("dict[str, str]", value)


def _flag(row: Mapping[str, JsonValue], key: str, *, default: bool) -> bool:
    value = row.get(key, default)
    if not isinstance(value, bool):
        raise _Mistake(f'"{key}" has to be true or false.')
    return value


def _egress(row: Mapping[str, JsonValue]) -> tuple[str, ...]:
    hosts = tuple(host.strip().lower() for host in _texts(row, "egress"))
    if wrong := next((host for host in hosts if not grantable(host)), None):
        raise _Mistake(f'{wrong[:60]!r} in "egress" isn\'t a host; use a format like api.example.com or *.example.com.')
    return hosts


def _folders(row: Mapping[str, JsonValue]) -> dict[str, str]:
    found = _pairs(row, "folders")
    if wrong := next((name for name in found if not _FOLDER.fullmatch(name)), None):
        raise _Mistake(f'{wrong[:60]!r} in "folders" isn\'t a name; use lowercase letters, digits, and hyphens.')
    if wrong := next((path for path in found.values() if not path.startswith("/")), None):
        raise _Mistake(f'{wrong[:60]!r} in "folders" isn\'t a full path.')
    return found


def _seconds(row: Mapping[str, JsonValue]) -> float:
    value = row.get("seconds", 60)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= MOST_SECONDS:
        raise _Mistake(f'"seconds" has to be a number from 1 to {MOST_SECONDS:g}.')
    return float(value)


def _scope(row: Mapping[str, JsonValue]) -> ConnectorScope:
    value = row.get("for", {})
    if not isinstance(value, dict) or set(value) - set(_SCOPES):
        raise _Mistake(f'"for" may have {", ".join(_SCOPES)}; each is a list.')
    return ConnectorScope(**{key: _texts(value, key) for key in value})
