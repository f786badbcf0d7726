"""Where `./run` puts the environment of a checkout that it cannot write to or load programs from."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from install import environment_folder
from install.messages import StopInstall

from tests.host_fixtures import open_folder

LOOK = """
import sys
sys.path.append(sys.argv[1])
from install.environment_folder import *
print(forbids_programs(Path('/mnt/new')))
"""


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with open_folder() as folder:
        monkeypatch.setattr(environment_folder, "CHECKOUT", folder)
        monkeypatch.setattr(environment_folder, "ROOT", False)
        monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
        yield folder


def test_it_is_in_the_checkout_where_that_may_be_written(checkout: Path) -> None:
    assert environment_folder.place() == checkout / ".venv"


def test_it_is_elsewhere_where_no_program_can_be_loaded(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment_folder, "forbids_programs", lambda folder: folder == checkout)
    assert environment_folder.place().parent == checkout / "data/threadwork-environments"


def test_where_no_program_can_be_loaded_anywhere_the_cause_is_named(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment_folder, "forbids_programs", lambda _: True)
    with pytest.raises(StopInstall, match=r"'noexec'.* Set XDG_DATA_HOME"):
        environment_folder.place()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_a_file_system_that_is_mounted_noexec_is_recognised() -> None:
    mount = 'mount -t tmpfs -o noexec none /mnt && exec "$@"'
    command = [
        "unshare",
        "-m",
        "sh",
        "-c",
        mount,
        "sh",
        sys.executable,
        "-I",
        "-c",
        LOOK,
        str(environment_folder.CHECKOUT / "deploy"),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        pytest.skip("this machine lets nobody mount")
    assert ended.stdout == "True\n"
