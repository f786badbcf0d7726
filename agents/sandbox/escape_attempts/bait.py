"""Creates bait that code in a sandbox must not reach: files, servers and a process that nobody needs."""

import socket
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def bait(folder: Path, in_front: Sequence[str] = ()) -> Generator[dict[str, Any]]:
    """Yields what the attempts need to know, and removes everything but the files at the end.

    `folder`: a separate one that the sandbox can't see; `host` in it imitates a host's home. `in_front`: arguments
    that run the bait's process as another user. Without IPv6 on the machine there is no IPv6 server.
    """
    secret, victim, planted, unix = (folder / name for name in ("secret", "victim", "open", "socket"))
    secret.write_text("canary")
    victim.write_text("untouched")
    planted.mkdir()
    marker = f"canary-{folder.name}"
    with ExitStack() as stack:
        tcp = stack.enter_context(answering(socket.AF_INET, ("127.0.0.1", 0)))[1]
        udp = stack.enter_context(answering(socket.AF_INET, ("127.0.0.1", 0), socket.SOCK_DGRAM))[1]
        try:
            tcp6 = stack.enter_context(answering(socket.AF_INET6, ("::1", 0)))[1]
        except OSError:
            tcp6 = 0
        stack.enter_context(answering(socket.AF_UNIX, str(unix)))
        stack.enter_context(answering(socket.AF_UNIX, f"\0{marker}"))
        unix.chmod(0o777)
        yield {
            "secret": str(secret), "victim": str(victim), "open_folder": str(planted), "home": str(folder / "host"),
            "pid": stack.enter_context(_waiting(marker, in_front)), "tcp": tcp, "tcp6": tcp6, "udp": udp,
            "unix": str(unix), "abstract": marker,
        }  # fmt: skip


@contextmanager
def answering(family: int, address: Any, kind: int = socket.SOCK_STREAM) -> Generator[Any]:
    """Yields the address of a server that answers everything with `y`."""
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


@contextmanager
def _waiting(marker: str, in_front: Sequence[str]) -> Generator[int]:
    """Yields the id of a process that does nothing and ends with us, however we end."""
    command = [*in_front, sys.executable, "-I", "-c", "import sys; sys.stdin.read()", marker]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env={"TOKEN": "canary"}) as process:
        try:
            yield process.pid
        finally:
            process.kill()
