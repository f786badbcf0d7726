"""Programs of ours that write files from inside the sandbox: whole or not at all, also when they are killed."""

import asyncio
import secrets
from dataclasses import replace

from agents.sandbox.call_grants import Wanted, Workshop
from agents.sandbox.port import Ended, Job
from agents.tool import Room


async def run(workshop: Workshop, room: Room, job: Job) -> Ended:
    """Runs the job, which reads in /code/half how to name a file until it is whole; removes such a file afterwards."""
    half = f".threadwork-{secrets.token_hex(6)}"
    done = False
    try:
        told = replace(job, code={**job.code, "half": half.encode()})
        ended = await workshop.run(room.call, told, Wanted(), lambda _: None)
        done = ended.why == "exit" and ended.code == 0
        return ended
    finally:
        if not done:
            await asyncio.to_thread(room.workspace.forget, half)
