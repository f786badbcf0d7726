"""Nobody but its owner reads the ledger."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.config.hub_lock import hub_lock, ready
from bot.doctor import machine_checks
from bot.platforms import load
from orchestrator.engine.single_hub_lock import SingleHubLock
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ledger.open_ledger import open_ledger
from orchestrator.private_files import close_home, kept_secret, replace_secret, too_open


def test_a_secret_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "secret"

    def killed() -> bytes:
        assert not file.exists()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept_secret(file, killed)
    assert kept_secret(file, lambda: b"one") == kept_secret(file, lambda: b"two") == b"one"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    replace_secret(file, b"three")
    assert kept_secret(file, lambda: b"two") == b"three"
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_writer_that_dies_before_the_rename_leaves_the_name_free(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    code = (
        "import os, sys; from pathlib import Path; from orchestrator import private_files as private;"
        "os.link = lambda *_: os._exit(9);"
    )
    run = [sys.executable, "-c", code + "private.kept_secret(Path(sys.argv[1]), lambda: b'half')", str(file)]
    assert subprocess.run(run, check=False).returncode == 9
    assert not file.exists()
    assert kept_secret(file, lambda: b"whole") == b"whole"


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


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_locks_that_keep_a_second_hub_away_cannot_be_held_by_others(tmp_path: Path) -> None:
    settings = load(environment={}, home=tmp_path / "home")
    with hub_lock(settings):
        assert mode(settings.home / "hub.lock") == 0o600
    lock = SingleHubLock(tmp_path / "threadwork.engine.lock")
    lock.close()
    assert mode(tmp_path / "threadwork.engine.lock") == 0o600


async def test_nobody_else_lists_or_reads_the_shelf(tmp_path: Path) -> None:
    shelf = FolderShelf(tmp_path / "shelf")
    path = await shelf.path((await shelf.put(b"secret", name="s.txt")).sha)
    assert [mode(p) for p in (tmp_path / "shelf", path.parent, path)] == [0o700, 0o700, 0o400]


def test_an_old_home_is_closed_at_the_start_and_doctor_says_what_is_open(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for folder in ("shelf", "logs"):
        (home / folder).mkdir(parents=True)
        (home / folder).chmod(0o755)
    for name in ("hub.lock", "threadwork.db", "threadwork.engine.lock"):
        (home / name).touch()
        (home / name).chmod(0o644)
    (home / "link").symlink_to(tmp_path)
    home.chmod(0o755)
    settings = load(environment={}, home=home)
    assert machine_checks.home(settings).level == "fail"
    before = mode(tmp_path)
    ready(home)
    assert list(too_open(home)) == []
    assert {mode(home / name) for name in ("shelf", "logs")} == {0o700}
    assert mode(home) & 0o066 == 0 and mode(tmp_path) == before
    assert machine_checks.home(settings).level in ("ok", "warn")


def test_a_folder_that_is_no_home_of_ours_keeps_its_rights(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    close_home(shared)
    assert mode(shared) == 0o755
