"""One exam for every way to reach a host."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from agents.host import wire
from agents.host.child_process_host import StdioHost, dial_child
from agents.host.config import HostConfig, HostPolicy
from agents.host.connection_keeper import Dial
from agents.host.hub_side_host_link import LinkedHost, Watch
from agents.host.in_process_host import InProcessHost, dial_here
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.policy import Rule, Verdict
from orchestrator.domain.takeover import MOST_TOUCHES, Touch
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import HostRefused, ToolFailed
from orchestrator.ledger.file_shelf import FolderShelf
from tests.conformance.host_exam import until
from tests.host_fixtures import TASK, a_call, open_folder

EXAM = ("tests.conformance.host_exam:TOOLS", "tests.conformance.host_exam:PAGES")
STEP = SubtaskId("s")
POLICY = HostPolicy(
    rules=(
        Rule(verdict=Verdict.DENY, tool="list_files", why="no lists here"),
        Rule(verdict=Verdict.DENY, effect=Effect.NETWORK_READ, domain="*.bad.example"),
    ),
    domains=("*.example",),
    send=False,
)
KINDS: dict[str, tuple[type[StdioHost] | type[InProcessHost], Callable[[HostConfig], Dial]]] = {
    "stdio": (StdioHost, dial_child),
    "in process": (InProcessHost, dial_here),
}


class Bench:
    """Opens hosts of one kind on one folder."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._make, self._dial = KINDS[kind]
        self.shelf = FolderShelf(folder / "hub-shelf")
        self.config = HostConfig(home=str(folder / "host"), toolsets=EXAM, policy=POLICY)
        self.workspace = folder / "host" / "workspaces" / TASK
        self.progress: list[str] = []

    def host(self) -> LinkedHost:
        return self._make(
            self.config, self.shelf, watch=Watch(progress=lambda call, words: self.progress.append(words))
        )

    def dial(self) -> Dial:
        return self._dial(self.config)


@pytest.fixture(params=list(KINDS))
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with open_folder() as folder:
        yield Bench(request.param, folder)


@pytest.fixture
async def host(bench: Bench) -> AsyncIterator[LinkedHost]:
    async with bench.host() as host:
        yield host


async def test_a_repeated_call_is_answered_and_not_repeated(host: LinkedHost) -> None:
    call = a_call("count")
    first = await host.call(call)
    assert await host.call(call) == first
    assert (await host.call(a_call("count"))).text == "xx"


async def test_the_journal_answers_also_after_a_restart(bench: Bench) -> None:
    call = a_call("count")
    async with bench.host() as host:
        first = await host.call(call)
    async with bench.host() as host:
        assert await host.call(call) == first
        assert (await host.call(a_call("read_file", path="count"))).text.endswith("x")


async def test_a_call_that_runs_is_joined_by_its_repetition(bench: Bench, host: LinkedHost) -> None:
    call = a_call("wait_once", name="w")
    async with asyncio.TaskGroup() as group:
        one, two = group.create_task(host.call(call)), group.create_task(host.call(call))
        await until((bench.workspace / "w.started").exists)
        await host.call(a_call("write_file", path="w.go", content=""))
    assert one.result() == two.result()
    assert (bench.workspace / "w.started").read_text() == "x"


async def test_a_known_id_with_other_arguments_is_refused(host: LinkedHost) -> None:
    await host.call(a_call("count", id="same"))
    with pytest.raises(HostRefused, match="'same'"):
        await host.call(a_call("count", id="same", name="other"))


async def test_an_interrupted_call_that_must_not_be_repeated_is_unknown(bench: Bench) -> None:
    call = a_call("wait_once", name="w")
    async with bench.host() as host:
        running = asyncio.create_task(host.call(call))
        await until((bench.workspace / "w.started").exists)
    with pytest.raises(Exception, match="closed"):
        await running
    async with bench.host() as host:
        result = await host.call(call)
    assert (result.ok, result.unknown) == (False, True)
    assert "'wait_once'" in result.text
    assert (bench.workspace / "w.started").read_text() == "x"


async def test_an_interrupted_call_that_may_be_repeated_is_made_once_more(bench: Bench) -> None:
    call = a_call("wait", name="w")
    async with bench.host() as host:
        running = asyncio.create_task(host.call(call))
        await until((bench.workspace / "w.started").exists)
    with pytest.raises(Exception, match="closed"):
        await running
    async with bench.host() as host:
        await host.call(a_call("write_file", path="w.go", content=""))
        assert (await host.call(call)).text == "it went"
    assert (bench.workspace / "w.started").read_text() == "xx"


