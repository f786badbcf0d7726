"""What sandboxed code is given beside its workspace: a network, folders, git, time in the background."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from agents.host.child_process_host import StdioHost
from agents.host.config import HostConfig
from agents.host.hub_side_host_link import LinkedHost
from agents.sandbox.escape_attempts.script import script, successes
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.skill_content import SkillFile
from orchestrator.domain.skills import UsedSkill, digest_of
from orchestrator.domain.tool_calls import CallResult, HostCall, Label
from orchestrator.ledger.file_shelf import FolderShelf
from tests.acceptance.open_bait import bait
from tests.conformance.host_exam import until
from tests.host_fixtures import TASK, a_call, emptied, open_folder, processes

pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def origin() -> AsyncIterator[str]:
    """A web server that says who was asked for; gives `host:port`."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nthis is " + head.split(b"Host: ")[1].split(b"\r")[0])
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(one, "127.0.0.2", 0) as server:  # 127.0.0.1 never goes through a proxy
        yield f"127.0.0.2:{server.sockets[0].getsockname()[1]}"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def near() -> AsyncIterator[str]:
    async with origin() as near:
        yield near


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared(near: str) -> AsyncIterator[tuple[Path, LinkedHost]]:
    """One host for all tests here: it takes seconds to start."""
    with open_folder() as folder:
        papers = folder / "Team papers"
        papers.mkdir()
        (papers / "plan.txt").write_text("the plan")
        config = HostConfig(home=str(folder / "host"), near=(near,), folders=(str(papers),))
        async with StdioHost(config, FolderShelf(folder / "shelf")) as host:
            yield folder, host


@pytest.fixture
def folder(shared: tuple[Path, LinkedHost]) -> Path:
    return shared[0]


@pytest_asyncio.fixture(loop_scope="module")
async def host(shared: tuple[Path, LinkedHost]) -> AsyncIterator[LinkedHost]:
    """The shared host, with an empty workspace and nothing in the background."""
    folder, host = shared
    if host.notices:
        pytest.fail(f"this machine has no working sandbox: {host.notices}")
    yield host
    await host.leave(TASK)
    emptied(folder)


async def shell(host: LinkedHost, command: str, *domains: str, **args: bool | list[str]) -> CallResult:
    return await host.call(networked(a_call("run_shell", command=command, **args), *domains))


def networked(call: HostCall, *domains: str) -> HostCall:
    """The call as the hub sends it after people agreed to those domains."""
    return call.model_copy(
        update={"args": {**call.args, "domains": list(domains)}, "domains": domains, "send": bool(domains)}
    )


async def test_a_granted_domain_is_reached_and_nothing_else(host: LinkedHost, near: str) -> None:
    async with origin() as other:
        fetch = "python -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read())'"
        result = await shell(
            host,
            f"curl -s http://{near}/; echo; {fetch} http://{near}/x; curl -s http://{other}/; curl -s http://192.0.2.7/;"
            f"curl -sS -m 2 --noproxy '*' http://{near}/; curl -sS -m 2 https://example.com; exit 0",
            near,
        )
    assert result.text.count(f"this is {near}") == 2, result.text
    assert f"this is {other}" not in result.text
    assert "Failed to connect to 127.0.0.2" in result.text  # without the proxy there is nothing at all
    for refused in (other, "192.0.2.7", "example.com"):
        assert f"[Network: {refused} isn't allowed here.]" in result.text
    assert result.labels == {Label.UNTRUSTED}


async def test_a_private_address_that_its_owner_did_not_name_is_never_reached(host: LinkedHost) -> None:
    async with origin() as other:
        result = await shell(host, f"curl -s http://{other}/", other)
    assert "isn't a public address" in result.text


async def test_a_network_that_the_hub_did_not_grant_is_refused(host: LinkedHost, near: str) -> None:
    granted = networked(a_call("run_shell", command="true"), near)
    for less in ({"domains": ()}, {"send": False}, {"domains": ("a.test",)}):
        assert "wasn't granted" in (await host.call(granted.model_copy(update={"id": f"less-{less}", **less}))).text
    assert "isn't a host" in (await shell(host, "true", "*")).text


async def test_no_attempt_to_get_out_succeeds_with_a_network_either(folder: Path, host: LinkedHost, near: str) -> None:
    with bait(folder) as facts:
        result = await host.call(networked(a_call("run_python", code=script(facts, heavy=True)), near))
    assert successes(result.text) == set()


async def test_a_granted_folder_is_read_and_never_written_and_marks_the_run_as_private(host: LinkedHost) -> None:
    result = await shell(
        host, "cat /folders/team-papers/plan.txt; touch /folders/team-papers/x", folders=["team-papers"]
    )
    assert "the plan" in result.text
    assert "Read-only file system" in result.text
    assert result.labels == {Label.PRIVATE}
    assert "No such file" in (await shell(host, "ls /folders")).text
    assert "Granted: team-papers" in (await shell(host, "true", folders=["etc"])).text


