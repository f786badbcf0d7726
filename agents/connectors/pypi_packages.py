"""Locks and installs packages of PyPI: only built ones, because building runs their code on this machine."""

import re
import sys
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path

from pydantic import JsonValue

from agents.connectors.package_lock import PackageLock, run
from orchestrator.domain import clean_outside_text
from orchestrator.errors import Refused

_PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")
_LINE = re.compile(r"(?m)^([A-Za-z0-9._-]+)==(\S+)")


def lock(names: Sequence[str], place: Path) -> PackageLock:
    """Returns the lock of the first package, with the others beside it, for this machine. Raises Refused. Blocks."""
    first = re.split(r"[\[=~<>!]", names[0])[0]
    report = place / "report.json"
    flags = ("--dry-run", "--ignore-installed", "--only-binary=:all:", "--report", str(report))
    run(first, (*_PIP, "install", *flags, *names), place)
    found = clean_outside_text.parsed(report.read_bytes())
    rows = found.get("install") if isinstance(found, dict) else None
    pinned = dict(_pinned(first, row) for row in rows) if isinstance(rows, list) else {}
    content = "".join(f"{name}=={version} --hash=sha256:{sha}\n" for name, (version, sha) in sorted(pinned.items()))
    return PackageLock(first, next(v for name, (v, _) in pinned.items() if _same(name, first)), content.encode())


def locked(name: str, content: bytes) -> list[str]:
    """Returns the packages that a lock names."""
    del name
    return [found[1] for found in _LINE.finditer(content.decode())]


def install(name: str, content: bytes, place: Path) -> None:
    """Installs exactly what the lock names. Raises Refused. Blocks."""
    file = place.parent / "lock.txt"
    file.write_bytes(content)
    flags = ("--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile")
    run(name, (*_PIP, "install", *flags, "-t", str(place), "-r", str(file)), place)


def program(name: str, wanted: str, place: Path) -> tuple[str, ...]:
    """Returns how to start a package's program inside the sandbox, whose own scripts name another Python.

    Raises Refused if it has none. Blocks.
    """
    found = next((one for one in distributions(path=[str(place)]) if _same(one.metadata["Name"], name)), None)
    scripts = {one.name: one for one in found.entry_points if one.group == "console_scripts"} if found else {}
    chosen = wanted or (name if name in scripts else next(iter(scripts), ""))
    if chosen not in scripts:
        other = [one for one in distributions(path=[str(place)]) if wanted]
        scripts |= {e.name: e for one in other for e in one.entry_points if e.group == "console_scripts"}
    if chosen not in scripts:
        has = ", ".join(scripts) or "none"
        raise Refused(f"The package {name!r} has no program {chosen or name!r}; its programs are {has}.")
    module, attribute = scripts[chosen].module, scripts[chosen].attr
    start = (
        f"import sys; sys.argv[0] = {chosen!r}; from {module} import {attribute.split('.')[0]}; sys.exit({attribute}())"
    )
    return ("python3", "-c", start)


def _pinned(first: str, row: JsonValue) -> tuple[str, tuple[str, str]]:
    match row:
        case {
            "metadata": {"name": str(name), "version": str(version)},
            "download_info": {"archive_info": {"hashes": {"sha256": str(sha)}}},
        }:
            return name, (version, sha)
        case _:
            raise Refused(f"The package {first!r} needs something from outside the registry, so it can't be pinned.")


def _same(one: str, other: str) -> bool:
    return re.sub(r"[-_.]+", "-", one).lower() == re.sub(r"[-_.]+", "-", other).lower()
