"""A page cannot lead the run to where it may not go, nor send what it may not send."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.errors import ToolFailed
from tests.browser_fixtures import EXECUTABLE, Desk, a_browser, browser, desk, ref_of, site, two_sites
from tests.page_server import PageServer

__all__ = ["browser", "desk", "site"]

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXECUTABLE is None, reason="no chromium on this machine"),
]


@pytest.fixture
def sites() -> Iterator[tuple[PageServer, PageServer]]:
    with two_sites() as sites:
        yield sites


@pytest.mark.parametrize(
    "way",
    ["Foreign link", "Foreign redirect", "New window away", "Script window", "Script leaves"],
)
async def test_no_way_leads_to_a_foreign_site(desk: Desk, sites: tuple[PageServer, PageServer], way: str) -> None:
    site, foreign = sites
    seen = (await desk.do("browser_open", url=site.url("/ways.html"))).text
    result = await desk.do("browser_click", ref=ref_of(seen, way))
    assert not foreign.saw("/shop.html")
    assert not result.ok
    assert f"tried to open '{foreign.url('/shop.html')}'" in result.text
    assert site.url("/ways.html") in result.text


async def test_a_window_to_the_own_site_is_shown_in_the_page(desk: Desk, sites: tuple[PageServer, PageServer]) -> None:
    seen = (await desk.do("browser_open", url=sites[0].url("/ways.html"))).text
    result = await desk.do("browser_click", ref=ref_of(seen, "New window here"))
    assert result.text.startswith("Shop — ")
    assert "opened a new window" in result.text


async def test_opening_a_foreign_address_or_a_redirect_to_it_asks(
    desk: Desk, sites: tuple[PageServer, PageServer]
) -> None:
    site, foreign = sites
    for url, say in (
        (foreign.url("/shop.html"), "no one has approved its site"),
        (site.url(f"/redirect?to={foreign.url('/shop.html')}"), "Call browser_open"),
    ):
        with pytest.raises(ToolFailed, match=say):
            await desk.do("browser_open", url=url)
    with pytest.raises(ToolFailed, match="isn't allowed to open"):
        await desk.do("browser_download", url_or_ref=site.url(f"/redirect?to={foreign.url('/shop.html')}"), path="x")
    assert not foreign.requests
    desk.domains = (site.domain, foreign.domain)
    assert (await desk.do("browser_open", url=site.url(f"/redirect?to={foreign.url('/shop.html')}"))).ok


async def test_frames_of_foreign_sites_stay_empty_and_are_told(
    desk: Desk, sites: tuple[PageServer, PageServer]
) -> None:
    site, foreign = sites
    result = await desk.do("browser_open", url=site.url("/frames.html"))
    assert result.ok
    assert result.text.count("Inside the frame") == 1
    assert "A frame tried to load" in result.text
    assert not foreign.requests


async def test_a_frame_of_another_allowed_site_cannot_leave_by_redirect(
    desk: Desk, sites: tuple[PageServer, PageServer]
) -> None:
    site, foreign = sites
    site.other = foreign.url().replace("127.0.0.1", "localhost")  # another site: its own process
    desk.domains = (site.domain, foreign.domain.replace("127.0.0.1", "localhost"))
    foreign.other = foreign.url()  # the same server under a name the run may not open
    seen = (await desk.do("browser_open", url=site.url("/frames.html"))).text
    frame = next(line for line in reversed(seen.splitlines()) if "Leave by redirect" in line)
    result = await desk.do("browser_click", ref=ref_of(frame, "Leave by redirect"))
    assert not foreign.saw("/shop.html")
    assert "A frame tried to load" in result.text


async def test_pages_load_foreign_pictures_but_post_nothing_away(
    sites: tuple[PageServer, PageServer], tmp_path: Path
) -> None:
    site, foreign = sites
    browser = a_browser(tmp_path / "browser", near=(foreign.domain,))
    desk = Desk(browser, tmp_path, (site.domain,))
    seen = (await desk.do("browser_open", url=site.url("/ways.html"))).text
    assert foreign.saw("/pixel.gif")
    assert "tried" in (await desk.do("browser_click", ref=ref_of(seen, "Post away"))).text
    assert not foreign.saw("/collect")
    await browser.close()


async def test_a_page_loads_nothing_private_by_itself(desk: Desk, sites: tuple[PageServer, PageServer]) -> None:
    site, foreign = sites
    await desk.do("browser_open", url=site.url("/ways.html"))
    assert not foreign.saw("/pixel.gif")


async def test_a_granted_name_that_leads_into_the_own_network_is_refused(
    desk: Desk, sites: tuple[PageServer, PageServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: nothing in the name says so, only its address does."""
    system = socket.getaddrinfo

    def getaddrinfo(host: str, *args: Any, **kwargs: Any) -> Any:
        return system("127.0.0.1" if host == "rebound.test" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    port = sites[1].domain.partition(":")[2]
    desk.domains = (f"rebound.test:{port}",)
    url = f"http://rebound.test:{port}/shop.html"
    for tool, args in (("browser_open", {"url": url}), ("browser_download", {"url_or_ref": url, "path": "x"})):
        with pytest.raises(ToolFailed, match=r"couldn't be opened: .*isn't a public address"):
            await desk.do(tool, **args)
    assert not sites[1].saw("/shop.html")


async def test_permission_counts_for_one_call_only(desk: Desk, sites: tuple[PageServer, PageServer]) -> None:
    site, _ = sites
    seen = (await desk.do("browser_open", url=site.url("/contact.html"))).text
    await desk.do("browser_snapshot", send=True)
    assert not (await desk.do("browser_click", ref=ref_of(seen, "Send"))).ok
    assert not site.saw("/echo")