async def test_a_lent_skill_is_run_and_never_written_by_the_calls_that_name_it(folder: Path, host: LinkedHost) -> None:
    shelf = FolderShelf(folder / "shelf")
    contents = {"SKILL.md": b"Run it.", "scripts/run.py": b"print(6 * 7)", "run.sh": b"#!/bin/sh\necho ran\n"}
    files = [SkillFile(path=path, file=await shelf.put(it, name="f")) for path, it in contents.items()]
    used = UsedSkill(name="sums", digest=digest_of({one.path: one.file.sha for one in files}), source="team")
    command = "python /skills/sums/scripts/run.py; /skills/sums/run.sh; echo x > /skills/sums/SKILL.md; ls /skills"
    missing = a_call("run_shell", command=command).model_copy(update={"skills": (used,)})
    assert "aren't on this host. Call use_skill sums again." in (await host.call(missing)).text
    await host.lend(used.digest, files)
    result = await host.call(a_call("run_shell", command=command).model_copy(update={"skills": (used,)}))
    assert "42\nran" in result.text
    assert "Read-only file system" in result.text
    assert "No such file" in (await shell(host, "ls /skills")).text


async def test_git_works_and_runs_no_hook_and_no_monitor(folder: Path, host: LinkedHost) -> None:
    """What a repository brings along is executed neither inside by git nor by our own code outside."""
    result = await shell(
        host,
        r"""git init -q .
        for name in pre-commit post-checkout post-commit fsmonitor; do
            printf '#!/bin/sh\necho planted >> /workspace/ran\n' > .git/hooks/$name
            chmod +x .git/hooks/$name
        done
        git config core.fsmonitor .git/hooks/fsmonitor; git config core.hooksPath .git/hooks
        echo a > a; git add a && git commit -qm one && git checkout -q -b b && git status -s
        git log --format='%an %s'
        printf 'open("ran", "w")' | tee conftest.py sitecustomize.py usercustomize.py json.py > pandas.py
        """,
    )
    assert "threadwork one" in result.text, result.text
    for call in (a_call("list_files"), a_call("read_file", path="a"), a_call("search_files", pattern="a")):
        assert (await host.call(call)).ok
    assert not (folder / "host" / "workspaces" / TASK / "ran").exists()


async def begun(host: LinkedHost, command: str) -> str:
    return (await shell(host, command, background=True)).text.split("'")[1]


async def test_a_command_in_the_background_is_read_written_to_and_ends_by_itself(host: LinkedHost) -> None:
    handle = await begun(host, "echo ready; while read word; do echo got $word; done; echo bye; exit 3")
    assert (await host.call(a_call("shell_output", handle=handle, wait=20))).text == "ready\n\nIt's still running."
    assert (await host.call(a_call("shell_input", handle=handle, text="it\n"))).ok
    assert (await host.call(a_call("shell_output", handle=handle, wait=20))).text == "got it\n\nIt's still running."
    assert (await host.call(a_call("shell_output", handle=handle))).text == "It's still running."
    assert (await host.call(a_call("shell_input", handle=handle, text="", last=True))).ok
    said = ""
    async with asyncio.timeout(60):
        while "exit code 3" not in said:
            said += (await host.call(a_call("shell_output", handle=handle, wait=20))).text
    assert said.startswith("bye\n")
    assert "no longer accepts input" in (await host.call(a_call("shell_input", handle=handle, text="x"))).text


async def test_a_command_in_the_background_stops_when_told_or_with_its_work(folder: Path, host: LinkedHost) -> None:
    markers = [f"6{number}{folder.name.encode().hex()[-6:]}" for number in (1, 2)]
    handles = [await begun(host, f"sleep 60 & exec -a {marker} sleep 50") for marker in markers]
    await until(lambda: all(processes(marker) for marker in markers))
    assert (await host.call(a_call("shell_stop", handle=handles[0]))).text == "It was stopped."
    await until(lambda: not processes(markers[0]))
    await host.leave(TASK, SubtaskId("s"))
    await until(lambda: not processes(markers[1]))
    words = (await host.call(a_call("shell_output", handle=handles[1]))).text
    assert "ended when the work that started it did, or the host was restarted. Start it again" in words


async def test_only_so_many_commands_run_in_the_background(host: LinkedHost) -> None:
    results = [await shell(host, "sleep 50", background=True) for _ in range(5)]
    assert [r.ok for r in results] == [True] * 4 + [False]
    assert "Stop one with shell_stop" in results[-1].text


async def test_a_chart_inside_uses_the_fonts_that_the_host_found_and_cannot_change_their_list(host: LinkedHost) -> None:
    code = """
import logging, sys
logging.basicConfig(level=logging.INFO, stream=sys.stdout)
import matplotlib.pyplot as plt
from matplotlib import font_manager, get_cachedir
plt.bar(["a", "b"], [1, 2]); plt.savefig("chart.png")
kept = f"{get_cachedir()}/fontlist-v{font_manager.FontManager.__version__}.json"
print("fonts", len(font_manager.fontManager.ttflist) > 10)
try:
    open(kept, "w")
except OSError as error:
    print("kept:", error.strerror)
"""
    result = await host.call(a_call("run_python", code=code))
    assert result.ok, result.text
    assert "generated new fontManager" not in result.text
    assert "fonts True" in result.text
    assert "kept: Read-only file system" in result.text
