"""Every call to a host is answered; every file name, argument, and skill works or is refused with a sentence."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from agents.host.hub_side_host_link import LinkedHost
from orchestrator.domain.skill_content import SkillFile
from orchestrator.domain.skills import digest_of
from orchestrator.errors import HostFailed, HostRefused, ToolFailed
from tests.conformance.test_host_link import KINDS, Bench
from tests.host_fixtures import TASK, a_call, open_folder


@pytest.fixture(params=list(KINDS))
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with open_folder() as folder:
        yield Bench(request.param, folder)


@pytest.fixture
async def host(bench: Bench) -> AsyncIterator[LinkedHost]:
    async with bench.host() as host:
        yield host


@pytest.mark.parametrize("how", ["exit", "cancelled", "surrogate", "fail"])
async def test_every_call_is_answered_whatever_the_tool_raises(host: LinkedHost, how: str) -> None:
    async with asyncio.timeout(60):
        try:
            words = (await host.call(a_call("leave_early", how=how))).text
        except HostFailed as error:
            words = str(error)
    assert words in (
        "The tool 'leave_early' had an internal error (SystemExit). Try another way.",
        "The call was canceled.",
        "half \ufffd and \ufffd",
        "failed on \ufffd",
    )
    assert (await host.call(a_call("count"))).ok


async def test_a_file_whose_name_cannot_be_shown_is_shown_escaped_and_can_be_used(
    bench: Bench, host: LinkedHost
) -> None:
    await host.call(a_call("name_badly"))
    name = r"bad-\xff\x0a.txt"
    assert "1: needle" in (await host.call(a_call("read_file", path=name))).text.replace("    1  ", "1: ")
    found = await host.call(a_call("search_files", pattern="needle", below=name))
    assert found.text.startswith(f"{name}:1: needle")
    assert (await host.call(a_call("edit_file", path=name, old="needle", new="pin"))).ok
    taken = await host.take(TASK, name)
    assert (taken.name, await bench.shelf.get(taken.sha)) == (name, b"pin")
    await host.give(TASK, taken, f"again/{taken.name}")
    assert (await host.take(TASK, f"again/{name}")).sha == taken.sha


@pytest.mark.parametrize("args", [{"x": float("nan")}, {"x": 10**400}], ids=["nan", "huge"])
async def test_arguments_that_cannot_be_sent_are_refused_and_the_link_lives_on(
    host: LinkedHost, args: dict[str, JsonValue]
) -> None:
    with pytest.raises(HostRefused, match="can't be sent"):
        await host.call(a_call("count", **args))
    assert (await host.call(a_call("count"))).ok


async def test_a_lone_surrogate_in_arguments_reaches_the_tool_as_a_replacement_mark(host: LinkedHost) -> None:
    assert "there's no file 'a\ufffd'" in (await host.call(a_call("read_file", path="a\ud800"))).text.lower()
    assert (await host.call(a_call("count"))).ok


async def test_a_skill_is_lent_once_and_only_with_the_files_of_its_digest(bench: Bench, host: LinkedHost) -> None:
    contents = {"SKILL.md": b"Do it.", "scripts/run.sh": b"#!/bin/sh\n", "copy.md": b"Do it."}
    files = [SkillFile(path=path, file=await bench.shelf.put(it, name="f")) for path, it in contents.items()]
    digest = digest_of({one.path: one.file.sha for one in files})
    await asyncio.gather(*(host.lend(digest, files) for _ in range(3)))
    place = Path(bench.config.home) / "skills" / digest
    assert {str(f.relative_to(place)): f.read_bytes() for f in place.rglob("*.*")} == contents
    assert [bool((place / path).stat().st_mode & 0o100) for path in contents] == [False, True, False]
    with pytest.raises(ToolFailed, match="don't match"):
        await host.lend("0" * 64, files)
    out = SkillFile(path="../../out", file=files[0].file)
    with pytest.raises(ToolFailed, match="don't match"):
        await host.lend(digest_of({out.path: out.file.sha}), [out])
    assert not (Path(bench.config.home) / "out").exists()
