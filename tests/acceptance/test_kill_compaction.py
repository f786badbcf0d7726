"""`kill -9` at a step's first compaction, once before and once after its fact: the same step is then done."""

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from orchestrator.domain import events as e
from orchestrator.domain.ids import Stream
from orchestrator.ledger.open_ledger import open_ledger

pytestmark = pytest.mark.slow


def life(folder: Path, when: str) -> int:
    """The exit code of one process."""
    command = [sys.executable, "-m", "tests.killable_step", str(folder), when]
    return subprocess.run(command, stdin=subprocess.DEVNULL, timeout=300).returncode


async def records_of(folder: Path) -> list[e.Record]:
    ledger = await open_ledger(f"sqlite:///{folder}/ledger.db")
    try:
        return list(await ledger.read(Stream((folder / "task").read_text())))
    finally:
        await ledger.close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_compaction_leaves_one_note_and_no_turn_is_asked_for_twice(tmp_path: Path, when: str) -> None:
    assert life(tmp_path, when) == -9
    assert life(tmp_path, "never") == 0
    records = asyncio.run(records_of(tmp_path))
    notes = [r.event for r in records if isinstance(r.event, e.ConversationCompacted)]
    assert len({note.through for note in notes}) == len(notes) >= 2
    assert [r.event.turn for r in records if isinstance(r.event, e.TurnTaken)] == list(range(1, 41))
    answered = Counter((tmp_path / "answered").read_text().split())
    twice = [topic for topic, times in answered.items() if times > 1]
    assert [topic.rpartition("/")[2] for topic in twice] == (["notes"] if when == "before" else [])
