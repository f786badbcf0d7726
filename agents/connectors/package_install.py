"""Installs a catalog row's package beside its server's folder: the pinned version, its hash checked, no scripts."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from agents.connectors.catalogue import CatalogueRow, Package
from agents.connectors.server_job import PACKAGE
from orchestrator.errors import Refused

_SECONDS = 600


def install(row: CatalogueRow, home: Path) -> None:
    """Installs it into `home`, replacing an earlier version. Raises Refused. Blocks."""
    package = row.package
    if package is None:
        return
    home.mkdir(parents=True, exist_ok=True, mode=0o755)
    with tempfile.TemporaryDirectory(dir=home, prefix="installing-") as place:
        made, got = Path(place) / PACKAGE, Path(place) / "download"
        made.mkdir()
        got.mkdir()
        file = _downloaded(package, got)
        if (found := hashlib.sha256(file.read_bytes()).hexdigest()) != package.sha:
            raise Refused(
                f"The package {package.name!r} {package.version} doesn't match the catalog's hash "
                f"(got {found[:12]}…, expected {package.sha[:12]}…), so it wasn't installed."
            )
        _unpacked(package, file, made)
        made.chmod(0o755)
        shutil.rmtree(home / PACKAGE, ignore_errors=True)
        made.rename(home / PACKAGE)


def uninstall(home: Path) -> None:
    """Removes the package. Blocks."""
    shutil.rmtree(home / PACKAGE, ignore_errors=True)


def _downloaded(package: Package, place: Path) -> Path:
    pinned = f"{package.name}{'==' if package.kind == 'pypi' else '@'}{package.version}"
    if package.kind == "pypi":
        _run(package, *_pip("download"), "--no-deps", "--only-binary=:all:", "-d", str(place), pinned)
    else:
        _run(package, _npm(), "pack", "--silent", "--ignore-scripts", "--pack-destination", str(place), pinned)
    return next(place.iterdir())


def _unpacked(package: Package, file: Path, place: Path) -> None:
    """Installs the checked file, and what it depends on, without running any of their scripts."""
    if package.kind == "pypi":
        _run(package, *_pip("install"), "--only-binary=:all:", "--no-compile", "-t", str(place), str(file))
    else:
        flags = ("--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev")
        _run(package, _npm(), "install", *flags, "--prefix", str(place), str(file))


def _pip(command: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", command)


def _npm() -> str:
    found = shutil.which("npm")
    if found is None:
        raise Refused("This connector needs Node.js and npm. Install them, then add it again.")
    return found


def _run(package: Package, *command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(f"The package {package.name!r} couldn't be installed: {error}.") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1][:300]
        raise Refused(f"The package {package.name!r} {package.version} couldn't be installed: {last}")
