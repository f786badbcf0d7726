"""The bait of the sandbox's battery, open to the user whom the host runs as in a test that is root."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agents.host.privileges import hand_over, unprivileged
from agents.sandbox.battery import bait as baits


def user() -> dict[str, Any]:
    """Arguments that start a process as whom the host runs."""
    if os.geteuid() != 0:
        return {}
    uid, gid = unprivileged()
    return {"user": uid, "group": gid, "extra_groups": []}


@contextmanager
def bait(folder: Path) -> Generator[dict[str, Any]]:
    """Everything that code inside must not reach."""
    with baits.bait(folder, user()) as facts:
        if os.geteuid() == 0:
            hand_over(folder / "open", unprivileged())
            os.chown(folder / "victim", *unprivileged())
        yield facts
