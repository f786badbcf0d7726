"""`kill -9` of each process that a tool uses, and of the host, in the middle of each tool.

The call ends right: done after its own repair, or with a sentence that says what to do next; what may have been sent is
unknown. The next call of the tool works, every file is whole, and at the end nothing runs and nothing lies around.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from agents.tools.office.libreoffice import convert
from orchestrator.domain.tool_calls import CallResult
from tests.acceptance.killed_host import COMMANDS, Room, a_room, background, host_killed, refs, shot, stopped
from tests.acceptance.killed_subtask import everything_opens, half_written
from tests.acceptance.sample_calls import HANDS, Hand, Part
from tests.browser_fixtures import EXECUTABLE
from tests.conformance.host_exam import until
from tests.long_tests import sampled

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
    pytest.mark.skipif(EXECUTABLE is None, reason="no browser on this machine"),
    pytest.mark.skipif(convert.soffice() is None, reason="no LibreOffice on this machine"),
]
_AT_ONCE = 5
"""Pages that the browser lets work beside each other."""
_PROGRAMS = [word for part in ("search", "office", "drawer", "printer") for word in COMMANDS[part]]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def room() -> AsyncIterator[Room]:
    async with a_room() as one:
        yield one


async def test_every_tool_of_the_host_is_killed_here(room: Room) -> None:
    assert {spec.name for spec in await room.host.tools()} <= {hand.tool for hand in HANDS}


@pytest.mark.parametrize("part", sampled(["writing", "reading"], 2))
async def test_the_host_is_killed_while_all_tools_read_or_write(room: Room, part: Part) -> None:
    held = room.story.home / "held"
    mine = await there(room, part)
    await room.furnished()
    room.story.home.joinpath("hold").write_text(part)
    calls = [asyncio.ensure_future(room.call(hand)) for hand in mine]
    await host_killed(room, lambda: held.exists() and len(held.read_text()) == len(mine))
    await right_after_the_host(room, mine, calls)


@pytest.mark.parametrize(("part", "word"), sampled([("office", "soffice.bin"), ("sandbox", "/code/")], 2))
async def test_the_host_is_killed_while_processes_work_for_it(room: Room, part: Part, word: str) -> None:
    mine = await there(room, part)
    await room.furnished()
    calls = [asyncio.ensure_future(room.call(hand)) for hand in mine]
    await host_killed(room, lambda: room.stop(word) and room.busy(sum(not call.done() for call in calls)))
    await right_after_the_host(room, mine, calls)


async def test_the_host_is_killed_while_it_talks_with_a_command_in_the_background(room: Room) -> None:
    handle, mine = await background(room), await there(room, "background")
    talking = [hand for hand in mine if hand.tool != "shell_stop"]  # stopping has no middle that could be caught
    await until(lambda: room.stop("/code/command"))  # first of all: who reads at once has no middle either
    calls = [asyncio.ensure_future(room.call(hand, handle=handle)) for hand in talking]
    await host_killed(room, lambda: room.busy(len(talking)))
    for hand, result in zip(talking, await asyncio.gather(*calls), strict=True):
        assert (result.ok, result.unknown) == (False, not hand.again), (hand.tool, result.text)
        assert says_what_to_do(result.text), (hand.tool, result.text)
    for hand in mine:
        assert "Start it again" in (await room.call(hand, handle=handle)).text


async def test_the_host_is_killed_while_pages_load_and_send(room: Room) -> None:
    """`browser_wait` and its like are met by the kills of the browser; what is on its way to a site is met here."""
    await room.furnished()
    opening, fetching = (Hand(name, {}, ()) for name in ("browser_open", "browser_download"))
    held = await refs(room, approved := Hand("browser_send", {"message": "Send approved"}, ()))
    calls = [
        asyncio.ensure_future(room.call(opening, url="SITE/slow?open")),
        asyncio.ensure_future(room.call(fetching, url_or_ref="SITE/slow?fetch", path="got.html")),
        asyncio.ensure_future(room.call(approved, **held)),
    ]
    asked = room.site.asked
    held_up = {f"/slow?{word}" for word in ("open", "fetch", "approved")}
    await host_killed(room, lambda: held_up <= {*asked})
    opened, fetched, sent = await asyncio.gather(*calls)
    assert opened.ok and "1,2,3" in opened.text and fetched.ok
    assert "1,2,3" in (room.workspace / "got.html").read_text()
    assert (sent.ok, sent.unknown) == (False, True)
    again = await room.call(approved, **held)
    assert (again.ok, asked.count("/slow?approved")) == (False, 1)
    assert "already sent" in again.text


@pytest.mark.parametrize("word", sampled(["chromium", "cli.js"], 2))
async def test_what_was_on_its_way_when_the_browser_was_killed(room: Room, word: str) -> None:
    """Reading is done again, sending is not: nobody knows whether it arrived."""
    one, send = f"/slow?{word}", Hand("browser_send", {"message": "Send slowly"}, ())
    room.site.asked[:] = []
    form = await refs(room, send)
    opening = asyncio.ensure_future(room.call(Hand("browser_open", {}, ()), url=f"SITE{one}"))
    sending = asyncio.ensure_future(room.call(send, **form))
    await until(lambda: {one, "/slow?send"} <= {*room.site.asked})
    shot(room.below(word))
    opened, sent = await asyncio.gather(opening, sending)
    assert opened.ok and "1,2,3" in opened.text
    assert (sent.ok, sent.unknown, room.site.asked.count("/slow?send")) == (False, True, 1)
    assert "Check whether the action took effect" in sent.text


@pytest.mark.parametrize("word", sampled(_PROGRAMS[::-1], 3))
async def test_a_program_is_killed_in_the_middle_of_each_tool_that_runs_it(
    room: Room, word: str, everything: bool
) -> None:
    part: Any = next(name for name, words in COMMANDS.items() if word in words)
    mine = await there(room, part)
    await room.furnished()
    for hand in mine if everything else mine[:1]:
        calling, caught = await room.call_caught(hand, word, new=part != "office")
        shot(caught)
        result = await calling
        done = result.ok and hand.said in result.text
        cut_off = part == "search" and says_what_to_do(result.text)  # it may have said all before it was stopped
        assert done or cut_off, (hand.tool, word, result.text)
    await goes_on(room, mine)


@pytest.mark.parametrize("word", sampled(COMMANDS["sandbox"], 2))
async def test_the_sandbox_is_killed_in_the_middle_of_each_tool_that_runs_in_it(room: Room, word: str) -> None:
    mine = await there(room, "sandbox")
    await room.furnished()
    for hand in mine:
        result = CallResult(ok=True, text="")
        while result.ok:  # it had said all before it was stopped: once more
            calling, caught = await room.call_caught(hand, "/code/", new=True)
            shot(caught if word == "/code/" else room.below(word))
            result = await calling
        assert "The system killed" in result.text
        assert says_what_to_do(result.text), (hand.tool, result.text)
    await goes_on(room, mine)


@pytest.mark.parametrize(
    ("tool", "more", "writes"),
    [
        ("data_query", {"sql": "SELECT t.*, n.range FROM t, range(200) n"}, "query.csv"),
        ("make_patch", {"folder": "large"}, "own.patch"),
    ],
)
async def test_a_file_that_the_killed_sandbox_was_writing_is_gone(
    room: Room, tool: str, more: dict[str, Any], writes: str
) -> None:
    (hand,) = [hand for hand in HANDS if hand.tool == tool]
    await room.furnished()
    calling = asyncio.ensure_future(room.call(hand, **more))
    await until(lambda: bool(half_written(room.workspace)) or calling.done())
    shot(room.below("bwrap"))
    assert not (await calling).ok
    assert half_written(room.workspace) == []
    assert not (room.workspace / writes).exists()


@pytest.mark.slow
@pytest.mark.parametrize("word", ["bwrap", "/code/command"])
async def test_a_command_in_the_background_is_killed(room: Room, word: str) -> None:
    for hand in await there(room, "background"):
        handle = await background(room)
        caught = await room.caught("/code/command", new=False)
        calling = asyncio.ensure_future(room.call(hand, handle=handle))
        if hand.tool != "shell_stop":  # which is done before anybody sees it
            await until(lambda: bool(room.running()), within=60)
        shot(caught if word == "/code/command" else room.below(word))
        result = await calling
        assert result.ok == (hand.tool == "shell_stop") or says_what_to_do(result.text), (hand.tool, result.text)
        end = (await room.call(Hand("shell_output", {}, ()), handle=handle, wait=5)).text
        assert "The system killed" in end or (hand.tool == "shell_stop" and end == "It was stopped.")
    assert (await room.done("shell_output", handle=await background(room))) == "It's still running."


@pytest.mark.slow
@pytest.mark.parametrize("word", sampled(COMMANDS["browser"][::-1], 2))
async def test_the_browser_is_killed_in_the_middle_of_each_tool(room: Room, word: str, everything: bool) -> None:
    await room.furnished()
    mine = await there(room, "browser")
    for some in batched(mine) if everything or word == "chromium" else batched(mine)[:1]:
        given = await asyncio.gather(*(refs(room, hand) for hand in some))
        middle = room.below(word)
        for pid in middle:
            stopped(pid)
        calls = [asyncio.ensure_future(room.call(h, **more)) for h, more in zip(some, given, strict=True)]
        await until(partial(room.busy, len(some)), within=60)
        await asyncio.sleep(0.3)  # nothing can be seen of a call that waits for a browser that stands still
        shot(middle)
        for hand, result in zip(some, await asyncio.gather(*calls), strict=True):
            assert right_after_the_browser(hand, result), (hand.tool, word, result.text)
    await goes_on(room, [])


def batched(hands: Sequence[Hand]) -> list[Sequence[Hand]]:
    return [hands[n : n + _AT_ONCE] for n in range(0, len(hands), _AT_ONCE)]


async def there(room: Room, part: Part) -> list[Hand]:
    """The hands with that part whose tool this host has; there are some."""
    known = {spec.name for spec in await room.host.tools()}
    mine = [hand for hand in HANDS if part in hand.parts and hand.tool in known]
    assert mine, part
    return mine


async def right_after_the_host(room: Room, hands: Sequence[Hand], calls: Sequence[Awaitable[CallResult]]) -> None:
    """Each call was done by the next host, or is of unknown outcome where doing it again may do harm."""
    for hand, result in zip(hands, await asyncio.gather(*calls), strict=True):
        assert (result.ok, result.unknown) == (hand.again, not hand.again), (hand.tool, result.text)
        assert hand.said in result.text if result.ok else says_what_to_do(result.text), (hand.tool, result.text)
        assert not hand.writes or (room.workspace / hand.writes).stat().st_size
    await goes_on(room, [])


def right_after_the_browser(hand: Hand, result: CallResult) -> bool:
    """Reading is done again; an action is told to be looked after, and is unknown where it may have sent something."""
    if hand.tool == "browser_back":  # a new browser knows no earlier page
        return "call browser_open" in result.text.lower()
    if hand.again or result.ok:
        return result.ok and hand.said in result.text
    return "Check whether the action took effect" in result.text and result.unknown == hand.tool.endswith(
        ("upload", "submit", "send")
    )


def says_what_to_do(text: str) -> bool:
    """In one sentence, after the output of a command if there is any."""
    last = text.rpartition("\n")[2]
    steps = ("look", "again", "once more", "check", "repeat")
    return last.endswith(".") and any(word in last.lower() for word in steps)


async def goes_on(room: Room, hands: Sequence[Hand]) -> None:
    """Every file in the workspace is whole, and the next call of each tool works."""
    assert half_written(room.workspace) == []
    everything_opens(room.workspace)
    await room.furnished()
    mine = [hand for hand in hands if hand.again]
    for hand, result in zip(mine, await asyncio.gather(*(room.call(h) for h in mine)), strict=True):
        assert result.ok and hand.said in result.text, (hand.tool, result.text)
    if "sandbox" in {part for hand in hands for part in hand.parts}:
        assert (await room.done("run_shell", command="echo $((6 * 7))")).startswith("42")
        assert (await room.done("run_python", code="print(6 * 7)")).startswith("42")
