"""The command line as a program: its sentences, exit codes, and a request that is interrupted and taken up again."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.long_tests import sampled
from tests.programs import running


def threadwork(home: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", *words],
        input=stdin, capture_output=True, text=True, timeout=100, check=False, env=surroundings(home),
    )  # fmt: skip


def surroundings(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_TOKEN"))}
    return kept | {"THREADWORK_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}


def free_port() -> str:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return str(trial.getsockname()[1])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["tasks"], 0, "No tasks yet"),
        (["show", "nothing"], 1, "'nothing'"),
        (["approve", "nothing"], 1, "'nothing'"),
        (["ask"], 2, "Say what you want done"),
        (["ask", "x", "/no/such/file"], 2, "/no/such/file"),
        (["fly"], 2, "No such command"),
        (["--config", "/no/such.toml", "tasks"], 2, "/no/such.toml"),
        (["migrate"], 0, "up to date"),
        (["invite", "Bob"], 0, "/enter/"),
    ],
)
def test_each_command_says_one_thing_and_ends_with_its_code(
    tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    ended = threadwork(tmp_path, *words)
    assert ended.returncode == code, ended.stderr
    assert said in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    sampled(
        [
            (["--help"], "Usage: ./run [OPTIONS]"),
            (["ask"], "./run ask"),
            (["tasks"], "./run ask"),
            (["show", "nothing"], "`./run tasks`"),
            (["invite", "Bob"], "`./run up`"),
            (["doctor"], "`./run init`"),
        ],
        3,
    ),
)
def test_who_typed_run_is_told_to_type_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.setenv("THREADWORK_COMMAND", "./run")
    ended = threadwork(tmp_path, *words)
    assert said in ended.stdout + ended.stderr
    assert not re.search(r"threadwork (up|ask|init|doctor|tasks|show|approve)\b", ended.stdout + ended.stderr)


def test_an_unknown_setting_is_one_sentence_and_code_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREADWORK_WEB__PROT", "1")
    ended = threadwork(tmp_path, "tasks")
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "did you mean 'THREADWORK_WEB__PORT'?" in ended.stderr


def test_doctor_tells_a_program_every_look(tmp_path: Path) -> None:
    told = json.loads(threadwork(tmp_path, "doctor", "--json").stdout)
    assert {"python", "packages", "home", "browser", "sandbox", "database", "port", "fonts", "host"} <= {
        check["name"] for check in told["checks"]
    }
    assert told["settings"]["home"] == str(tmp_path)


def test_init_writes_a_file_that_only_its_owner_reads_and_that_loads(tmp_path: Path) -> None:
    file = tmp_path / "threadwork.toml"
    words = ["init", "--file", str(file), "--non-interactive", "--model", 'own/"x"', "--port", "0", "--api-key-stdin"]

    assert threadwork(tmp_path, *words, stdin="sesame\n").returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert tomllib.loads(file.read_text())["models"] == {"default": 'own/"x"', "api_key": "sesame"}

    again = threadwork(tmp_path, *words, stdin="other\n")
    assert again.returncode == 1
    assert "--force" in again.stderr
    assert "sesame" in file.read_text()
    assert threadwork(tmp_path, "--config", str(file), "tasks").returncode == 0


@pytest.mark.parametrize("words", [[], ["--model", "openai/gpt-5", "--api-key-stdin"]])
def test_init_without_a_terminal_says_how_to_go_on(tmp_path: Path, words: list[str]) -> None:
    ended = threadwork(tmp_path, "init", "--file", str(tmp_path / "own.toml"), *words)
    assert ended.returncode == 2
    assert "--non-interactive" in ended.stderr
    assert not (tmp_path / "own.toml").exists()


def test_a_database_server_that_is_not_there_is_one_sentence_with_a_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THREADWORK_DATABASE__URL", f"postgresql://ada:sesame@127.0.0.1:{free_port()}/tasks")
    ended = threadwork(tmp_path, "tasks")
    assert ended.returncode == 1
    assert "refused. Start its server, or set THREADWORK_DATABASE__URL" in ended.stderr
    assert "sesame" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_help_comes_without_loading_what_commands_need(tmp_path: Path) -> None:
    code = "import sys; from bot import cli; print([m for m in ('pydantic', 'rich', 'litellm') if m in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=surroundings(tmp_path))
    assert ended.stdout.strip() == "[]"


@pytest.mark.slow
def test_ctrl_c_loses_nothing_and_the_task_can_be_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THREADWORK_WEB__PORT", free_port())
    command = [
        sys.executable,
        "-c",
        "from bot.cli import main; main()",
        "demo",
        "--yes",
        "--out",
        str(tmp_path / "out"),
    ]
    with running(command, env=surroundings(tmp_path / "home")) as asked:
        assert asked.stdout is not None
        assert any(re.search("[1-6] of 7 steps done", line) for line in asked.stdout)
        asked.send_signal(signal.SIGINT)
        said = asked.stdout.read()
    assert asked.returncode == 130
    task = said.partition("--task ")[2].split()[0]

    goes_on = threadwork(tmp_path / "home", "ask", "--task", task, "--yes", "--out", str(tmp_path / "out"))

    assert goes_on.returncode == 0, goes_on.stdout
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"competitor-comparison.xlsx", "executive-summary.docx"}


def test_without_a_terminal_a_plan_waits_for_somebody_who_reads_first_that_pages_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "no-programs"))
    ended = threadwork(tmp_path, "demo")
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert "No browser was found" in ended.stdout.partition("steps")[0]
    assert "threadwork ask --task" in ended.stdout


def test_what_is_asked_beside_a_running_hub_is_done_by_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREADWORK_WEB__PORT", free_port())
    command = [sys.executable, "-c", "from bot.cli import main; main()", "up"]
    with running(command, env=surroundings(tmp_path)) as hub:
        assert hub.stdout is not None
        assert any("Ctrl-C" in line for line in hub.stdout)

        asked = threadwork(tmp_path, "ask", "What can you do?")
        second = threadwork(tmp_path, "up")
        hub.send_signal(signal.SIGTERM)

    assert (asked.returncode, hub.returncode) == (0, 0), asked.stdout
    assert "rehearsal" in asked.stdout
    assert second.returncode == 1
    assert "threadwork is already running" in second.stderr
