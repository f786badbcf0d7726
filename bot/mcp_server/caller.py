"""Who is behind a client, and what they may do: the desk as that person may use it."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from bot.buttons.press import command
from bot.cards.card import FileLine
from bot.cards.card_projection import project
from bot.cards.decisions_one_at_a_time import needs
from bot.mcp_server.approval_form import ApprovalAnswer, ApprovalForm, form_of, press_of
from bot.mcp_server.task_report import current, rests
from orchestrator.desk import PersonalDesk, Receipt
from orchestrator.domain.commands import OpenTask, Stop
from orchestrator.domain.ids import TaskId, slug
from orchestrator.domain.people import FileRef, Place, Request
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import TaskQuery
from orchestrator.errors import NotFound

PLATFORM = "mcp"
LISTED = 20
"""Tasks that `status` lists."""
Hear = Callable[[TaskState], Awaitable[None]]


@dataclass(frozen=True)
class McpCaller:
    """The person behind a call. `workspace`: the address of the web workspace, empty if it isn't known."""

    own_desk: PersonalDesk
    workspace: str = ""

    def link(self, task: TaskId) -> str:
        """Returns the task's address in the workspace. It signs nobody in: a model reads it."""
        return f"{self.workspace}/t/{task}" if self.workspace else ""

    async def opened(self, text: str, files: Sequence[FileRef]) -> TaskId:
        """Opens a task. Asking twice means wanting it twice. The client's model wrote the request, not the person."""
        by, name = self.own_desk.viewer.person, uuid.uuid4().hex
        place = Place(platform=PLATFORM, channel=slug(by.name), thread=name)
        request = Request(text=text, by=by, place=place, files=tuple(files), relayed=True)
        return (await self.own_desk.submit(OpenTask(id=name, by=by, request=request))).task

    async def stopped(self, task: TaskId) -> Receipt:
        """Stops the task."""
        return await self.own_desk.submit(Stop(id=uuid.uuid4().hex, by=self.own_desk.viewer.person, task=task))

    async def newest(self) -> Sequence[TaskState]:
        """Returns the newest tasks that the person may see."""
        return await self.own_desk.states(TaskQuery(most=LISTED))

    async def followed(self, task: TaskId, seconds: float, hear: Hear) -> TaskState:
        """Waits until the task rests, at most so long, and returns it. Raises NotFound."""
        state = await self.own_desk.state(task)
        try:
            async with asyncio.timeout(seconds), aclosing(self.own_desk.watch(task)) as changing:
                async for state in changing:
                    if rests(state):
                        break
                    await hear(state)
        except TimeoutError:
            pass
        return state

    async def form(self, task: TaskId) -> ApprovalForm | None:
        """Returns what waits for the person and can be asked as a form, the most urgent first. Raises NotFound."""
        card = project(await self.own_desk.state(task))
        forms = (form_of(card, need, self.link(task)) for need in needs(card))
        return next((form for form in forms if form is not None), None)

    async def decided(self, task: TaskId, answer: ApprovalAnswer) -> Receipt:
        """Does what the person answered. Raises Refused."""
        by = self.own_desk.viewer.person
        state = await self.own_desk.state(task)
        press = press_of(answer.form, answer.values(), id_=uuid.uuid4().hex, by=by, state=state)
        return await self.own_desk.submit(command(press))

    async def files(self, task: TaskId) -> list[FileLine]:
        """Returns the newest version of each file. Raises NotFound."""
        return current(project(await self.own_desk.state(task)))

    async def content(self, task: TaskId, sha: str) -> tuple[FileRef, bytes]:
        """Returns a file that the task delivered. Raises NotFound."""
        lines = project(await self.own_desk.state(task)).files
        file = next((line.file for line in lines if line.file.sha == sha), None)
        if file is None:
            raise NotFound(f"The task {task!r} has no file with the ID {sha!r}; call files to list them.")
        return file, await self.own_desk.shelf.get(file.sha)
