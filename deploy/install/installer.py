"""Installs packages from the locks: with uv, which takes seconds, or with pip, which takes minutes."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from install import pip_settings_for_uv
from install.installer_output import Reason, progress, reason, worth_reading
from install.messages import CHECKOUT, StopInstall, say, show

LEAKS = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV")
SLOWS = "PYTHONDONTWRITEBYTECODE"
"""Set on many machines: with it every process of ours would compile what it imports once more."""
_QUIET = ("--no-input", "--disable-pip-version-check", "--root-user-action=ignore", "--progress-bar=off", "--no-color")
_SENTENCES: dict[Reason, str] = {
    "full": "The disk that holds {place!r} is full: an installation takes about 1.5 GB. Free some space",
    "hash": "A package doesn't match its hash in the lock, so nothing was installed. Report it to the package index",
    "unreachable": "The package index can't be reached. Check your network, and pip's index and proxy settings",
    "other": "The packages couldn't be installed; the error is above. Fix it",
}


class _Ended(NamedTuple):
    """How a command ended, and everything it printed."""

    code: int
    output: str


def around(env: Path) -> dict[str, str]:
    """Returns this environment without what lets other packages in or slows every start; pip's settings stay."""
    kept = {name: value for name, value in os.environ.items() if name not in (*LEAKS, SLOWS)}
    return kept | {"VIRTUAL_ENV": str(env), "PATH": f"{env / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def downloads(env: Path) -> Path:
    """Returns where uv keeps its downloads until everything is installed, so that an interrupted one can continue."""
    return env.with_name(env.name + "-downloads")


def fetch_uv(env: Path, named: str = "requirements-install.lock") -> Path | None:
    """Lets pip install the lock's uv beside the environment's packages. Returns None if this machine can't have it.

    Raises StopInstall if pip couldn't install anything else either.
    """
    uv = env / "installer/bin/uv"
    if not os.access(uv, os.X_OK):
        target = ("--target", str(env / "installer"), "--retries", "2", "--no-compile")
        done = _run([*_pip(env), "install", "-q", *_QUIET, *target, *lock(named)], around(env))
        if done.code and reason(done.output) in ("full", "unreachable"):
            _stop(env, done)
    return uv if _starts(uv) else None


def with_uv(env: Path, uv: Path, *arguments: str) -> bool:
    """Returns whether uv could install. Raises StopInstall if pip couldn't either."""
    config = [*_pip(env), "config", "list"]
    listed = subprocess.run(config, env=around(env), capture_output=True, text=True, check=False)
    ours = pip_settings_for_uv.pip_options(listed.stdout)
    options = pip_settings_for_uv.for_uv(ours, os.environ, lambda place: Path(place).exists())
    fixed = {"UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1"}
    cache = {} if os.environ.get("UV_CACHE_DIR") else {"UV_CACHE_DIR": str(downloads(env))}
    command = [str(uv), "pip", "install", "--python", str(env / "bin/python"), *arguments]
    done = _run(command, around(env) | cache | options | fixed)
    if done.code and reason(done.output) in ("full", "hash"):
        _stop(env, done)
    return done.code == 0


def with_pip(env: Path, *arguments: str) -> None:
    """Raises StopInstall if pip can't install."""
    done = _run([*_pip(env), "install", *_QUIET, "--no-compile", *arguments], around(env))
    if done.code:
        _stop(env, done)


def lock(name: str) -> Sequence[str]:
    """Returns the arguments that install exactly what a lock names."""
    return ("--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", name)


def tidy(env: Path) -> None:
    """Removes uv's downloads, which are linked into the environment."""
    shutil.rmtree(downloads(env), ignore_errors=True)


def _starts(uv: Path) -> bool:
    try:
        return subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _pip(env: Path) -> list[str]:
    return [str(env / "bin/python"), "-P", str(Path(__file__).with_name("run_pip.py"))]


def _run(command: Sequence[str], env: dict[str, str]) -> _Ended:
    """Shows what the command is fetching, and keeps everything it prints."""
    lines: list[str] = []
    running = subprocess.Popen(
        command,
        env=env,
        cwd=CHECKOUT,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with running:
        for seen in progress(running.stdout or ()):
            lines.append(seen.line)
            show(f"Packages: {seen.now}" if seen.now else "", seen.new and f"  {seen.new}")
    return _Ended(running.returncode, "".join(lines))


def _stop(env: Path, done: _Ended) -> None:
    why = reason(done.output)
    if why == "full":  # leave the disk as it was found
        shutil.rmtree(env, ignore_errors=True)
        tidy(env)
    for line in worth_reading(done.output)[-8:]:
        say("  " + line)
    raise StopInstall(_SENTENCES[why].format(place=str(env)) + ", then type ./run again.")
