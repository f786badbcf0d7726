"""What keeps threadwork from starting: one sentence at the terminal that names the thing and the next step."""

import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.scenarios.test_cli_program import free_port, threadwork


def said(ended: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in ended.stderr and "unexpected" not in ended.stderr
    return ended.stderr.strip()


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        ended = threadwork(tmp_path, "up", "--port", port)
    assert ended.returncode == 2
    assert said(ended) == (
        f"Port {port} is taken; stop the other program or set THREADWORK_WEB__PORT (0 picks a free one)."
    )


@pytest.mark.parametrize("words", [["up", "--port", free_port()], ["tasks"], ["ask", "x"], ["invite", "Bob"]])
def test_a_home_that_cannot_be_written(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "file").write_text("no folder")
    home = tmp_path / "file" / "home"
    ended = threadwork(home, *words)
    assert ended.returncode == 2
    assert said(ended) == (
        f"The data folder {str(home)!r} isn't writable (Not a directory); make it writable, "
        "or choose another with --home or THREADWORK_HOME."
    )


@pytest.mark.parametrize("words", [["up", "--port", free_port()], ["tasks"], ["migrate"]])
def test_a_database_from_a_newer_version(tmp_path: Path, words: list[str]) -> None:
    other = sqlite3.connect(tmp_path / "threadwork.db")
    other.execute("pragma user_version = 99")
    other.close()
    ended = threadwork(tmp_path, *words)
    assert ended.returncode == 1
    assert "has schema 99, but this version supports" in said(ended) and said(ended).endswith(
        "install a newer version."
    )
    assert len(said(ended).splitlines()) == 1


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "threadwork.db").write_bytes(b"not a database, " * 100)
    ended = threadwork(tmp_path, "tasks")
    assert ended.returncode == 1
    assert said(ended) == (
        f"The database {str(tmp_path / 'threadwork.db')!r} can't be used (file is not a database); check the file, "
        "its folder, and the disk, or choose another with THREADWORK_DATABASE__URL."
    )


def test_an_unknown_setting_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text("[limits]\nturn = 5\n")
    ended = threadwork(tmp_path, "--config", str(tmp_path / "t.toml"), "tasks")
    assert ended.returncode == 2
    assert "'limits.turn'" in said(ended) and "limits.turns" in said(ended)
    assert len(said(ended).splitlines()) == 1
