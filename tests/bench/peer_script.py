"""Looks at pages with browser-use. Run by `peers.py` under the Python that has it, not ours.

Arguments: JSON with the browser's path, the URLs and how often to look; the file for [text, seconds, seconds] per page.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from statistics import median

from browser_use import BrowserSession  # pyright: ignore[reportMissingImports]


async def main(given, out):
    session = BrowserSession(
        executable_path=given["executable"], headless=True, chromium_sandbox=not given["root"],
        enable_default_extensions=False, captcha_solver=False,
    )  # fmt: skip
    await session.start()
    rows = []
    for url in given["urls"][:1] + given["urls"]:  # once to be warm
        began = time.perf_counter()
        await session.navigate_to(url)
        await session.get_browser_state_summary(include_screenshot=True)
        opened = time.perf_counter() - began
        again = []
        for _ in range(given["rounds"]):
            began = time.perf_counter()
            state = await session.get_browser_state_summary(include_screenshot=True)
            again.append(time.perf_counter() - began)
        rows.append((state.dom_state.llm_representation(), opened, median(again)))
    await session.kill()
    out.write_text(json.dumps(rows[1:]))


asyncio.run(main(json.loads(sys.argv[1]), Path(sys.argv[2])))
