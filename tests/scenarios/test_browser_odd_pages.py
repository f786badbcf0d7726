"""Pages that hide, load late, clear themselves, or let people write in what isn't a form field."""

import pytest

from tests.browser_fixtures import EXECUTABLE, Desk, browser, desk, ref_of, site, sites
from tests.page_server import PageServer

__all__ = ["browser", "desk", "site", "sites"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXECUTABLE is None, reason="no chromium on this machine"),
]


async def test_an_editors_text_and_what_a_group_is_called_are_shown(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/editor.html"))).text
    assert 'textbox "Note" = "Old line"]' in seen
    assert "Size: [" in seen
    opened = (await desk.do("browser_click", ref=ref_of(seen, "Delivery"))).text
    assert "Ships in 3 days." in opened
    typed = (await desk.do("browser_type", ref=ref_of(seen, "Note"), text="New line")).text
    assert 'textbox "Note" = "New line"' in typed


async def test_waiting_for_a_word_doesnt_find_it_inside_another(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/editor.html"))
    with pytest.raises(Exception, match="'Saved' didn't appear"):
        await desk.do("browser_wait", text="Saved", seconds=0.3)
    assert (await desk.do("browser_wait", text="unsaved", seconds=5)).ok


async def test_a_question_of_the_page_and_unsaved_changes_are_told(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/editor.html"))).text
    asked = (await desk.do("browser_click", ref=ref_of(seen, "Delete"))).text
    assert "dismissed with Cancel. If the task needs a different answer, call ask_to_take_over" in asked
    await desk.do("browser_type", ref=ref_of(seen, "Note"), text="More")
    assert "might not be saved" in (await desk.do("browser_open", url=site.url("/late.html"))).text


async def test_a_page_that_removes_its_content_is_empty(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/editor.html"))).text
    cleared = (await desk.do("browser_click", ref=ref_of(seen, "Clear"))).text
    assert "(the page is empty)" in cleared
    assert "There's no text on this page" in (await desk.do("browser_extract", what="text")).text


async def test_a_page_that_only_says_that_it_loads_is_waited_for(desk: Desk, site: PageServer) -> None:
    assert "h1 Tickets" in (await desk.do("browser_open", url=site.url("/late.html"))).text


async def test_going_back_works_inside_one_document_and_never_loses_the_page(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/late.html"))).text
    assert "One ticket" in (await desk.do("browser_click", ref=ref_of(seen, "Open"))).text
    assert "h1 Tickets" in (await desk.do("browser_back")).text
    with pytest.raises(Exception, match="no earlier page"):
        await desk.do("browser_back")
    assert "h1 Tickets" in await desk.see()


async def test_an_article_is_read_without_what_the_page_hides(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/hides.html"))
    text = (await desk.do("browser_extract", what="article")).text
    assert "eleven weeks of dredging" in text
    assert "nine metres" in text
    assert "butler" not in text
    assert "date:" not in text
    assert len([line for line in text.splitlines() if "Ferries sail hourly again." in line and "dredging" in line]) == 0


async def test_a_frame_in_the_way_is_named(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/hides.html"))).text
    with pytest.raises(Exception, match=r"'Privacy, a frame from .*inner\.html' covers it"):
        await desk.do("browser_click", ref=ref_of(seen, "Subscribe"))


async def test_roots_of_a_page_that_was_left_dont_matter(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/frames.html"))
    for _ in range(2):
        assert "Nobody can look in here" in (await desk.do("browser_open", url=site.url("/rooms.html"))).text


async def test_tables_have_what_is_chosen_and_pictured_and_text_keeps_powers(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/grid.html"))).text
    assert "This page needs a person" in seen
    assert "Ada\tadmin\tYes" in (await desk.do("browser_extract", what="tables")).text
    assert "The pressure is 10⁵ Pa." in (await desk.do("browser_extract", what="text")).text


async def test_a_part_that_scrolls_is_scrolled_where_the_page_doesnt(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/grid.html"))
    assert "Further down" in (await desk.do("browser_scroll", direction="down")).text
    await desk.do("browser_scroll", direction="up")
    assert "At the top" in await desk.see()
