"""Where things stand on the screen: the page itself never scrolls, news comes into sight, nothing covers a button."""

import pytest
from playwright.async_api import expect

from orchestrator.domain.deliverables import Deliverable
from orchestrator.domain.events import DeliverableOffered, Noted, PlanDrafted, PlanStarted, SubtaskFinished
from orchestrator.domain.ids import DeliverableId, SubtaskId
from orchestrator.domain.plan import Plan
from tests.scenarios.report_job import SHEET, Job, plan
from tests.scenarios.web_visit import Visit

pytestmark = pytest.mark.asyncio(loop_scope="module")

TALL = "[document.documentElement.scrollHeight, innerHeight, document.documentElement.scrollTop]"
LOW = "(() => { const s = document.getElementById('scroll'); return s.scrollHeight - s.scrollTop - s.clientHeight; })()"


async def at_work(visit: Visit) -> Job:
    await visit.come_in()
    job = await visit.ask()
    await job.draft()
    await visit.page.get_by_role("button", name="Start").click()
    await job.at_work()
    await expect(visit.page.locator("#row-harbor")).to_contain_text("Reading harbor.example/about/company")
    return job


async def stands_still(visit: Visit) -> None:
    tall, window, top = await visit.page.evaluate(TALL)
    assert tall <= window and top == 0, f"the page is {tall} high in a window of {window}, scrolled by {top}"


async def test_the_page_never_scrolls_and_a_node_moves_only_the_thread(visit: Visit) -> None:
    await visit.page.set_viewport_size({"width": 1280, "height": 500})
    await at_work(visit)
    await stands_still(visit)
    await visit.page.locator('a.node[href="#row-summary"]').click()
    await expect(visit.page.locator("#row-summary")).to_be_in_viewport()
    await stands_still(visit)
    await expect(visit.page.get_by_role("button", name="Pause")).to_be_in_viewport()


async def test_what_was_sent_and_its_answer_come_into_sight(visit: Visit) -> None:
    page = visit.page
    await page.set_viewport_size({"width": 1280, "height": 500})
    job = await at_work(visit)
    for number in range(3):
        await job.fact(Noted(text=f"Note {number}"))
    await page.evaluate("document.getElementById('scroll').scrollTop = 0")
    await page.get_by_label("Reply in the thread").fill("Please hurry")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".post").last).to_contain_text("Please hurry")
    await expect(page.locator(".post").last).to_be_in_viewport()
    await expect(page.locator("#say")).to_be_focused()
    await job.fact(Noted(text="We hurry"))
    await expect(page.locator(".post").last).to_contain_text("We hurry")
    await job.question()
    await expect(page.locator(".point")).to_have_count(1)
    assert await page.evaluate(LOW) < 2, "what grew above pushed the answer out of sight"


async def test_news_leaves_a_reader_further_up_where_they_are(visit: Visit) -> None:
    page = visit.page
    await page.set_viewport_size({"width": 1280, "height": 400})
    job = await at_work(visit)
    await page.evaluate("document.getElementById('scroll').scrollTop = 0")
    await job.fact(Noted(text="A note"))
    await expect(page.locator(".post").last).to_contain_text("A note")
    assert await page.evaluate("document.getElementById('scroll').scrollTop") == 0


async def test_who_has_not_scrolled_stays_with_the_decisions(visit: Visit) -> None:
    job = await at_work(visit)
    await job.fact(Noted(text="A note"))
    await job.question()
    await expect(visit.page.locator(".point")).to_be_in_viewport()
    assert await visit.page.evaluate("document.getElementById('scroll').scrollTop") == 0


async def test_a_lost_connection_covers_no_button(visit: Visit) -> None:
    await at_work(visit)
    await visit.page.evaluate("document.getElementById('offline').hidden = false")
    bar = await visit.page.locator("#offline").bounding_box()
    assert bar is not None
    for name in ("Pause", "Stop", "Send", "Sign out"):
        button = await visit.page.get_by_role("button", name=name, exact=True).first.bounding_box()
        assert button is not None and button["y"] + button["height"] <= bar["y"]
    await stands_still(visit)


