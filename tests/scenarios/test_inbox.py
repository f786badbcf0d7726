"""What people do at a chat platform, and what becomes of it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.cards.card import Card
from bot.cards.card_projection import project
from bot.chat_platform import (
    Answer,
    CardItem,
    Changed,
    FileItem,
    Form,
    Home,
    Inbound,
    Mentioned,
    PointItem,
    Pressed,
    RemoteFile,
    Submitted,
    Summoned,
    Whisper,
    WordsItem,
    Wrote,
)
from bot.inbox import admission as rules
from bot.inbox.admission import Admission
from bot.inbox.download import MOST_FILE
from bot.inbox.edits_and_deletions import DELETED, DELETED_LATE
from bot.inbox.inbox import Inbox
from bot.inbox.interpret import FOREIGN
from bot.inbox.known_inputs import KnownInputs
from bot.outbox.monotonic_clock import LoopTicks, Ticks
from bot.outbox.outbox import Outbox
from bot.outbox.record_posted_messages import PostedMessages
from orchestrator.desk import Desk
from orchestrator.domain import events as e
from orchestrator.domain.ids import PersonId, SubtaskId, TaskId
from orchestrator.domain.people import FileRef, Person, Place
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import LedgerBusy, LedgerFailed, ModelDown, PlatformFailed
from tests.memory_hub import ScriptedModel, Stage, say, stage
from tests.scenarios.fake_platform import FakePlatform
from tests.scenarios.test_request_to_files import plan, row

ADA = Person(id=PersonId("fake:ada"), name="Ada")
GUEST = Person(id=PersonId("fake:gus"), name="Gus", kind="guest")
BOT = Person(id=PersonId("fake:bot"), name="Other bot", kind="bot")
BOB = Person(id=PersonId("fake:bob"), name="Bob")
PLACE = Place(platform="fake", channel="T1/C1", thread="1.0")


def mention(text: str = "Write a note", number: int = 1, **more: object) -> Mentioned:
    place = Place(platform="fake", channel="T1/C1", thread=f"{number}.0")
    base = {"id": f"ev{number}", "by": ADA, "place": place, "text": text, "message": f"{number}.0"}
    return Mentioned.model_validate(base | more)


@dataclass
class Room:
    """An account at work on a stage: inbox, outbox, platform."""

    on: Stage
    patience: float = 60.0
    platform: FakePlatform = field(default_factory=lambda: FakePlatform(LoopTicks(), latency=0.0))
    count: int = 0
    admission: Admission | None = None
    ticks: Ticks | None = None

    @property
    def desk(self) -> Desk:
        return self.on.desk

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        known, posts = KnownInputs(self.desk, "fake"), PostedMessages(self.desk, "fake")
        self.outbox = Outbox(self.desk, self.platform, posts, (), message_of=known.message_of)
        self.inbox = Inbox(
            self.desk, "fake", fetch=self.platform.fetch, tell=self.outbox.tell, posts=posts, known=known,
            patience=self.patience, admission=self.admission, ticks=self.ticks,
            gone=self.outbox.gone,
        )  # fmt: skip
        await self.inbox.begin()
        running = asyncio.create_task(self.outbox.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await self.inbox.close()

    async def take(self, it: Inbound) -> Answer:
        return await self.inbox.take(it)

    async def tasks(self) -> list[TaskState]:
        return list(await self.desk.states())

    async def task(self) -> TaskId:
        (one,) = await self.tasks()
        return one.id

    async def calm(self) -> None:
        """Until everything is shown."""
        async with asyncio.timeout(60):
            while True:
                await asyncio.sleep(0.01)
                if self.outbox.idle:
                    return

    async def inbox_rests(self) -> None:
        """Until nothing that was heard goes on."""
        async with asyncio.timeout(60):
            while works := self.inbox._works:  # pyright: ignore[reportPrivateUsage]
                await asyncio.wait(set(works))

    def on_screen(self, kind: type[object], number: int = 1) -> list[str]:
        return [n for n, m in self.platform.messages.items()
                if isinstance(m.item, kind) and m.place.thread == f"{number}.0"]  # fmt: skip

    async def press(self, verb: str, by: Person = ADA, *, message: str | None = None, ref: str | None = None) -> Answer:
        """Presses the button of that verb that stands on the screen."""
        await self.calm()
        self.count += 1
        name, button_ref, task = self._button(verb)
        it = Pressed(id=f"p{self.count}", by=by, place=PLACE, task=task, verb=verb, ref=ref or button_ref,
                     message=name if message is None else message)  # fmt: skip
        return await self.take(it)

    def _button(self, verb: str) -> tuple[str, str, TaskId]:
        for name, message in self.platform.messages.items():
            if isinstance(message.item, PointItem):
                buttons, task = message.item.point.buttons, message.item.task
            elif isinstance(message.item, CardItem):
                card: Card = message.item.card
                buttons = (*card.buttons, *(b for r in card.rows for b in r.buttons))
                task = TaskId(card.task)
            else:
                continue
            for button in buttons:
                if button.verb == verb:
                    return name, button.ref, task
        raise AssertionError(f"no button {verb!r} on the screen")

    async def submit(self, form: Answer, *files: RemoteFile, by: Person = ADA, **values: str) -> Answer:
        assert isinstance(form, Form), form
        self.count += 1
        typed = {f.name: f.value for f in form.fields} | {k.replace("__", "."): v for k, v in values.items()}
        return await self.take(
            Submitted(id=f"s{self.count}", by=by, place=PLACE, task=form.task, verb=form.verb, ref=form.ref,
                      values=typed, files=files)
        )  # fmt: skip


@asynccontextmanager
async def room(
    tmp_path: Path, model: ScriptedModel, patience: float = 60.0, admission: Admission | None = None
) -> AsyncGenerator[Room]:
    async with stage(tmp_path, model) as on:
        it = Room(on, patience, admission=admission)
        async with it.open():
            yield it


def quiet() -> ScriptedModel:
    """A model that plans and then never answers, so that a step that was started goes on for as long as the test."""
    return ScriptedModel({"plan": [plan(row("write")) for _ in range(9)], "write": [None]})


async def test_the_report_job_runs_whole_from_mention_to_file(tmp_path: Path) -> None:
    """Plan edited in a form, an approval edited, one rejected with a reason, a retry, a file, a follow-up."""
    model = ScriptedModel(
        {
            "plan": [
                plan(row("post", "browser"), row("bad"), row("write", deliverables=["note.md"])),
                say(answer={"text": "It is in the note."}),
            ],
            "post": [
                say(browser_open={"url": "http://far.test/x"}),
                say(browser_open={"url": "http://other.test/y"}),
                lambda p: say(p.messages[-1].text),
            ],
            "bad": [ModelDown("down"), ModelDown("down"), ModelDown("The model is down."), say("Fine now.")],
            "write": [say(deliver={"path": "note.md", "words": "A note."}), say("Written.")],
        }
    )
    async with room(tmp_path, model) as it:

        async def opened(call: object) -> str:
            return "opened"

        it.on.host.tool("browser_open", opened, Effect.NETWORK_READ, target="url")
        assert await it.take(mention("Compare these")) is None
        task = await it.task()
        await it.on.until(task, lambda s: s.phase == "review")

        form = await it.press("edit-plan")
        assert isinstance(form, Form)
        steps = form.fields[1].value
        wrong = await it.submit(form, steps=steps.replace("| browser", "| nobody"))
        assert isinstance(wrong, Form)
        assert "nobody" in wrong.problem
        assert "nobody" in wrong.fields[1].value
        assert await it.submit(form, steps=steps.replace("| Write |", "| Write it all |")) is None
        assert await it.press("start") is None

        await it.on.until(task, lambda s: len(s.approvals) == 1)
        assert await it.submit(await it.press("edit"), a__url="http://far.test/z") is None
        await it.on.until(task, lambda s: len(s.approvals) == 2)
        refused = await it.submit(await it.press("reject"), words=" ")
        assert isinstance(refused, Form)
        assert "Say why" in refused.problem
        assert await it.submit(refused, words="Not there.") is None

        await it.on.until(task, lambda s: (b := s.of(SubtaskId("bad"))).attempt == 3 and b.status == "failed")
        await it.calm()
        assert await it.press("retry", ref="bad:3") is None
        assert await it.press("accept") is None
        await it.on.until(task, lambda s: s.phase == "done")
        await it.take(Wrote(id="w1", by=ADA, place=PLACE, text="Where is it?", message="1.5"))
        state = await it.on.until(task, lambda s: s.phase == "answered")

        await it.calm()
        assert [x.args["url"] for x in it.on.host.calls if x.tool == "browser_open"] == ["http://far.test/z"]
        assert state.plan is not None
        (card,) = it.on_screen(CardItem)
        shown = it.platform.messages[card].item
        assert isinstance(shown, CardItem)
        assert shown.card.model_copy(update={"seq": 0}) == project(state).model_copy(update={"seq": 0})
        assert len(it.on_screen(FileItem)) == 1
        points = [it.platform.messages[n].item for n in it.on_screen(PointItem)]
        assert sorted(p.point.decided for p in points if isinstance(p, PointItem)) == [
            "Approved by Ada", "Approved with changes by Ada", "Rejected by Ada: Not there.",
        ]  # fmt: skip
        words = [m.item.text for m in it.platform.messages.values() if isinstance(m.item, WordsItem)]
        assert "It is in the note." in words
        assert it.platform.marks[0] == ("1.0", "seen")
        assert ("1.0", "done") in it.platform.marks


async def test_the_same_mention_in_any_wrapping_opens_one_task(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        same = [mention(), mention(id="ev1-again"), mention(id="ev1-third")]
        await asyncio.gather(*(it.take(m) for m in same))
        assert len(await it.tasks()) == 1


async def test_a_reply_that_overtakes_its_request_is_heard_after_it(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        reply = Wrote(id="w", by=ADA, place=PLACE, text="And be quick", message="1.1")
        assert await it.take(reply) is None
        await it.take(mention())
        task = await it.task()
        state = await it.on.until(task, lambda s: s.lines)
        assert state.lines[0].text == "And be quick"
        await it.take(reply)
        assert len((await it.desk.state(task)).lines) == 1


async def test_talk_of_others_is_never_written_down(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        elsewhere = Place(platform="fake", channel="T1/C1", thread="77.0")
        await it.take(Wrote(id="w", by=ADA, place=elsewhere, text="a secret", message="77.1"))
        await it.take(Changed(id="c", by=ADA, place=elsewhere, text="a secret", message="77.0"))
        assert not await it.desk.room("fake")


async def test_bots_are_not_answered(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        assert await it.take(mention(by=BOT)) is None
        assert not await it.tasks()


@pytest.mark.parametrize("size", [MOST_FILE + 1, 3])
async def test_a_file_that_is_too_large_is_named_also_when_its_size_was_a_lie(tmp_path: Path, size: int) -> None:
    async with room(tmp_path, quiet()) as it:
        it.platform.content["F"] = b"x" * (MOST_FILE + 1)
        big = RemoteFile(id="F", name="big.bin", size=size)
        answer = await it.take(mention("", files=(big,)))
        assert isinstance(answer, Whisper)
        assert "'big.bin' is 50 MB" in answer.words
        assert not await it.tasks()
        assert await it.take(mention(number=2, files=(big,))) is None
        (state,) = await it.tasks()
        assert state.request is not None
        assert "'big.bin' is 50 MB" in state.request.background.problems[0]


async def test_files_come_to_the_shelf_and_a_fetch_is_tried_again(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        it.platform.content["F"] = b"a,b"
        await it.take(mention("", files=(RemoteFile(id="F", name="in.csv", size=3),)))
        (state,) = await it.tasks()
        assert state.request is not None
        assert state.request.text == "Look at the attached files."
        assert await it.desk.shelf.get(state.request.files[0].sha) == b"a,b"


async def test_a_refusal_that_comes_too_late_is_told_in_the_thread(tmp_path: Path) -> None:
    async with room(tmp_path, quiet(), patience=0.01) as it:
        it.platform.content["F"] = PlatformFailed("403")
        it.inbox._acting._incoming._ticks = _Fast()  # pyright: ignore
        assert await it.take(mention("", files=(RemoteFile(id="F", name="in.csv", size=3),))) is None
        await it.inbox_rests()
        await it.calm()
        (told,) = [m.item for m in it.platform.messages.values()]
        assert isinstance(told, WordsItem)
        assert told.text.startswith("Ada: The file 'in.csv' couldn't be downloaded: 403")


class _Fast(LoopTicks):
    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 50)


async def test_an_empty_request_and_a_foreign_button_are_refused_in_words(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        assert isinstance(answer := await it.take(mention("  ")), Whisper)
        assert "Say what you want done" in answer.words
        await it.take(mention(number=2))
        await it.on.until(await it.task(), lambda s: s.phase == "review")
        assert await it.press("start", BOB, message="not-mine") == Whisper(words=FOREIGN)
        task = await it.task()
        other = Place(platform="fake", channel="T9/C1", thread="1.0")
        it_is = Pressed(id="x", by=BOB, place=other, task=task, verb="stop", ref="", message="m1")
        assert await it.take(it_is) == Whisper(words=FOREIGN)
        assert (await it.desk.state(task)).phase == "review"


async def test_the_slower_of_two_is_told_who_was_faster(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        await it.take(mention())
        task = await it.task()
        await it.on.until(task, lambda s: s.phase == "review")
        form = await it.press("edit-plan")
        assert await it.press("stop") is None
        assert isinstance(form, Form)
        answer = await it.submit(form)
        assert isinstance(answer, Whisper)
        assert answer.words == "This task was stopped by Ada."
        again = Pressed(id="z", by=ADA, place=PLACE, task=task, verb="edit-plan", ref="1", message="m1")
        assert isinstance(answer := await it.take(again), Whisper)
        assert "out of date" in answer.words


async def test_a_press_delivered_twice_is_answered_once(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        await it.take(mention())
        task = await it.task()
        await it.on.until(task, lambda s: s.phase == "review")
        await it.calm()
        twice = Pressed(id="same", by=ADA, place=PLACE, task=task, verb="stop", ref="", message="m1")
        assert await asyncio.gather(it.take(twice), it.take(twice)) == [None, None]
        assert (await it.desk.state(task)).phase == "stopped"


async def test_guests_who_are_let_in_may_ask_but_not_approve(tmp_path: Path) -> None:
    model = ScriptedModel({"plan": [plan(row("p", "browser"))], "p": [say(browser_open={"url": "http://far.test"})]})
    async with room(tmp_path, model, admission=Admission(who="guests")) as it:

        async def opened(call: object) -> str:
            return "opened"

        it.on.host.tool("browser_open", opened, Effect.NETWORK_READ, target="url")
        await it.take(mention(by=GUEST))
        task = await it.task()
        await it.on.press_start(task, by=GUEST)
        await it.on.until(task, lambda s: s.approvals)
        answer = await it.press("approve", by=GUEST)
        assert isinstance(answer, Whisper)
        assert "Guests can't approve" in answer.words


async def test_whom_the_rules_do_not_admit_changes_nothing_and_is_told_once(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        assert await it.take(mention(by=GUEST, number=2)) == Whisper(words=rules.GUEST)
        await it.take(mention())
        task = await it.task()
        await it.on.until(task, lambda s: s.phase == "review")
        assert await it.press("stop", by=GUEST) == Whisper(words=rules.GUEST)
        said = [Wrote(id=n, by=GUEST, place=PLACE, text="Faster!", message=n) for n in ("7.0", "8.0")]
        assert [await it.take(one) for one in said] == [Whisper(words=rules.GUEST), None]
        assert await it.take(Summoned(id="h", by=GUEST, place=PLACE, words="tasks")) == Home(words=rules.GUEST)
        state = await it.desk.state(task)
        assert state.phase == "review"
        assert not state.lines


async def test_a_private_task_is_pressed_by_nobody_else(tmp_path: Path) -> None:
    alone = Place(platform="fake", channel="T1/D1", thread="1.0", private=True)
    async with room(tmp_path, quiet()) as it:
        await it.take(mention(place=alone))
        task = await it.task()
        await it.calm()
        (card,) = it.on_screen(CardItem)
        press = Pressed(id="p", by=BOB, place=PLACE, task=task, verb="stop", ref="", message=card)
        assert await it.take(press) == Whisper(words=FOREIGN)
        await it.take(press.model_copy(update={"id": "q", "by": ADA}))
        assert (await it.desk.state(task)).phase == "stopped"


async def test_an_edited_request_before_the_start_reaches_the_planner_once(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        await it.take(mention())
        task = await it.task()
        await it.on.until(task, lambda s: s.phase == "review")
        await it.take(Changed(id="c1", by=ADA, place=PLACE, message="1.0", text="Write a  note"))
        assert not (await it.desk.state(task)).lines
        for name in ("c2", "c2", "c3"):
            await it.take(Changed(id=name, by=ADA, place=PLACE, message="1.0", text="Write two notes"))
        state = await it.on.until(task, lambda s: s.phase == "review" and s.lines)
        assert [n.text for n in state.lines] == ["The request was changed to: Write two notes"]
        await it.press("start")
        late = await it.take(Changed(id="c4", by=ADA, place=PLACE, message="1.0", text="Write three"))
        assert isinstance(late, Whisper)


async def test_a_deleted_request_stops_the_task_with_words(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        await it.take(mention())
        task = await it.task()
        await it.on.until(task, lambda s: s.phase == "review")
        await it.take(Changed(id="c", by=ADA, place=PLACE, message="1.0", text=None))
        assert (await it.desk.state(task)).phase == "stopped"
        await it.calm()
        assert DELETED in [m.item.text for m in it.platform.messages.values() if isinstance(m.item, WordsItem)]
        await it.take(mention("Another", number=5, place=PLACE, message="1.7", in_thread=True))
        assert len(await it.tasks()) == 2


async def test_a_request_deleted_after_the_start_goes_on_and_says_so_once(tmp_path: Path) -> None:
    model = ScriptedModel({"plan": [plan(row("write"))], "write": [say(ask_person={"question": "Go on?"})]})
    async with room(tmp_path, model) as it:
        await it.take(mention())
        task = await it.task()
        await it.on.until(task, lambda s: s.phase == "review")
        await it.press("start")
        await it.on.until(task, lambda s: s.questions)
        for name in ("c1", "c2"):
            await it.take(Changed(id=name, by=ADA, place=PLACE, message="1.0", text=None))
        assert (await it.desk.state(task)).phase == "running"
        await it.calm()
        told = [m.item.text for m in it.platform.messages.values() if isinstance(m.item, WordsItem)]
        assert told.count(DELETED_LATE) == 1
        assert DELETED not in told


async def test_a_mention_in_the_tasks_thread_is_a_reply(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        await it.take(mention())
        await it.take(mention("Make it short", number=2, place=PLACE, message="1.3", in_thread=True))
        await it.take(Wrote(id="other", by=ADA, place=PLACE, text="@bot Make it short", message="1.3"))
        state = await it.on.until(await it.task(), lambda s: s.lines)
        assert [n.text for n in state.lines] == ["Make it short"]


async def test_everybody_sees_only_their_own_tasks(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        await it.take(mention())
        await it.take(mention(number=2, by=GUEST))
        mine = await it.take(Summoned(id="t", by=ADA, place=PLACE, words="tasks"))
        assert isinstance(mine, Home)
        assert len(mine.cards) == 1
        assert mine.words.startswith("1 task, 1 open.")
        assert isinstance(await it.take(Summoned(id="h", by=ADA, place=PLACE, words="help")), Whisper)


async def test_what_was_kept_but_not_done_is_done_after_a_restart(tmp_path: Path) -> None:
    async with stage(tmp_path, quiet()) as on:
        dead = Room(on)
        posts = PostedMessages(on.desk, "fake")
        inbox = Inbox(on.desk, "fake", fetch=dead.platform.fetch, tell=_nobody, posts=posts)
        await inbox.begin()
        packed = await inbox._packed(mention("x" * 19_000 + "é" * 900))  # pyright: ignore[reportPrivateUsage]
        assert isinstance(packed, e.Heard)
        await on.desk.note("fake", "mentioned/T1/C1/1.0", packed)
        long = await inbox._packed(mention("€" * 19_000, number=2))  # pyright: ignore[reportPrivateUsage]
        assert long.whole is not None
        await on.desk.note("fake", "mentioned/T1/C1/2.0", long)
        await inbox.close()
        it = Room(on)
        async with it.open():
            await it.inbox_rests()
            assert len(await it.tasks()) == 2
            await it.take(mention("x"))
            assert len(await it.tasks()) == 2


async def _nobody(
    key: str, place: Place, text: str, picture: FileRef | None = None, to: Person | None = None
) -> None:  # fmt: skip
    raise AssertionError(text)


async def test_a_press_done_again_after_a_crash_changes_nothing_and_says_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path, quiet()) as on:
        it = Room(on)
        async with it.open():
            await it.take(mention())
            task = await it.task()
            await on.until(task, lambda s: s.phase == "review")
            await it.press("stop")
            await it.calm()
        pressed = Pressed(id="crash", by=ADA, place=PLACE, task=task, verb="stop", ref="", message="m1")
        kept = e.Heard(kind="pressed", inbound=pressed.model_dump(mode="json"))
        await on.desk.note("fake", "pressed/crash", kept)  # heard and done, but the process died before saying so
        before = len(it.platform.messages)
        async with it.open():
            await it.inbox_rests()
            await it.calm()
        assert len(it.platform.messages) == before
        assert [r.event for r in await on.desk.room("fake")][-1] == e.Acted(heard="pressed/crash")


async def test_after_a_restart_all_old_deliveries_are_known(tmp_path: Path) -> None:
    async with stage(tmp_path, quiet()) as on:
        it = Room(on)
        async with it.open():
            await it.take(mention())
            task = await it.task()
            await on.until(task, lambda s: s.phase == "review")
            await it.press("start")
            await it.calm()
        before = len(it.platform.messages)
        async with it.open():
            await it.take(mention())
            await it.take(Wrote(id="w", by=ADA, place=PLACE, text="Be quick", message="1.2"))
            assert (await it.desk.state(task)).lines[-1].text == "Be quick"
            await it.press("stop")
            await it.calm()
            assert len(await it.tasks()) == 1
            assert len(it.platform.messages) == before


async def test_a_second_delivery_waits_for_what_becomes_of_the_first(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        ledger, stuck = it.on.ledger, asyncio.Event()
        record = ledger.record

        async def locked(*fact: Any, **named: Any) -> Any:
            ledger.record = record  # type: ignore[method-assign]
            await stuck.wait()
            raise LedgerBusy

        ledger.record = locked  # type: ignore[method-assign]
        first = asyncio.create_task(it.take(mention()))
        second = asyncio.create_task(it.take(mention()))
        await asyncio.wait({first, second}, timeout=0.05)
        assert not second.done(), "it was acknowledged, though nothing is kept"
        stuck.set()
        with pytest.raises(LedgerBusy):
            await first
        await second
        assert len(await it.tasks()) == 1


async def test_an_answer_does_not_wait_until_it_is_noted_that_all_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with room(tmp_path, quiet()) as it:
        await it.take(mention())
        task = await it.task()
        await it.on.until(task, lambda s: s.phase == "review")
        note, free = it.desk.note, asyncio.Event()

        async def slow(where: str, key: str, event: e.Event) -> e.Event:
            if isinstance(event, e.Acted):
                await free.wait()
            return await note(where, key, event)

        monkeypatch.setattr(it.desk, "note", slow)
        async with asyncio.timeout(60):
            await it.press("stop")
        assert (await it.desk.state(task)).phase == "stopped"
        free.set()


async def test_a_ledger_that_fails_once_loses_nothing(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        ledger = it.on.ledger
        broken = _Broken(ledger.record)
        ledger.record = broken  # type: ignore[method-assign]
        with pytest.raises(LedgerFailed):
            await it.take(mention())
        broken.after = 1  # it can be kept, but not acted on at once
        it.inbox._acting._ticks = it.inbox._ticks = _Fast()  # pyright: ignore
        await it.take(mention())
        assert len(await it.tasks()) == 1


class _Broken:
    def __init__(self, real: object) -> None:
        self.real, self.after, self.failed = real, 0, 0

    async def __call__(self, *args: object, **named: object) -> object:
        self.after -= 1
        if self.after == -1:
            raise LedgerFailed("locked")
        return await self.real(*args, **named)  # type: ignore[operator]


async def test_who_asked_may_press_on_their_private_home_from_anywhere(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        await it.take(mention())
        task = await it.task()
        await it.on.until(task, lambda s: s.phase == "review")
        direct = Place(platform="fake", channel="@me/D1", thread="")
        answer = await it.take(
            Pressed(id="h", by=ADA, place=direct, task=task, verb="stop", ref="", message="ephemeral")
        )
        assert answer is None
        assert (await it.desk.state(task)).phase == "stopped"


async def test_catching_up_begins_after_the_last_message_taken(tmp_path: Path) -> None:
    async with room(tmp_path, quiet()) as it:
        await it.take(mention(number=9))
        await it.take(mention(number=10))
        again = KnownInputs(it.desk, "fake")
        await again.begin("fake", PostedMessages(it.desk, "fake").threads)
        for known in (again, it.inbox._known):  # pyright: ignore[reportPrivateUsage]
            assert await known.since("T1/C1") == "10.0"
            assert await known.since("T1/C2") == "10.0"
            assert await known.channels("T1") == ["T1/C1"]
        assert await KnownInputs(it.desk, "other").since("T1/C1") == ""
