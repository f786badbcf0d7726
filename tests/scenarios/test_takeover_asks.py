"""A person at an agent's page answers what no picture shows: its dialogs, and the list of a field."""

import pytest
from playwright.async_api import expect

from tests.browser_fixtures import EXECUTABLE
from tests.scenarios.test_takeover import (
    OUTPUT,
    PHONE,
    WIDE,
    a_house,
    a_script,
    asked,
    click,
    come_in,
    picture,
    take_over,
)
from tests.scenarios.web_visit import STILL
from tests.scenarios.web_visit import a_browser as a_persons_browser

pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason="no chromium on this machine")


async def test_dialogs_and_lists_are_answered_in_the_workspace() -> None:
    OUTPUT.mkdir(exist_ok=True)
    async with a_house(lambda site: a_script(f"{site}/questions?")) as house, a_persons_browser() as browser:
        task = await asked(house)
        page = await (await browser.new_context(viewport=WIDE, reduced_motion=STILL)).new_page()
        complaints: list[str] = []
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await come_in(page, house, "Ada")
        await page.goto(f"{house.url}/t/{task}/takeover/look")
        await take_over(page)
        title = page.locator("#takeover-title")

        await click(page, 200, 220)
        country = page.get_by_label("Your choice for the page")
        await expect(country).to_have_value("0", timeout=60_000)
        await picture(page, "list")
        await country.select_option(label="日本")
        await expect(title).to_have_text("from 日本", timeout=60_000)

        await click(page, 200, 120)
        box = page.get_by_role("alertdialog", name="The page asks: Sure?")
        await expect(box.get_by_role("button", name="OK")).to_be_focused(timeout=60_000)
        await picture(page, "confirm")
        await page.set_viewport_size(PHONE)
        await picture(page, "confirm-phone")
        await page.set_viewport_size(WIDE)
        await page.keyboard.press("Enter")
        code = page.get_by_label("Your answer to the page")
        await expect(code).to_have_value("00", timeout=60_000)
        await code.fill("4711")
        await page.keyboard.press("Enter")
        await expect(title).to_have_text("4711", timeout=60_000)
        await expect(code).to_be_hidden(timeout=60_000)

        await click(page, 200, 120)
        await page.get_by_role("button", name="Cancel").click()
        await expect(title).to_have_text("false", timeout=60_000)
        await page.get_by_role("button", name="Done, hand back").click()
        await page.wait_for_url(f"**/t/{task}")
        await house.on.until(task, lambda s: s.phase == "done", seconds=60)
        assert complaints == []
