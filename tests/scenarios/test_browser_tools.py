"""An agent at the real browser: reading pages, acting on them, saving from them."""

import io
from pathlib import Path

import pytest
from PIL import Image

from agents.tools.browser import Browser
from agents.tools.browser.page_state_store import PageOwner
from orchestrator.domain.tool_calls import Label
from orchestrator.errors import ToolFailed
from tests.browser_fixtures import EXECUTABLE, Desk, browser, desk, ref_of, site, sites
from tests.page_server import PageServer

__all__ = ["browser", "desk", "site", "sites"]

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXECUTABLE is None, reason="no chromium on this machine"),
]


async def test_an_opened_page_is_shown_with_title_address_and_refs(desk: Desk, site: PageServer) -> None:
    result = await desk.do("browser_open", url=site.url("/shop.html"))
    assert result.text.startswith(f"Shop — {site.url('/shop.html')}\n")
    assert 'button "Add to basket"' in result.text
    assert '"Kettle model 7" /kettle/7' in result.text
    assert result.labels == {Label.UNTRUSTED}


async def test_every_answer_carries_a_small_picture_of_the_page(desk: Desk, site: PageServer) -> None:
    result = await desk.do("browser_open", url=site.url("/shop.html"))
    with Image.open(io.BytesIO(desk.kept[-1])) as image:
        assert (image.format, image.size) == ("JPEG", (960, 600))
    assert result.picture is not None
    assert result.picture.size == len(desk.kept[-1]) < 60_000


