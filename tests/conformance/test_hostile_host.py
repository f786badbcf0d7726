"""A host that was taken over cannot exhaust or mislead the hub, and people read which rule it broke."""

import asyncio
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from agents.host import wire
from agents.host.child_process_host import Child
from agents.host.config import HostConfig
from agents.host.connection_keeper import Connection, Timing
from agents.host.frame_checks import LONGEST_PAUSE, FrameChecks
from agents.host.hub_side_host_link import LinkedHost, Watch
from orchestrator.domain.ids import CallId, Sha
from orchestrator.domain.people import FileRef
from orchestrator.domain.skill_content import SkillFile
from orchestrator.domain.tool_calls import CallResult
from orchestrator.errors import BrokeRule, HostFailed, HostLost
from orchestrator.ledger.file_shelf import FolderShelf
from tests.conformance.hostile_frames import ATTACKS, CONTENT, FILE, SHA
from tests.host_fixtures import TASK, a_call

PROGRAM = Path(__file__).with_name("hostile_host.py")


class Front:
    """A hub's end of a link to a hostile child, with all that people would be told."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.shelf = FolderShelf(folder / "shelf")
        self.broke: list[str] = []
        self.changes: list[str] = []

    async def dial(self) -> Connection:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", str(PROGRAM), str(self._folder),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return Child(process, HostConfig(home=str(self._folder)))

    def plan(self, frames: Iterable[bytes], *, then: str = "wait", always: bool = False) -> None:
        (self._folder / "attack").write_bytes(b"".join(frames))
        (self._folder / "then").write_text(then)
        if always:
            (self._folder / "always").touch()

    def host(self, timing: Timing | None = None) -> LinkedHost:
        watch = Watch(change=lambda up, words: self.changes.append(words), broke=self.broke.append)
        return LinkedHost("h", self.dial, self.shelf, timing=timing or Timing(pause=0.01), watch=watch)

    def left(self) -> list[str]:
        """What lies on the shelf and in the hub's temporary folder."""
        shelved = (self._folder / "shelf").rglob("*")
        return sorted(path.name for path in (*shelved, *(self._folder / "tmp").iterdir()) if path.is_file())


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    before = _open_files()
    yield Front(tmp_path)
    assert _open_files() <= before


def _open_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


@pytest.mark.parametrize("how", list(ATTACKS))
async def test_a_host_that_breaks_a_rule_is_cut_off_and_people_read_which(front: Front, how: str) -> None:
    frames, rule = ATTACKS[how]
    call = a_call("any", id="c")
    await asyncio.to_thread(front.plan, frames(call.id))
    async with front.host() as host:
        assert (await host.call(call)).ok or "twice" in how
        async with asyncio.timeout(60):
            while not front.broke:  # noqa: ASYNC110 - the child's frame may come behind its good answer
                await asyncio.sleep(0.01)
        assert (await host.call(a_call("any"))).text == "fine"
    assert len(front.broke) == 1
    assert rule in front.broke[0]
    assert set(await asyncio.to_thread(front.left)) <= {SHA[2:]}


async def test_a_host_that_breaks_a_rule_every_time_is_not_started_for_ever(front: Front) -> None:
    await asyncio.to_thread(front.plan, [wire.packed(wire.Put(sha=SHA), CONTENT)], always=True)
    async with front.host(Timing(pause=0.01, failures=3)) as host:
        with pytest.raises(HostLost, match=r"keeps violating its link protocol \(it sent a file that wasn't req"):
            await host.call(a_call("any"))
    assert len(front.broke) == 3


async def test_a_frame_that_comes_a_byte_at_a_time_is_not_waited_for(front: Front) -> None:
    await asyncio.to_thread(front.plan, [b"\0\0\x10\0\0\0\0\0"], then="trickle")
    async with front.host(Timing(pause=0.01, silence=2)) as host:
        assert (await host.call(a_call("any"))).text == "fine"
    assert any("no heartbeat" in words for words in front.changes)


async def test_a_host_that_ends_in_the_middle_of_a_file_leaves_nothing_behind(front: Front) -> None:
    call = a_call("any")
    begun = wire.packed(wire.Put(sha=SHA, last=False), b"01")
    frames = [wire.packed(wire.Offer(key=call.id, files=(FILE,))), begun, begun[:-1]]
    await asyncio.to_thread(front.plan, frames, then="leave")
    async with front.host() as host:
        assert (await host.call(call)).text == "fine"
    assert await asyncio.to_thread(front.left) == []