async def test_cancelling_the_call_cancels_the_tool(bench: Bench, host: LinkedHost) -> None:
    running = asyncio.create_task(host.call(a_call("wait", name="w")))
    await until((bench.workspace / "w.started").exists)
    running.cancel()
    await until((bench.workspace / "w.cancelled").exists)
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_cancelled_call_can_be_made_again_at_once(bench: Bench, host: LinkedHost) -> None:
    call = a_call("wait", name="w")
    running = asyncio.create_task(host.call(call))
    await until((bench.workspace / "w.started").exists)
    running.cancel()
    await host.call(a_call("write_file", path="w.go", content=""))
    assert (await host.call(call)).text == "it went"


async def test_one_waiter_less_does_not_cancel_the_others_call(bench: Bench, host: LinkedHost) -> None:
    call = a_call("wait_once", name="w")
    one, two = asyncio.create_task(host.call(call)), asyncio.create_task(host.call(call))
    await until((bench.workspace / "w.started").exists)
    one.cancel()
    await host.call(a_call("write_file", path="w.go", content=""))
    assert (await two).ok


async def test_a_broken_tool_is_one_sentence_and_the_host_lives_on(host: LinkedHost) -> None:
    result = await host.call(a_call("fall_over"))
    assert not result.ok
    assert "'fall_over' had an internal error (RuntimeError)" in result.text
    assert "private" not in result.text
    assert (await host.call(a_call("count"))).ok


async def test_wrong_arguments_and_unknown_tools_are_results_that_name_them(host: LinkedHost) -> None:
    assert "'read_file' are wrong" in (await host.call(a_call("read_file"))).text
    assert "have a tool named 'fly'" in (await host.call(a_call("fly"))).text


async def test_files_and_picture_of_a_result_are_on_the_shelf_when_it_arrives(bench: Bench, host: LinkedHost) -> None:
    result = await host.call(a_call("paint"))
    assert result.picture is not None
    assert [await bench.shelf.get(f.sha) for f in (*result.files, result.picture)] == [b"a,b", b"jpg"]
    assert bench.progress == ["painting"]


async def test_a_large_file_goes_in_and_out_unchanged(bench: Bench, host: LinkedHost) -> None:
    content = bytes(range(256)) * 8192 + b"end"
    given = await bench.shelf.put(content, name="large.bin")
    await host.give(TASK, given, "in/large.bin")
    assert (bench.workspace / "in" / "large.bin").read_bytes() == content
    assert (await host.take(TASK, "in/large.bin")).sha == given.sha


async def test_an_empty_file_goes_in_and_out(bench: Bench, host: LinkedHost) -> None:
    given = await bench.shelf.put(b"", name="empty")
    await host.give(TASK, given, "empty")
    assert (await host.take(TASK, "empty")).size == 0


async def test_many_files_at_once_do_not_disturb_each_other(bench: Bench, host: LinkedHost) -> None:
    given = [await bench.shelf.put(bytes([n]) * 700_000, name=f"{n}") for n in range(8)]
    await asyncio.gather(*(host.give(TASK, file, f"{n}/{m}") for n in (1, 2) for m, file in enumerate(given)))
    taken = await asyncio.gather(*(host.take(TASK, f"2/{m}") for m in range(8)))
    assert [f.sha for f in taken] == [f.sha for f in given]


async def test_a_planted_link_is_not_followed(bench: Bench, host: LinkedHost) -> None:
    secret = Path(bench.config.home).parent / "secret"
    secret.write_text("secret")
    await host.call(a_call("plant", target=str(secret)))
    given = await bench.shelf.put(b"new", name="n")
    with pytest.raises(ToolFailed, match="link"):
        await host.take(TASK, "link")
    with pytest.raises(ToolFailed, match="link"):
        await host.give(TASK, given, "link")
    for call in (a_call("read_file", path="link"), a_call("write_file", path="link", content="x")):
        assert "link" in (await host.call(call)).text
    assert secret.read_text() == "secret"


