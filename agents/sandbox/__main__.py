"""`python -m agents.sandbox`: tries to get out of this machine's sandbox and says in a line how that went.

Exit code 0: nothing got out. For `threadwork doctor`, which runs it as the user that the agent host would be.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from agents.sandbox.port import Limits, Sandbox
from agents.sandbox.probe import open_sandbox


async def _tried() -> Sandbox:
    home = await asyncio.to_thread(tempfile.TemporaryDirectory)
    try:
        return await open_sandbox(Path(home.name), Limits())
    finally:
        await asyncio.to_thread(home.cleanup)


def main() -> None:
    sandbox = asyncio.run(_tried())
    if sandbox.refused:
        sys.exit(sandbox.refused)
    sys.stdout.write(f"{sandbox.withstood} of {sandbox.withstood} attempts to get out were blocked\n")


if __name__ == "__main__":
    main()
