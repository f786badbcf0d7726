"""Whatever dies, the page is found again: a renderer, the browser, its driver, the whole host."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from agents.tools.browser import Browser
from agents.tools.browser.page_state_store import PageOwner
from orchestrator.errors import ToolFailed
from tests.browser_fixtures import EXECUTABLE, Desk, a_browser, ref_of, two_sites
from tests.page_server import PageServer

pytestmark = [
    pytest.mark.skipif(EXECUTABLE is None, reason="no chromium on this machine"),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc"),
]

HOST = """
import asyncio, sys
from pathlib import Path
from tests.browser_fixtures import Desk, a_browser

async def main(home: str, url: str, domain: str) -> None:
    desk = Desk(a_browser(Path(home) / "browser"), Path(home) / "work", (domain,))
    print((await desk.do("browser_open", url=url)).text, flush=True)
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def site() -> Iterator[PageServer]:
    with two_sites() as sites:
        yield sites[0]


@pytest_asyncio.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    browser = a_browser(tmp_path / "browser", patience=60)
    yield browser
    await browser.close()


@pytest.fixture
def desk(browser: Browser, site: PageServer, tmp_path: Path) -> Desk:
    return Desk(browser, tmp_path / "work", (site.domain,))


@pytest.mark.slow
async def test_a_login_outlives_the_kill_of_the_browser(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/login"))
    for word in ("headless", "chrom"):
        kill_children(os.getpid(), word)
    seen = (await desk.do("browser_open", url=site.url("/account"))).text
    assert "user=ada" in seen
    assert "cart: 3 kettles" in seen


async def test_the_page_is_found_again_after_the_kill_of_the_driver(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/account"))
    kill_children(os.getpid(), "node")
    seen = await desk.see()
    assert seen.startswith("You — ")
    assert "reopened after a restart" in seen


async def test_the_page_is_found_again_after_its_renderer_crashed(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/article.html"))
    await crash(desk)
    assert (await desk.see()).startswith("Article — ")


@pytest.mark.slow
async def test_a_new_browser_goes_on_where_the_old_one_stopped(desk: Desk, site: PageServer, tmp_path: Path) -> None:
    await desk.do("browser_open", url=site.url("/article.html"))
    seen = (await desk.do("browser_open", url=site.url("/contact.html"))).text
    await desk.browser.close()
    desk.browser = a_browser(tmp_path / "browser")
    try:
        result = await desk.do("browser_type", ref=ref_of(seen, "Search"), text="again", submit=True)
    finally:
        await desk.browser.close()
    assert "You looked for ['again']" in result.text


async def test_a_ref_of_a_page_that_changed_meanwhile_is_not_trusted(
    desk: Desk, site: PageServer, tmp_path: Path
) -> None:
    seen = (await desk.do("browser_open", url=site.url("/changing"))).text
    await crash(desk)
    result = await desk.do("browser_click", ref=ref_of(seen, "Offer 1"))
    assert not result.ok
    assert "That ref no longer exists" in result.text
    assert ref_of(result.text, "Offer 2") == ref_of(seen, "Offer 1")


async def test_a_page_that_may_not_be_opened_any_more_is_not_opened_again(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/article.html"))
    await crash(desk)
    count = len(site.requests)
    desk.domains = ("elsewhere.test",)
    with pytest.raises(ToolFailed, match=r"isn't allowed to open .* No page is open. Open one with browser_open"):
        await desk.see()
    assert len(site.requests) == count


@pytest.mark.slow
async def test_a_killed_host_leaves_no_process_and_its_successor_finds_the_page(
    site: PageServer, tmp_path: Path
) -> None:
    host = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOST, str(tmp_path), site.url("/login"), site.domain,
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert host.stdout is not None
    assert (await asyncio.wait_for(host.stdout.readline(), 60)).startswith(b"In ")
    family = descendants(host.pid)
    assert len(family) >= 3
    host.kill()
    await host.wait()
    await until(lambda: not any(running(pid) for pid in family))
    browser = a_browser(tmp_path / "browser")
    try:
        desk = Desk(browser, tmp_path / "work", (site.domain,))
        assert (await desk.see()).startswith("In — ")
    finally:
        await browser.close()


async def test_nothing_runs_after_close(desk: Desk, site: PageServer) -> None:
    before = set(descendants(os.getpid()))
    await desk.do("browser_open", url=site.url("/article.html"))
    family = set(descendants(os.getpid())) - before
    assert family
    await desk.browser.close()
    await until(lambda: not any(running(pid) for pid in family))


@pytest.mark.slow
async def test_seven_subtasks_browse_at_once_each_with_its_own_cookies(desk: Desk, site: PageServer) -> None:
    desks = [Desk(desk.browser, desk.folder, desk.domains, subtask=f"s{n}") for n in range(7)]
    await desks[0].do("browser_open", url=site.url("/login"))
    async with asyncio.TaskGroup() as group:
        shown = [group.create_task(d.do("browser_open", url=site.url("/account"))) for d in desks]
    assert ["user=ada" in s.result().text for s in shown] == [True] + [False] * 6
    await desk.browser.leave("task", "s0")
    assert "nobody" in (await desks[0].do("browser_open", url=site.url("/account"))).text


@pytest.mark.slow
async def test_a_page_that_hangs_is_closed_and_the_next_call_works(site: PageServer, tmp_path: Path) -> None:
    browser = a_browser(tmp_path / "browser", patience=1, active=1)
    desk = Desk(browser, tmp_path / "work", (site.domain,))
    try:
        seen = (await desk.do("browser_open", url=site.url("/ways.html"))).text
        async with asyncio.timeout(60):
            with pytest.raises(ToolFailed, match="stopped responding"):
                await desk.do("browser_click", ref=ref_of(seen, "Freeze"))
        assert (await desk.do("browser_open", url=site.url("/article.html"))).ok
    finally:
        await browser.close()


async def test_a_cancelled_call_ends_at_once_and_the_page_stays_usable(desk: Desk, site: PageServer) -> None:
    await desk.do("browser_open", url=site.url("/article.html"))
    call = asyncio.create_task(desk.do("browser_open", url=site.url("/never")))
    await until(lambda: site.saw("/never"))
    call.cancel()
    async with asyncio.timeout(60):
        with pytest.raises(asyncio.CancelledError):
            await call
    assert (await desk.do("browser_open", url=site.url("/prices.html"))).text.startswith("Prices — ")


async def crash(desk: Desk) -> None:
    """Kills the renderer of the desk's page."""
    session = desk.browser._sessions[PageOwner(desk.task, desk.subtask)]
    devtools = await session.context.new_cdp_session(session.page)
    dying = asyncio.create_task(devtools.send("Page.crash"))
    await until(lambda: session.crashed)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not fact():  # noqa: ASYNC110 - processes and pages end without an event of ours
            await asyncio.sleep(0.02)


def descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = children.get(pid, [])
    for child in found:
        found = [*found, *descendants(child)]
    return found


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill_children(pid: int, word: str) -> None:
    for child in descendants(pid):
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")[0]
            if word.encode() in Path(os.fsdecode(command)).name.encode():
                os.kill(child, signal.SIGKILL)
        except OSError:
            continue