async def test_a_file_that_is_not_there_is_a_sentence(host: LinkedHost) -> None:
    with pytest.raises(ToolFailed, match=r"no file 'nothing\.txt'"):
        await host.take(TASK, "nothing.txt")


async def test_the_host_policy_refuses_a_tool_a_domain_and_sending(host: LinkedHost) -> None:
    with pytest.raises(HostRefused, match="no lists here"):
        await host.call(a_call("list_files"))
    with pytest.raises(HostRefused, match=r"'elsewhere.test'"):
        await host.call(a_call("surf", domains=("ok.example", "elsewhere.test")))
    with pytest.raises(HostRefused, match="'surf'"):
        await host.call(a_call("surf", domains=("very.bad.example",)))
    with pytest.raises(HostRefused, match="'surf'"):
        await host.call(a_call("surf", domains=("*.example",)))
    with pytest.raises(HostRefused, match="doesn't allow submitting"):
        await host.call(a_call("surf", send=True))
    assert (await host.call(a_call("surf", domains=("ok.example",)))).text == "surfed"


async def test_parallel_calls_run_beside_each_other(bench: Bench, host: LinkedHost) -> None:
    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(host.call(a_call("wait", name=name)))
        for name in "abc":
            await until((bench.workspace / f"{name}.started").exists)
        for name in "abc":
            await host.call(a_call("write_file", path=f"{name}.go", content=""))


async def test_leaving_a_subtask_keeps_its_files(bench: Bench, host: LinkedHost) -> None:
    await host.call(a_call("count"))
    await host.leave(TASK, "s")
    await host.leave(TASK)
    assert (bench.workspace / "count").exists()


async def test_a_page_is_seen_and_touched_in_order_until_it_is_let_go(host: LinkedHost) -> None:
    words = [Touch(kind="text", text=f"{n} 電池.") for n in range(MOST_TOUCHES + 50)]
    async with host.take_over(TASK, STEP, {"b.example", "a.example"}) as taken:
        view, picture = await taken.see(-1)
        assert (view.number, view.url, picture) == (0, "a.example b.example", b"")
        await taken.do(words)
        view, picture = await taken.see(0)
        assert (view.number, picture.decode()) == (len(picture.decode()), "".join(t.text for t in words))
        await taken.allow({"c.example"})
        assert (await taken.see(0))[0].url == "c.example"
    with pytest.raises(ToolFailed, match="Nobody holds"):
        await taken.see(-1)


async def test_a_picture_that_is_waited_for_delays_nothing_and_can_be_given_up(host: LinkedHost) -> None:
    async with host.take_over(TASK, STEP, ()) as taken, host.take_over(TASK, SubtaskId("other"), ()) as other:
        looking, tired = asyncio.create_task(taken.see(0)), asyncio.create_task(other.see(0))
        assert (await host.call(a_call("count"))).ok
        assert (await other.see(-1))[0].number == 0
        assert not looking.done()
        tired.cancel()
        await taken.do([Touch(kind="text", text="now")])
        view, picture = await looking
        assert (view.title, picture) == ("now", b"now")


async def test_a_page_that_cannot_be_taken_over_is_a_sentence(host: LinkedHost) -> None:
    with pytest.raises(ToolFailed, match="has no slate"):
        async with host.take_over(TASK, SubtaskId("none"), ()):
            raise AssertionError("it was taken over")
    assert (await host.call(a_call("count"))).ok


@pytest.mark.parametrize(
    "garbage",
    [b"\xff" * 8, b"\x00\x00\x00\x02\x00\x00\x00\x00{}", b'\x00\x00\x00\x0f\x00\x00\x00\x00{"type":"pong"}'],
    ids=["too large", "no type", "wrong way"],
)
async def test_a_malformed_frame_ends_the_connection_with_a_clear_error(bench: Bench, garbage: bytes) -> None:
    connection = await bench.dial()()
    try:
        await connection.channel.send(wire.Hello(config=bench.config))
        welcome = await connection.channel.receive()
        assert welcome is not None
        assert welcome.message.type == "welcome"
        connection.channel._writer.write(garbage)  # pyright: ignore[reportPrivateUsage]
        sorry = await connection.channel.receive()
        assert sorry is not None
        assert isinstance(sorry.message, wire.Sorry)
        assert await connection.channel.receive() is None
    finally:
        last_words = await connection.close()
    assert last_words == sorry.message.words
