"""The model server of the benchmark, in its own process: `python -m tests.bench.server LEAST MOST` (seconds).

It prints its URL.
It checks nothing (the tests' server does), so that what is measured is the clients and not the server.
"""

import asyncio
import json
import random
import sys

from aiohttp import web

from tests.bench.graphs import brain
from tests.model_protocol import chunks, completion, prompt_of


async def main(least: float, most: float) -> None:
    turns = random.Random(7)

    async def chat(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        reply = await brain(prompt_of(body))
        await asyncio.sleep(turns.uniform(least, most))
        if not body.get("stream"):
            return web.json_response(completion(body, reply, "ok"))
        pieces = b"".join(f"data: {json.dumps(piece)}\n\n".encode() for piece in chunks(body, reply, "ok"))
        return web.Response(body=pieces + b"data: [DONE]\n\n", headers={"Content-Type": "text/event-stream"})

    app = web.Application(client_max_size=64 * 1024**2)
    app.router.add_post("/v1/chat/completions", chat)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*map(float, sys.argv[1:3])))
