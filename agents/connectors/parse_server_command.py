"""Understands commands that other programs' settings start servers with: what to install once instead. Pure."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

Kind = Literal["pypi", "npm"]
_NPM_PROGRAMS = ("npx", "bunx", "pnpx")
_NPM_STARTS = (("npm", "exec"), ("npm", "x"), ("pnpm", "dlx"), ("yarn", "dlx"), ("bun", "x"))
_PYPI_PROGRAMS = ("uvx",)
_PYPI_STARTS = (("uv", "tool", "run"), ("pipx", "run"))
_CONTAINERS = ("docker", "podman", "nerdctl")
_SHELLS = ("sh", "bash", "zsh", "cmd", "powershell", "pwsh")
_FLAGS = frozenset(
    {"-y", "--yes", "-q", "--quiet", "--silent", "--isolated", "--no-cache", "--refresh", "--prefer-online"}
)  # fmt: skip
"""Options that make no difference here."""
_PACKAGE = ("-p", "--package", "--from", "--spec")
_FURTHER = ("--with",)
_NPM_NAME = re.compile(r"(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*(@[a-zA-Z0-9.^~<>=*_-]+)?")
_PYPI_NAME = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9._,-]+\])?([=~<>!]=?[A-Za-z0-9.*+!,<>=~]+)?"
)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_BRIDGE = "mcp-remote"


class NamedPackage(NamedTuple):
    """A package to install. `name`: as its registry takes it, with a version if one was asked for.

    `further`: packages to install beside it. `program`: the one to start; empty: the package's own.
    """

    kind: Kind
    name: str
    program: str
    args: tuple[str, ...]
    further: tuple[str, ...] = ()


class HostedServer(NamedTuple):
    """A hosted server that the command only leads to."""

    url: str
    headers: Mapping[str, str]


class CannotRun(Exception):
    """Why this command can't work in the sandbox, and what to do, worded to follow a colon."""


def understood(
    command: str, args: Sequence[str] = (), env: Mapping[str, str] | None = None
) -> NamedPackage | HostedServer | None:
    """Returns what the command stands for; None if it's a program to start as it is. Raises CannotRun."""
    words = [_base(command), *args]
    if words[:2] == ["cmd", "/c"] and len(words) > 2:
        words = [_base(words[2]), *words[3:]]
    if words[0] in _CONTAINERS:
        raise CannotRun(
            f"the sandbox can't run containers, so {words[0]!r} doesn't work. Use the same server from npm or PyPI "
            "(npx or uvx), or run the container yourself and add its address with --url."
        )
    if words[0] in _SHELLS and any(name in " ".join(words[1:]) for name in (*_NPM_PROGRAMS, *_PYPI_PROGRAMS)):
        raise CannotRun(f"it starts a package through {words[0]!r}. Use the npx or uvx command itself.")
    if words[:2] == ["uv", "run"] or (words[0] == "uv" and "run" in words[1:] and words[1:3] != ["tool", "run"]):
        raise CannotRun(
            "'uv run' needs a project and a network, which the sandbox doesn't have. Use uvx with a package from PyPI, "
            "or start the file itself: -- python3 /folders/code/server.py, with --folder code=PATH."
        )
    if kind_rest := _starts(words):
        return _asked(kind_rest[0], words[0], kind_rest[1], env or {})
    return None


def downloads(command: str, args: Sequence[str] = ()) -> str:
    """Returns the program that would have to download something at each start; empty if none."""
    words = [_base(command), *args]
    return words[0] if words[0] in _CONTAINERS or _starts(words) else ""


def _base(program: str) -> str:
    name = re.split(r"[/\\]", program)[-1]
    return re.sub(r"\.(cmd|exe|ps1)$", "", name, flags=re.IGNORECASE)


def _starts(words: Sequence[str]) -> tuple[Kind, Sequence[str]] | None:
    rows: list[tuple[Kind, tuple[str, ...]]] = [
        *(("npm", (one,)) for one in _NPM_PROGRAMS),
        *(("npm", one) for one in _NPM_STARTS),
        *(("pypi", (one,)) for one in _PYPI_PROGRAMS),
        *(("pypi", one) for one in _PYPI_STARTS),
    ]
    return next(((kind, words[len(start) :]) for kind, start in rows if tuple(words[: len(start)]) == start), None)


def _asked(kind: Kind, program: str, words: Sequence[str], env: Mapping[str, str]) -> NamedPackage | HostedServer:
    named, further, rest = "", list[str](), list(words)
    while rest and rest[0].startswith("-"):
        option, equals, value = rest.pop(0).partition("=")
        if option == "--":
            break
        if option in _FLAGS:
            continue
        takes = _PACKAGE if kind == "npm" else (*_PACKAGE[1:], *_FURTHER, "-p", "--python")
        if option not in takes:
            raise CannotRun(f"{option!r} of {program!r} isn't supported. Remove it.")
        if not equals:
            value = rest.pop(0) if rest else ""
        if option in _FURTHER:
            further.append(_registry_name(kind, value))
        elif option != "--python" and not (kind == "pypi" and option == "-p"):
            named = value
    if not rest:
        raise CannotRun(f"{program!r} names no package. Write its name after {program!r}.")
    first, *after = rest
    if not named and kind == "npm" and first.partition("@")[0] == _BRIDGE:
        return _hosted(after, env)
    name = _registry_name(kind, named or first)
    return NamedPackage(kind, name, first if named else "", tuple(after), tuple(further))


def _registry_name(kind: Kind, name: str) -> str:
    """Returns the name as the registry takes it. Raises CannotRun for a path, an address, or git."""
    if kind == "pypi":
        base, at, version = name.partition("@")
        name = base if version == "latest" else f"{base}=={version}" if at else name
    if not (_NPM_NAME if kind == "npm" else _PYPI_NAME).fullmatch(name):
        where = "npm" if kind == "npm" else "PyPI"
        raise CannotRun(
            f"{name[:80]!r} isn't a package of {where}, and what comes from git, an address, or a folder can't be "
            f"pinned. Name a package of {where}, or install the server under /usr."
        )
    return name


def _hosted(words: Sequence[str], env: Mapping[str, str]) -> HostedServer:
    """Returns the server that this bridge to hosted servers leads to; threadwork needs no bridge."""
    url = next((word for word in words if word.startswith(("https://", "http://"))), "")
    if not url:
        raise CannotRun(f"{_BRIDGE!r} names no address. Add the server with --url.")
    if re.search(r"/sse/?$", url):
        raise CannotRun(
            f'{url[:80]!r} uses the old "sse" transport. Add the server\'s streamable HTTP address with --url.'
        )
    headers = dict[str, str]()
    for option, value in pairwise(words):
        if option == "--header":
            name, _, content = value.partition(":")
            headers[name.strip()] = _VARIABLE.sub(lambda found: env.get(found[1], found[0]), content).strip()
    return HostedServer(url, headers)
