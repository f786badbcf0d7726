"""A person takes over an agent's page in the workspace, signs in, hands it back, and the agent reads on."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Page, expect
from starlette.applications import Starlette

from agents.host.call_timeout import TimedHost
from agents.host.child_process_host import StdioHost
from agents.host.config import HostConfig
from bot.web.asgi_app import web_app
from bot.web.server import bound, served
from bot.web.sign_in import invite, person_named
from bot.web.takeover import Takeovers
from orchestrator.domain import commands as c
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.model_messages import Reply
from orchestrator.errors import HostLost, Stale, ToolFailed
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.policy_gate import Gate
from tests.browser_fixtures import EXECUTABLE
from tests.host_fixtures import open_folder
from tests.memory_hub import ScriptedModel, Stage, say, stage
from tests.scenarios.test_browser_recovery import kill_children
from tests.scenarios.web_visit import OUTPUT, PHONE, STILL, WIDE
from tests.scenarios.web_visit import a_browser as a_persons_browser
from tests.scenarios.web_workspace import SECRET, use
from tests.sign_in_site import CIRCLE, FIGURE, NAME, PASSWORD, a_site

pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason="no chromium on this machine")
STEP = SubtaskId("look")


@dataclass
class House:
    """A running workspace with a real host: its address, head, takeovers, data folder and site."""

    url: str
    on: Stage
    takeovers: Takeovers
    folder: Path
    site: str
    app: Starlette

    def stranger(self) -> httpx.AsyncClient:
        headers = {"origin": self.url, "accept": "application/json"}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=self.url, headers=headers)

    async def link(self, name: str) -> str:
        return self.url + await invite(self.on.desk, person_named(name), self.on.clock)

    async def visitor(self, name: str) -> tuple[httpx.AsyncClient, str]:
        """Somebody's HTTP client, and their token."""
        client = self.stranger()
        path = (await self.link(name)).removeprefix(self.url)
        await use(client, path)
        page = (await client.get("/people", headers={"accept": "text/html"})).text
        return client, page.split('data-csrf="')[1].split('"')[0]


@asynccontextmanager
async def a_house(
    script: Callable[[str], ScriptedModel], *, idle: float = 600, away: float = 90
) -> AsyncIterator[House]:
    with open_folder() as folder:
        async with a_site() as site:
            model = script(site)
            config = HostConfig(home=str(folder / "host"), browser=EXECUTABLE, near=(urlsplit(site).netloc,))
            async with StdioHost(config, FolderShelf(folder / "shelf")) as host:
                timed = TimedHost(host, 60)
                async with stage(folder, model, link=lambda _: timed, url=f"sqlite:///{folder}/ledger.db") as on:
                    takeovers = Takeovers(on.desk, timed, Gate().readable, idle=idle, away=away)
                    await takeovers.begin()
                    listening = bound("127.0.0.1", 0)
                    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
                    app = web_app(on.desk, secret=SECRET, clock=on.clock, public_hosts={url[7:]}, takeovers=takeovers)
                    async with served(app, listening):
                        try:
                            yield House(url, on, takeovers, folder, site, app)
                        finally:
                            await takeovers.close()


WHY = "The page asks for a sign-in at the ledger: a name, a password and a circle to click."
PLAN = {"id": "look", "title": "Look it up", "instructions": "Read the balance.", "agent": "browser"}


def a_script(site: str, *rest: Reply) -> ScriptedModel:
    """An agent that opens the site, asks somebody to take over, and ends with what it then sees."""
    last = lambda p: say(p.messages[-1].text)  # noqa: E731
    opened, asked = say(browser_open={"url": f"{site}/"}), say(ask_to_take_over={"why": WHY})
    plan = say(propose_plan={"title": "Read the ledger", "subtasks": [PLAN]})
    return ScriptedModel({"plan": [plan], "look": [opened, *(rest or (asked,)), last]})


async def asked(house: House) -> TaskId:
    """The agent has opened the site and asked."""
    task = await house.on.ask(f"Read the balance at {house.site}/")
    await house.on.press_start(task)
    await house.on.until(task, lambda s: s.questions and s.of(STEP).status == "parked", seconds=40)
    return task


