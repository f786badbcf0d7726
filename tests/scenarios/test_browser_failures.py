"""What goes wrong on the web is told to the agent in one sentence that says what to do next."""

from pathlib import Path
from typing import Any

import pytest

from agents.tools.browser import file_download, page_downloads, page_view
from orchestrator.errors import ToolFailed
from tests.browser_fixtures import EXECUTABLE, Desk, browser, desk, ref_of, site, sites
from tests.page_server import PageServer, self_signed

__all__ = ["browser", "desk", "site", "sites"]

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXECUTABLE is None, reason="no chromium on this machine"),
]


async def failing(desk: Desk, tool: str, **args: Any) -> str:
    """The one sentence, or two, that the agent reads."""
    with pytest.raises(ToolFailed) as failed:
        await desk.do(tool, **args)
    words = str(failed.value)
    assert len(words) < 400
    assert "\n" not in words
    return words


def desk_files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_certificate_that_nobody_vouches_for(desk: Desk, tmp_path: Path) -> None:
    site = PageServer(certificate=self_signed(tmp_path / "key.pem"))
    try:
        desk.domains = (site.domain,)
        for tool, args in (
            ("browser_open", {"url": site.url("/shop.html")}),
            ("browser_download", {"url_or_ref": site.url("/numbers.csv"), "path": "n.csv"}),
        ):
            words = await failing(desk, tool, **args)
            assert "its certificate isn't trusted" in words
            assert "Use another site" in words
        assert not site.requests
    finally:
        site.close()


async def test_a_page_that_is_not_there(desk: Desk, site: PageServer) -> None:
    result = await desk.do("browser_open", url=site.url("/nowhere"))
    assert "status 404. The page doesn't exist; check the URL" in result.text


async def test_a_server_that_fails(desk: Desk, site: PageServer) -> None:
    result = await desk.do("browser_open", url=site.url("/broken"))
    assert "status 500. Try again later, or use another page." in result.text


