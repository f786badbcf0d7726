"""The bait of the sandbox's battery, open to the user whom the host runs as in a test that is root."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import agents
from agents.host import run_as_user
from agents.host.unprivileged_host_user import hand_over, standing, unprivileged
from agents.sandbox.escape_attempts import bait as baits


def in_front() -> list[str]:
    """What starts a program as whom the host runs."""
    found = standing(Path(agents.__file__).parents[1])
    return run_as_user.command(*found.user, **found.ways._asdict()) if found.user else []


@contextmanager
def bait(folder: Path) -> Generator[dict[str, Any]]:
    """Everything that code inside must not reach."""
    with baits.bait(folder, in_front()) as facts:
        if os.geteuid() == 0:
            hand_over(folder / "open", unprivileged())
            os.chown(folder / "victim", *unprivileged())
        yield facts
