"""`kill -9` of the hub, the host, both, or what works for the host, at every recorded step of the report job.

The chain: start, die at a step, start again and go on, until a start passes untouched. By default a death comes every
few steps, so that the suite stays quick; `--all` dies at every single one.
"""

import asyncio
import itertools
import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from docx import Document

from bot.cards.card_projection import project
from orchestrator.domain import events as e
from orchestrator.domain.fold import replay
from orchestrator.domain.ids import Stream
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ledger.open_ledger import open_ledger
from tests.host_fixtures import open_folder
from tests.killable_hub import TASK, Death
from tests.long_tests import sampled

CSV = "Product,Seats,Price\nOurs,1200,6.5\n"
UNTOUCHED = Path(__file__).with_name("untouched_report.json")
HOST_STRIDE = 40
"""Facts between two deaths of the host: one that dies more often than three times during one call is given up. Every
step is met by as many runs, each beginning one fact later."""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the unprivileged host can reach."""
    folder = Path(tempfile.mkdtemp(prefix="threadwork-kill-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


async def records_of(database: str) -> list[e.Record]:
    ledger = await open_ledger(database)
    try:
        return list(await ledger.read(Stream(TASK)))
    finally:
        await ledger.close()


def records(database: str) -> list[e.Record]:
    return asyncio.run(records_of(database))


def run_once(death: Death) -> int:
    """The exit code of one life of the hub."""
    command = [sys.executable, "-m", "tests.killable_hub", death.model_dump_json()]
    return subprocess.run(command, stdin=subprocess.DEVNULL, timeout=900).returncode


def topics(found: list[e.Record]) -> set[str]:
    """Model turns whose answers are on record."""
    turns = {
        f"{TASK}/{r.event.subtask}/{r.event.attempt}.{r.event.turn}" for r in found if isinstance(r.event, e.TurnTaken)
    }
    plans = {f"{TASK}/{r.key}" for r in found if r.key.startswith("plan:")}
    return turns | plans


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def live_until_untouched(home: Path, database: str, who: str, stride: int, offset: int = 0) -> int:
    """Lives and dies until a life ends by itself; how many deaths of the hub there were. Checks after each that no
    answer on record was asked for again."""
    port, asked = free_port(), home / "asked"
    whens = itertools.cycle(["after", "before"])
    for deaths in itertools.count():
        known = topics(records(database)) if deaths else set[str]()
        heard = len(lines(asked))
        told = {
            "home": home,
            "database": database,
            "who": who,
            "when": next(whens),
            "count": stride,
            "offset": offset,
            "port": port,
        }
        code = run_once(Death.model_validate({**told, "attachment": CSV}))
        again = [line for line in lines(asked)[heard:] if line in known]
        assert not again, f"asked again after death {deaths}: {again}"
        if code == 0:
            return deaths
        assert code == -9, f"life {deaths} of the hub ended with {code}"
    raise AssertionError("unreachable")


def contents(home: Path, found: list[e.Record]) -> dict[str, object]:
    """What stands in the files that were handed in."""
    shelf = FolderShelf(home / "shelf")
    out: dict[str, object] = {}
    for record in found:
        if not isinstance(record.event, e.DeliverableOffered):
            continue
        file = record.event.deliverable.file
        data = BytesIO(asyncio.run(shelf.get(file.sha)))
        if file.name.endswith(".xlsx"):
            book = openpyxl.load_workbook(data)
            out[file.name] = {
                s.title: [list(row) for row in s.iter_rows(values_only=True)]
                for s in book.worksheets
                if s.title != "Sources"
            }
        else:
            out[file.name] = [p.text for p in Document(data).paragraphs]
    return out


def check(home: Path, database: str) -> dict[str, object]:
    """The auditor: done, nothing twice, and the card is the fold's at every prefix."""
    found = records(database)
    state = replay(TASK, found)
    assert state.phase == "done"
    assert [r.seq for r in found] == list(range(1, len(found) + 1))
    offered = [r.event.deliverable.file.name for r in found if isinstance(r.event, e.DeliverableOffered)]
    assert sorted(offered) == ["competitor-comparison.xlsx", "executive-summary.docx"]
    shared = [(r.event.finding.kind, r.event.finding.by) for r in found if isinstance(r.event, e.FindingShared)]
    assert len(shared) == len(set(shared)), "a finding was shared twice"
    calls = [r.event.call for r in found if isinstance(r.event, e.ToolReturned)]
    assert len(calls) == len(set(calls)), "a call has two results"
    assert sum(isinstance(r.event, e.TaskClosed) for r in found) == 1
    assert project(state) == project(replay(TASK, found[len(found) // 2 :], replay(TASK, found[: len(found) // 2])))
    return contents(home, found)


@pytest.fixture(scope="module")
def expected(request: pytest.FixtureRequest) -> dict[str, object]:
    """What the files hold after a run in which nothing dies; with --all, such a run is made and compared."""
    kept: dict[str, object] = json.loads(UNTOUCHED.read_text("utf-8"))
    if request.config.getoption("--all"):
        with open_folder() as home:
            database = f"sqlite:///{home}/threadwork.db"
            assert run_once(Death(home=home, database=database, port=free_port(), attachment=CSV)) == 0
            found = check(home, database)
        assert found == kept, f"The report has changed; keep this in {UNTOUCHED.name}:\n{json.dumps(found, indent=1)}"
    return kept


@pytest.mark.parametrize(
    ("who", "kind", "stride"),
    sampled([("both", "postgres", 70), ("hub", "sqlite", 50), ("host", "sqlite", 60), ("hands", "sqlite", 80)], 4),
)
def test_killed_at_its_steps_the_report_job_ends_with_the_same_files(
    who: str,
    kind: str,
    stride: int,
    home: Path,
    expected: dict[str, object],
    everything: bool,
    request: pytest.FixtureRequest,
) -> None:
    hurt = home / "hurt"
    database = request.getfixturevalue("postgres_url") if kind == "postgres" else f"sqlite:///{hurt}/threadwork.db"
    if who == "host" and everything:
        for offset in range(HOST_STRIDE):
            again = home / f"hurt-{offset}"
            database = f"sqlite:///{again}/threadwork.db"
            live_until_untouched(again, database, who, HOST_STRIDE, offset)
            assert check(again, database) == expected
        return
    if who == "hands":
        stride = 2 if everything else stride
    deaths = live_until_untouched(hurt, database, who, 1 if everything and who != "hands" else stride)
    assert deaths > 2 or who in ("host", "hands")
    assert check(hurt, database) == expected
