"""The exam of the Shelf."""

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from orchestrator.domain.ids import Sha
from orchestrator.errors import NotFound, OutOfSpace
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ports import Shelf

FULL = Path("/dev/full")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "shelf"


@pytest.fixture
def shelf(folder: Path) -> Shelf:
    return FolderShelf(folder)


def files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file()]


async def test_what_was_put_comes_back_by_its_hash(shelf: Shelf) -> None:
    kept = await shelf.put(b"hello", name="a.txt")

    assert kept.sha == hashlib.sha256(b"hello").hexdigest()
    assert (kept.name, kept.size, kept.media) == ("a.txt", 5, "text/plain")
    assert await shelf.get(kept.sha) == b"hello"
    assert (await shelf.path(kept.sha)).read_bytes() == b"hello"


async def test_the_media_type_is_guessed_only_when_not_given(shelf: Shelf) -> None:
    assert (await shelf.put(b"x", name="a.pdf")).media == "application/pdf"
    assert (await shelf.put(b"x", name="a.pdf", media="text/x-odd")).media == "text/x-odd"
    assert (await shelf.put(b"x", name="noidea")).media == "application/octet-stream"


async def test_a_file_is_put_under_its_own_name_or_another(shelf: Shelf, tmp_path: Path) -> None:
    source = tmp_path / "big.bin"
    source.write_bytes(os.urandom(3_000_000))

    kept = await shelf.put_file(source)
    assert (kept.name, kept.size) == ("big.bin", 3_000_000)
    assert await shelf.get(kept.sha) == source.read_bytes()
    assert (await shelf.put_file(source, name="other.csv")).media == "text/csv"


async def test_a_name_loses_its_folders(shelf: Shelf) -> None:
    assert (await shelf.put(b"x", name="../../etc/passwd")).name == "passwd"
    assert (await shelf.put(b"x", name="C:\\files\\a.txt")).name == "a.txt"


async def test_the_same_content_twice_is_one_file(shelf: Shelf, folder: Path) -> None:
    refs = await asyncio.gather(*(shelf.put(b"same", name=f"{n}.txt") for n in range(8)))

    assert len({ref.sha for ref in refs}) == 1
    assert len(files(folder)) == 1


@pytest.mark.parametrize("sha", ["0" * 64, "../../../etc/passwd", "", "ABC"])
async def test_an_unknown_hash_is_not_found(shelf: Shelf, sha: str) -> None:
    with pytest.raises(NotFound):
        await shelf.get(Sha(sha))
    with pytest.raises(NotFound):
        await shelf.path(Sha(sha))


async def test_a_damaged_file_is_not_handed_out_and_putting_it_again_heals_it(shelf: Shelf) -> None:
    kept = await shelf.put(b"good", name="a.txt")
    place = await shelf.path(kept.sha)
    place.chmod(0o600)
    place.write_bytes(b"evil")

    with pytest.raises(NotFound, match="damaged"):
        await shelf.get(kept.sha)
    await shelf.put(b"good", name="a.txt")
    assert await shelf.get(kept.sha) == b"good"


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
async def test_a_full_disk_is_out_of_space_and_leaves_nothing_behind(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.mkstemp", lambda **_: (os.open(FULL, os.O_WRONLY), str(folder / ".new-x")))

    with pytest.raises(OutOfSpace, match="full"):
        await shelf.put(b"x" * 100_000, name="a.txt")
    assert files(folder) == []
