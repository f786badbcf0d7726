"""One browser for all pages of the world."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from agents.tools.browser import Browser
from tests.browser_fixtures import EXECUTABLE, Desk, a_browser
from tests.world.pages.world_site import Answer, WorldSite, serving

Visit = Callable[..., Awaitable[tuple[Desk, WorldSite]]]
"""Opens a desk at a new site: `await visit(pages, answers, login="crm")`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents and EXECUTABLE is None:
            item.add_marker(pytest.mark.skip(reason="no chromium on this machine"))


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def world_browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    browser = a_browser(tmp_path_factory.mktemp("world"), patience=5)
    yield browser
    await browser.close()


_numbers = itertools.count(1)


@pytest_asyncio.fixture(loop_scope="session")
async def visit(world_browser: Browser, tmp_path: Path) -> AsyncIterator[Visit]:
    async with AsyncExitStack() as stack:

        async def opened(
            pages: Mapping[str, str], answers: Mapping[str, Answer] | None = None
        ) -> tuple[Desk, WorldSite]:
            site = await stack.enter_async_context(serving(WorldSite(pages, answers)))
            desk = Desk(world_browser, tmp_path, (site.domain,), task=f"world-{next(_numbers)}")
            stack.push_async_callback(world_browser.leave, desk.task)
            return desk, site

        yield opened
