"""LibreOffice is kept: it stays warm, is replaced when it dies, hangs or grows old, and leaves nothing behind."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from agents.tools.office.libreoffice import convert, office_process
from agents.tools.office.libreoffice.office_process import NoBridge, OfficeProcess, OfficeStuck
from agents.tools.office.libreoffice.pool import LibreOfficeSlow
from agents.tools.office.libreoffice.run_bound_child import run
from orchestrator.domain.deliverables import Inspection
from tests.host_fixtures import processes
from tests.office_workspace import Desk
from tests.programs import running

SOFFICE = convert.soffice() or ""


def bridged() -> bool:
    """Whether a Python here can talk to LibreOffice."""
    python = office_process.python_of(SOFFICE)
    return subprocess.run([python, "-I", "-c", "import uno"], capture_output=True, check=False).returncode == 0


pytestmark = [
    pytest.mark.skipif(not SOFFICE, reason="LibreOffice is not installed"),
    pytest.mark.skipif(bool(SOFFICE) and not bridged(), reason="python3-uno is not installed"),
]


@pytest.fixture
async def fresh() -> AsyncGenerator[None]:
    """Nothing is kept from other tests, and nothing stays."""
    await convert.close()
    yield
    await convert.close()


def ours(name: str = "soffice.bin") -> list[int]:
    """Processes of that name whose profile one of ours made: they run on a folder `office-…` of this machine."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().split(b"\0")
            state = (process / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        mine = any(str(p.folder.name).encode() in word for p in convert.offices.values() for word in line)
        if line and line[0].endswith(name.encode()) and mine and state[0] != "Z":
            found.append(int(process.name))
    return sorted(found)


async def until(holds: Callable[[], bool]) -> None:
    """Waits for a fact that another process makes."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 no event tells of it
            await asyncio.sleep(0.01)


async def pdf(content: bytes = b"hello", suffix: str = ".txt", **more: float) -> bytes | None:
    return await convert.convert(content, suffix, "pdf", program=SOFFICE, **more)


async def test_the_second_document_finds_it_running(fresh: None) -> None:
    assert await pdf()
    first = ours()
    assert await pdf(b"again")
    assert len(first) == 1
    assert ours() == first


@pytest.mark.slow
async def test_one_that_was_killed_between_documents_is_replaced(fresh: None) -> None:
    assert await pdf()
    (old,) = ours()
    os.kill(old, signal.SIGKILL)
    await until(lambda: not ours())
    assert await pdf()
    (new,) = ours()
    assert new != old


async def test_one_that_is_killed_in_the_middle_of_a_check_is_replaced_and_the_check_ends_right(
    fresh: None, tmp_path: Path
) -> None:
    desk = Desk(tmp_path)
    rows = [["Item", "Price", "Twice"], *[[f"Item {n}", n, f"=B{n + 1}*2"] for n in range(1, 400)]]
    await desk.call("sheet_write", path="a.xlsx", sheet="Data", cell="A1", rows=rows)
    assert await pdf()
    (old,) = ours()
    os.kill(old, signal.SIGSTOP)  # so that it is surely in the middle
    checking = asyncio.create_task(desk.call("inspect_deliverable", path="a.xlsx"))
    (office,) = convert.offices.values()
    await until(lambda: office.free.qsize() == 1)
    os.kill(old, signal.SIGKILL)
    found = Inspection.model_validate_json((await checking).text)
    assert [c for c in found.checks if not c.ok] == []
    assert next(c for c in found.checks if c.name == "formulas").words == "399 formulas, no errors"
    assert ours() and old not in ours()


@pytest.mark.slow
async def test_one_that_hangs_is_ended_at_the_limit_and_the_next_document_is_made(fresh: None) -> None:
    assert await pdf()
    (old,) = ours()
    os.kill(old, signal.SIGSTOP)
    with pytest.raises(LibreOfficeSlow):
        await pdf(limit=0.3)
    assert await pdf()
    assert old not in ours()


def test_the_start_takes_nothing_of_a_documents_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A converter that is ready only after the document's time is over, and then answers."""
    slow = tmp_path / "uno_program.py"
    slow.write_text("import json, time; time.sleep(4)\nprint(json.dumps({'ready': True}), flush=True); input()\n"
                    "print(json.dumps({'made': ['pdf'], 'memory': 0}), flush=True); input()")  # fmt: skip
    monkeypatch.setattr(office_process, "_CONVERTER", slow)
    monkeypatch.setattr(office_process, "python_of", _without_uno)
    it = OfficeProcess(SOFFICE, tmp_path)
    assert it.convert(tmp_path / "a.txt", {"pdf": tmp_path / "a.pdf"}, 3) == ["pdf"]
    it.stop()


async def test_a_damaged_file_is_refused_and_it_keeps_running(fresh: None) -> None:
    assert await pdf()
    before = ours()
    assert await convert.convert(b"PK\3\4nothing", ".xlsx", "pdf", program=SOFFICE) is None
    assert await pdf()
    assert ours() == before


async def test_a_cancelled_conversion_ends_its_libreoffice_and_no_other(fresh: None) -> None:
    assert await pdf()
    (old,) = ours()
    os.kill(old, signal.SIGSTOP)
    (office,) = convert.offices.values()
    waiting = asyncio.create_task(pdf())
    await until(lambda: office.free.qsize() == 1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await until(lambda: old not in ours())
    assert await pdf()


@pytest.mark.slow
async def test_an_old_or_big_one_gives_way_to_a_new_one(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_process, "_MOST_MEMORY", 1)
    assert await pdf()
    assert ours() == []
    monkeypatch.setattr(office_process, "_MOST_MEMORY", 10**12)
    monkeypatch.setattr(office_process, "_MOST_DOCUMENTS", 1)
    assert await pdf()
    assert ours() == []


def pipes(running: list[int]) -> list[Path]:
    """Where these processes listen."""
    lines = [Path(f"/proc/{n}/cmdline").read_text() for n in running]
    names = [name for line in lines for name in re.findall(r"threadwork-[0-9a-f]+", line)]
    return [Path(tempfile.gettempdir(), f"OSL_PIPE_{os.getuid()}_{name}") for name in names]


async def test_closing_leaves_neither_process_nor_folder_nor_pipe(fresh: None) -> None:
    await asyncio.gather(pdf(), pdf(b"two"))
    (office,) = convert.offices.values()
    folder, running = Path(office.folder.name), ours()
    listening = pipes(running)
    assert len(running) == 2 and len(listening) == 2 and all(p.exists() for p in listening)
    await convert.close()
    assert [p for p in (folder, *(Path(f"/proc/{n}/exe") for n in running), *listening) if p.exists()] == []


@pytest.mark.slow
async def test_without_the_bridge_each_conversion_has_a_process_of_its_own(
    fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office_process, "python_of", _without_uno)
    assert (await pdf() or b"").startswith(b"%PDF")
    assert (await convert.convert(b"a,b\n1,=A2*2\n", ".csv", "xlsx", program=SOFFICE) or b"").startswith(b"PK")
    (office,) = convert.offices.values()
    assert not office.bridge
    assert ours() == []


def _without_uno(program: str) -> str:
    return sys.executable


def test_a_python_without_the_bridge_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_process, "python_of", _without_uno)
    with pytest.raises(NoBridge):
        OfficeProcess(SOFFICE, tmp_path).convert(tmp_path / "a.txt", {}, 30)


def test_a_libreoffice_that_never_starts_is_ended_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_process, "STARTING", 0.5)
    script = tmp_path / "soffice"
    script.write_text("#!/bin/sh\nsleep 600\n")
    script.chmod(0o755)
    with pytest.raises(OfficeStuck):
        OfficeProcess(str(script), tmp_path).convert(tmp_path / "a.txt", {}, 60)


