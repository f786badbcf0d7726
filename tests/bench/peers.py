"""Others that show pages to models: browser-use and @playwright/mcp, each in an environment of its own.

The environments are kept in the user's cache folder; `--peers` of the benchmark makes them with pip and npm.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from mcp import MCPError, StdioServerParameters
from mcp.client import Client

from tests.browser_fixtures import EXECUTABLE

BROWSER_USE, MCP = "browser-use==0.13.14", "@playwright/mcp@0.0.83"
ROUNDS = 3
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "threadwork-bench"
_PYTHON = _CACHE / "browser-use/bin/python"
_CLI = _CACHE / "playwright-mcp/node_modules/@playwright/mcp/cli.js"
_QUIET = {
    "ANONYMIZED_TELEMETRY": "false",
    "BROWSER_USE_CLOUD_SYNC": "false",
    "BROWSER_USE_VERSION_CHECK": "false",
    "BROWSER_USE_LOGGING_LEVEL": "result",
}


class Seen(NamedTuple):
    """A page as the model gets it. Seconds: to open it and see it, and to look again."""

    text: str
    opened: float
    again: float


def install() -> None:
    """Makes both environments. Raises CalledProcessError when the package managers cannot."""
    subprocess.run([sys.executable, "-m", "venv", _PYTHON.parents[1]], check=True)
    subprocess.run([_PYTHON, "-m", "pip", "install", "-q", BROWSER_USE], check=True)
    subprocess.run(["npm", "install", "--silent", "--prefix", _CLI.parents[3], MCP], check=True)


async def seen(urls: Sequence[str]) -> Mapping[str, Sequence[Seen]]:
    """What each peer shows of the pages, in their order; a peer that is not installed or fails is told and left out."""
    found: dict[str, Sequence[Seen]] = {}
    for name, place, look in (("browser-use", _PYTHON, _browser_use), ("playwright-mcp", _CLI, _playwright_mcp)):
        if not place.exists():
            print(f"browser, {name}: not installed; `python -m tests.bench browser --peers` does it.")
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                async with asyncio.timeout(300):
                    found[name] = await look(urls, folder)
            except (OSError, TimeoutError, MCPError) as error:
                print(f"browser, {name}: did not run here ({type(error).__name__}: {str(error)[:300]}).")
    return found


async def _browser_use(urls: Sequence[str], folder: str) -> Sequence[Seen]:
    out = Path(folder) / "seen.json"
    given = json.dumps({"executable": EXECUTABLE, "root": os.geteuid() == 0, "urls": urls, "rounds": ROUNDS})
    script = str(Path(__file__).with_name("peer_script.py"))
    process = await asyncio.create_subprocess_exec(
        _PYTHON, "-I", script, given, str(out), env={"PATH": os.environ["PATH"], "HOME": folder, **_QUIET},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise OSError(said.decode()[-300:])
    return [Seen(*row) for row in json.loads(await asyncio.to_thread(out.read_bytes))]


async def _playwright_mcp(urls: Sequence[str], folder: str) -> Sequence[Seen]:
    flags = ["--headless", "--isolated", "--executable-path", str(EXECUTABLE)]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    found: list[Seen] = []
    async with Client(StdioServerParameters(command="node", args=[str(_CLI), *flags], cwd=folder)) as client:
        for url in urls[:1] + urls:  # once to be warm
            began = time.perf_counter()
            await client.call_tool("browser_navigate", {"url": url})
            text = _words(await client.call_tool("browser_snapshot", {}))
            opened = time.perf_counter() - began
            again: list[float] = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                text = _words(await client.call_tool("browser_snapshot", {}))
                again.append(time.perf_counter() - began)
            found.append(Seen(text, opened, median(again)))
    return found[1:]


def _words(result: Any) -> str:
    return "\n".join(part.text for part in result.content if part.type == "text")
