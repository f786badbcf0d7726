"""The host as a real process: killed, stopped, orphaned, and without rights."""
# ruff: noqa: ASYNC220, ASYNC240 - a test looks at facts outside of the loop

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agents.host import wire
from agents.host.child_process_host import StdioHost, dial_child
from agents.host.config import HostConfig
from agents.host.connection_keeper import Timing
from agents.host.hub_side_host_link import LinkedHost, Watch
from agents.host.in_process_host import InProcessHost
from agents.host.path_access import blocked_at
from agents.host.unprivileged_host_user import prepare, unprivileged
from orchestrator.errors import HostLost
from orchestrator.ledger.file_shelf import FolderShelf
from tests.conformance.host_exam import until
from tests.host_fixtures import TASK, a_call, open_folder, processes

EXAM = "tests.conformance.host_exam:TOOLS"
CHECKOUT = Path(__file__).parents[2]
QUICK = Timing(beat=0.2, silence=1.5, failures=3, pause=0.05, start=15)


class Stage:
    """A folder, a host on it, and what the hub was told about the host."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shelf = FolderShelf(folder / "shelf")
        self.config = HostConfig(home=str(folder / "host"), toolsets=(EXAM,))
        self.workspace = folder / "host" / "workspaces" / TASK
        self.told: list[tuple[bool, str]] = []
        self.marker = f"{random.randint(10_000, 99_999)}.{random.randint(10_000, 99_999)}"  # a number sleep accepts

    def host(self, timing: Timing = QUICK) -> LinkedHost:
        watch = Watch(change=lambda up, words: self.told.append((up, words)))
        return StdioHost(self.config, self.shelf, timing=timing, watch=watch)


@pytest.fixture
def stage() -> Iterator[Stage]:
    with open_folder() as folder:
        yield Stage(folder)


@pytest.fixture
async def host(stage: Stage) -> AsyncIterator[LinkedHost]:
    async with stage.host() as host:
        if host.notices:
            pytest.fail(f"this machine has no working sandbox: {host.notices}")
        yield host


async def pid_of(host: LinkedHost) -> int:
    return int((await host.call(a_call("identify"))).text.split()[0])


async def test_a_host_killed_in_the_middle_of_a_command_leaves_its_outcome_unknown(
    stage: Stage, host: LinkedHost
) -> None:
    pid = await pid_of(host)
    call = a_call("run_shell", command=f"echo x >> count; sleep {stage.marker}")
    running = asyncio.create_task(host.call(call))
    await until(lambda: bool(processes(stage.marker)) and (stage.workspace / "count").exists())
    os.kill(pid, signal.SIGKILL)
    result = await running
    assert (result.ok, result.unknown) == (False, True)
    assert "running 'run_shell', so the call may have" in result.text
    assert (stage.workspace / "count").read_text() == "x\n"
    await until(lambda: not processes(stage.marker))


async def test_a_host_killed_in_the_middle_of_a_repeatable_tool_does_it_once_more(
    stage: Stage, host: LinkedHost
) -> None:
    pid = await pid_of(host)
    running = asyncio.create_task(host.call(a_call("wait", name="w")))
    await until((stage.workspace / "w.started").exists)
    os.kill(pid, signal.SIGKILL)
    await until(lambda: (stage.workspace / "w.started").read_text() == "xx")
    await host.call(a_call("write_file", path="w.go", content=""))
    assert (await running).text == "it went"
    assert [up for up, _ in stage.told] == [True, False, True]


async def test_a_tool_that_kills_its_host_each_time_is_given_up(stage: Stage, host: LinkedHost) -> None:
    running = asyncio.create_task(host.call(a_call("wait", name="w")))
    for times in (1, 2, 3):
        await until(lambda n=times: (stage.workspace / "w.started").exists() and _size(stage, "w.started") == n)
        os.kill(await pid_of(host), signal.SIGKILL)
    result = await running
    assert not result.ok
    assert "crashed 3 times" in result.text


async def test_cancelling_reaches_a_sleeping_command(stage: Stage, host: LinkedHost) -> None:
    running = asyncio.create_task(host.call(a_call("run_shell", command=f"sleep {stage.marker}")))
    await until(lambda: bool(processes(stage.marker)))
    running.cancel()
    await until(lambda: not processes(stage.marker))
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_closing_the_link_leaves_no_process(stage: Stage) -> None:
    async with stage.host() as host:
        pid = await pid_of(host)
        running = asyncio.create_task(host.call(a_call("run_shell", command=f"sleep {stage.marker}")))
        await until(lambda: bool(processes(stage.marker)))
    with pytest.raises(HostLost):
        await running
    assert not Path(f"/proc/{pid}").exists()
    await until(lambda: not processes(stage.marker))


async def test_a_killed_hub_leaves_no_process(stage: Stage) -> None:
    hub = subprocess.Popen(
        [sys.executable, "-B", "-m", "tests.acceptance.hub_with_host", str(stage.folder), stage.marker], cwd=CHECKOUT
    )
    try:
        await until(lambda: len(processes(f"sleep\0{stage.marker}")) >= 2, within=60)
    finally:
        hub.kill()
        await asyncio.to_thread(hub.wait)
    await until(lambda: not processes(stage.marker), within=60)


@pytest.mark.slow
async def test_end_of_input_ends_a_busy_host_promptly(stage: Stage) -> None:
    connection = await dial_child(stage.config)()
    await connection.channel.send(wire.Hello(config=connection.config))
    await connection.channel.receive()
    await connection.channel.send(wire.Run(call=a_call("run_shell", command=f"sleep {stage.marker}")))
    await until(lambda: bool(processes(stage.marker)))
    await connection.close()
    assert connection.process.returncode == 0, "it had to be killed"
    await until(lambda: not processes(stage.marker))


async def test_a_host_that_gives_no_sign_of_life_is_replaced(stage: Stage, host: LinkedHost) -> None:
    pid = await pid_of(host)
    os.kill(pid, signal.SIGSTOP)
    await until(lambda: any(not up and "no heartbeat" in words for up, words in stage.told))
    assert await pid_of(host) != pid


async def test_a_host_that_cannot_start_is_lost_with_a_sentence(stage: Stage) -> None:
    stage.config = stage.config.model_copy(update={"toolsets": ("nowhere:TOOLS",)})
    with pytest.raises(HostLost, match=r"'nowhere:TOOLS' can't be loaded"):
        async with stage.host():
            pass
    assert stage.told[-1][0] is False


async def test_a_lost_host_is_tried_again_by_the_next_call(stage: Stage) -> None:
    blocker = stage.folder / "host"
    blocker.write_text("a file where the folder should be")
    host = stage.host()
    with pytest.raises(HostLost):
        await host.call(a_call("count"))
    blocker.unlink()
    assert (await host.call(a_call("count"))).ok
    await host.close()


async def test_two_hosts_never_share_a_folder(stage: Stage, host: LinkedHost) -> None:
    with pytest.raises(HostLost, match="Another host is using the folder"):
        async with stage.host(Timing(failures=1)):
            pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to give up")
async def test_a_hub_that_is_root_starts_its_host_as_somebody_else(stage: Stage, host: LinkedHost) -> None:
    pid = await pid_of(host)
    status = Path(f"/proc/{pid}/status").read_text()
    uid = unprivileged().uid
    assert f"Uid:\t{uid}\t{uid}\t{uid}\t{uid}" in status
    assert "Groups:\t \n" in status
    assert "CapEff:\t0000000000000000" in status
    told = Path(f"/proc/{pid}/environ").read_bytes().rstrip(b"\0").split(b"\0")
    assert {row.partition(b"=")[0] for row in told} == {b"PATH", b"LANG", b"HOME", b"TMPDIR"}
    assert (stage.folder / "host").stat().st_uid == uid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to give up")
async def test_a_home_that_only_root_may_enter_is_opened_for_the_host_alone(stage: Stage) -> None:
    secret = stage.folder / "ledger.db"
    secret.write_text("secret")
    stage.folder.chmod(0o700)
    async with stage.host() as host:
        assert host.notices == ()
        assert (await host.call(a_call("write_file", path="a", content="b"))).ok
        assert (await host.call(a_call("run_shell", command="cat a; id -u"))).text.startswith("b1000")
        pid, uid = (await host.call(a_call("identify"))).text.split()
        assert int(uid) == unprivileged().uid
        assert not Path(f"/proc/{pid}/root{secret}").exists()
    assert (stage.workspace / "a").read_text() == "b"
    assert secret.read_text() == "secret"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to give up")
def test_a_program_that_only_root_may_read_is_an_obstacle_with_a_sentence(stage: Stage) -> None:
    closed = stage.folder / "agents"
    closed.mkdir(mode=0o700)
    standing = prepare(stage.folder / "host", stage.folder)
    assert standing.user is None
    assert f"can't access {str(closed)!r}" in standing.obstacle


async def test_a_host_that_could_not_give_up_root_executes_nothing_and_says_why(stage: Stage) -> None:
    config = stage.config.model_copy(update={"as_root": "Root stayed root."})
    async with InProcessHost(config, stage.shelf) as host:
        names = {spec.name for spec in await host.tools()}
        assert not names & {"run_shell", "run_python", "browser_open"}
        assert host.notices == ("Root stayed root.",)
        assert "have a tool named 'run_shell'" in (await host.call(a_call("run_shell", command="id"))).text


def test_what_only_root_may_pass_is_found_also_behind_a_link(stage: Stage) -> None:
    closed = stage.folder / "closed"
    closed.mkdir(mode=0o700)
    (closed / "inner").mkdir()
    (stage.folder / "link").symlink_to(closed / "inner")
    assert blocked_at(stage.folder / "link", unprivileged()) == closed


def _size(stage: Stage, name: str) -> int:
    return (stage.workspace / name).stat().st_size
