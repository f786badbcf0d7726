"""A data folder on a network drive: SQLite's locks don't hold there, so it's refused with a sentence."""

import asyncio
from pathlib import Path

import pytest

from agents.host.call_journal import Journal
from bot.platforms import load
from bot.terminal import doctor
from orchestrator import network_drives
from orchestrator.errors import BadSettings
from orchestrator.ledger.open_ledger import open_ledger
from orchestrator.network_drives import kind_at
from tests.world.machines.troubles import trouble

TABLE = """\
/dev/vda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
auto.home /home autofs rw 0 0
filer:/export/home /home/ada nfs4 rw,vers=4.2 0 0
//filer/team\\040data /mnt/team\\040data cifs rw 0 0
ada@far:/ /home/ada/far fuse.sshfs rw 0 0
/dev/sdb1 /home/ada/disk ext4 rw 0 0
C:\\134 /mnt/c 9p rw,aname=drvfs 0 0
filer:/old /srv nfs rw 0 0
/dev/sdc1 /srv xfs rw 0 0
tmpfs /tmp tmpfs rw 0 0
"""
PLACES = {
    "/var/lib/threadwork/threadwork.db": "",
    "/home/ada/.threadwork/threadwork.db": "nfs4",
    "/home/adam/.threadwork/threadwork.db": "",
    "/home/ada/disk/threadwork.db": "",
    "/home/ada/far/threadwork.db": "fuse.sshfs",
    "/mnt/team data/threadwork.db": "cifs",
    "/mnt/c/Users/ada/threadwork.db": "9p",
    "/srv/threadwork.db": "",
    "/tmp/threadwork.db": "",
}


@pytest.mark.parametrize("place", PLACES)
@trouble("a disk is not a disk")
def test_the_deepest_mount_decides(place: str) -> None:
    assert kind_at(Path(place), TABLE) == PLACES[place]


@trouble("a disk is not a disk")
def test_a_container_whose_own_disk_looks_like_a_network_drive_is_fine() -> None:
    assert kind_at(Path("/data/threadwork.db"), "none / 9p rw 0 0\nproc /proc proc rw 0 0\n") == ""


@trouble("a disk is not a disk")
def test_a_table_that_nobody_understands_refuses_nothing() -> None:
    assert kind_at(Path("/data/threadwork.db"), "odd\n\n/ /\n") == ""


@pytest.fixture
def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the table of mounts calls a network drive."""
    table = tmp_path / "mounts"
    table.write_text(f"/dev/vda1 / ext4 rw 0 0\nfiler:/x {tmp_path.resolve()}/far nfs4 rw 0 0\n")
    monkeypatch.setattr(network_drives, "TABLE", table)
    return tmp_path / "far"


@trouble("a disk is not a disk")
async def test_the_database_is_refused_before_anything_is_written(far: Path) -> None:
    with pytest.raises(BadSettings) as refused:
        await open_ledger(f"sqlite://{far}/threadwork.db")
    assert str(refused.value) == (
        f"The database '{far}/threadwork.db' is on a network drive (nfs4), where SQLite can lose data; set "
        "THREADWORK_HOME to a local folder, or THREADWORK_DATABASE__URL to a PostgreSQL server."
    )
    assert await asyncio.to_thread(far.exists) is False


@trouble("a disk is not a disk")
async def test_doctor_says_the_same(far: Path) -> None:
    row = await doctor.database(load(environment={}, home=far))
    assert row.level == "fail"
    assert "is on a network drive (nfs4)" in row.words
    assert row.next == ""


@trouble("a disk is not a disk")
async def test_with_postgresql_the_hosts_journal_works_there_without_shared_memory(far: Path) -> None:
    await asyncio.to_thread(far.mkdir)
    journal = await Journal.open(far / "journal.db")
    assert await asyncio.to_thread((far / "journal.db-shm").exists) is False
    await journal.close()