async def click(page: Page, x: float, y: float) -> None:
    """Into the page, at its own coordinates."""
    box = await page.locator("#view").bounding_box()
    assert box
    await page.mouse.click(box["x"] + x / 1280 * box["width"], box["y"] + y / 800 * box["height"])


async def come_in(page: Page, house: House, name: str) -> None:
    page.set_default_timeout(60_000)
    await page.goto(await house.link(name))
    await page.get_by_role("button", name="Sign in").click()
    await page.locator("body[data-ready]").wait_for()


async def take_over(page: Page) -> None:
    await page.get_by_role("button", name="Take over").click()
    await page.locator("#view[data-number]").wait_for()


async def sign_in(page: Page) -> None:
    await click(page, 150, 140)
    await page.keyboard.type(NAME)
    await click(page, 150, 195)
    await page.keyboard.type("correct horse ")
    await page.keyboard.insert_text("電池")
    await page.keyboard.type(" staple")
    await click(page, CIRCLE[0], CIRCLE[1])


async def drawn(page: Page) -> None:
    """All that was done is seen: no newer picture comes for a while."""
    number = ""
    while number != (number := await page.locator("#view").get_attribute("data-number") or ""):
        await page.wait_for_timeout(1200)


async def picture(page: Page, name: str) -> None:
    wide = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
    await page.screenshot(path=OUTPUT / f"takeover-{name}.png")


async def test_a_person_signs_in_at_the_agents_page_the_agent_reads_on_and_nothing_typed_is_kept() -> None:
    OUTPUT.mkdir(exist_ok=True)
    asks = say(ask_to_take_over={"why": WHY})
    async with a_house(lambda site: a_script(site, asks, asks)) as house, a_persons_browser() as browser:
        task = await asked(house)
        context = await browser.new_context(viewport=WIDE, reduced_motion=STILL)
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await come_in(page, house, "Ada")
        await page.goto(f"{house.url}/t/{task}")
        await expect(page.get_by_alt_text("The page when the agent asked")).to_have_js_property("naturalWidth", 960)
        await picture(page, "asked")
        await page.get_by_role("link", name="Take over").first.click()
        await take_over(page)
        await expect(page.locator("#takeover-title")).to_have_text("Sign in")
        await sign_in(page)
        await drawn(page)
        await picture(page, "light")
        await page.evaluate("document.documentElement.dataset.theme = 'dark'")
        await picture(page, "dark")
        await page.set_viewport_size(PHONE)
        await picture(page, "phone")
        await page.set_viewport_size(WIDE)
        await page.get_by_role("button", name="Done, hand back").click()  # too early: the fields are still filled in
        await page.wait_for_url(f"**/t/{task}")
        await house.on.until(task, lambda s: len(s.questions) == 2 and s.of(STEP).status == "parked", seconds=60)
        assert "••" in house.on.model.prompts[-1].messages[-1].text
        await page.goto(f"{house.url}/t/{task}/takeover/look")
        await take_over(page)
        await click(page, 150, 195)
        await page.keyboard.press("Enter")
        await expect(page.locator("#takeover-title")).to_have_text("Ledger")
        await page.get_by_role("button", name="Done, hand back").click()
        await page.wait_for_url(f"**/t/{task}")
        state = await house.on.until(task, lambda s: s.phase == "done", seconds=60)
        assert "Ada took over and handed the page back" in state.of(STEP).summary
        assert f"Balance: {FIGURE} EUR" in state.of(STEP).summary
        assert state.of(STEP).takeover_by is None
        assert complaints == []
        secrets = [NAME, PASSWORD, "correct horse", "staple"]
        said = str(house.on.model.prompts)
        assert not [s for s in secrets if s in said]
        search = ["grep", "-rlaF", *(f"-e{s}" for s in secrets), str(house.folder)]
        found = await asyncio.to_thread(subprocess.run, search, capture_output=True)
        assert (found.returncode, found.stdout) == (1, b"")


