"""Runs our programs that write files from inside the sandbox: atomically, even when they are killed."""

import asyncio
import secrets
from dataclasses import replace

from agents.sandbox.call_grants import GrantRequest, SandboxAccess
from agents.sandbox.sandbox_interface import Ended, Job
from agents.tool import CallContext


async def run(workshop: SandboxAccess, room: CallContext, job: Job) -> Ended:
    """Runs the job, which reads the name of partial files from /code/half; removes leftovers afterward."""
    half = f".threadwork-{secrets.token_hex(6)}"
    done = False
    try:
        told = replace(job, code={**job.code, "half": half.encode()})
        ended = await workshop.run(room.call, told, GrantRequest(), lambda _: None)
        done = ended.why == "exit" and ended.code == 0
        return ended
    finally:
        if not done:
            await asyncio.to_thread(room.workspace.forget, half)
