"""Installs the packages of servers: exactly the files that a lock names by their hashes, without running any script."""

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from agents.connectors import npm_packages, pypi_packages
from agents.connectors.package_lock import Package, PackageLock
from agents.connectors.parse_server_command import NamedPackage
from agents.connectors.server_launch_spec import PACKAGE
from orchestrator.errors import Refused

_KINDS = {"npm": npm_packages, "pypi": pypi_packages}


class InstalledPackage(NamedTuple):
    """What was installed, how many packages it needed besides, and how to start its program inside the sandbox."""

    package: Package
    others: int
    program: tuple[str, ...]


def install(package: Package, lock: bytes, home: Path) -> int:
    """Installs it into `home`, replacing an earlier version, and returns the number of other packages.

    Raises Refused. Blocks.
    """
    if (found := hashlib.sha256(lock).hexdigest()) != package.sha:
        raise Refused(
            f"The list of files of {package.name!r} {package.version} doesn't match the catalog's hash "
            f"(got {found[:12]}…, expected {package.sha[:12]}…), so it wasn't installed. Install threadwork again."
        )
    kind = _KINDS[package.kind]
    names = kind.locked(package.name, lock)
    home.mkdir(parents=True, exist_ok=True, mode=0o755)
    with tempfile.TemporaryDirectory(dir=home, prefix="installing-") as place:
        made = Path(place) / PACKAGE
        made.mkdir()
        kind.install(package.name, lock, made)
        made.chmod(0o755)
        shutil.rmtree(home / PACKAGE, ignore_errors=True)
        made.rename(home / PACKAGE)
    return len(names) - 1


def install_named(wanted: NamedPackage, home: Path) -> InstalledPackage:
    """Installs the newest fitting version of a package that a person named, pinned from then on. Raises Refused.

    Blocks.
    """
    kind = _KINDS[wanted.kind]
    with tempfile.TemporaryDirectory(prefix="locking-") as place:
        found: PackageLock = kind.lock((wanted.name, *wanted.further), Path(place))
    package = Package(
        kind=wanted.kind, name=found.name, version=found.version, sha=hashlib.sha256(found.content).hexdigest()
    )
    others = install(package, found.content, home)
    return InstalledPackage(package, others, kind.program(found.name, wanted.program, home / PACKAGE))


def uninstall(home: Path) -> None:
    """Removes the package. Blocks."""
    shutil.rmtree(home / PACKAGE, ignore_errors=True)
