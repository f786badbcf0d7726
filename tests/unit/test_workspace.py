"""The host's own hands in a workspace: nothing outside can be reached, whatever was planted there."""

import ctypes
import os
import socket
import stat
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from agents.host import safe_open, task_workspace
from agents.host.task_workspace import TaskFolder, workspace_of
from orchestrator.domain.ids import TaskId
from orchestrator.errors import ToolFailed


@pytest.fixture(params=["kernel", "walk"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TaskFolder:
    if request.param == "walk":
        monkeypatch.setattr(safe_open, "_kernel_can", lambda: False)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    return TaskFolder(tmp_path / "workspace")


def outside(folder: TaskFolder) -> Path:
    return folder.root.parent / "outside"


def test_what_was_written_is_read(folder: TaskFolder) -> None:
    folder.write("a/b/c.txt", b"hello")
    assert folder.read("a/b/c.txt") == b"hello"
    assert folder.read("/workspace/a/b/c.txt") == b"hello"
    assert folder.exists("./a/b/c.txt")
    assert not folder.exists("a/b/d.txt")


def test_files_lists_regular_files_and_no_hidden_folders(folder: TaskFolder) -> None:
    folder.write("b.txt", b"12")
    folder.write("a/c.txt", b"1")
    folder.write(".threadwork/x", b"1")
    (folder.root / "link").symlink_to("b.txt")
    os.mkfifo(folder.root / "pipe")
    assert folder.files() == [("a/c.txt", 1), ("b.txt", 2)]
    assert folder.files("a") == folder.files("/workspace/a") == [("a/c.txt", 1)]
    assert folder.files("/workspace") == folder.files()


@pytest.mark.parametrize("path", ["../outside/secret", "a/../../outside/secret", "/etc/passwd", "/workspacex", "", "."])
def test_a_path_that_leaves_is_refused_before_anything_is_opened(folder: TaskFolder, path: str) -> None:
    for action in (lambda: folder.read(path), lambda: folder.write(path, b"x")):
        with pytest.raises(ToolFailed, match=r"workspace"):
            action()


def test_a_planted_link_is_followed_by_nothing(folder: TaskFolder) -> None:
    (folder.root / "file").symlink_to(outside(folder) / "secret")
    (folder.root / "dir").symlink_to(outside(folder))
    (folder.root / "proc").symlink_to("/proc/self/root/etc")
    for path in ("file", "dir/secret", "proc/passwd"):
        with pytest.raises(ToolFailed, match="link"):
            folder.read(path)
        with pytest.raises(ToolFailed, match="link"):
            folder.write(path, b"x")
        assert not folder.exists(path)
    with pytest.raises(ToolFailed, match="link"):
        folder.files("dir")
    assert [p.name for p in outside(folder).iterdir()] == ["secret"]
    assert (outside(folder) / "secret").read_text() == "secret"


def test_a_link_that_stays_inside_is_refused_too(folder: TaskFolder) -> None:
    folder.write("real.txt", b"x")
    (folder.root / "link").symlink_to("real.txt")
    with pytest.raises(ToolFailed, match="symbolic link"):
        folder.read("link")


def test_a_pipe_a_socket_and_a_folder_are_no_files(folder: TaskFolder) -> None:
    os.mkfifo(folder.root / "pipe")
    (folder.root / "dir").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder.root / "socket"))
        for path in ("pipe", "dir"):
            with pytest.raises(ToolFailed, match="isn't a regular file"):
                folder.read(path)
            with pytest.raises(ToolFailed, match="folder or device"):
                folder.write(path, b"x")
        with pytest.raises(ToolFailed, match="'socket'"):
            folder.read("socket")


def test_a_link_that_only_the_kernel_understands_is_followed_by_nothing(folder: TaskFolder) -> None:
    """Magic links of /proc lead anywhere, whatever their text says."""
    secret = os.open(outside(folder) / "secret", os.O_RDONLY)
    within = os.open(outside(folder), os.O_RDONLY)
    (folder.root / "file").symlink_to(f"/proc/self/fd/{secret}")
    (folder.root / "dir").symlink_to(f"/proc/self/fd/{within}")
    (folder.root / "cwd").symlink_to("/proc/self/cwd")
    for path in ("file", "dir/secret", "cwd/pyproject.toml"):
        with pytest.raises(ToolFailed, match="link"):
            folder.read(path)
    os.close(secret)
    os.close(within)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device")
def test_a_device_is_no_file(folder: TaskFolder) -> None:
    os.mknod(folder.root / "zero", 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    with pytest.raises(ToolFailed, match="isn't a regular file"):
        folder.read("zero")
    assert folder.files() == []


def test_a_folder_that_becomes_a_link_while_it_is_read_shows_nothing_outside(folder: TaskFolder) -> None:
    folder.write("d/secret", b"inside")
    (folder.root / "link").symlink_to(outside(folder))
    over = threading.Event()

    def swap() -> None:
        libc, here, exchange = ctypes.CDLL(None), -100, 2
        one, other = (os.fsencode(folder.root / name) for name in ("d", "link"))
        while not over.is_set():
            libc.renameat2(here, one, here, other, exchange)

    thread = threading.Thread(target=swap)
    thread.start()
    seen = set[bytes]()
    for number in range(1500):
        with suppress(ToolFailed):
            seen.add(folder.read("d/secret"))
        with suppress(ToolFailed):
            folder.write(f"d/new{number % 5}", b"x")
    over.set()
    thread.join()
    assert seen <= {b"inside"}
    assert [p.name for p in outside(folder).iterdir()] == ["secret"]


def test_more_files_than_can_be_listed_are_a_sentence(folder: TaskFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_workspace, "MOST_FILES", 3)
    for number in range(4):
        folder.write(f"many/{number}", b"")
    folder.write("few/1", b"")
    with pytest.raises(ToolFailed, match="Specify a folder to list"):
        folder.files()
    assert folder.files("few") == [("few/1", 0)]


def test_a_file_larger_than_asked_for_is_a_sentence_with_both_sizes(folder: TaskFolder) -> None:
    folder.write("big", b"x" * 11)
    with pytest.raises(ToolFailed, match=r"'big' is 11 bytes; the limit is 10"):
        folder.read("big", most=10)


def test_a_failed_write_leaves_the_old_content_and_nothing_half(
    folder: TaskFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("a", b"old")

    def fails(fd: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(ToolFailed, match="'a' can't be used"):
        folder.write("a", b"new")
    assert [p.name for p in folder.root.iterdir()] == ["a"]
    assert folder.read("a") == b"old"


def test_a_write_does_not_change_a_file_that_is_linked_from_elsewhere(folder: TaskFolder) -> None:
    folder.write("a", b"old")
    os.link(folder.root / "a", outside(folder) / "twin")
    folder.write("a", b"new")
    assert (outside(folder) / "twin").read_bytes() == b"old"


@pytest.mark.parametrize("task", ["../../etc", "a/b", ".hidden", "", "x" * 300, "C07:17.03"])
def test_a_strange_task_id_gets_a_folder_below_the_home(tmp_path: Path, task: str) -> None:
    root = workspace_of(tmp_path, TaskId(task)).root
    assert root.parent == tmp_path / "workspaces"
    assert root != workspace_of(tmp_path, TaskId(f"{task}-")).root
