"""What `./run test` passes to pytest."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from install import project_checks

TOP = Path(__file__).parents[2]


@pytest.mark.parametrize(("cores", "gigabytes", "workers"), [(2, 16, "6"), (2, 8, "4"), (1, 1, "2"), (16, 64, "8")])
def test_the_whole_suite_runs_side_by_side_as_cores_and_memory_allow(cores: int, gigabytes: int, workers: str) -> None:
    told = project_checks.arguments([], cores, gigabytes * 1_000_000_000)
    assert told[told.index("-n") + 1] == workers
    assert project_checks.arguments(["--all"], cores, gigabytes * 1_000_000_000) == [*told, "--all"]


@pytest.mark.parametrize("words", [["-k", "ledger"], ["tests/unit", "--all"]])
def test_words_of_ones_own_are_passed_on_alone_with_the_slowest_tests_named(words: list[str]) -> None:
    assert project_checks.arguments(words, 2, 16_000_000_000) == [*project_checks.SLOWEST, *words]


@pytest.mark.parametrize(("words", "outcome"), [([], "1 passed, 1 deselected"), (["--all"], "2 passed")])
def test_what_is_slow_runs_only_when_all_is_asked_for(words: list[str], outcome: str, tmp_path: Path) -> None:
    tests = "import pytest\n\ndef test_one():\n    pass\n\n@pytest.mark.slow\ndef test_two():\n    pass\n"
    (tmp_path / "test_some.py").write_text(tests)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.long_tests",
        "--rootdir",
        tmp_path,
        "-c",
        "pytest.ini",
        *words,
    ]
    around = os.environ | {"PYTHONPATH": str(TOP), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=around, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1].strip("= ").startswith(outcome), done.stdout + done.stderr
