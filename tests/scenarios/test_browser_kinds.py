"""Every kind of page an agent meets: articles, tables, closed roots, endless lists, menus, banners, uploads, files."""

from pathlib import Path

import pytest
from PIL import Image

from tests.browser_fixtures import EXECUTABLE, Desk, browser, desk, ref_of, site, sites
from tests.page_server import PageServer

__all__ = ["browser", "desk", "site", "sites"]

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXECUTABLE is None, reason="no chromium on this machine"),
]


async def test_an_article_is_read_without_what_stands_around_it(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/reading.html"))
    text = (await desk.do("browser_extract", what="article")).text
    assert "author: Ada Field" in text
    assert "its kettle makes 41 decibels" in text
    assert "| Quiet one | 41 dB |" in text
    assert not any(word in text for word in ("Imprint", "newsletter", "toasters"))


async def test_a_page_without_an_article_gives_its_text(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/dialogs.html"))
    text = (await desk.do("browser_extract", what="article")).text
    assert "no article found" in text
    assert "nothing" in text


async def test_spanning_cells_stand_in_every_row_and_headers_become_one_line(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/spans.html"))
    text = (await desk.do("browser_extract", what="tables", number=1)).text
    assert text.endswith("# Sales\nRegion\t2025 / Q1\t2025 / Q2\nNorth\t10\t11\nNorth\t12\t13\nSouth\tclosed\t")


async def test_several_tables_are_numbered_nested_ones_by_themselves_and_layout_is_left_out(
    desk: Desk, site: PageServer
) -> None:
    await desk.do("browser_open", url=site.url("/spans.html"))
    text = (await desk.do("browser_extract", what="tables")).text
    assert "# 1: Sales (3 rows, 3 columns)" in text
    assert "# 2: Offices (1 row, 2 columns)\nCity\tDesks\nLima\t[table 3]" in text
    assert "big\t4" in text
    assert "only layout" not in text


async def test_closed_shadow_roots_are_read_acted_in_and_masked(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/closed.html"))).text
    assert "Written into the page" in seen
    assert "Deep click" in (await desk.do("browser_click", ref=ref_of(seen, "Deep button"))).text
    typed = (await desk.do("browser_type", ref=ref_of(seen, "Deep PIN"), text="98765")).text
    assert "98765" not in typed + await desk.see()
    assert "Nobody can look in here" in (await desk.do("browser_extract", what="text")).text


async def test_an_endless_list_is_scrolled_to_its_end(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/endless.html"))).text
    assert "Entry 60" not in seen
    seen = (await desk.do("browser_scroll", direction="end")).text
    assert "Entry 60" in seen
    assert "That is all" in seen
    assert "Scrolled to the end" in seen


async def test_a_page_that_writes_itself_anew_is_read_and_acted_on(desk: Desk, site: PageServer) -> None:
    """With document.open() and without an end, by a press and while it loads."""
    seen = (await desk.do("browser_open", url=site.url("/opens.html"))).text
    anew = (await desk.do("browser_click", ref=ref_of(seen, "Write anew"))).text
    assert "Written anew" in anew
    assert (await desk.do("browser_click", ref=ref_of(anew, "Further"))).ok
    assert "Written while it loads" in (await desk.do("browser_open", url=site.url("/writes.html"))).text
    assert "Further" in (await desk.do("browser_extract", what="text")).text


async def test_a_menu_comes_out_when_it_is_pointed_at(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/hands.html"))).text
    assert "Kettles" not in seen
    shown = (await desk.do("browser_hover", ref=ref_of(seen, "Products"))).text
    assert (await desk.do("browser_click", ref=ref_of(shown, "Kettles"))).text.startswith("Shop — ")


async def test_a_key_goes_to_the_element_that_is_meant(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/hands.html"))).text
    assert "down was pressed" in (await desk.do("browser_press", key="ArrowDown", ref=ref_of(seen, "Box"))).text


async def test_words_that_come_late_are_waited_for(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/hands.html"))).text
    await desk.do("browser_click", ref=ref_of(seen, "Compute"))
    result = await desk.do("browser_wait", text="The sum is 42")
    assert result.ok
    assert "The sum is 42" in await desk.see()


async def test_pictures_are_told_by_the_words_of_the_page(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/hands.html"))).text
    assert "(img A copper kettle on a stove)" in seen
    told = (await desk.do("browser_extract", what="images")).text
    assert "A copper kettle on a stove\t(inside the page)\n[1 picture without a description]" in told


async def test_a_cookie_banner_in_the_way_is_refused_never_accepted(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/banner.html"))).text
    result = await desk.do("browser_click", ref=ref_of(seen, "Read on"))
    assert "dismissed by pressing 'Reject all'" in result.text
    assert "It was read" in result.text


async def test_an_empty_window_is_told(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/hands.html"))).text
    assert "opened an empty window" in (await desk.do("browser_click", ref=ref_of(seen, "Empty window"))).text


@pytest.mark.parametrize("at", ["Your report", "Choose a file"])
async def test_a_file_of_the_workspace_is_given_to_a_field_and_to_a_button(
    desk: Desk, site: PageServer, tmp_path: Path, at: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/report.txt").write_text("Revenue rose")
    seen = (await desk.do("browser_open", url=site.url("/upload.html"))).text
    result = await desk.do("browser_upload", ref=ref_of(seen, at), path="in/report.txt")
    assert result.ok
    assert "report.txt: Revenue rose" in result.text


async def test_an_uploaded_file_arrives_with_its_form(desk: Desk, site: PageServer, tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_text("a;b")
    seen = (await desk.do("browser_open", url=site.url("/upload.html"))).text
    await desk.do("browser_upload", ref=ref_of(seen, "Your report"), path="report.csv")
    (held,) = (await desk.do("browser_click", ref=ref_of(seen, "Send"))).held
    await desk.do("browser_send", send=True, message=held.id)
    sent = next(r.body for r in site.requests if r.method == "POST")
    assert 'filename="report.csv"' in sent
    assert "a;b" in sent


async def test_a_saved_pdf_is_also_read_and_files_come_with_the_cookies_of_the_page(
    desk: Desk, site: PageServer, tmp_path: Path
) -> None:
    await desk.do("browser_open", url=site.url("/login"))
    saved = (await desk.do("browser_download", url_or_ref=site.url("/report.pdf"), path="report.pdf")).text
    assert "Revenue was 42 million" in saved
    await desk.do("browser_download", url_or_ref=site.url("/whoami.txt"), path="me.txt")
    assert (tmp_path / "me.txt").read_text() == "user=ada"


async def test_one_element_is_drawn_alone(desk: Desk, site: PageServer, tmp_path: Path) -> None:
    seen = (await desk.do("browser_open", url=site.url("/hands.html"))).text
    await desk.do("browser_screenshot", path="button.png", ref=ref_of(seen, "Compute"))
    with Image.open(tmp_path / "button.png") as image:
        assert image.size[0] < 200


async def test_after_a_small_change_only_the_change_is_shown_and_refs_stay(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/ticker.html"))).text
    changed = (await desk.do("browser_click", ref=ref_of(seen, "Change one"))).text
    assert "changes since you last looked" in changed
    assert "- Stock 8 | 24.10 | [" in changed
    assert "+ Stock 8 | changed | [" in changed
    assert "Stock 9" not in changed
    assert len(changed) * 5 < len(seen)
    same = (await desk.do("browser_click", ref=ref_of(seen, "Change one"))).text
    assert "(nothing changed)" in same
    assert "Stock 9" in await desk.see()
