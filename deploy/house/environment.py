"""Makes the isolated environment, from the lock alone."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from house import interpreter, machine
from house.place import OURS, digest, editable, held, stamp, wanted
from house.words import CHECKOUT, PACKAGES, Stop, say

LEAKS = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV")


def around(env: Path) -> dict[str, str]:
    """This process's environment without what would let other packages in; pip's own settings stay."""
    kept = {name: value for name, value in os.environ.items() if name not in LEAKS}
    return kept | {"VIRTUAL_ENV": str(env), "PATH": f"{env / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def prepare(env: Path, *, tests: bool) -> None:
    """Installs what is not there yet; two at once wait for each other."""
    want = wanted(tests)
    if want.items() <= held(env).items():
        return
    env.parent.mkdir(parents=True, exist_ok=True)
    old = os.umask(0o022)  # whoever runs the agent host has to be able to read what is installed
    lock = os.open(env.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another ./run is installing; waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not want.items() <= held(env).items():
            _install(env, want)
    finally:
        os.close(lock)
        os.umask(old)


def _install(env: Path, want: dict[str, str]) -> None:
    have = held(env)
    if (have.get("lock"), have.get("format")) != (want["lock"], want["format"]):
        _make_anew(env)
        _pip(env, "--require-hashes", "--only-binary", ":all:", "-r", "requirements.lock")
        have = {"format": want["format"], "lock": want["lock"]}
    if want.get("dev", have.get("dev")) != have.get("dev"):
        _pip(env, "--require-hashes", "--only-binary", ":all:", "-r", "requirements-dev.lock")
        have["dev"] = want["dev"]
    if have.get("tree") != want["tree"]:
        link = editable()
        linked = "link " + digest("pyproject.toml") if link else ""
        if not linked or have.get("linked") != linked:
            _pip(env, "--no-build-isolation", "--force-reinstall", *(["-e"] if link else []), str(CHECKOUT))
        have |= {"tree": want["tree"], "linked": linked}
        if link and os.access(CHECKOUT, os.W_OK):
            _compile(env)
    machine.fetch_browser(env, around(env))
    stamp(env, have)


def _make_anew(env: Path) -> None:
    base = interpreter.choose()
    say(f"Making the environment in {str(env)!r} (once, about a minute) …")
    if env.exists():
        shutil.rmtree(env)
    env.mkdir()
    (env / OURS).touch()
    if subprocess.run([base, "-I", "-m", "venv", env], check=False).returncode != 0:
        raise Stop(f"{str(base)!r} could not make an environment in {str(env)!r}; it says why above.")


def _pip(env: Path, *arguments: str) -> None:
    quiet = ("-qq", "--no-deps", "--no-input", "--disable-pip-version-check", "--root-user-action=ignore")
    command = [env / "bin/python", "-m", "pip", "install", *quiet, *arguments]
    if subprocess.run(command, env=around(env), cwd=CHECKOUT, check=False).returncode != 0:
        raise Stop(
            "The packages could not be installed; pip says why above. "
            "Check the network and pip's own settings, then type ./run again."
        )


def _compile(env: Path) -> None:
    """Our own bytecode (pip makes the packages'), also where the machine forbids Python to write it by itself."""
    folders = [CHECKOUT / package for package in PACKAGES]
    subprocess.run([env / "bin/python", "-m", "compileall", "-q", *folders], capture_output=True, check=False)
