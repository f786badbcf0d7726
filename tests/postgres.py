"""A real PostgreSQL server for tests: one per session, started as an unprivileged user, a database for each test."""

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

_numbers = itertools.count(1)


class Server:
    """A running server. `restart` and `stop` are for tests that need it to fail."""

    def __init__(self, binaries: Path, folder: Path, port: int) -> None:
        self._binaries = binaries
        self._folder = folder
        self._port = port

    def start(self) -> None:
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        self._control("-o", options, "-l", str(self._folder / "log"), "start")

    def stop(self) -> None:
        """At once, as a crash would."""
        self._control("-m", "immediate", "stop")

    def database(self) -> str:
        """The address of a new empty database."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://threadwork@127.0.0.1:{self._port}/{name}"

    def _control(self, *arguments: str) -> None:
        run_unprivileged([str(self._binaries / "pg_ctl"), "-D", str(self._folder / "data"), "-w", *arguments])


def binaries() -> Path | None:
    """Where PostgreSQL's programs are, or None."""
    folders = [
        *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True),
        *os.environ.get("PATH", "").split(os.pathsep),
    ]
    return next((Path(f) for f in folders if (Path(f) / "initdb").exists() and (Path(f) / "pg_ctl").exists()), None)


def run_unprivileged(command: list[str]) -> None:
    """PostgreSQL refuses to run as root."""
    given: dict[str, Any] = {"user": _stranger(), "group": _stranger(), "extra_groups": []} if os.geteuid() == 0 else {}
    # Files, not pipes: the server inherits them and would keep a pipe open for ever.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, cwd="/", check=False, **given
        )
        if done.returncode:
            said.seek(0)
            raise RuntimeError(f"{command[0]!r} failed: {said.read().decode(errors='replace')}")


def _stranger() -> int:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    return 65534


@contextmanager
def running_server() -> Generator[Server]:
    """Skips the test when there is no PostgreSQL, but fails in CI."""
    programs = binaries()
    if programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed; CI needs it")
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="tw-pg-"))
    if os.geteuid() == 0:
        os.chown(folder, _stranger(), _stranger())
    try:
        run_unprivileged(
            [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "threadwork", "-A", "trust", "-N"]
        )
        server = Server(programs, folder, _free_port())
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_server() -> Generator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Server) -> str:
    """The address of an empty database of this test's own."""
    return postgres_server.database()
