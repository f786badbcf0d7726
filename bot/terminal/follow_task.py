"""Follows one task in the terminal until it ends or waits for someone who isn't here."""

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from bot.buttons.press import Press, command
from bot.cards.card import Button, Card
from bot.cards.card_projection import project
from bot.cards.decisions_one_at_a_time import Need, at_work, failed, needs, pressed_by_yes
from bot.cards.live_drafts import draft_lines
from bot.config.command_name import next_step, told
from bot.terminal import draw_card
from bot.terminal.fill_button_form import Forms
from bot.terminal.live_view import LiveView
from bot.terminal.save_files import delivered, save, waiting_file
from orchestrator.desk import PersonalDesk
from orchestrator.domain.ids import DeliverableId, TaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.task import TaskState
from orchestrator.errors import Refused

DONE, FAILED, WAITS = 0, 1, 3
READ_EVERY = 0.25
"""Seconds between two looks at what models are writing."""
SETTLED = 2.0
"""Seconds without a change after which a card that needs someone is assumed to wait."""


@dataclass
class Follower:
    """`interactive`: a person is at the keyboard. `yes`: press Start and approve files automatically."""

    own_desk: PersonalDesk
    task: TaskId
    console: Console
    view: LiveView
    forms: Forms
    out: Path
    yes: bool = False
    interactive: bool = True
    _state: TaskState | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _pressed: set[str] = field(default_factory=set[str])

    async def follow(self) -> int:
        """Returns the exit code. Raises NotFound for an unknown task."""
        self._state = await self.own_desk.state(self.task)
        listening = asyncio.create_task(self._listen())
        working = asyncio.create_task(self._work())
        reading = asyncio.create_task(self._read_along())
        try:
            await asyncio.wait({listening, working}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                listening.result()  # only a failure ends it
            return await working
        finally:
            for task in (listening, working, reading):
                task.cancel()
            await asyncio.gather(listening, working, reading, return_exceptions=True)
            self.view.leave()

    async def _listen(self) -> None:
        async for state in self.own_desk.watch(self.task):
            self._state = state
            self._news.set()

    async def _read_along(self) -> None:
        async for _ in self.own_desk.draft_changes(self.task):
            self.view.write(draft_lines(*await self.own_desk.drafted(self.task)))
            await asyncio.sleep(READ_EVERY)

    async def _work(self) -> int:
        while True:
            self._news.clear()
            state, card = self._now()
            self.view.show(card)
            if state.final:
                return await self._end(state)
            wanted = needs(card)
            if self.yes and (pair := self._by_yes(wanted)):
                self._warn(pair[0])
                await self._press(*pair)
            elif wanted and self.interactive:
                await self._decide(wanted[0])
            elif not wanted or at_work(card):
                await self._news.wait()
            elif not await self._changes_soon():
                return await self._leave(wanted)

    def _now(self) -> tuple[TaskState, Card]:
        if self._state is None:
            raise AssertionError("follow() reads the state first")
        return self._state, project(self._state)

    def _by_yes(self, wanted: tuple[Need, ...]) -> tuple[Need, Button] | None:
        for need in wanted:
            if need.key not in self._pressed and (button := pressed_by_yes(need)):
                self._pressed.add(need.key)
                return need, button
        return None

    def _warn(self, need: Need) -> None:
        """Describes the failed checks of a file that nobody reviews."""
        if need.point is None or need.kind != "deliverable":
            return
        file = self._now()[0].deliverables[DeliverableId(need.point.id)].deliverable
        for check in (c for c in file.checks if not c.ok):
            self.view.pause()
            words = draw_card.clean(f"{file.file.name}: {check.words}")
            self.console.print(words, style="yellow", markup=False, soft_wrap=True)

    async def _decide(self, need: Need) -> None:
        """Asks the person; stops asking if someone else was faster."""
        if need.point is not None:
            self.view.pause()
            self.console.print(draw_card.checkpoint(need.point))
            await self._save(waiting_file(self._now()[0], need))
        else:
            self.view.leave()  # it is about the whole card
            self.console.print(f"? {draw_card.clean(told(need.title))}", style="yellow", markup=False)
        asking = asyncio.create_task(self.forms.choose(need))
        gone = asyncio.create_task(self._until(lambda card: need.key not in {n.key for n in needs(card)}))
        try:
            await asyncio.wait({asking, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                self.console.print("\nSomeone else has already decided this.", style="dim")
                return
            button = asking.result()
        finally:
            for task in (asking, gone):
                task.cancel()
            await asyncio.gather(asking, gone, return_exceptions=True)
        if button is None:
            self.interactive = False  # the input has ended
        else:
            await self._press(need, button)

    async def _press(self, need: Need, button: Button) -> None:
        state, _ = self._now()
        press = Press(
            id=uuid.uuid4().hex, by=self.own_desk.viewer.person, task=self.task, verb=button.verb, ref=button.ref
        )
        try:
            filled = await self.forms.fill(press, button, need, state)
            if filled is None:
                return
            receipt = await self.own_desk.submit(command(filled))
        except Refused as refused:
            self.view.pause()
            self.console.print(draw_card.clean(told(str(refused))), style="yellow")
            return
        if receipt.words:
            self.console.print(draw_card.clean(receipt.words), style="dim")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._until(lambda card: need.key not in {n.key for n in needs(card)})

    async def _until(self, holds: Callable[[Card], bool]) -> None:
        while not holds(self._now()[1]):
            self._news.clear()
            await self._news.wait()

    async def _changes_soon(self) -> bool:
        try:
            async with asyncio.timeout(SETTLED):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    async def _end(self, state: TaskState) -> int:
        self.view.leave()
        for row in self._now()[1].rows:
            if row.long_answer:
                self.console.print(draw_card.answer(row), markup=False, highlight=False, emoji=False, soft_wrap=True)
        await self._save(delivered(state))
        return FAILED if state.phase == "stopped" else DONE

    async def _save(self, files: list[FileRef]) -> None:
        for path in await save(self.own_desk.shelf, files, self.out) if files else ():
            self.console.print(f"Saved {str(path)!r}", highlight=False, markup=False, soft_wrap=True)

    async def _leave(self, wanted: tuple[Need, ...]) -> int:
        """Says what is waiting, and how to continue."""
        self.view.leave()
        nothing_else = failed(wanted)
        lines = ["The task failed and needs your decision:" if nothing_else else "This needs you:"]
        for need in wanted:
            await self._save(waiting_file(self._now()[0], need))
            lines.append(f"  {draw_card.clean(need.title if need.point else told(need.title))}")
            if need.point and need.kind in ("approval", "deliverable"):
                lines += [f"    {draw_card.clean(f.label)}: {draw_card.clean(f.value)}" for f in need.point.facts]
                lines.append(f"    {next_step(f'approve {need.point.id}')}")
        then = next_step(f"ask --task {self.task}")
        offered = ", ".join(draw_card.clean(button.label) for button in wanted[0].buttons)
        lines.append(f"To decide ({offered}), run: {then}" if nothing_else else f"To continue, run: {then}")
        for line in lines:
            self.console.print(line, markup=False, highlight=False, soft_wrap=True)
        return FAILED if nothing_else else WAITS
