"""Pages whose icons, films, editors, code, and formulas have no names: they're shown as people see them."""

import re

import pytest

from tests.browser_fixtures import EXECUTABLE, Desk, browser, desk, ref_of, site, sites
from tests.page_server import PageServer

__all__ = ["browser", "desk", "site", "sites"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXECUTABLE is None, reason="no chromium on this machine"),
]


async def test_a_page_without_names_is_shown_as_people_see_it(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/oddly_made.html"))).text
    for words in (
        'button "Delete row"]', 'button "trash"]', 'button "Close it"]', 'link "cart" /cart]', 'button "Kept"]',
        '"video demo film"]',
        "def f(x):\n    if x:\n        return 1\n", "Use 1 1/2 cups, 2½ l.", "So 1/2 + x^2 holds.",
        'textbox = "first"]', 'textbox = "in the frame"]',
    ):  # fmt: skip
        assert words in seen
    editors = re.findall(r"\[(\S+) textbox =", seen)
    assert len(editors) == 2
    for ref in editors:
        typed = (await desk.do("browser_type", ref=ref, text="New words")).text
        assert f'{ref} textbox = "New words"' in typed
    assert "asked to be printed" not in seen
    printed = (await desk.do("browser_click", ref=ref_of(seen, "Print it"))).text
    assert printed.count("The page asked to be printed; nothing was printed.") == 1
    assert "asked to be printed" not in (await desk.do("browser_snapshot")).text
    closed = (await desk.do("browser_click", ref=ref_of(seen, "Close it"))).text
    assert closed.startswith("closed — ")
