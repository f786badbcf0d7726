"""A forward or a file without words waits for what its author says next, by a clock that only the test moves."""

from pathlib import Path

from bot.chat_platform import Mentioned, Quote, RemoteFile
from bot.inbox.inbound_keys import key_of
from bot.inbox.inbox import Inbox
from bot.inbox.join_wordless_messages import WAIT, together
from bot.outbox.record_posted_messages import PostedMessages
from orchestrator.domain.people import Person, Place
from tests.memory_hub import stage
from tests.scenarios.fake_platform import HandTicks
from tests.scenarios.test_inbox import ADA, BOB, Room, quiet

FILE = RemoteFile(id="F", name="list.csv", size=3)
WORDS = "put the totals of this into a spreadsheet"


def said(text: str, number: int, by: Person = ADA, **more: object) -> Mentioned:
    """A message in a direct conversation, of which each has its own place."""
    place = Place(platform="fake", channel=f"T1/D{by.name}", thread=f"{number}.0", private=True)
    base = {"id": f"ev{number}", "by": by, "place": place, "text": text, "message": f"{number}.0"}
    return Mentioned.model_validate(base | more)


def forward(number: int = 1, text: str = "The list") -> Mentioned:
    return said("", number, quotes=(Quote(how="forward", by="Someone", text=text, files=(FILE,)),))


async def requests(it: Room) -> list[tuple[str, list[str], list[str]]]:
    """Of each task: its words, its files, and what it builds on."""
    await it.inbox_rests()
    found = [state.request for state in await it.tasks()]
    return [
        (r.text, [f.name for f in (*r.files, *(f for q in r.background.quoted for f in q.files))],
         [q.text for q in r.background.quoted])
        for r in found if r
    ]  # fmt: skip


def at(on: object, ticks: HandTicks) -> Room:
    it = Room(on, ticks=ticks)  # pyright: ignore[reportArgumentType]
    it.platform.content["F"] = b"1,2"
    return it


async def test_a_forward_and_its_comment_are_one_request(tmp_path: Path) -> None:
    async with stage(tmp_path, quiet()) as on:
        it = at(on, HandTicks())
        async with it.open():
            await it.take(forward())
            await it.take(said(WORDS, 2))
            assert await requests(it) == [(WORDS, ["list.csv"], ["The list"])]
            await it.take(forward())
            await it.take(said(WORDS, 2))
            assert len(await requests(it)) == 1, "they were only delivered again"


async def test_several_forwards_and_a_file_wait_for_the_same_words(tmp_path: Path) -> None:
    async with stage(tmp_path, quiet()) as on:
        it = at(on, HandTicks())
        async with it.open():
            await it.take(forward(1, "One"))
            await it.take(forward(2, "Two"))
            await it.take(forward(2, "Two"))
            await it.take(said("", 3, files=(FILE,)))
            await it.take(said(WORDS, 4))
            ((text, _, quoted),) = await requests(it)
            assert (text, quoted) == (WORDS, ["One", "Two"])


async def test_a_forward_without_a_comment_is_a_request_after_the_wait(tmp_path: Path) -> None:
    async with stage(tmp_path, quiet()) as on:
        ticks = HandTicks()
        it = at(on, ticks)
        async with it.open():
            await it.take(forward())
            await ticks.run(WAIT - 0.1)
            assert await it.tasks() == []
            await ticks.run(0.2)
            ((_, files, quoted),) = await requests(it)
            assert (files, quoted) == (["list.csv"], ["The list"])


async def test_words_of_someone_else_or_without_a_forward_before_them_dont_wait(tmp_path: Path) -> None:
    async with stage(tmp_path, quiet()) as on:
        it = at(on, HandTicks())
        async with it.open():
            await it.take(forward())
            await it.take(said("make a report", 2, BOB))
            assert [s.request.text for s in await it.tasks() if s.request] == ["make a report"]
            assert (await it.tasks())[0].request.background.quoted == ()  # pyright: ignore[reportOptionalMemberAccess]


async def test_a_kill_between_the_two_loses_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path, quiet()) as on:
        killed = at(on, HandTicks())
        async with killed.open():
            await killed.take(forward())
        it = at(on, HandTicks())
        async with it.open():
            await it.take(said(WORDS, 2))
            assert await requests(it) == [(WORDS, ["list.csv"], ["The list"])]


async def test_a_kill_between_the_two_without_more_words_plans_the_forward(tmp_path: Path) -> None:
    async with stage(tmp_path, quiet()) as on:
        killed = at(on, HandTicks())
        async with killed.open():
            await killed.take(forward())
        ticks = HandTicks()
        it = at(on, ticks)
        async with it.open():
            await ticks.run(WAIT + 0.1)
            ((_, files, _),) = await requests(it)
            assert files == ["list.csv"]


async def test_a_kill_when_both_are_stored_but_not_done_makes_one_task(tmp_path: Path) -> None:
    async with stage(tmp_path, quiet()) as on:
        fetch = at(on, HandTicks()).platform.fetch
        inbox = Inbox(on.desk, "fake", fetch=fetch, tell=_nobody, posts=PostedMessages(on.desk, "fake"))
        await inbox.begin()
        for one in (forward(), together(forward(), said(WORDS, 2))):
            await on.desk.note("fake", key_of(one), await inbox._packed(one))  # pyright: ignore[reportPrivateUsage]
        await inbox.close()
        it = at(on, HandTicks())
        async with it.open():
            assert await requests(it) == [(WORDS, ["list.csv"], ["The list"])]


async def _nobody(key: str, place: Place, text: str, picture: object = None, to: object = None) -> None:
    raise AssertionError(text)
