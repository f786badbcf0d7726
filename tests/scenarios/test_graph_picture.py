"""The plan as a picture, asked for in the thread, on Slack and on Discord."""

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.cards.card_projection import project
from bot.inbox.plan_picture import MOST, asks_for_graph, png
from orchestrator.domain.fold import replay
from orchestrator.domain.ids import TaskId
from orchestrator.errors import Refused
from tests.recorded_tasks import answered, sixty
from tests.scenarios.chat_people import Chat
from tests.scenarios.test_chat_features import BOTH, at_work, plans, tasks


@BOTH
async def test_who_says_graph_in_a_thread_gets_the_plan_as_a_picture(tmp_path: Path, name: str) -> None:
    async with at_work(tmp_path, name, plans()) as (it, on):
        ada = it.person("Ada")
        root = await it.says(ada, "write a note")
        (state,) = await tasks(on, 1)
        await it.says(ada, "graph", to=root, named=False)
        await it.until(lambda: "Current plan for “Work”" in it.thread(root))
        picture = await one_file(it, root)
        assert picture.startswith(b"\x89PNG")
        now = await on.desk.state(state.id)
        assert not [line for line in now.lines if line.by]  # it steers nobody


@pytest.mark.parametrize(
    "text",
    [
        "graph", "Graph?", "show graph", "Show the graph.", "show me the graph", "draw the graph please",
        "can I see the graph?", "could you draw me the plan's graph", "Please, show us the graph of the plan!",
        "where is the graph?", "how does the graph look now?", "the graph please", "I’d like to see the graph",
    ],
)  # fmt: skip
def test_who_asks_for_the_graph_in_other_words_means_the_graph(text: str) -> None:
    assert asks_for_graph(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "show me the plan", "see the graphs", "draw a graph of the prices", "show the graph in the report",
        "put the graph on page two", "don't show the graph", "the graph is wrong", "can the graph be blue?",
        "show the graph and the table", "what does the graph on their page say?", "make the graph larger please",
        "show me the graph again please as it is now thanks",
    ],
)  # fmt: skip
def test_what_steers_the_agents_about_some_graph_does_not(text: str) -> None:
    assert not asks_for_graph(text)


@BOTH
async def test_a_mention_that_asks_for_the_graph_opens_no_task(tmp_path: Path, name: str) -> None:
    async with at_work(tmp_path, name, plans()) as (it, on):
        ada = it.person("Ada")
        root = await it.says(ada, "write a note")
        await tasks(on, 1)
        await it.says(ada, "show me the graph", to=root)
        await it.until(lambda: "Current plan for “Work”" in it.thread(root))
        await it.says(ada, "can I see the graph?")
        await it.until(lambda: "in a task's thread" in it.private(ada))
        assert len(await on.desk.states()) == 1


async def one_file(it: Chat, root: dict[str, Any]) -> bytes:
    """Slack shares a file in its own time."""
    async with asyncio.timeout(60):
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
