"""Accounts and terminals without what a desktop has: no home folder, no UTF-8, no time zone, no free port."""

import os
import pwd
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot.config.settings import load
from bot.doctor import machine_checks
from bot.web import server
from orchestrator.errors import BadSettings
from tests.world.machines.troubles import trouble

ROOT = Path(__file__).parents[3]


@pytest.fixture
def nameless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without a home folder, such as a number that a container was given."""

    def unknown(uid: int) -> pwd.struct_passwd:
        raise KeyError(uid)

    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    return tmp_path


@pytest.mark.usefixtures("nameless")
@trouble("an account without a home")
def test_a_user_without_a_home_folder_is_told_what_to_set() -> None:
    with pytest.raises(BadSettings) as refused:
        load(environment={})
    assert str(refused.value) == (
        "The data folder '~/.local/share/threadwork' can't be found, because that user has no home folder; set "
        "THREADWORK_HOME to a folder that you own."
    )


@trouble("an account without a home")
def test_with_a_data_folder_that_user_needs_no_home_folder(nameless: Path) -> None:
    assert load(environment={"THREADWORK_HOME": str(nameless)}).home == nameless


def typed(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Runs the command line with no other environment than this."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words], cwd=ROOT, capture_output=True, check=False, timeout=120,
        env={"PATH": "/usr/bin:/bin"} | environment,
    )  # fmt: skip


SURROUNDINGS = {
    "no locale": {"LC_ALL": "C"},
    "an older encoding": {"LC_ALL": "C", "PYTHONIOENCODING": "latin-1"},
    "ASCII only": {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    "an unknown time zone": {"TZ": "Mars/Olympus"},
}


@pytest.mark.parametrize("what", SURROUNDINGS)
@trouble("a terminal of another kind")
def test_the_command_line_works_with_umlauts_in_the_data_folder(tmp_path: Path, what: str) -> None:
    home = tmp_path / "büro ünd so"
    done = typed("tasks", THREADWORK_HOME=str(home), **SURROUNDINGS[what])
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert b"No tasks yet" in done.stdout
    assert (home / "threadwork.db").exists()


@trouble("a port that another program has")
def test_a_taken_port_is_one_sentence_with_the_next_step(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = typed("up", "--port", port, THREADWORK_HOME=str(tmp_path))
    (sentence,) = done.stderr.decode().splitlines()
    assert done.returncode in (1, 2)
    assert sentence.startswith(f"Port {port} is taken; stop the other program or set THREADWORK_WEB__PORT")


@trouble("an address that this machine doesn't have")
@pytest.mark.parametrize(("host", "then"), [("192.0.2.1", "THREADWORK_WEB__HOST"), ("no.invalid", "e.g. ::1")])
def test_an_address_of_another_machine_is_one_sentence_with_the_next_step(tmp_path: Path, host: str, then: str) -> None:
    """As 127.0.0.1 is where a machine has only IPv6: `doctor` recommended another port."""
    with pytest.raises(BadSettings) as refused:
        server.bound(host, 0)
    assert str(refused.value).startswith(f"The web workspace can't listen on {host!r} port 0: ")
    row = machine_checks.port(load(environment={"THREADWORK_WEB__HOST": host}, home=tmp_path))
    assert then in str(refused.value) and then in row.next


@trouble("an environment in another folder")
def test_the_types_are_checked_wherever_the_environment_is() -> None:
    """As root, or in a folder that can't be written, it isn't in the checkout; a fixed path made the check fail."""
    types = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["basedpyright"]
    assert types.keys().isdisjoint({"venv", "venvPath"})
