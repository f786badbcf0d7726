"""A long step in a process that dies at its first compaction: `python -m tests.killable_step FOLDER WHEN`.

WHEN is `before` or `after` the fact, or `never`. Writes the topic of each answered model call to FOLDER/answered, and
ends with 0 once the step is done.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from agents.loop.context_window import RoughWindow
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.model_messages import Answer, Prompt
from orchestrator.ports import OnDraft
from tests.long_step import InProcess, LongStep, furnish
from tests.memory_hub import Stage, stage


class Noted(InProcess):
    """Writes down what it has answered before anybody hears the answer."""

    def __init__(self, brain: LongStep, file: Path) -> None:
        super().__init__(brain)
        self.file = file

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        answer = await super().complete(prompt, on_draft=on_draft)
        with self.file.open("a") as out:
            out.write(f"{prompt.topic}\n")
        return answer


def deadly(on: Stage, when: str) -> None:
    """Ends the process at its first compaction, as `kill -9` does."""
    inner = on.ledger.record

    async def record(stream: Any, key: Any, event: e.Event, **more: Any) -> Any:
        dies = when != "never" and isinstance(event, e.ConversationCompacted)
        if dies and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        made = await inner(stream, key, event, **more)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    on.ledger.record = record  # pyright: ignore


async def main(folder: Path, when: str) -> None:
    model = Noted(LongStep(40), folder / "answered")
    limits = {"turns": 60, "window": RoughWindow(9_000)}
    url = f"sqlite:///{folder}/ledger.db"
    async with stage(folder, model, url=url, limits=limits) as on:  # pyright: ignore[reportArgumentType]
        furnish(on.host)
        deadly(on, when)
        name = folder / "task"
        if not name.exists():
            task = await on.ask("Read the tables")
            name.write_text(task)
            await on.press_start(task)
        await on.until(TaskId(name.read_text()), lambda s: s.phase == "done", seconds=100)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