async def test_a_table_row_is_one_line_and_tables_come_out_tab_separated(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/prices.html"))).text
    assert "Plan 3 | 30 | € 21.00 | [" in seen
    taken = (await desk.do("browser_extract", what="tables")).text
    assert "# Plans of 2026\nPlan\tSeats\tPrice\tPage\nPlan 1\t10\t€ 7.00\tdetails" in taken


async def test_text_is_the_article_without_what_is_around_it(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/article.html"))
    text = (await desk.do("browser_extract", what="text")).text
    assert "On a high mountain it happens earlier" in text
    assert "© Kettles" not in text


async def test_links_are_named_absolute_and_pages_only(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/article.html"))
    text = (await desk.do("browser_extract", what="links")).text
    assert f"Shop\t{site.url('/shop.html')}" in text
    assert "mailto" not in text


async def test_a_search_form_is_typed_into_and_submitted(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/contact.html"))).text
    result = await desk.do("browser_type", ref=ref_of(seen, "Search"), text="copper kettle", submit=True)
    assert "You looked for ['copper kettle']" in result.text


async def test_an_option_is_selected_by_its_name_and_a_wrong_one_is_named(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/contact.html"))).text
    country = ref_of(seen, "Country")
    assert "*Peru" in (await desk.do("browser_select", ref=country, options=["Peru"])).text
    with pytest.raises(ToolFailed, match=r"'Atlantis' isn't an option .* 'Belgium'"):
        await desk.do("browser_select", ref=country, options=["Atlantis"])


async def test_data_is_sent_only_by_submit_and_only_when_sending_is_allowed(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/contact.html"))).text
    name, button = ref_of(seen, "Name"), ref_of(seen, "Send")
    for refused in (
        await desk.do("browser_type", ref=name, text="Ada", submit=True),
        await desk.do("browser_click", ref=button),
    ):
        assert not refused.ok
        assert "browser_send" in refused.text
    assert not site.saw("/echo")
    sent = await desk.do("browser_send", send=True, message=refused.held[0].id)
    assert sent.ok
    assert "We received name=Ada" in sent.text


async def test_a_form_that_aims_at_a_new_window_is_sent_in_place(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/contact.html"))).text
    button = ref_of(seen, "Send in a new window")
    (held,) = (await desk.do("browser_click", ref=button)).held
    assert not site.saw("/echo")
    assert "We received" in (await desk.do("browser_send", send=True, message=held.id)).text


async def test_a_typed_password_is_nowhere_to_be_seen(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/contact.html"))).text
    typed = await desk.do("browser_type", ref=ref_of(seen, "Password"), text="open sesame")
    shown = await desk.do("browser_click", ref=ref_of(seen, "Show password"))
    text = (await desk.do("browser_extract", what="text")).text
    assert "open sesame" not in typed.text + shown.text + text
    assert '"Password" = "••••"' in typed.text


async def test_a_password_the_page_shows_in_clear_is_covered_in_pictures(
    desk: Desk, site: PageServer, tmp_path: Path
) -> None:
    seen = (await desk.do("browser_open", url=site.url("/contact.html"))).text
    await desk.do("browser_type", ref=ref_of(seen, "Password"), text="open sesame")
    await desk.do("browser_click", ref=ref_of(seen, "Show password"))
    shown = await desk.do("browser_screenshot", path="page.png")
    with Image.open(tmp_path / "page.png") as image:
        colours = image.convert("RGB").getcolors(1 << 24) or []
    assert sum(count for count, colour in colours if colour == (255, 0, 255)) > 1000
    with Image.open(io.BytesIO(desk.kept[-1])) as image:  # what a model looks at
        colours = image.convert("RGB").getcolors(1 << 24) or []
    assert sum(count for count, colour in colours if colour[0] > 240 and colour[1] < 30 and colour[2] > 240) > 1000
    assert [file.sha for file in shown.shown] == [f"{len(desk.kept):064d}"]
    assert Label.UNTRUSTED in shown.labels


async def test_a_host_without_a_browser_says_what_to_install(tmp_path: Path) -> None:
    browser = Browser("/nowhere/chromium", tmp_path / "b", True)
    with pytest.raises(ToolFailed, match="Install chromium-headless-shell"):
        await Desk(browser, tmp_path, ("a.test",)).do("browser_open", url="http://a.test/")
    await browser.close()


async def test_frames_of_the_same_site_are_read_and_acted_in(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/frames.html"))).text
    assert "Inside the frame" in seen
    assert "Pressed inside" in (await desk.do("browser_click", ref=ref_of(seen, "Press inside"))).text


async def test_open_shadow_roots_are_read_acted_in_and_masked(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/shadow.html"))).text
    assert "Clicked" in (await desk.do("browser_click", ref=ref_of(seen, "Inside the shadow"))).text
    assert "12345" not in (await desk.do("browser_type", ref=ref_of(seen, "PIN"), text="12345")).text
    assert "Hidden depths" in (await desk.do("browser_extract", what="text")).text


@pytest.mark.parametrize(
    ("button", "outcome", "told"),
    [
        ("Alert", "alert over", "(alert): 'Saved!'"),
        ("Confirm", "kept", "Cancel"),
        ("Prompt", "name: null", "Your name?"),
    ],
)
async def test_dialogs_are_answered_and_told(
    desk: Desk, site: PageServer, button: str, outcome: str, told: str
) -> None:
    seen = (await desk.do("browser_open", url=site.url("/dialogs.html"))).text
    result = await desk.do("browser_click", ref=ref_of(seen, button))
    assert outcome in result.text
    assert told in result.text


async def test_a_ref_that_is_gone_is_answered_with_the_new_snapshot(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/ways.html"))).text
    old = ref_of(seen, "Replace me")
    assert (await desk.do("browser_click", ref=old)).ok
    again = await desk.do("browser_click", ref=old)
    assert not again.ok
    assert "That ref no longer exists" in again.text
    assert 'button "Newcomer"' in again.text


async def test_a_pdf_is_answered_with_its_text(desk: Desk, site: PageServer) -> None:
    direct = await desk.do("browser_open", url=site.url("/report.pdf"))
    assert "Revenue was 42 million" in direct.text
    seen = (await desk.do("browser_open", url=site.url("/ways.html"))).text
    assert "Revenue was 42 million" in (await desk.do("browser_click", ref=ref_of(seen, "Report"))).text


async def test_files_are_saved_from_an_address_a_link_and_a_script(
    desk: Desk, site: PageServer, tmp_path: Path
) -> None:
    seen = (await desk.do("browser_open", url=site.url("/ways.html"))).text
    await desk.do("browser_download", url_or_ref=site.url("/redirect?to=/report.pdf"), path="in/report.pdf")
    await desk.do("browser_download", url_or_ref=ref_of(seen, "Numbers"), path="numbers.csv")
    await desk.do("browser_download", url_or_ref=ref_of(seen, "Make a file"), path="made.csv")
    assert (tmp_path / "in/report.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "numbers.csv").read_text() == "a,b\n1,2\n"
    assert (tmp_path / "made.csv").read_text() == "made,here"
    told = await desk.do("browser_click", ref=ref_of(seen, "Numbers"))
    assert "browser_download" in told.text


async def test_a_screenshot_is_saved_in_the_workspace(desk: Desk, site: PageServer, tmp_path: Path) -> None:
    await desk.do("browser_open", url=site.url("/shop.html"))
    await desk.do("browser_screenshot", path="shop.png")
    with Image.open(tmp_path / "shop.png") as image:
        assert image.size[1] > 800
    with pytest.raises(ToolFailed, match=r"'shop\.txt' must end in"):
        await desk.do("browser_screenshot", path="shop.txt")


async def test_a_long_page_is_shown_in_parts_and_scrolling_shows_the_next(desk: Desk, site: PageServer) -> None:
    first = (await desk.do("browser_open", url=site.url("/long"))).text
    assert "[part 1 of " in first
    assert "The end" not in first
    second = (await desk.do("browser_scroll", direction="down")).text
    assert "[part 2 of " in second
    assert len(second) < 22_000


async def test_back_goes_to_the_page_before(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/article.html"))
    await desk.do("browser_open", url=site.url("/prices.html"))
    assert (await desk.do("browser_back")).text.startswith("Article — ")


async def test_bad_addresses_and_dead_servers_are_answered_with_a_sentence(desk: Desk, site: PageServer) -> None:
    for bad in (
        "example.com",
        "file:///etc/passwd",
        "view-source:http://a.test",
        "data:text/html,hi",
        "chrome://version",
    ):
        with pytest.raises(ToolFailed, match="starts with http"):
            await desk.do("browser_open", url=bad)
    desk.domains = ("127.0.0.1:9", "127.0.0.1:1")
    with pytest.raises(ToolFailed, match="couldn't be opened: "):
        await desk.do("browser_open", url="http://127.0.0.1:1/")
    assert (
        "status 404"
        in (await Desk(desk.browser, desk.folder, (site.domain,)).do("browser_open", url=site.url("/no"))).text
    )
    await desk.browser.leave("task")


async def test_a_page_that_never_loads_is_given_up(
    desk: Desk, site: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.do("browser_open", url=site.url("/article.html"))
    monkeypatch.setattr(desk.browser._sessions[PageOwner(desk.task, desk.subtask)], "patience", 0.5)
    with pytest.raises(ToolFailed, match=r"didn't load within 0\.5 s"):
        await desk.do("browser_open", url=site.url("/never"))
    assert (await desk.see()).startswith("Article — ")
