"""Runs inside the sandbox: reaches granted hosts on ports that aren't the web's, such as a database's.

Such programs know no HTTP proxy. Their hosts' names lead to a loopback address of their own here; what arrives there
goes through the sandbox's proxy, which judges the host as always. The host imports it only for `addresses`.
"""

import _thread
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

_PROXY = ("127.0.0.1", 3128)
_WEB = ("80", "443")
_LOCAL = ("localhost", "127.0.0.1")
_MOST_HEAD = 8192


def addresses(granted: Sequence[str]) -> dict[str, str]:
    """Returns the loopback address of each host that was granted with a port of its own."""
    found: dict[str, str] = {}
    for name, port in map(_parted, granted):
        if port.isdigit() and port not in _WEB and not set("*[") & set(name):
            found.setdefault(name, _LOCAL[1] if name in _LOCAL else f"127.0.1.{len(found) + 1}")
    return found


def _parted(granted: str) -> tuple[str, str]:
    name, _, port = granted.rpartition(":")
    return name, port


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _join(client: socket.socket, target: str) -> None:
    with client, suppress(OSError), socket.create_connection(_PROXY, 20) as proxy:
        proxy.settimeout(None)
        proxy.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n") and len(head) < _MOST_HEAD and (byte := proxy.recv(1)):
            head += byte
        if b" 200 " not in head.split(b"\r\n")[0]:
            return
        _thread.start_new_thread(_pass_on, (client, proxy))
        _pass_on(proxy, client)


def _serve(listener: socket.socket, target: str) -> None:
    while True:
        _thread.start_new_thread(_join, (listener.accept()[0], target))


def main(granted: Sequence[str]) -> None:
    """Opens the ports, and leaves a process behind that serves them."""
    places, listeners = addresses(granted), dict[str, socket.socket]()
    for target in granted:
        name, port = _parted(target)
        if name in places and port not in _WEB:
            listeners[target] = socket.create_server((places[name], int(port)), backlog=100)
    if os.fork():
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    for target, listener in listeners.items():
        _thread.start_new_thread(_serve, (listener, target))
    while True:
        signal.pause()


if __name__ == "__main__":
    main(sys.argv[1:])
