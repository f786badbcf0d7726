"""`python -m agents.sandbox`: runs the whole battery of attempts to escape this machine's sandbox.

Prints a BatteryResult as JSON. If the battery couldn't run, exits with a non-zero code and prints the reason last.
For `threadwork doctor`, which runs it as an unprivileged user, like the agent host.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from agents.sandbox import namespace_rules
from agents.sandbox.bubblewrap import Bubblewrap
from agents.sandbox.escape_attempts.bait import bait
from agents.sandbox.escape_attempts.script import ATTEMPTS, script, successes, told
from agents.sandbox.explain_start_failure import because
from agents.sandbox.limits import SandboxLimits
from agents.sandbox.open_tested_sandbox import untried
from agents.sandbox.sandbox_interface import Job
from orchestrator.errors import ToolFailed

_SECONDS = 90


class BatteryResult(NamedTuple):
    """The number of attempts, the seconds they took, and which succeeded: empty, or what that means in sentences."""

    tried: int
    seconds: float
    out: str


async def verdict(place: Path) -> BatteryResult:
    """Runs the battery in its own folder. Raises ToolFailed if it can't run here."""
    sandbox = untried(SandboxLimits())
    if not isinstance(sandbox, Bubblewrap):
        raise ToolFailed(
            sandbox.refused or "These attempts only run on Linux; on macOS, each host makes a few of them at startup."
        )
    home = place / "host"
    workspace = home / "workspaces" / "own"
    begun = time.monotonic()
    for folder in (workspace, home / "workspaces" / "other"):
        folder.mkdir(parents=True)
    (home / "journal.db").touch()
    with bait(place) as facts:
        code = {"main.py": script(facts, heavy=False).encode()}
        command = (sandbox.python, "-I", "/code/main.py")
        ended = await sandbox.run(Job(command=command, folder=workspace, seconds=_SECONDS, code=code), lambda _: None)
    if ended.code and (cause := because(ended.output, namespace_rules.looked_up())):
        raise ToolFailed(cause)
    out = successes(ended.output)
    return BatteryResult(len(ATTEMPTS), round(time.monotonic() - begun, 1), told(out) if out else "")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="threadwork-doctor-") as place:
        try:
            found = asyncio.run(verdict(Path(place)))
        except ToolFailed as error:
            sys.exit(str(error))
    sys.stdout.write(f"{json.dumps(found._asdict())}\n")


if __name__ == "__main__":
    main()
