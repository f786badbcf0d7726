"""The sandbox under attack, through a real host; and the legitimate work that must go on inside."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from agents.host.child_process_host import StdioHost
from agents.host.config import HostConfig
from agents.host.hub_side_host_link import LinkedHost
from agents.sandbox import bubblewrap_arguments, disk_limit, open_tested_sandbox
from agents.sandbox.escape_attempts.script import ATTEMPTS, script, successes
from agents.sandbox.limits import SandboxLimits
from agents.sandbox.sandbox_interface import Ended, Job
from orchestrator.domain.tool_calls import CallResult
from orchestrator.ledger.file_shelf import FolderShelf
from tests.acceptance.open_bait import bait, in_front
from tests.conformance.host_exam import until
from tests.host_fixtures import TASK, a_call, emptied, open_folder, processes

pytestmark = pytest.mark.asyncio(loop_scope="module")
WITHOUT_CONTROL = {
    "write_programs": "only root may, and it would change this machine",
    "write_the_interpreter": "only root may, and it would change this machine",
    "write_the_root": "only root may, and it would change this machine",
    "read_password_hashes": "only root may",
    "make_a_device": "only root of the whole machine may",
    "change_kernel_settings": "only root may, and it would change this machine",
    "write_to_cgroups": "only root may",
    "load_a_module": "only root may, and it would change this machine",
    "load_a_kernel": "only root may, and it would change this machine",
    "read_the_kernels_log": "where the kernel's log is for root alone",
    "make_a_crypto_socket": "where the kernel was built without it",
    "call_in_the_x32_way": "where the kernel was built without it",
    "inherit_descriptors": "the control is started without any",
    "read_host_paths_in_command_lines": "process 1 of the control is this machine's own",
    "raise_a_limit": "the control's limits are as high as they can be",
}
"""Attempts that nothing is proved about by a control: they may fail without a sandbox too."""


def host_on(folder: Path, limits: SandboxLimits | None = None) -> LinkedHost:
    return StdioHost(
        HostConfig(home=str(folder / "host"), limits=limits or SandboxLimits()), FolderShelf(folder / "shelf")
    )


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[Path, LinkedHost]]:
    """One host for all tests here: it takes seconds to start."""
    with open_folder() as folder:
        async with host_on(folder) as host:
            yield folder, host


@pytest.fixture
def folder(shared: tuple[Path, LinkedHost]) -> Path:
    return shared[0]


@pytest_asyncio.fixture(loop_scope="module")
async def host(shared: tuple[Path, LinkedHost]) -> AsyncIterator[LinkedHost]:
    """The shared host, with an empty workspace."""
    folder, host = shared
    if host.notices:
        pytest.fail(f"this machine has no working sandbox: {host.notices}")
    yield host
    await host.leave(TASK)
    emptied(folder)


async def shell(host: LinkedHost, command: str, seconds: int = 60) -> CallResult:
    return await host.call(a_call("run_shell", command=command, seconds=seconds))


async def python(host: LinkedHost, code: str) -> CallResult:
    return await host.call(a_call("run_python", code=code))


async def test_no_attempt_to_get_out_succeeds(folder: Path, host: LinkedHost) -> None:
    with bait(folder) as facts:
        result = await python(host, script(facts, heavy=True))
    assert successes(result.text) == set()
    assert (folder / "victim").read_text() == "untouched"


async def bare(folder: Path, facts: dict[str, Any], *around: str) -> set[str]:
    """What works without the sandbox, as the same user."""
    process = await asyncio.create_subprocess_exec(
        *in_front(), *around, sys.executable, "-I", "-",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        cwd=folder / "open", env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    async with asyncio.timeout(60):
        output, _ = await process.communicate(script(facts, heavy=False).encode())
    return successes(output.decode())


async def test_the_battery_succeeds_where_there_is_no_sandbox(folder: Path, host: LinkedHost) -> None:
    """The control: attempts that never work anywhere would prove nothing. Root's own are made in namespaces."""
    assert (await host.call(a_call("write_file", path="a", content="b").model_copy(update={"task": "other"}))).ok
    with bait(folder) as facts:
        worked = await bare(folder, facts) | await bare(folder, facts, "/usr/bin/unshare", "-Urmnu")
    tried = set(ATTEMPTS)
    assert len(tried) >= 70
    assert tried - set(WITHOUT_CONTROL) - worked == set()
    assert len(tried - set(WITHOUT_CONTROL)) >= 55


