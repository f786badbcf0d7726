"""The home of a hub at work: nobody else on this machine lists or reads anything in it."""

import os
import stat
from pathlib import Path

from bot.bootstrap.hub import open_hub
from bot.platforms import load
from orchestrator.private_files import too_open
from tests.host_fixtures import open_folder


def readable(home: Path) -> list[str]:
    """Everything below the home that others could list, read or write, also where they cannot get to it."""
    found: list[str] = []
    for folder, folders, files in os.walk(home):
        if Path(folder) == home / "host":
            folders.clear()  # the agent host's own, perhaps of another user, behind a closed folder
            continue
        for name in (*folders, *files):
            path = Path(folder, name)
            if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077:
                found.append(str(path.relative_to(home)))
    return found


async def test_the_home_of_a_hub_at_work_is_its_owners_alone() -> None:
    with open_folder() as folder:
        old = os.umask(0o022)
        try:
            hub = await open_hub(load(environment={}, home=folder / "home", web={"port": 0}))
            try:
                await hub.desk.shelf.put(b"secret", name="secret.txt")
                assert list(too_open(folder / "home")) == []
                assert [name for name in readable(folder / "home") if not name.startswith("rehearsal/")] == []
                assert await hub.host.tools()
            finally:
                await hub.close()
        finally:
            os.umask(old)