def test_a_process_that_is_killed_takes_its_libreoffice_with_it(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import asyncio, sys
        from agents.tools.office.libreoffice import convert
        async def main():
            assert await convert.convert(b"a", ".txt", "pdf", program=sys.argv[1])
            (office,) = convert.offices.values()
            (running,) = [l._process.pid for _, l in office.all if l._process]
            print(running, flush=True)
            await asyncio.sleep(600)
        asyncio.run(main())
    """)
    with running([sys.executable, "-c", program, str(SOFFICE)]) as process:
        assert process.stdout is not None
        group = int(json.loads(process.stdout.readline()))
        assert _members(group)
        process.kill()
    asyncio.run(until(lambda: not _members(group)))


async def test_a_program_that_was_cancelled_has_left_nobody_when_the_call_ends(tmp_path: Path) -> None:
    big = "import pathlib, sys, time; a = bytearray(300 << 20); pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
    starts = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]], close_fds=False)"
    running = asyncio.create_task(run(sys.executable, "-c", starts, big, str(tmp_path / "big"), limit=600))
    await until((tmp_path / "big").exists)
    (child,) = [n for n in processes(str(tmp_path / "big")) if b"import subprocess" not in _line(n)]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not os.path.exists(f"/proc/{child}/exe")  # noqa: ASYNC240, PTH110 it is asked at once, not from a thread


def _line(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


def _members(group: int) -> list[str]:
    """Who lives in a process group."""
    found: list[str] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if words[0] != "Z" and int(words[2]) == group:
            found.append(stat.parent.name)
    return found
