"""Nobody but its owner reads the ledger."""

import stat
from pathlib import Path

from orchestrator.ledger.opening import open_ledger


async def test_the_database_and_its_companions_are_the_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ledger = await open_ledger(f"sqlite:///{home}/t.db")
    try:
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in home.iterdir()}
        assert modes["t.db"] == 0o600
        assert all(mode & 0o077 == 0 for mode in modes.values())
        assert stat.S_IMODE(home.stat().st_mode) & 0o044 == 0
    finally:
        await ledger.close()
