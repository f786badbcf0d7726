"""Locks and installs packages of npm. Without scripts and without git, which could run code on this machine."""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from agents.connectors.package_lock import PackageLock, run
from agents.connectors.server_launch_spec import PACKAGE
from agents.sandbox.sandbox_interface import FOLDERS
from orchestrator.domain import clean_outside_text
from orchestrator.errors import Refused

_FLAGS = (
    "--ignore-scripts", "--git=no-git-here", "--no-audit", "--no-fund", "--omit=dev", "--no-update-notifier",
    "--loglevel=error", "--omit-lockfile-registry-resolved",
)  # fmt: skip
_IDLE = frozenset({"funding", "license", "deprecated"})
"""What an installation doesn't need of a lock."""
_NAME = "connector"
_Rows = Mapping[str, JsonValue]


def lock(names: Sequence[str], place: Path) -> PackageLock:
    """Returns the lock of the first package, with the others beside it. Raises Refused. Blocks."""
    wanted = dict(_parted(name) for name in names)
    _write(place, "package.json", {"name": _NAME, "private": True, "dependencies": dict(wanted)})
    first = next(iter(wanted))
    run(first, (_npm(), "install", "--package-lock-only", *_FLAGS), place)
    whole = cast("dict[str, JsonValue]", clean_outside_text.parsed((place / "package-lock.json").read_bytes()))
    rows = _packages(first, whole)
    packages: dict[str, JsonValue] = {path: _shortened(row) for path, row in rows.items()}
    content = json.dumps({**whole, "packages": packages}, indent=1).encode() + b"\n"
    found = rows.get(f"node_modules/{first}")
    version = found.get("version") if isinstance(found, dict) else None
    return PackageLock(first, str(version), content)


def locked(name: str, content: bytes) -> list[str]:
    """Returns the packages that a lock names. Raises Refused if any isn't pinned by its hash."""
    rows = {path: row for path, row in _packages(name, clean_outside_text.parsed(content)).items() if path}
    for path, row in rows.items():
        whole = isinstance(row, dict) and (row.get("inBundle") or isinstance(row.get("integrity"), str))
        if not whole or not isinstance(row, dict) or row.get("link") or "resolved" in row:
            other = path.rpartition("node_modules/")[2]
            raise Refused(f"The package {name!r} needs {other!r} from outside the registry, so it can't be pinned.")
    return list(rows)


def install(name: str, content: bytes, place: Path) -> None:
    """Installs exactly what the lock names. Raises Refused. Blocks."""
    top = cast("_Rows", _packages(name, clean_outside_text.parsed(content)).get("") or {})
    _write(place, "package.json", {"name": _NAME, "private": True, "dependencies": top.get("dependencies", {})})
    (place / "package-lock.json").write_bytes(content)
    run(name, (_npm(), "ci", *_FLAGS), place)


def program(name: str, wanted: str, place: Path) -> tuple[str, ...]:
    """Returns how to start a package's program inside the sandbox. Raises Refused if it has none. Blocks."""
    folder = place / "node_modules" / name
    about = clean_outside_text.parsed((folder / "package.json").read_bytes())
    named = about.get("bin") if isinstance(about, dict) else None
    own = name.rpartition("/")[2]
    programs = {own: named} if isinstance(named, str) else named if isinstance(named, dict) else {}
    chosen = wanted or (own if own in programs else next(iter(programs), ""))
    if (len(programs) > 1 and chosen not in programs) or not isinstance(file := programs.get(chosen), str):
        has = ", ".join(programs) or "none"
        raise Refused(f"The package {name!r} has no program {chosen or own!r}; its programs are {has}.")
    path = f"{FOLDERS}/{PACKAGE}/node_modules/{name}/{re.sub(r'^(./)+', '', file)}"
    with (folder / file).open("rb") as opened:
        first = opened.readline(200)
    return ("node", path) if b"node" in first or not first.startswith(b"#!") else (path,)


def _parted(name: str) -> tuple[str, str]:
    base, at, version = name.rpartition("@")
    return (base, version) if at and base else (name, "latest")


def _shortened(row: JsonValue) -> JsonValue:
    return {key: value for key, value in row.items() if key not in _IDLE} if isinstance(row, dict) else row


def _packages(name: str, found: JsonValue) -> _Rows:
    rows = found.get("packages") if isinstance(found, dict) else None
    if not isinstance(rows, dict):
        raise Refused(f"The list of files of {name!r} can't be read.")
    return rows


def _write(place: Path, name: str, content: _Rows) -> None:
    (place / name).write_text(json.dumps(dict(content)))


def _npm() -> str:
    found = shutil.which("npm")
    if found is None:
        raise Refused("This connector needs Node.js and npm. Install them, then add it again.")
    return found