async def test_nothing_that_was_started_outlives_its_command(folder: Path, host: LinkedHost) -> None:
    marker = f"4{os.getpid()}.{id(folder) % 100_000}"
    daemon = f"(setsid nohup sleep {marker} >/dev/null 2>&1 &)"
    assert (await shell(host, f"{daemon}; until grep -qsx sleep /proc/[0-9]*/comm; do :; done")).ok
    await until(lambda: not processes(f"sleep\0{marker}"))


async def test_a_command_that_is_taken_back_while_it_begins_leaves_nothing(folder: Path, host: LinkedHost) -> None:
    marker = f"5{os.getpid()}.{id(folder) % 100_000}"
    for number in range(24):
        call = asyncio.create_task(host.call(a_call("run_shell", command=f"sleep {marker}")))
        await asyncio.sleep(number * 0.002)
        call.cancel()
        await asyncio.wait({call})
    assert (await shell(host, "echo still here")).ok
    await until(lambda: not processes(f"sleep\0{marker}"))


async def test_a_command_may_signal_its_own_group(host: LinkedHost) -> None:
    result = await shell(host, "trap '' TERM; kill 0; echo survived")
    assert result.ok and result.text.startswith("survived")


async def test_a_command_is_stopped_when_its_time_is_over(host: LinkedHost) -> None:
    result = await shell(host, "echo begun; sleep 100", seconds=1)
    assert not result.ok
    assert result.text.startswith("begun\n\nIt timed out after 1 second.")


async def test_a_command_that_fills_the_disk_is_stopped() -> None:
    with open_folder() as folder:
        async with host_on(folder, SandboxLimits(workspace=20 << 20)) as host:
            result = await shell(host, "for n in $(seq 4000); do head -c 1M /dev/zero > f$n; done; sleep 60")
            assert "workspace or disk was full" in result.text
            assert (await shell(host, "rm f*; echo tidied")).text.startswith("tidied")


async def test_a_planted_link_in_place_of_the_workspace_leads_nowhere(folder: Path, host: LinkedHost) -> None:
    with bait(folder) as facts:
        await shell(host, f"ln -s {facts['secret']} report.pdf; ln -s / root; mkdir -p d && ln -s /oldroot/etc d/e")
        assert "link" in (await host.call(a_call("read_file", path="report.pdf"))).text
        assert "link" in (await host.call(a_call("read_file", path="root/etc/passwd"))).text
        assert "canary" not in (await host.call(a_call("search_files", pattern="canary"))).text
        assert (await shell(host, "echo still works")).ok


async def test_output_is_cut_in_the_middle_and_the_exit_code_is_told(host: LinkedHost) -> None:
    result = await shell(host, "echo first; yes | head -c 3000000; echo last; exit 7")
    assert result.text.startswith("first\n")
    assert "characters left out" in result.text
    assert result.text.endswith("last\n\nIt failed with exit code 7.")
    assert len(result.text) < 40_000