async def test_the_graph_stays_readable_and_scrolls_sideways_instead_of_shrinking(visit: Visit) -> None:
    page = visit.page
    await page.set_viewport_size({"width": 1280, "height": 860})
    await at_work(visit)
    sizes = """[...document.querySelectorAll(".graph text")].map((t) => parseFloat(t.getAttribute("font-size")) *
        t.ownerSVGElement.getScreenCTM().a)"""
    assert min(await page.evaluate(sizes)) >= 11
    await visit.no_wider_than_the_screen()
    await page.get_by_role("button", name="Fit").click()
    box = "(() => { const b = document.querySelector('.graph-box'); return b.scrollWidth - b.clientWidth; })()"
    assert await page.evaluate(box) <= 0
    await page.get_by_role("button", name="Full size").click()
    await visit.picture("11-graph-at-1280")


WIDER = """[...document.querySelectorAll('.main, .main *, .rail, .rail *')].filter(e => {
  const spills = getComputedStyle(e).overflowX === 'visible' && e.clientWidth && e.scrollWidth > e.clientWidth + 1;
  const over = spills || e.getBoundingClientRect().right > innerWidth + 1;
  return over && e.checkVisibility() && !e.closest('.sr, .excerpt, .wide, pre, svg');
}).map(e => e.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("width", [1280, 400])
async def test_a_word_without_end_stays_inside_the_page(visit: Visit, width: int) -> None:
    page, word = visit.page, "W" * 110
    await page.set_viewport_size({"width": width, "height": 700})
    await visit.come_in()
    job = await visit.ask(f"@threadwork {word}")
    step = plan().subtasks[0].model_copy(update={"title": word, "after": (), "fed_by": ()})
    sheet = plan().subtask(SHEET)
    assert sheet
    long = Plan(title=word, subtasks=(step, sheet.model_copy(update={"fed_by": (step.id,)})))
    await job.fact(PlanDrafted(plan=long, version=1))
    rows = "\n".join(",".join([word] * 9) for _ in range(30))
    file = await job.desk.shelf.put(rows.encode(), name=f"{'f' * 90}.csv")
    offered = Deliverable(id=DeliverableId("sheet/d1"), subtask=SHEET, file=file, version=1, words=word)
    await job.fact(DeliverableOffered(deliverable=offered))
    await job.fact(
        Noted(text=f"# {word}\n\n> {word}\n\n- `{word}`\n\n|a|b|c|\n|-|-|-|\n|{word}|{word}|{word}|\n\n    {word}")
    )
    await expect(page.locator(".post").last).to_contain_text(word)
    await expect(page.locator(".excerpt")).to_be_visible()
    await stands_still(visit)
    assert await page.evaluate(WIDER) == []
    await page.locator(".excerpt").scroll_into_view_if_needed()
    await visit.picture(f"18-long-words-{width}")


async def test_what_a_model_writes_is_read_in_the_page_and_disturbs_nobody(visit: Visit) -> None:
    page, desk = visit.page, visit.house.desk
    await visit.come_in()
    job = await visit.ask()
    await job.draft()
    await job.fact(PlanStarted(version=1))
    await job.start_all()
    row = page.locator("#row-northwind")
    await expect(row).to_contain_text("Thinking")
    reply = page.get_by_label("Reply in the thread")
    with desk.writes(job.task, step="northwind") as says:
        says("Northwind costs **49**")
        draft = page.locator("#draft-northwind")
        await expect(draft.locator("strong")).to_have_text("49")
        await expect(draft).to_contain_text("Writing…")
        await expect(row.get_by_text("Thinking")).to_be_hidden()
        await reply.fill("And Lakev")
        await page.evaluate("document.querySelector('#draft-northwind strong').mark = 'the same element'")
        says("Northwind costs **49** a month.\n\n- monthly\n- per s")
        await expect(draft.locator("li")).to_have_text(["monthly", "per s"])
        assert await page.evaluate("document.querySelector('#draft-northwind strong').mark") == "the same element"
        await expect(reply).to_have_value("And Lakev")
        await expect(reply).to_be_focused()
        await visit.no_wider_than_the_screen()
        await visit.picture("19-writing")
        summary = "Northwind costs 49 a month, paid monthly per seat."
        await job.fact(SubtaskFinished(subtask=SubtaskId("northwind"), attempt=1, leg=1, summary=summary))
        await expect(row).to_contain_text(summary)
        await expect(draft).to_be_hidden()
        await expect(draft).to_be_empty()
    await expect(reply).to_be_focused()
    await expect(page.locator("#thread").get_by_text("Northwind costs 49 a month")).to_have_count(1)
