"""Reading, searching and paging ask nothing more than opening the page did."""

import pytest

from tests.long_tests import sampled
from tests.world.pages.conftest import Visit
from tests.world.pages.page_kind import PageKind, visited
from tests.world.pages.reading_kinds import KINDS

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("kind", sampled(KINDS, 7), ids=str)
async def test_a_page_that_is_only_read_holds_nothing_and_works(visit: Visit, kind: PageKind) -> None:
    desk, site = await visit({"/": kind.page, **kind.pages}, kind.answers)
    seen = await visited(kind, desk, site)
    assert seen.held == (), kind.of
    assert kind.shows in seen.words, kind.of
