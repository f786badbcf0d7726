"""A disk without space: one sentence, nothing half-written, and the work goes on once there is space again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.host_fixtures import open_folder
from tests.world.machines.troubles import trouble

ROOT = Path(__file__).parents[3]
FULL = """
mount -t tmpfs -o size=256k none "$1" && cd "$2"
if [ "$3" = "full" ]; then head -c 300000 /dev/zero >"$1/filling" 2>/dev/null; fi
if [ "$3" = "read-only" ]; then mount -o remount,ro "$1"; fi
"${@:4}"; code=$?
if [ "$3" = "full" ]; then rm "$1/filling"; mount -o remount,size=9m "$1"; "${@:4}" || exit 99; fi
exit $code
"""
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


def typed(state: str, home: str, small: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs a command with `small` as a disk in that state; where it was full, once more with space."""
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(
        ["unshare", "-m", "/bin/bash", "-c", FULL, "bash", small, ROOT, state, *command],
        capture_output=True, text=True, check=False, timeout=120,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "THREADWORK_HOME": home},
    )  # fmt: skip


@trouble("a disk without space")
def test_a_full_disk_is_one_sentence_and_with_space_all_is_well() -> None:
    with open_folder() as small:
        done = typed("full", f"{small}/home", small, "tasks")
    (sentence,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert sentence.startswith(f"The disk that holds '{small}/home/threadwork.db' is full")
    assert "No tasks yet" in done.stdout


@trouble("a disk that can't be written")
def test_a_read_only_data_folder_is_one_sentence() -> None:
    with open_folder() as small:
        done = typed("read-only", f"{small}/home", small, "tasks")
    (sentence,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert sentence.startswith(f"The data folder '{small}/home' isn't writable (Read-only file system); make it writ")
    assert done.stdout == ""


LOGS_ON_A_FULL_DISK = """
import logging
from bot.platforms import load
from bot.terminal.run_command import write_log
write_log(load(environment={}, home=__import__("pathlib").Path(__import__("sys").argv[1])))
logging.getLogger().handlers[0].stream = open("/dev/full", "w")
logging.warning("can't record this yet")
logging.getLogger().handlers.clear()
"""


@trouble("a disk without space")
def test_a_log_on_a_full_disk_leaves_the_terminal_alone(tmp_path: Path) -> None:
    """Each record that couldn't be written was a traceback: 10,000 lines while a task waited for space."""
    done = subprocess.run(
        [sys.executable, "-c", LOGS_ON_A_FULL_DISK, tmp_path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "Logging error" not in done.stderr
    assert done.returncode == 0, done.stderr
