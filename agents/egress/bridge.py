"""Runs inside the sandbox: forwards a loopback port to the proxy's socket, then becomes the command.

The host imports it only for its port. It loads little, because every command with a network waits for it. The port is
open before the command starts.
"""

import _thread
import os
import socket
import sys
from contextlib import suppress

PORT = 3128


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _join(client: socket.socket, way: str) -> None:
    with client, socket.socket(socket.AF_UNIX) as proxy, suppress(OSError):
        proxy.connect(way)
        _thread.start_new_thread(_pass_on, (client, proxy))
        _pass_on(proxy, client)


def _serve(listener: socket.socket, way: str) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    while True:
        _thread.start_new_thread(_join, (listener.accept()[0], way))


def main(way: str, command: list[str]) -> None:
    """Opens the port, forks a process that serves it, and becomes the command."""
    listener = socket.create_server(("127.0.0.1", PORT), backlog=100)
    if os.fork() == 0:
        _serve(listener, way)
    listener.close()
    os.setsid()
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