async def test_words_that_are_no_ref(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/shop.html"))
    words = await failing(desk, "browser_click", ref="the login link")
    assert "There's no ref 'the login link'. Refs look like e12" in words


async def test_a_site_that_nobody_allowed(desk: Desk, site: PageServer) -> None:
    words = await failing(desk, "browser_open", url="http://elsewhere.test/")
    assert "isn't allowed to open 'http://elsewhere.test/': no one has approved its site." in words
    assert "browser_open" not in words


async def test_without_a_page_nothing_is_looked_at(desk: Desk, tmp_path: Path) -> None:
    for tool, args in (
        ("browser_snapshot", {}),
        ("browser_extract", {"what": "text"}),
        ("browser_screenshot", {"path": "nothing.png"}),
    ):
        assert await failing(desk, tool, **args) == "No page is open. Open one with browser_open."
    assert not desk_files(tmp_path)


async def test_a_page_for_a_person_says_who_gets_past_it(desk: Desk, site: PageServer) -> None:
    robot = (await desk.do("browser_open", url=site.url("/robot"))).text
    assert robot.splitlines()[-1].startswith("[This page needs a person: call ask_to_take_over")
    sign_in = (await desk.do("browser_open", url=site.url("/sign-in"))).text
    assert sign_in.splitlines()[-1].startswith(
        "[This page asks for a password: have a person sign in with ask_to_take_over"
    )
    assert "ask_to_take_over" not in (await desk.do("browser_open", url=site.url("/shop.html"))).text


async def test_a_vast_page_is_read_as_text(desk: Desk, site: PageServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_view, "MOST_ELEMENTS", 2_000)
    seen = (await desk.do("browser_open", url=site.url("/vast"))).text
    assert seen.startswith("Vast — ")
    assert "too large for refs" in seen
    assert "Row 7 of very many more" in seen
    assert "[part 1 of " in seen
    assert "[part 2 of " in (await desk.do("browser_scroll", direction="down")).text
    assert "Row 19 of very many" in (await desk.do("browser_extract", what="text")).text


async def test_a_page_too_slow_for_refs_is_still_read(
    desk: Desk, site: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow is not dead: the page answers once its snapshot, which nobody waits for any more, is made."""
    monkeypatch.setattr(page_view, "SNAPSHOT", 0.001)
    seen = (await desk.do("browser_open", url=site.url("/long"))).text
    assert "too large for refs" in seen
    assert "Paragraph 7 of a very long page" in seen
    monkeypatch.undo()
    assert "too large for refs" not in await desk.see()


async def test_a_file_that_says_it_is_too_large(desk: Desk, site: PageServer) -> None:
    words = await failing(desk, "browser_download", url_or_ref=site.url("/huge.bin"), path="x.bin")
    assert "larger than 50 MB, so it wasn't saved" in words


async def test_a_file_that_does_not_end(
    desk: Desk, site: PageServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(file_download, "MOST", 2_000_000)
    words = await failing(desk, "browser_download", url_or_ref=site.url("/unending.bin"), path="x.bin")
    assert "larger than 2 MB" in words
    assert not desk_files(tmp_path)


async def test_a_script_cannot_fill_the_disk(
    desk: Desk, site: PageServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file that grows too large is ended, and of several only one is taken."""
    monkeypatch.setattr(page_downloads, "MOST", 2_000_000)
    seen = (await desk.do("browser_open", url=site.url("/sends.html"))).text
    words = await failing(desk, "browser_download", url_or_ref=ref_of(seen, "Send without end"), path="x.bin")
    assert "so it wasn't saved. Look for a smaller file." in words
    told = await desk.do("browser_click", ref=ref_of(seen, "Send three"))
    assert "That link is a file, 'unending.bin'. Save it with browser_download(" in told.text
    assert not desk_files(tmp_path)
    assert (await desk.do("browser_open", url=site.url("/article.html"))).ok


async def test_a_file_that_is_not_there(desk: Desk, site: PageServer) -> None:
    assert "status 404" in await failing(desk, "browser_download", url_or_ref=site.url("/no.csv"), path="x.csv")


async def test_a_broken_pdf(desk: Desk, site: PageServer) -> None:
    assert "is damaged" in await failing(desk, "browser_open", url=site.url("/broken.pdf"))


async def test_something_lies_over_the_element(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/covered.html"))).text
    words = await failing(desk, "browser_click", ref=ref_of(seen, "Below"))
    assert "'Subscribe to our letter' covers it" in words


async def test_a_disabled_button(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/hands.html"))).text
    assert "it's disabled" in await failing(desk, "browser_click", ref=ref_of(seen, "Not yet"))


async def test_words_that_never_come(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/hands.html"))
    words = await failing(desk, "browser_wait", text="The sum is 43", seconds=0.3)
    assert "'The sum is 43' didn't appear within 0.3 s" in words


async def test_a_key_that_does_not_exist(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/hands.html"))
    assert "There's no key 'Entrée'" in await failing(desk, "browser_press", key="Entrée")


async def test_a_table_that_is_not_there(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/spans.html"))
    assert "This page has 3 tables; there's no table 9" in await failing(
        desk, "browser_extract", what="tables", number=9
    )


async def test_uploads_that_cannot_be(desk: Desk, site: PageServer, tmp_path: Path) -> None:
    seen = (await desk.do("browser_open", url=site.url("/upload.html"))).text
    (tmp_path / "deck.pptx").write_bytes(b"x")
    (tmp_path / "link").symlink_to("/etc/hostname")
    report, locked, send = ref_of(seen, "Your report"), ref_of(seen, "Locked"), ref_of(seen, "Send")
    assert "'none.txt'" in await failing(desk, "browser_upload", ref=report, path="none.txt")
    assert "'link'" in await failing(desk, "browser_upload", ref=report, path="link")
    assert "accepts only .txt,.csv" in await failing(desk, "browser_upload", ref=report, path="deck.pptx")
    assert "is disabled" in await failing(desk, "browser_upload", ref=locked, path="deck.pptx")
    pressed = await desk.do("browser_upload", ref=send, path="deck.pptx")
    assert not pressed.ok and "isn't a file field" in pressed.text and len(pressed.held) == 1
    assert "nothing yet" in await desk.see()
