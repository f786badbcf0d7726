"""A hub that does nothing but run one sleeping command; tests kill it. Arguments: folder, marker."""

import asyncio
import sys
from pathlib import Path

from agents.host.child_process_host import StdioHost
from agents.host.config import HostConfig
from orchestrator.ledger.file_shelf import FolderShelf
from tests.host_fixtures import a_call


async def main(folder: Path, marker: str) -> None:
    config = HostConfig(home=str(folder / "host"), name=marker)
    async with StdioHost(config, FolderShelf(folder / "shelf")) as host:
        await host.call(a_call("run_shell", command=f"(setsid sleep {marker} &) ; sleep {marker}", seconds=300))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
