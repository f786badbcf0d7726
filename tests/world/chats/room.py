"""A room on one platform: people who talk there, the hub behind it, and what reached the model."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from orchestrator.domain.model_messages import Answer, Prompt, Reply, Said
from orchestrator.domain.task import TaskState
from orchestrator.domain.token_usage import Usage
from orchestrator.ports import OnDraft
from tests.memory_hub import ScriptedModel, Stage, say, stage
from tests.scenarios.any_surface import FASTER, anywhere, listening
from tests.scenarios.chat_people import Row
from tests.scenarios.chat_platforms import chat
from tests.scenarios.test_request_to_files import plan, row
from tests.world.chats.discord_talk import DiscordTalk
from tests.world.chats.eventually import eventually
from tests.world.chats.slack_talk import SlackTalk
from tests.world.chats.web_talk import WebTalk

STEP = "work"
"""The only step of the plan that is proposed where a habit doesn't say another."""
Line = Reply | Callable[[Prompt], Reply] | Exception | None
TALKS: dict[str, Any] = {"slack": SlackTalk, "discord": DiscordTalk, "web": WebTalk}


class WillingModel(ScriptedModel):
    """Proposes a plan of one step and ends every step, unless a habit gave it other lines for that topic."""

    def __init__(self) -> None:
        super().__init__({})
        self._slow: dict[str, asyncio.Event] = {}

    @contextmanager
    def thinks(self, topic: str) -> Generator[None]:
        """Until the end of the block, nothing that is asked about that topic is answered."""
        over = self._slow[topic] = asyncio.Event()
        yield
        del self._slow[topic]
        over.set()

    def will(self, topic: str, *lines: Line) -> None:
        """What it says next about `plan` or a step, in order; then what it always says."""
        self._lines.setdefault(topic, []).extend(lines)

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        answer, over = await self._answer(prompt), self._slow.get(_topic(prompt))
        if over is not None:
            await over.wait()
        return answer

    async def _answer(self, prompt: Prompt) -> Answer:
        topic = _topic(prompt)
        if self._lines.get(topic):
            return await super().complete(prompt)
        self.prompts.append(prompt)
        reply = plan(row(STEP)) if topic == "plan" else say("Finished.")
        return Answer(reply=reply, model="scripted", usage=Usage(prompt=10, completion=2), cost=0.01)


class Read:
    """What one request to a model says. `outside`: the words that are marked as other people's; `own`: all the rest."""

    def __init__(self, prompt: Prompt) -> None:
        self.prompt = prompt
        self.system = "\n".join(m.text for m in prompt.messages if isinstance(m, Said) and m.role == "system")
        self.text = "\n\n".join(m.text for m in prompt.messages if not isinstance(m, Said) or m.role == "user")
        lines = self.text.splitlines()
        self.outside = "\n".join(line.removeprefix(">").strip() for line in lines if line.startswith(">"))
        self.own = "\n".join(line for line in lines if not line.startswith(">"))


class Room:
    """What a habit has in hands. `talk`: the platform's people; `it`: the same under the words of the other stories.

    `on`: the stage with the hub; `model`: what it thinks with, and every request to it. `restarts`: connects the hub to
    the platform again, None on the web."""

    def __init__(self, name: str, it: Any, on: Stage, model: WillingModel) -> None:
        self.name, self.it, self.on, self.model = name, it, on, model
        self.talk: Any = TALKS[name](it)
        self.restarts: Callable[[], Awaitable[None]] | None = None

    async def planner(self, number: int = 1) -> Read:
        """The planner's request of that number, counted from 1, as soon as it was made."""
        return await self._request("plan", number)

    async def agent(self, step: str = STEP, number: int = 1) -> Read:
        """The request of that number of that step's agent."""
        return await self._request(step, number)

    async def both(self, who: Any, root: Row) -> Sequence[Read]:
        """The planner's first request and, after *Start*, the agent's."""
        planned = await self.planner()
        await self.it.presses(who, root, "start")
        return planned, await self.agent()

    async def until(self, fact: Callable[[TaskState], object], *, text: str = "") -> TaskState:
        """The task whose request has these words, as soon as this is true of it."""

        async def found() -> TaskState | None:
            states = await self.on.desk.states()
            return next((s for s in states if s.request and text in s.request.text and fact(s)), None)

        return await self.eventually(found)

    async def eventually(self, fact: Callable[[], Any]) -> Any:
        """Waits until it is true; `fact` may be a coroutine function. Fails with what was asked of the model."""
        return await eventually(fact, lambda: [(p.topic, p.messages[-1]) for p in self.model.prompts])

    async def _request(self, topic: str, number: int) -> Read:
        def made() -> list[Prompt]:
            return [p for p in self.model.prompts if _topic(p) == topic]

        await self.eventually(lambda: len(made()) >= number)
        return Read(made()[number - 1])


@asynccontextmanager
async def opened(name: str, tmp_path: Path, **rules: object) -> AsyncGenerator[Room]:
    """The platform's strict server with its people, connected to a hub on memory. Minutes pass quickly."""
    model = WillingModel()
    if name == "web":
        async with anywhere(tmp_path, name, model) as (it, on):
            yield Room(name, it, on, model)
        return
    async with chat(name, faster=FASTER) as it, stage(tmp_path, model) as on, AsyncExitStack() as running:

        async def connects() -> None:
            """The hub's part of the chat begins again, with nothing but what the ledger knows."""
            await running.aclose()
            await running.enter_async_context(listening(it, on, tmp_path, faster=FASTER, **rules))

        await connects()
        room = Room(name, it, on, model)
        room.restarts = connects
        yield room


def _topic(prompt: Prompt) -> str:
    return prompt.topic.split("/")[1].split(":")[0]
