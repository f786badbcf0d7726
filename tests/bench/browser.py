"""What browsing costs: tokens and time per page against Playwright's raw snapshot, and one to twenty pages at once.

`python -m tests.bench.browser` alone. Tokens are characters divided by four: both sides are counted the same way.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from agents.tools.browser import Browser
from agents.tools.browser.memory import Place
from tests.browsing import EXECUTABLE, Desk, a_browser, ref_of, two_sites
from tests.page_server import PageServer

PAGES = ("shop", "prices", "contact", "article", "reading", "frames", "ticker", "spans")
ROUNDS, EACH = 5, 4


async def raw(browser: Browser, desk: Desk) -> str:
    seat = browser._seats[Place(desk.task, desk.subtask)]
    return await seat.page.aria_snapshot(mode="ai")


async def pages(browser: Browser, desk: Desk, site: PageServer) -> None:
    for name in PAGES:
        await desk.do("browser_open", url=site.url(f"/{name}.html"))
        ours, theirs = list[float](), list[float]()
        shown = whole = ""
        for _ in range(ROUNDS):
            began = time.perf_counter()
            shown = await desk.see()
            middle = time.perf_counter()
            whole = await raw(browser, desk)
            ours.append(middle - began)
            theirs.append(time.perf_counter() - middle)
        mine, bare = len(shown) // 4, len(whole) // 4
        print(
            f"browser, {name}: {mine} tokens, raw snapshot {bare} ({bare / mine:.1f} times); a look with picture and "
            f"memory {statistics.median(ours) * 1000:.0f} ms, raw snapshot {statistics.median(theirs) * 1000:.0f} ms"
        )


async def change(desk: Desk, site: PageServer) -> None:
    seen = (await desk.do("browser_open", url=site.url("/ticker.html"))).text
    began = time.perf_counter()
    changed = (await desk.do("browser_click", ref=ref_of(seen, "Change one"))).text
    took = (time.perf_counter() - began) * 1000
    print(f"browser, a click: {len(changed) // 4} tokens by what changed, {len(seen) // 4} whole; {took:.0f} ms")


async def crowd(folder: Path, site: PageServer, many: int) -> None:
    """Each of so many subtasks opens some pages, in turns of the queue; memory of all processes of the browser."""
    browser = a_browser(folder / f"crowd-{many}")
    desks = [Desk(browser, folder, (site.domain,), subtask=f"s{n}") for n in range(many)]

    async def walk(desk: Desk) -> None:
        for name in PAGES[:EACH]:
            await desk.do("browser_open", url=site.url(f"/{name}.html"))

    await desks[0].do("browser_open", url=site.url("/article.html"))
    began = time.perf_counter()
    await asyncio.gather(*(walk(desk) for desk in desks))
    took = time.perf_counter() - began
    size = await asyncio.to_thread(memory)
    print(f"browser, {many} contexts: {many * EACH / took:.1f} pages/s, {size:.0f} MB")
    await browser.close()


def memory() -> float:
    """Proportional MB of all headless Chromium processes of this machine; let no other one run meanwhile."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if b"headless" in (entry / "cmdline").read_bytes().split(b"\0")[0]:
                rollup = (entry / "smaps_rollup").read_text()
                total += int(next(row.split()[1] for row in rollup.splitlines() if row.startswith("Pss:")))
        except OSError:
            continue
    return total / 1024


async def measured(folder: Path) -> None:
    with two_sites() as (site, _):
        browser = a_browser(folder / "browser")
        desk = Desk(browser, folder, (site.domain,))
        await pages(browser, desk, site)
        await change(desk, site)
        await browser.close()
        for many in (1, 5, 20):
            await crowd(folder, site, many)


def report() -> None:
    if EXECUTABLE is None:
        print("browser: not measured. There is no chromium on this machine.")
        return
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measured(Path(folder)))


if __name__ == "__main__":
    report()
