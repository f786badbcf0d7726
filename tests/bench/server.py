"""The model server of the benchmark, in a process of its own: `python -m tests.bench.server LATENCY`; prints its URL."""

import asyncio
import sys

from tests.bench.graphs import brain
from tests.model_server import serving


async def main(latency: float) -> None:
    async with serving(brain, latency=latency) as server:
        print(server.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
