"""Runs inside the sandbox: a port of its own loopback leads to the proxy's socket; then it becomes the command.

Never imported by the host. The port is open before the command begins.
"""

import asyncio
import os
import socket
import sys

PORT = 3128


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while piece := await source.read(65_536):
            sink.write(piece)
            await sink.drain()
        sink.write_eof()
    except OSError:
        sink.close()


async def _serve(listener: socket.socket, way: str) -> None:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_unix_connection(way)
            await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
            back.close()
        except OSError:
            pass
        writer.close()

    async with await asyncio.start_server(one, sock=listener) as server:
        await server.serve_forever()


def main(way: str, command: list[str]) -> None:
    listener = socket.create_server(("127.0.0.1", PORT), backlog=100)
    if os.fork() == 0:
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        asyncio.run(_serve(listener, way))
        os._exit(0)
    listener.close()
    os.setsid()
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
