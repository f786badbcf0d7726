"""`threadwork doctor` starts the agent host for real: it is seen to start, to break, to hang, to be at work already."""

import asyncio
import os
from pathlib import Path

import pytest

from agents.host import child_process_host
from bot.bootstrap import agent_host
from bot.config import hub_lock
from bot.config.hub_lock import hub_running
from bot.config.settings import Settings
from bot.platforms import load
from bot.terminal.doctor import host


def settings(tmp_path: Path) -> Settings:
    return load(environment={}, home=tmp_path / "home")


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


async def test_the_host_starts_with_its_tools_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    before, it = children(), settings(tmp_path)
    row = await host(it, hub_running(it))
    assert row.level in ("ok", "warn")
    assert row.words.startswith("The agent host started, ")
    assert int(row.words.split()[5]) > 10
    assert children() <= before
    assert not (it.home / "host").exists()


async def test_a_folder_that_was_there_stays(tmp_path: Path) -> None:
    it = settings(tmp_path)
    (it.home / "host").mkdir(parents=True)
    await host(it, None)
    assert (it.home / "host").is_dir()


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import no_such_module", "No module named 'no_such_module'"),
        ("import time; time.sleep(60)", "no heartbeat for 1 second"),
    ],
)
async def test_a_host_that_breaks_or_hangs_is_a_failure_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    monkeypatch.setattr(child_process_host, "_PROGRAM", program)
    monkeypatch.setattr(child_process_host, "_SECONDS_TO_END", 0.2)
    monkeypatch.setattr(agent_host, "TRIAL_SECONDS", 1.0 if "sleep" in program else 30.0)
    before = children()
    async with asyncio.timeout(60):
        row = await host(settings(tmp_path), None)
    assert row.level == "fail"
    assert said in row.words
    assert "doctor" not in row.words
    assert "host.log" in row.next
    assert children() <= before


async def test_while_a_hub_runs_its_host_is_not_started_a_second_time(tmp_path: Path) -> None:
    it = settings(tmp_path)
    with hub_lock.hub_lock(it):
        row = await host(it, hub_running(it))
    assert row.level == "ok"
    assert "already running" in row.words
    assert not (it.home / "host").exists()
