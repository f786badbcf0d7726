"""The page of agents in a real browser: on a phone, in the dark, from a mistake to a saved agent and one turn."""

import asyncio
import socket
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import expect

from bot.web.asgi_app import web_app
from bot.web.server import WebServer
from bot.web.sign_in import invite, person_named
from tests.memory_hub import ScriptedModel, say, stage
from tests.scenarios.agent_workspace import editor
from tests.scenarios.test_agents_page import shelled
from tests.scenarios.web_visit import OUTPUT, PHONE, STILL, WIDE, a_browser
from tests.scenarios.web_workspace import SECRET

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("theme", "size"), [("dark", PHONE), ("light", WIDE)], ids=["phone in the dark", "desk"])
async def test_a_person_makes_and_tries_an_agent(tmp_path: Path, theme: Literal["dark", "light"], size: object) -> None:
    OUTPUT.mkdir(exist_ok=True)
    model = ScriptedModel({"try-out": [say("I begin.", run_shell={"command": "curl https://example.com " * 9})]})
    async with stage(tmp_path, model) as on, a_browser() as browser:
        shelled(on)
        listening = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        hosts = {url.removeprefix("http://")}
        app = web_app(on.desk, secret=SECRET, clock=on.clock, public_hosts=hosts, agents=editor(on, tmp_path))
        server = WebServer(app, host="127.0.0.1", port=0)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        context = await browser.new_context(viewport=size, color_scheme=theme, reduced_motion=STILL)  # pyright: ignore
        page = await context.new_page()
        page.set_default_timeout(60_000)

        async def fits(name: str) -> None:
            wide = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert wide[0] <= wide[1], f"{name} is {wide[0]} wide on a screen of {wide[1]}"
            await page.screenshot(path=OUTPUT / f"agents-{theme}-{name}.png")

        await page.goto(url + await invite(on.desk, person_named("Ada"), on.clock))
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/c/general")
        await page.goto(f"{url}/agents/new")
        await page.get_by_label("Name").fill("Contract Reader")
        await page.get_by_label("What it does").fill("Reads contracts.")
        await page.get_by_label("Single tools").fill("reed_file, run_shell")
        await page.get_by_role("textbox", name="Prompt").fill("You read contracts.")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Did you mean 'read_file'?")).to_be_visible()
        await expect(page.locator("[aria-invalid]")).to_have_count(2)
        await fits("mistakes")

        await page.get_by_label("Name").fill("contract-reader")
        await page.get_by_label("Single tools").fill("read_file, run_shell")
        await page.get_by_role("textbox", name="Request", exact=True).fill("Read the contract")
        await page.get_by_role("button", name="Try it").click()
        await expect(page.get_by_label("What it would do first")).to_contain_text("run_shell would run")
        await fits("tried")

        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Saved. It counts from the next plan on.")).to_be_visible()
        await page.get_by_role("link", name="Agents", exact=True).first.click()
        await expect(page.get_by_text("contract-reader version 1")).to_be_visible()
        await fits("list")
        await context.close()
        server.should_exit = True
        await running
