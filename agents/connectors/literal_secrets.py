"""Finds the secrets that a row of other programs' settings holds as they are, so that they can be sealed. Pure."""

import re
from collections.abc import Mapping
from typing import Literal, cast

from pydantic import JsonValue

from agents.connectors.settings_file import VARIABLE

_Kind = Literal["env", "headers"]
_NAMES = r"(?:api[-_]?key|key|token|secret|password|passwd|pwd|auth|authorization|credentials?)"
_OPTION = re.compile(rf"--?(?:[\w-]*[-_])?{_NAMES}", re.IGNORECASE)
_PARAMETER = re.compile(rf"([?&])((?:[\w-]*[-_])?{_NAMES}|[a-z]+(?:Key|Token|Secret))=([^&#]+)", re.IGNORECASE)
_WITH_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^@\s]+@\S+", re.IGNORECASE)


def with_sealed(row: Mapping[str, JsonValue]) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """Returns a row of the file with `${VAR}` instead of each literal secret in it, and those secrets."""
    secrets = dict[str, str]()
    found = dict(row)
    for kind in ("env", "headers"):
        if (pairs := _texts(row.get(kind))) is not None:
            found[kind] = _pairs(kind, pairs, secrets)
    app = row.get("oauth")
    if isinstance(app, dict) and isinstance(secret := app.get("client_secret"), str) and not VARIABLE.search(secret):
        found["oauth"] = {**app, "client_secret": _kept("CLIENT_SECRET", secret, secrets)}
    args = row.get("args")
    if isinstance(args, list) and all(isinstance(one, str) for one in args):
        found["args"] = _args(cast("list[str]", args), secrets)
    if isinstance(url := row.get("url"), str):
        found["url"] = _PARAMETER.sub(lambda m: f"{m[1]}{m[2]}={_kept(m[2], m[3], secrets)}", url)
    return found, secrets


def _pairs(kind: _Kind, pairs: Mapping[str, str], secrets: dict[str, str]) -> dict[str, JsonValue]:
    kept = dict[str, JsonValue]()
    for name, value in pairs.items():
        variable = re.sub(r"\W", "_", name).upper() if kind == "headers" else name
        plain = not value or VARIABLE.search(value) or not VARIABLE.fullmatch(f"${{{variable}}}")
        kept[name] = value if plain else f"${{{variable}}}"
        if not plain:
            secrets[variable] = value
    return kept


def _args(args: list[str], secrets: dict[str, str]) -> list[JsonValue]:
    """Seals what follows an option with a secret's name, and addresses with a password in them."""
    kept = list[JsonValue]()
    before = ""
    for arg in args:
        option, equals, value = arg.partition("=")
        if equals and _OPTION.fullmatch(option):
            kept.append(f"{option}={_kept(option, value, secrets)}")
        elif _OPTION.fullmatch(before) and not arg.startswith("-"):
            kept.append(_kept(before, arg, secrets))
        elif found := _WITH_PASSWORD.search(arg):
            kept.append(arg.replace(found[0], _kept("ADDRESS", found[0], secrets)))
        else:
            kept.append(arg)
        before = arg
    return kept


def _kept(name: str, value: str, secrets: dict[str, str]) -> str:
    """Returns the variable that takes the value's place; a value that is one already stays."""
    if not value or VARIABLE.search(value):
        return value
    base = variable = re.sub(r"\W", "_", name.strip("-")).upper()
    number = 1
    while secrets.get(variable, value) != value:
        number += 1
        variable = f"{base}_{number}"
    secrets[variable] = value
    return f"${{{variable}}}"


def _texts(value: JsonValue) -> Mapping[str, str] | None:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        return None  # `read` says what is wrong with it
    return cast("Mapping[str, str]", value)
