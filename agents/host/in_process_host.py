"""Runs a host inside this process, for tests and where no child can be started: the same frames, no child."""

import asyncio
import socket
from dataclasses import dataclass

from agents.host import serve_host
from agents.host.channel import Channel
from agents.host.config import HostConfig
from agents.host.connection_keeper import Connection, Dial, Timing
from agents.host.hub_side_host_link import LinkedHost, Watch, of_this_life
from orchestrator.errors import HostFailed
from orchestrator.ports import Shelf


class InProcessHost(LinkedHost):
    """Passes the same tests as a child process. As root it executes nothing."""

    def __init__(
        self, config: HostConfig, shelf: Shelf, *, timing: Timing | None = None, watch: Watch | None = None
    ) -> None:
        super().__init__(config.name, dial_here(of_this_life(config)), shelf, timing=timing, watch=watch)


def dial_here(config: HostConfig) -> Dial:
    """Opens a host in this process, each time it is called."""

    async def dial() -> Connection:
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=ours)
        serving_task = asyncio.create_task(_serve(theirs))
        return _Here(Channel(reader, writer), config, serving_task)

    return dial


async def _serve(end: socket.socket) -> str:
    reader, writer = await asyncio.open_connection(sock=end)
    channel = Channel(reader, writer)
    try:
        await serve_host.serve(channel)
    except HostFailed as error:
        return str(error)
    finally:
        await channel.end()
    return ""


@dataclass
class _Here:
    """A Connection to a host in this process; ending it ends the host."""

    channel: Channel
    config: HostConfig
    serving: asyncio.Task[str]

    async def close(self) -> str:
        await self.channel.end()
        return await self.serving
