"""The real desk on a ledger in memory: rules, keys and refusals are the product's. A test plays the agents."""

from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from orchestrator.clock import MovedClock
from orchestrator.desk import PlanChoices, Receipt
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.ids import Key, SubtaskId, TaskId
from orchestrator.domain.people import Request
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ledger.memory import MemoryLedger
from orchestrator.ledger_desk import LedgerDesk
from orchestrator.ports import AgentRow
from orchestrator.task_event_logs import Logs

AGENTS = (
    AgentRow(name="browser", description="Reads web pages."),
    AgentRow(name="document", description="Writes sheets and documents."),
    AgentRow(name="developer", description="Writes and runs code."),
    AgentRow(name="analyst", description="Reasons over data."),
)
MODELS = ("anthropic/claude-sonnet", "openai/gpt-large", "ollama/small")


@dataclass
class MemoryDesk(LedgerDesk):
    """Notes the commands it was given. `fact()` is how a test plays the agents."""

    clock: MovedClock
    submitted: list[c.AnyCommand] = field(default_factory=list[c.AnyCommand])

    async def submit(self, command: c.AnyCommand) -> Receipt:
        self.submitted.append(command)
        return await super().submit(command)

    async def fact(self, task: TaskId, event: e.Event, *, key: str = "") -> None:
        """Records one fact of the task; once per key."""
        log = await self._logs.open(task)
        await log.record(Key(key or f"fact/{log.state.seq}"), event)

    @contextmanager
    def writes(self, task: TaskId, turn: int = 1, *, step: str = "") -> Generator[Callable[[str], None]]:
        """A model's turn, which a test plays: each call is the text so far."""
        with self._logs.drafts.begin(task, turn, subtask=SubtaskId(step) if step else None) as grown:
            yield lambda text: grown(partial(str, text))


def always(rows: Sequence[AgentRow]) -> Callable[[Request | None], Awaitable[Sequence[AgentRow]]]:
    """A roster that never changes."""

    async def roster(_: Request | None = None) -> Sequence[AgentRow]:
        return rows

    return roster


def memory_desk(shelf: Path) -> MemoryDesk:
    """A desk without flows, whose clock a test moves."""
    clock = MovedClock()
    choices = PlanChoices(agents=always(AGENTS), models=MODELS)
    return MemoryDesk(Logs(MemoryLedger(clock)), FolderShelf(shelf), clock, choices)
