"""Pages and lists without an end in sight: they're scrolled until nothing more comes, and say what they leave out."""

import pytest

from agents.tools.browser.partial_lists import partial_words
from tests.world.pages.conftest import Visit

FEED = """<!doctype html><html lang=en><title>News</title><main id=m></main><div id=end>Loading…</div><script>
let n = 0, busy = false; const seen = new IntersectionObserver(async rows => {
if (!rows[0].isIntersecting || busy || n >= 40) return;
busy = true; await new Promise(done => setTimeout(done, 300));
for (let i = 0; i < 10; i += 1) { const one = document.createElement('article'); n += 1;
one.style.height = '150px'; one.textContent = `Story ${n}`; m.append(one); }
if (n >= 40) end.textContent = 'That was all'; busy = false; seen.unobserve(end); seen.observe(end); });
seen.observe(end);</script>"""
STUCK = """<!doctype html><html lang=en><title>News</title><p>Story 1</p><div style="height: 1500px"></div>
<p>Loading more…</p>"""
DRAWN = """<!doctype html><html lang=en><title>Parts</title><x-rows></x-rows><script>
customElements.define('x-rows', class extends HTMLElement { connectedCallback() {
const root = this.attachShadow({mode: 'closed'});
root.innerHTML = `<div role=grid aria-label=Parts aria-rowcount=301><div role=row aria-rowindex=1><span
role=columnheader>Part</span></div><div id=v style="height: 300px; overflow: auto"><div id=p style="position: relative;
height: 9000px"></div></div></div>`;
const view = root.getElementById('v'), draw = () => { const at = Math.floor(view.scrollTop / 30);
root.getElementById('p').innerHTML = [...Array(10).keys()].map(n => n + at).filter(n => n < 300).map(n => `<div role=row
aria-rowindex=${n + 2} style="position: absolute; top: ${n * 30}px; height: 30px"><span role=gridcell>Part no. ${n + 1}
</span></div>`).join(''); };
view.onscroll = draw; draw(); } });</script>"""


def test_a_part_of_a_list_is_told_as_far_as_the_page_knows() -> None:
    assert partial_words("table", "Parts", 10, 301, (2, 11)) == (
        "[The table 'Parts' shows rows 2–11 of 301; browser_scroll shows others.]"
    )
    assert "rows 491–500 of 500" in partial_words("table", "", 10, 500, (492, 501))
    assert partial_words("list", "", 20, 1200, (0, 0)).startswith("[A list shows 20 items of 1,200")
    assert "of a number that it doesn't say" in partial_words("list", "", 20, -1, (1, 20))
    assert "shows 3 items of 9" in partial_words("list", "", 3, 9, (4, 4))


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="session")
async def test_a_feed_that_answers_late_is_scrolled_to_its_end(visit: Visit) -> None:
    desk, site = await visit({"/": FEED})
    await desk.do("browser_open", url=site.url())
    seen = (await desk.do("browser_scroll", direction="end")).text
    assert "Story 40" in seen and "That was all" in seen
    assert "Scrolled to the end" in seen


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="session")
async def test_a_page_that_still_says_it_loads_is_not_called_finished(visit: Visit) -> None:
    desk, site = await visit({"/": STUCK})
    await desk.do("browser_open", url=site.url())
    seen = (await desk.do("browser_scroll", direction="end")).text
    assert "Scrolled to the end" not in seen
    assert "more may follow" in seen or "call browser_scroll('end') to scroll further" in seen


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="session")
async def test_a_list_that_draws_its_rows_scrolls_by_itself_and_says_what_it_shows(visit: Visit) -> None:
    desk, site = await visit({"/": DRAWN})
    seen = (await desk.do("browser_open", url=site.url())).text
    assert "Part no. 10\n" in seen and "shows rows 2–11 of 301" in seen
    further = (await desk.do("browser_scroll", direction="down")).text
    assert "Part no. 11\n" in further
    assert "shows rows" in (await desk.do("browser_extract", what="tables")).text
    assert "Part no. 300\n" in (await desk.do("browser_scroll", direction="end")).text