async def test_only_the_person_in_control_acts_and_only_from_our_own_page() -> None:
    async with a_house(a_script) as house:
        task = await asked(house)
        at = f"/t/{task}/takeover/look"
        (ada, hers), (bob, his) = await house.visitor("Ada"), await house.visitor("Bob")
        touch = {"touches": [{"kind": "text", "text": "x"}]}

        async def sent(who: httpx.AsyncClient, what: str, body: object = None, **headers: str) -> httpx.Response:
            return await who.post(f"{at}/{what}", json=body or {}, headers=headers)

        assert (await sent(ada, "take")).status_code == 403  # no token
        assert (await sent(ada, "take", **{"x-csrf": hers, "origin": "http://evil.example"})).status_code == 403
        assert (await sent(house.stranger(), "take")).status_code == 401
        assert (await sent(ada, "touches", touch, **{"x-csrf": hers})).status_code == 409  # nobody takeovers yet
        assert (await sent(ada, "take", **{"x-csrf": hers})).status_code == 200
        assert (await ada.get(f"{at}/picture")).headers["content-type"] == "image/jpeg"
        refused = await sent(bob, "take", **{"x-csrf": his})
        assert (refused.status_code, refused.json()["problem"][:23]) == (409, "Ada has control of this")
        assert [(await bob.get(f"{at}/{what}")).status_code for what in ("picture", "asks")] == [403, 403]
        assert (await sent(bob, "touches", touch, **{"x-csrf": his})).status_code == 403
        assert (await sent(bob, "return", **{"x-csrf": his})).status_code == 409
        odd = await sent(ada, "touches", {"touches": [{"kind": "text", "text": "s3cret", "x": 9}]}, **{"x-csrf": hers})
        assert odd.status_code == 422 and "s3cret" not in odd.text
        assert "Ada" in (await bob.get(at, headers={"accept": "text/html"})).text
        assert (await sent(ada, "return", **{"x-csrf": hers})).status_code == 200
        await house.on.until(task, lambda s: s.phase == "done", seconds=60)
        assert (await sent(ada, "take", **{"x-csrf": hers})).status_code == 409  # the agent is not at work any more


async def test_who_rests_or_goes_away_has_handed_back_and_the_thread_says_so() -> None:
    async with a_house(a_script, idle=0.5) as house:
        task = await asked(house)
        ada, _ = await house.visitor("Ada")
        person = person_named("Ada")
        await house.takeovers.take(task, STEP, person)
        state = await house.on.until(task, lambda s: any(x.level == "warning" for x in s.lines), seconds=60)
        assert state.of(STEP).takeover_by is None
        assert "was inactive on the page" in state.lines[-1].text
        assert (await ada.get(f"/t/{task}/takeover/look/picture")).status_code == 409
        house.takeovers._idle, house.takeovers._away = 60, 0.5  # pyright: ignore[reportPrivateUsage]
        await house.takeovers.take(task, STEP, person)
        state = await house.on.until(task, lambda s: "left the page" in s.lines[-1].text, seconds=60)
        assert state.of(STEP).takeover_by is None


async def test_a_hub_that_comes_back_says_that_the_page_was_let_go() -> None:
    async with a_house(a_script) as house:
        task = await asked(house)
        person = person_named("Ada")
        await house.on.desk.submit(c.StartTakeover(id="of the last hub", by=person, task=task, subtask=STEP))
        await house.takeovers.begin()
        state = await house.on.desk.state(task)
        assert state.of(STEP).takeover_by is None
        assert "was closed" in state.lines[-1].text
        await house.takeovers.take(task, STEP, person)
        view, _ = await house.takeovers.see(task, STEP, person, -1)
        assert view.title == "Sign in"


@pytest.mark.slow
async def test_a_host_that_is_killed_lets_go_and_the_page_can_be_taken_again() -> None:
    async with a_house(a_script) as house:
        task = await asked(house)
        person = person_named("Ada")
        await house.takeovers.take(task, STEP, person)
        await house.takeovers.see(task, STEP, person, -1)
        await asyncio.to_thread(kill_children, os.getpid(), "python")
        with pytest.raises((ToolFailed, HostLost, Stale)):
            async with asyncio.timeout(60):
                while True:
                    await house.takeovers.see(task, STEP, person, 10**6)
        state = await house.on.until(task, lambda s: s.of(STEP).takeover_by is None, seconds=60)
        assert "was closed" in state.lines[-1].text
        await house.takeovers.take(task, STEP, person)
        view, picture = await house.takeovers.see(task, STEP, person, -1)
        assert (view.title, picture[:2]) == ("Sign in", b"\xff\xd8")
