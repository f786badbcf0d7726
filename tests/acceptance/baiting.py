"""What code in a sandbox must not reach: a machine full of bait, and the battery of attempts that goes for it."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from agents.host.privileges import hand_over, unprivileged

BATTERY = Path(__file__).with_name("battery.py")


@contextmanager
def answering(family: int, address: Any, kind: int = socket.SOCK_STREAM) -> Iterator[Any]:
    """A server that answers everything with `y`; gives its address."""
    with socket.socket(family, kind) as server:
        server.bind(address)
        stop = threading.Event()
        server.settimeout(0.1)
        if kind == socket.SOCK_STREAM:
            server.listen()
        thread = threading.Thread(target=_answer, args=(server, kind, stop))
        thread.start()
        try:
            yield server.getsockname()
        finally:
            stop.set()
            thread.join()


def _answer(server: socket.socket, kind: int, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            if kind == socket.SOCK_DGRAM:
                _, peer = server.recvfrom(1)
                server.sendto(b"y", peer)
            else:
                client, _ = server.accept()
                with client:
                    client.recv(1)
                    client.sendall(b"y")
        except (TimeoutError, ConnectionError):
            continue


def user() -> dict[str, Any]:
    """Arguments that start a process as whom the host runs."""
    if os.geteuid() != 0:
        return {}
    uid, gid = unprivileged()
    return {"user": uid, "group": gid, "extra_groups": []}


@contextmanager
def bait(folder: Path) -> Iterator[dict[str, Any]]:
    """Everything that code inside must not reach, all of it open to the user whom the host runs as."""
    (folder / "secret").write_text("canary")
    (folder / "victim").write_text("untouched")
    (folder / "open").mkdir()
    hand_over(folder / "open", unprivileged())
    if os.geteuid() == 0:
        os.chown(folder / "victim", *unprivileged())
    with ExitStack() as stack:
        marker = f"canary-{folder.name}"
        victim = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-I", "-c", "import signal; signal.pause()", marker], env={"TOKEN": "canary"}, **user()
            )
        )
        stack.callback(victim.kill)
        unix = str(folder / "socket")
        tcp = stack.enter_context(answering(socket.AF_INET, ("127.0.0.1", 0)))
        tcp6 = stack.enter_context(answering(socket.AF_INET6, ("::1", 0)))
        udp = stack.enter_context(answering(socket.AF_INET, ("127.0.0.1", 0), socket.SOCK_DGRAM))
        stack.enter_context(answering(socket.AF_UNIX, unix))
        stack.enter_context(answering(socket.AF_UNIX, f"\0{marker}"))
        Path(unix).chmod(0o777)
        yield {
            "secret": str(folder / "secret"), "victim": str(folder / "victim"), "open_folder": str(folder / "open"),
            "home": str(folder / "host"), "pid": victim.pid, "tcp": tcp[1], "tcp6": tcp6[1], "udp": udp[1],
            "unix": unix, "abstract": marker,
        }  # fmt: skip


def battery(facts: dict[str, Any], *, heavy: bool) -> str:
    return f"FACTS = {facts | {'heavy': heavy}!r}\n{BATTERY.read_text()}"


def successes(output: str) -> set[str]:
    line = next((row for row in output.splitlines() if row.startswith("BATTERY ")), None)
    if line is None:
        pytest.fail(f"the battery did not finish: {output[-2000:]}")
    return {name for name, worked in json.loads(line.removeprefix("BATTERY ")).items() if worked}