@pytest.mark.parametrize(
    ("size", "on_shelf", "wrong"), [(10, False, "didn't send"), (3, True, "wrong size"), (10, True, "")]
)
async def test_a_file_that_is_only_named_is_not_believed(front: Front, size: int, on_shelf: bool, wrong: str) -> None:
    call = a_call("any")
    named = FileRef(name="f", sha=SHA, size=size)
    if on_shelf:
        await front.shelf.put(CONTENT, name="f")
    await asyncio.to_thread(
        front.plan, [wire.packed(wire.Result(id=call.id, result=CallResult(ok=True, text="x", files=(named,))))]
    )
    async with front.host() as host:
        if wrong:
            with pytest.raises(HostFailed, match=wrong):
                await host.call(call)
        else:
            assert (await host.call(call)).files == (named,)
    assert front.broke == []


class Account:
    """What is due, on a clock of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.due = FrameChecks(lambda: self.now)
        self.call = a_call("paint", id="c")
        self.due.ask(wire.Run(call=self.call))

    def hear(self, message: wire.Message, payload: bytes = b"") -> bool:
        heard = self.due.heard(wire.Frame(message, payload))
        self.due.taken()
        return heard


def test_a_file_that_stays_half_sent_ends_the_connection() -> None:
    on = Account()
    on.hear(wire.Offer(key=on.call.id, files=(FILE,)))
    on.hear(wire.Put(sha=SHA, last=False), b"0")
    on.now += LONGEST_PAUSE
    on.hear(wire.Put(sha=SHA, first=False, last=False), b"1")
    on.now += LONGEST_PAUSE + 1
    with pytest.raises(BrokeRule, match="half-sent"):
        on.hear(wire.Progress(id=on.call.id, words="still here"))


def test_a_call_that_was_taken_back_and_made_again_has_the_second_answer() -> None:
    on = Account()
    on.due.ask(wire.Run(call=on.call))
    assert not on.hear(wire.NotDone(id=on.call.id, words="The call was canceled.", refused=False))
    assert on.hear(wire.NotDone(id=on.call.id, words="no", refused=True))


def test_the_answer_to_a_file_that_is_taken_is_that_file_and_only_one() -> None:
    on = Account()
    on.due.ask(wire.Take(n=1, task=TASK, path="f"))
    with pytest.raises(BrokeRule, match="'done'"):
        on.hear(wire.Done(n=1))
    other = FILE.model_copy(update={"sha": Sha("0" * 64)})
    with pytest.raises(BrokeRule, match="at most 1"):
        on.hear(wire.Offer(key=1, files=(FILE, other)))
    on.due.ask(wire.Give(n=2, task=TASK, file=FILE, path="f"))
    with pytest.raises(BrokeRule, match="wasn't given"):
        on.hear(wire.Want(n=2, sha=other.sha))


def test_of_a_lent_skill_only_its_files_may_be_wanted_and_each_once() -> None:
    on = Account()
    other = FILE.model_copy(update={"sha": Sha("0" * 64)})
    files = tuple(SkillFile(path=path, file=file) for path, file in (("a", FILE), ("b", other), ("c", FILE)))
    on.due.ask(wire.Lend(n=1, digest="0" * 64, files=files))
    for sha in (FILE.sha, other.sha):
        on.hear(wire.Want(n=1, sha=sha))
    with pytest.raises(BrokeRule, match="wasn't given, or requested it twice"):
        on.hear(wire.Want(n=1, sha=FILE.sha))
    on.due.ask(wire.Lend(n=2, digest="0" * 64, files=files))
    with pytest.raises(BrokeRule, match="wasn't given"):
        on.hear(wire.Want(n=2, sha=Sha("1" * 64)))


def test_two_answers_at_once_may_hold_the_same_file() -> None:
    """Two agents on one page get the same picture, and their pieces arrive in any order."""
    on, other = Account(), a_call("paint", id="d")
    on.due.ask(wire.Run(call=other))
    for call in (on.call, other):
        on.hear(wire.Offer(key=call.id, files=(FILE,)))
    on.hear(wire.Put(sha=SHA), CONTENT)
    assert on.hear(wire.Result(id=other.id, result=CallResult(ok=True, text="", files=(FILE,))))
    on.hear(wire.Put(sha=SHA), CONTENT)
    assert on.hear(wire.Result(id=on.call.id, result=CallResult(ok=True, text="", files=(FILE,))))
    with pytest.raises(BrokeRule, match="wasn't requested"):
        on.hear(wire.Put(sha=SHA), CONTENT)


def test_files_that_are_announced_and_never_sent_are_counted() -> None:
    on = Account()
    for n in range(wire.MOST_CARRIED + 2):
        on.due.ask(wire.Run(call=a_call("paint", id=f"c{n}")))
    with pytest.raises(BrokeRule, match="never sent"):
        for n in range(wire.MOST_CARRIED + 2):
            on.hear(wire.Offer(key=CallId(f"c{n}"), files=(FILE,) * wire.MOST_CARRIED))
            on.hear(wire.NotDone(id=CallId(f"c{n}"), words="no", refused=True))
