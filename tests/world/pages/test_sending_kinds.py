"""What each kind of page would send is told in words, and goes out once a person has approved it."""

import re

import pytest

from tests.long_tests import sampled
from tests.world.pages.conftest import Visit
from tests.world.pages.page_kind import PageKind, visited
from tests.world.pages.sending_kinds import KINDS

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("kind", sampled(KINDS, 4), ids=str)
async def test_a_page_that_sends_says_what_and_sends_it_after_the_approval(visit: Visit, kind: PageKind) -> None:
    desk, site = await visit({"/": kind.page, **kind.pages}, kind.answers)
    seen = await visited(kind, desk, site)
    assert len(seen.held) == len(kind.holds), kind.of
    assert all(words.endswith(end) or end in words for words, end in zip(seen.held, kind.holds, strict=True)), seen.held
    before = [one for one in site.sends() if one.path not in ("/graphql", "/rpc")]
    assert before == [] and not (kind.opens and site.at(kind.opens)), kind.of
    (message,) = set(re.findall(r"browser_send\('([^']+)'\)", seen.words))
    sent = await desk.do("browser_send", send=True, message=message)
    assert "It was sent" in sent.text, kind.of
    assert kind.shows in (await desk.see()), kind.of
    if kind.receives is not None:
        assert tuple(site.sends()) == tuple(kind.receives), kind.of
    assert not kind.opens or len(site.at(kind.opens)) == 1, kind.of
