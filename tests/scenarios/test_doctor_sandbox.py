"""`threadwork doctor` tries to get out of the sandbox in every way it knows: of a good one, and of ones with a hole."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.sandbox.escape_attempts.script import ATTEMPTS, KINDS
from bot.doctor import machine_checks, program_checks
from bot.platforms import load
from bot.terminal import doctor
from tests.host_fixtures import open_folder

_HOLES = {
    "files": ('--bind "{open}" "{open}"', {"read a file outside", "overwrite a file outside", "make a file outside"}),
    "processes": ("--bind /proc /proc", {"see a process of the host"}),
    "network": ("--share-net", {"connect to loopback", "connect to an abstract socket", "send a datagram"}),
    "kernel": ("--cap-add ALL", {"have capabilities"}),
    "limits": ("--tmpfs /dev/shm", {"fill the private memory disk"}),
}
_MEANINGS = {module.__name__.rpartition(".")[2]: words for module, words in KINDS.items()}


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


def planted(folder: Path, hole: str) -> str:
    """A text in place of doctor's own, that finds a bubblewrap with a hole: the real one, started more openly."""
    finding = f"from agents.sandbox import open_tested_sandbox; open_tested_sandbox._WHERE = {str(folder)!r}; "
    program = folder / "bwrap"
    program.write_text(f'#!/bin/bash\nexec {shutil.which("bwrap")} "$1" "$2" {hole} "${{@:3}}"\n')
    program.chmod(0o755)
    again = (
        "from agents.host import host_user_check as check; "
        f"check._AGAIN = check._AGAIN.replace('from', {finding + 'from'!r}); "
    )
    return program_checks.BATTERY.replace("from agents", f"{again}{finding}from agents")


@pytest.fixture
def mine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made, with a letter of mine, both open to everybody."""
    mine = folder / "mine"
    mine.mkdir()
    (mine / "letter").write_text("dear all")
    for place in (mine, mine / "letter"):
        place.chmod(0o777)
    monkeypatch.setenv("TMPDIR", str(mine))
    return mine


def files(folder: Path) -> dict[str, str]:
    return {place.name: place.read_text() for place in folder.iterdir()}


def test_nothing_gets_out_of_a_good_sandbox_and_nothing_of_the_bait_is_left(mine: Path) -> None:
    row = program_checks.sandbox()
    assert row.level == "ok", row
    assert f": of {len(ATTEMPTS)} escape attempts, none succeeded (" in row.words
    assert files(mine) == {"letter": "dear all"}


@pytest.mark.parametrize("kind", _HOLES)
def test_a_hole_is_told_of_by_what_got_out_and_what_that_means_and_nothing_is_harmed(
    folder: Path, mine: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    hole, ways = _HOLES[kind]
    monkeypatch.setattr(program_checks, "BATTERY", planted(folder, hole.format(open=mine)))
    row = program_checks.sandbox()
    assert row.level == "fail", row
    out = row.words.split("): ", 1)[1]
    assert ways <= set(out.partition(".")[0].split(", "))
    assert _MEANINGS[kind] in out
    assert kind == "files" or [words for words in _MEANINGS.values() if words in out] == [_MEANINGS[kind]]
    assert "dear all" not in row.words
    assert files(mine) == {"letter": "dear all"}


async def test_doctor_ends_with_one_when_something_got_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load(environment={}, home=folder / "home")
    monkeypatch.setattr(program_checks, "BATTERY", planted(folder, "--share-net"))
    monkeypatch.setattr(machine_checks, "machine_checks", lambda _: [program_checks.sandbox()])
    monkeypatch.setattr(doctor, "host", lambda given, _: doctor.database(given))  # a host is started elsewhere
    assert await doctor.doctor(settings, as_json=True, live=False) == 1
    told = json.loads(capsys.readouterr().out)
    assert [check["name"] for check in told["checks"] if check["level"] == "fail"] == ["sandbox"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root meets it")
def test_as_root_itself_no_attempt_is_made_and_the_reason_is_told() -> None:
    ended = subprocess.run([sys.executable, "-m", "agents.sandbox"], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "is running as root, and the sandbox's limits don't apply to root" in ended.stderr


def test_attempts_that_could_not_be_made_are_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_checks, "BATTERY", "import sys; sys.exit('no way in')")
    row = program_checks.sandbox()
    assert row.level == "warn"
    assert "the escape attempts couldn't run: " in row.words
    assert row.words.endswith("no way in")
