"""Runs a check of ours as the user that would run the agent host. For `threadwork doctor`."""

import os
import sys
import tempfile
from pathlib import Path

import agents
from agents.host import run_as_user, unprivileged_host_user

_PACKAGE = Path(agents.__file__).resolve().parent.parent
_AGAIN = "import sys; sys.path.append(sys.argv.pop(1)); from {module} import main; main()"
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
"""The agent host's."""


def run(module: str, *arguments: str, browser: str | None = None) -> None:
    """Becomes the module's `main`, with these arguments; root first becomes the unprivileged user, as the host does.

    `browser`: a program that this user has to reach.
    """
    standing = unprivileged_host_user.standing(_PACKAGE, browser=browser)
    if standing.obstacle:
        sys.exit(standing.obstacle)
    again = [sys.executable, "-I", "-c", _AGAIN.format(module=module), str(_PACKAGE), *arguments]
    if standing.user is not None:
        again = [*run_as_user.command(*standing.user, **standing.ways._asdict()), *again]
    place = tempfile.gettempdir()
    os.execve(
        again[0], again, {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": place, "TMPDIR": place}
    )
