"""The plan as a picture, asked for in the thread, on Slack and on Discord."""

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.picture import MOST, png
from bot.project import project
from orchestrator.domain.fold import replay
from orchestrator.domain.ids import TaskId
from orchestrator.errors import Refused
from tests.scenarios.chat_people import Chat
from tests.scenarios.test_chat_features import BOTH, at_work, plans, tasks
from tests.tales import answered, sixty


@BOTH
async def test_who_says_graph_in_a_thread_gets_the_plan_as_a_picture(tmp_path: Path, name: str) -> None:
    async with at_work(tmp_path, name, plans()) as (it, on):
        ada = it.person("Ada")
        root = await it.says(ada, "write a note")
        (state,) = await tasks(on, 1)
        await it.says(ada, "graph", to=root, named=False)
        await it.until(lambda: "The plan of “Work” as it stands" in it.thread(root))
        picture = await one_file(it, root)
        assert picture.startswith(b"\x89PNG")
        now = await on.desk.state(state.id)
        assert not [line for line in now.lines if line.by]  # it steers nobody


async def one_file(it: Chat, root: dict[str, Any]) -> bytes:
    """Slack shares a file in its own time."""
    async with asyncio.timeout(8):
        while True:
            files = await it.files(root)
            if files:
                (content,) = files.values()
                return content
            await asyncio.sleep(0.01)


async def test_a_plan_of_sixty_steps_is_a_picture_that_opens(tmp_path: Path) -> None:
    records = await sixty(tmp_path)
    picture = Image.open(io.BytesIO(await png(project(replay(TaskId("t"), records)))))
    assert picture.format == "PNG" and max(picture.size) <= MOST + 1
    assert len(picture.convert("RGB").getcolors(1 << 24) or ()) > 20


async def test_without_a_plan_there_is_nothing_to_draw(tmp_path: Path) -> None:
    opened = (await answered(tmp_path))[:1]
    with pytest.raises(Refused, match="no plan"):
        await png(project(replay(TaskId("t"), opened)))
