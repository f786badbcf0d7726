"""What browsing costs: tokens, facts and time per page against Playwright's raw snapshot and two peers; and crowds.

`python -m tests.bench browser [--peers]` alone. Tokens are those of o200k for all. A fact is a name or a figure that a
reader would find on the page, from its top to its end.
"""

import asyncio
import os
import re
import tempfile
import time
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import TypeVar

from agents.tools.browser import Browser
from agents.tools.browser.page_state_store import PageOwner
from tests.bench import peers
from tests.bench.peers import Seen
from tests.browser_fixtures import EXECUTABLE, Desk, a_browser, ref_of, two_sites
from tests.page_server import PageServer
from tests.prompt_tokens import encoder

FACTS: Mapping[str, Sequence[str]] = {
    "shop": ("Kettle model 1", "€ 20.90", "Kettle model 12", "€ 31.90", "Kettle model 24", "€ 43.90"),
    "prices": ("Plan 1", "€ 7.00", "Plan 12", "€ 84.00", "Plan 25", "€ 175.00"),
    "parts": ("Part 1", "€ 3.50", "Part 150", "€ 450.50", "Part 300", "€ 900.50", "Part 500", "€ 1500.50"),
    "ticker": ("Change one", "Stock 1", "3.10", "Stock 20", "60.10", "Stock 40", "120.10"),
    "spans": ("Region", "Q2", "North", "13", "South", "closed", "Lima", "only layout"),
    "contact": ("Search", "Name", "Password", "Belgium", "Peru", "Send me news", "Show password"),
    "article": ("How kettles boil", "100 degrees", "price list", "© Kettles"),
    "reading": ("Ten toasters", "By Ada Field", "41 decibels", "89 euros", "62 dB", "Imprint"),
    "frames": ("Outside", "Inside the frame", "Press inside"),
    "shadow": ("Hidden depths", "Inside the shadow", "PIN"),
    "closed": ("Written into the page", "Nobody can look in here", "Deep button", "Deep PIN"),
    "endless": ("Entry 1", "Entry 6", "Entry 12"),
}
PAGES, ROUNDS = tuple(FACTS), 3
WALKED = ("shop", "prices", "contact", "article")
T = TypeVar("T")


async def ours(browser: Browser, desk: Desk, urls: Sequence[str]) -> tuple[Sequence[Seen], Sequence[Seen]]:
    """What our agents see, all parts of a long page, with picture and memory; and Playwright's raw snapshot of it."""
    mine, raw = list[Seen](), list[Seen]()
    await desk.do("browser_open", url=urls[0])
    for url in urls:
        opened, text = await timed(desk.do("browser_open", url=url))
        session = browser._sessions[PageOwner(desk.task, desk.subtask)]
        looks = [await timed(desk.see()) for _ in range(ROUNDS)]
        bare = [await timed(session.page.aria_snapshot(mode="ai")) for _ in range(ROUNDS)]
        mine.append(Seen(await all_parts(desk, text.text), opened, median(seconds for seconds, _ in looks)))
        raw.append(Seen(bare[-1][1], 0, median(seconds for seconds, _ in bare)))
    return mine, raw


async def all_parts(desk: Desk, text: str) -> str:
    """The whole page: a long one is shown in parts."""
    while (found := re.search(r"\[part (\d+) of (\d+);[^\n]*\]$", text)) and found[1] != found[2]:
        text += (await desk.do("browser_scroll", direction="down")).text
    return text


async def timed(work: Awaitable[T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = await work
    return time.perf_counter() - began, result


def table(sides: Mapping[str, Sequence[Seen]]) -> None:
    """Tokens and facts of every page, sums as ratios to ours, and medians of time."""
    count = encoder()
    print("browser, tokens (facts shown)  " + "".join(f"{name:>18}" for name in sides))
    sums, facts = dict.fromkeys(sides, 0), dict.fromkeys(sides, 0)
    for number, page in enumerate(PAGES):
        line = f"  {page:<29}"
        for name, rows in sides.items():
            text = rows[number].text
            tokens, shown = count(text), sum(fact in " ".join(text.split()) for fact in FACTS[page])
            sums[name], facts[name] = sums[name] + tokens, facts[name] + shown
            line += f"{tokens:>10,} ({shown} of {len(FACTS[page])})"
        print(line)
    of = sum(len(known) for known in FACTS.values())
    print(f"  {'all':<29}" + "".join(f"{sums[name]:>9,} ({facts[name]:>2} of {of})" for name in sides))
    print(f"  {'tokens ÷ ours':<29}" + "".join(f"{sums[name] / sums['ours']:>18.2f}" for name in sides))
    for words, pick in (("open and see, ms", 1), ("look again, ms", 2)):
        took = {name: median(row[pick] for row in rows) * 1000 for name, rows in sides.items()}
        print(f"  {words:<29}" + "".join(f"{ms:>18.0f}" if ms else f"{'-':>18}" for ms in took.values()))


async def change(desk: Desk, site: PageServer) -> None:
    count = encoder()
    seen = (await desk.do("browser_open", url=site.url("/ticker.html"))).text
    took, changed = await timed(desk.do("browser_click", ref=ref_of(seen, "Change one")))
    print(f"browser, a click: {count(changed.text)} tokens by what changed, {count(seen)} whole; {took * 1000:.0f} ms")


async def crowd(folder: Path, site: PageServer, many: int) -> None:
    """Each of so many subtasks opens some pages, in turns of the queue; memory of all processes of the browser."""
    browser = a_browser(folder / f"crowd-{many}")
    desks = [Desk(browser, folder, (site.domain,), subtask=f"s{n}") for n in range(many)]

    async def walk(desk: Desk) -> None:
        for name in WALKED:
            await desk.do("browser_open", url=site.url(f"/{name}.html"))

    await desks[0].do("browser_open", url=site.url("/article.html"))
    began = time.perf_counter()
    await asyncio.gather(*(walk(desk) for desk in desks))
    took = time.perf_counter() - began
    size = await asyncio.to_thread(memory)
    print(f"browser, {many} contexts: {many * len(WALKED) / took:.1f} pages/s, {size:.0f} MB")
    await browser.close()


def memory() -> float:
    """Proportional MB of the browser's processes: those of its name that descend from this one."""
    parents, named, total = dict[int, int](), set[int](), 0
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
            parents[int(entry.name)] = int(rest.split()[1])
            if "headless" in name or "chrom" in name:
                named.add(int(entry.name))
    for number in named:
        above = number
        while above in parents and above != os.getpid():
            above = parents[above]
        if above == os.getpid():
            with suppress(OSError):
                rollup = Path(f"/proc/{number}/smaps_rollup").read_text()
                total += int(next(row.split()[1] for row in rollup.splitlines() if row.startswith("Pss:")))
    return total / 1024


async def measured(folder: Path) -> None:
    with two_sites() as (site, other):
        browser = a_browser(folder / "browser")
        desk = Desk(browser, folder, (site.domain, other.domain))
        urls = [site.url(f"/{page}.html") for page in PAGES]
        mine, raw = await ours(browser, desk, urls)
        table({"ours": mine, "raw snapshot": raw, **await peers.seen(urls)})
        await change(desk, site)
        await browser.close()
        for many in (1, 5, 20):
            await crowd(folder, site, many)


def report() -> None:
    if EXECUTABLE is None:
        print("browser: not measured. There's no chromium on this machine.")
        return
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measured(Path(folder)))


if __name__ == "__main__":
    report()
