"""Tries to escape this machine's sandbox as the user that would run the agent host. For `threadwork doctor`."""

import os
import sys
from pathlib import Path

import agents
from agents.host import privileged_mounts, privileges
from agents.sandbox import __main__ as battery

_PACKAGE = Path(agents.__file__).resolve().parent.parent
_AGAIN = "import sys; sys.path.append(sys.argv[1]); from agents.sandbox.__main__ import main; main()"


def main() -> None:
    """Makes the attempts; root first becomes the unprivileged user, as the host does."""
    standing = privileges.standing(_PACKAGE)
    if standing.obstacle:
        sys.exit(standing.obstacle)
    if standing.user is None:
        battery.main()
        return
    again = [sys.executable, "-I", "-c", _AGAIN, str(_PACKAGE)]
    command = [*privileged_mounts.command(*standing.user, **standing.ways._asdict()), *again]
    os.execv(command[0], command)
