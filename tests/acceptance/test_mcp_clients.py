"""Clients that nobody here wrote hand threadwork a request and get the files: the library's over stdio, and the
inspector's command-line client, which npm installs first, over HTTP with a token. The rehearsal does the work."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import ElicitRequestParams, ElicitResult

from bot.config.demo_request import REQUEST

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
INSPECTOR = "@modelcontextprotocol/inspector@2.12.0"
FILES = {"competitor-comparison.xlsx", "executive-summary.docx"}


def environment(home: Path) -> dict[str, str]:
    """No model is set, so the rehearsal answers."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "THREADWORK_HOME": str(home), "THREADWORK_WEB__PORT": "0", "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("era", ["legacy", "auto"])
async def test_the_librarys_client_over_stdio(tmp_path: Path, era: Literal["legacy", "auto"]) -> None:
    asked: list[str] = []
    progress: list[float] = []

    async def person(context: object, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.message)
        schema: dict[str, Any] = getattr(params, "requested_schema", {})
        return ElicitResult(action="accept", content={"decision": schema["properties"]["decision"]["enum"][0]})

    async def heard(done: float, total: float | None, message: str | None) -> None:
        progress.append(done)

    server = StdioServerParameters(
        command=sys.executable, args=["-m", "bot", "mcp"], env=environment(tmp_path / "home"), cwd=tmp_path
    )
    async with Client(stdio_client(server), mode=era, elicitation_callback=person) as client:
        said = await client.call_tool("ask", {"request": REQUEST, "wait": 300}, progress_callback=heard)
        while (found := said.structured_content or {}).get("state") != "done":
            tool = "approve" if found["waits_for"] else "status"
            arguments = {"task": found["task"], "wait": 300}
            said = await client.call_tool(tool, arguments, progress_callback=heard)
            assert not said.is_error, said.content
        assert {file["name"] for file in found["files"]} == FILES
        for name in FILES:
            content = (await client.call_tool("files", {"task": found["task"], "name": name})).content
            assert getattr(getattr(content[0], "resource", None), "blob", "").startswith("UEsD")  # a zip's first bytes
    assert len(progress) > 20 and progress == sorted(progress)
    assert any("competitor-comparison.xlsx" in message for message in asked)


@asynccontextmanager
async def hub(home: Path) -> AsyncGenerator[tuple[str, str]]:
    """A running hub's address for clients, and a token of its person."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "up", env=environment(home), cwd=home.parent,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert started.stdout is not None
    try:
        address = await reads(started.stdout, r"running at (http://\S+?)\.\s")
        command = [sys.executable, "-m", "bot", "mcp", "token", "add", "editor"]
        made = await asyncio.to_thread(
            subprocess.run, command, env=environment(home), cwd=home.parent, capture_output=True, text=True
        )
        found = re.search(r"Bearer (\S+)", made.stdout)
        assert found, made.stdout + made.stderr
        yield f"{address}/mcp", found[1]
    finally:
        started.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            await started.stdout.read()
            await started.wait()


async def reads(stream: asyncio.StreamReader, pattern: str) -> str:
    """Reads until the pattern is there, and returns its group."""
    text = ""
    async with asyncio.timeout(300):
        while not (found := re.search(pattern, text)):
            more = await stream.read(4096)
            assert more, text
            text += more.decode("utf-8", "replace")
    return found[1]


@pytest.fixture(scope="module")
def mcpdo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inspector's command-line client."""
    folder = tmp_path_factory.mktemp("npm")
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", INSPECTOR]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    return folder / "node_modules/@modelcontextprotocol/inspector/clients/mcpdo/build/mcp-bin.js"


class Inspector:
    """The inspector: each command is a process, and a daemon of its own holds the connection."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._command = ["node", str(program), "--format", "json"]
        self._around = {
            **os.environ, "MCP_INSPECTOR_DAEMON_DIR": str(folder), "MCP_INSPECTOR_DAEMON_TOKEN": "x" * 43,
            "MCP_CATALOG_PATH": str(folder / "mcp.json"), "MCP_INSPECTOR_SECRET_STORE": "memory",
        }  # fmt: skip

    async def does(self, *words: str) -> str:
        done = await asyncio.to_thread(
            subprocess.run, [*self._command, *words], env=self._around, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    async def calls(self, tool: str, **arguments: object) -> str:
        return await self.does("--connection", "tw", "tools/call", tool, json.dumps(arguments))


@asynccontextmanager
async def inspector(program: Path, target: list[str], *options: str) -> AsyncGenerator[Inspector]:
    """Connected; the folder's name is short, because it holds a socket."""
    with tempfile.TemporaryDirectory() as folder:
        it = Inspector(program, Path(folder))
        try:
            await it.does("--connection", "tw", "connect", *options, *target)
            yield it
        finally:
            await it.does("daemon", "stop")


@pytest.mark.parametrize("era", ["legacy", "modern"])
async def test_the_inspectors_command_line_client_over_http(tmp_path: Path, mcpdo: Path, era: str) -> None:
    async with hub(tmp_path / "home") as (address, token):
        header = f"Authorization: Bearer {token}"
        async with inspector(mcpdo, [address, "--header", header], "--era", era) as it:
            said = await it.calls("ask", request=REQUEST, wait=50)
            found = re.search(r"task ([0-9a-f]{12})", said)
            assert found, said
            decisions = 0
            while "Done, 2 files" not in said:
                tool = "status" if "still running" in said else "approve"
                said = await it.calls(tool, task=found[1], wait=50)
                if pending := re.search(r'"elicitationId": "([^"]+)"', said):
                    decisions += 1
                    decision = "Start" if "steps is ready" in said else "Approve"
                    said = await it.does(
                        "--connection", "tw", "elicitation/respond", pending[1], f"decision:={decision}"
                    )
            assert decisions == 3
            written = await it.calls("files", task=found[1], name="executive-summary.docx")
            assert f"threadwork://tasks/{found[1]}/files/" in written and '"UEsD' in written


async def test_without_forms_the_inspector_is_sent_to_the_workspace(tmp_path: Path, mcpdo: Path) -> None:
    async with hub(tmp_path / "home") as (address, token):
        header = f"Authorization: Bearer {token}"
        async with inspector(mcpdo, [address, "--header", header], "--elicit", "off") as it:
            found = re.search(r"task ([0-9a-f]{12})", await it.calls("ask", request=REQUEST, wait=50))
            assert found
            said = await it.calls("approve", task=found[1])
            assert f"{address.removesuffix('/mcp')}/t/{found[1]}" in said and "can't show a form" in said


async def test_a_removed_token_and_a_foreign_page_are_refused(tmp_path: Path) -> None:
    import httpx

    home = tmp_path / "home"
    async with hub(home) as (address, token):
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        async with httpx.AsyncClient() as http:
            with_token = {"authorization": f"Bearer {token}", "accept": "application/json, text/event-stream"}
            assert (await http.post(address, json=call)).status_code == 401
            foreign = {**with_token, "origin": "https://evil.test"}
            assert (await http.post(address, json=call, headers=foreign)).status_code == 403
            assert (await http.post(address, json=call, headers=with_token)).status_code != 401
            command = [sys.executable, "-m", "bot", "mcp", "token", "remove", "editor"]
            subprocess.run(command, env=environment(home), cwd=tmp_path, check=True, capture_output=True)  # noqa: ASYNC221
            assert (await http.post(address, json=call, headers=with_token)).status_code == 401
