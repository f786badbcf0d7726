"""`python -m agents.tools.browser.start_check PROGRAM`: starts the browser as the agent host does, and ends it.

If it doesn't start, exits with a non-zero code and prints the reason last. For `threadwork doctor`, which runs it as
an unprivileged user, like the agent host.
"""

import asyncio
import sys

from agents.tools.browser.chromium import Chromium
from orchestrator.errors import ToolFailed


async def started(program: str | None) -> None:
    """Raises ToolFailed if it can't be started."""
    browser = Chromium(program, as_root=False)
    try:
        await browser.get()
    finally:
        await browser.close()


def main() -> None:
    try:
        asyncio.run(started(sys.argv[1] if len(sys.argv) > 1 else None))
    except ToolFailed as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