async def test_python_has_its_libraries_and_draws_without_a_display(folder: Path, host: LinkedHost) -> None:
    code = """
import docx, duckdb, matplotlib.pyplot as plt, numpy, openpyxl, pandas, PIL.Image, pptx, pypdf
pandas.DataFrame({"a": numpy.arange(2)}).to_excel("t.xlsx")
assert openpyxl.load_workbook("t.xlsx").active["B3"].value == 1
plt.plot([1, 2])
plt.savefig("p.png")
with PIL.Image.open("p.png") as picture: assert picture.width > 100
pypdf.PdfWriter().write("d.pdf")
for made, name in ((docx.Document(), "d.docx"), (pptx.Presentation(), "d.pptx")): made.save(name)
assert duckdb.sql("select sum(x) from (values (1), (2)) t(x)").fetchone() == (3,)
print(plt.get_backend().lower())
"""
    result = await python(host, code)
    assert result.text.startswith("agg"), result.text
    assert {p.name for p in (folder / "host" / "workspaces" / TASK).iterdir()} == {
        "t.xlsx", "p.png", "d.pdf", "d.docx", "d.pptx",
    }  # fmt: skip


async def test_ordinary_work_goes_on_inside(host: LinkedHost) -> None:
    code = """
import multiprocessing, pathlib, socket, sqlite3, subprocess, tempfile, threading
def double(n): return 2 * n
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool: assert pool.map(double, [1, 2]) == [2, 4]
    threading.Thread(target=lambda: None).start()
    assert subprocess.run("echo hi | tr a-z A-Z", shell=True, capture_output=True, text=True).stdout == "HI\\n"
    sqlite3.connect("x.db").execute("create table t (a)")
    tempfile.NamedTemporaryFile().write(b"x")
    pathlib.Path("module.py").write_text("value = 5")
    import module
    server = socket.create_server(("127.0.0.1", 0))
    socket.create_connection(server.getsockname())
    assert pathlib.Path.home() == pathlib.Path("/tmp") and pathlib.Path.cwd() == pathlib.Path("/workspace")
    print("all of it", module.value)
"""
    assert (await python(host, code)).text.startswith("all of it 5")


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
async def test_node_computes_inside_with_webassembly(host: LinkedHost) -> None:
    code = "console.log(new WebAssembly.Memory({initial: 1, maximum: 65536}).buffer.byteLength + 1)"
    assert (await shell(host, f"node -e '{code}'")).text.startswith("65537")


async def test_an_error_in_python_shows_its_line(host: LinkedHost) -> None:
    result = await python(host, "x = 1\nraise ValueError('this line')\n")
    assert not result.ok
    assert "line 2" in result.text
    assert "raise ValueError('this line')" in result.text


async def test_commands_run_beside_each_other(host: LinkedHost) -> None:
    results = await asyncio.gather(*(shell(host, f"sleep 0.2; echo {n}") for n in range(10)))
    assert [r.text.split()[0] for r in results] == [str(n) for n in range(10)]


class Leaky:
    """A sandbox that keeps nothing in: it runs the job as an ordinary process."""

    refused = ""
    withstood = 0
    python = sys.executable

    async def run(self, job: Job, on_line: Callable[[str], None]) -> Ended:
        code = job.code["main.py"].decode()
        await asyncio.to_thread((job.folder / "facts.json").write_bytes, job.code["facts.json"])
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, str(job.folder / "facts.json"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        output, _ = await process.communicate()
        return Ended(code=process.returncode or 0, output=output.decode())


async def test_the_trial_run_notices_a_sandbox_that_does_not_hold(tmp_path: Path) -> None:
    problem, tried = await open_tested_sandbox.trial(Leaky(), tmp_path)
    assert tried >= 16
    for way in ("read outside", "connect to loopback", "connect to abstract socket", "see other processes"):
        assert way in problem


async def test_a_mount_point_below_the_workspace_is_refused() -> None:
    with pytest.raises(ValueError, match="below"):
        bubblewrap_arguments.check(["--ro-bind", "/usr", "/workspace/usr"])


async def test_a_folder_that_was_too_large_before_may_be_tidied(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 100_000)
    growing = asyncio.create_task(disk_limit.overflow(tmp_path, SandboxLimits(workspace=1, free=0)))
    await asyncio.wait({growing}, timeout=0.4)
    assert not growing.done()
    (tmp_path / "more").write_bytes(b"x" * 100_000)
    async with asyncio.timeout(60):
        await growing
