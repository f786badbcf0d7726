"""Clients that nobody here wrote hand threadwork a request and get the files: the library's over stdio, and the
TypeScript library's command-line client, which npm installs first, over HTTP. The rehearsal does the work."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
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
SDK = "@modelcontextprotocol/sdk@1.32.2"
INSPECTOR = "@modelcontextprotocol/inspector@0.15.0"
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
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two clients from npm."""
    folder = tmp_path_factory.mktemp("npm")
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", SDK, INSPECTOR]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    return folder / "node_modules" / "@modelcontextprotocol"


class TypedClient:
    """The TypeScript library's command-line client, and somebody who types."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None
        self.process, self._keys, self._screen = process, process.stdin, process.stdout

    async def types(self, line: str) -> None:
        self._keys.write(f"{line}\n".encode())
        await self._keys.drain()

    async def sees(self, pattern: str) -> str:
        return await reads(self._screen, pattern)


async def test_the_typescript_librarys_command_line_client_over_http(tmp_path: Path, clients: Path) -> None:
    example = clients / "sdk" / "dist" / "esm" / "examples" / "client" / "simpleStreamableHttp.js"
    async with hub(tmp_path / "home") as (address, token):
        process = await asyncio.create_subprocess_exec(
            "node", "--import", str(Path(__file__).with_name("with_token.mjs")), str(example),
            env={**os.environ, "THREADWORK_TOKEN": token},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            typed = TypedClient(process)
            await typed.sees(r"(Available commands)")
            await typed.types(f"connect {address}")
            await typed.sees(r"(Connected to MCP server)")
            await typed.types(f'call-tool ask {{"request": "{REQUEST}", "wait": 50}}')
            task = await typed.sees(r"\(task ([0-9a-f]+)\): A plan with")
            await decides(typed, task, "Start", r"Review (competitor-comparison.xlsx)\n")
            await decides(typed, task, "Approve", r"Review (executive-summary.docx)\n")
            await decides(typed, task, "Approve", r"(Done, 2 files)")
            await typed.types(f'call-tool files {{"task": "{task}", "name": "executive-summary.docx"}}')
            await typed.sees(rf"Embedded Resource: threadwork://tasks/{task}/files/([0-9a-f]+)\]")
            await typed.types("quit")
            await asyncio.wait_for(process.wait(), 60)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def decides(typed: TypedClient, task: str, decision: str, until: str) -> None:
    """Answers the form, then waits for the task as often as it takes."""
    await typed.types(f'call-tool approve {{"task": "{task}", "wait": 50}}')
    await typed.sees(r"(Decision \[options: )")
    await typed.types(decision)
    prompt = await typed.sees(r"(Comment, for|Submit this information)")
    if prompt.startswith("Comment"):
        await typed.types("")
        await typed.sees(r"(Submit this information)")
    await typed.types("yes")
    while True:
        outcome = await typed.sees(rf"(It's still running|{until.replace('(', '(?:')})")
        if "still running" not in outcome:
            return
        await typed.types(f'call-tool status {{"task": "{task}", "wait": 50}}')


async def test_the_inspector_asks_and_is_sent_to_the_workspace_for_the_approval(tmp_path: Path, clients: Path) -> None:
    """It has no forms, and one process for each call: a running hub keeps the task."""
    home = tmp_path / "home"

    async def calls(tool: str, **arguments: str) -> str:
        given = [part for name, value in arguments.items() for part in ("--tool-arg", f"{name}={value}")]
        inspector = str(clients / "inspector-cli" / "build" / "cli.js")
        command = ["node", inspector, "--cli", sys.executable, "-m", "bot", "mcp"]
        done = await asyncio.to_thread(
            subprocess.run, [*command, "--method", "tools/call", "--tool-name", tool, *given],
            env=environment(home), cwd=tmp_path, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    async with hub(home) as (address, _):
        found = re.search(r'"task": "([0-9a-f]+)"', await calls("ask", request=REQUEST, wait="50"))
        assert found
        said = await calls("approve", task=found[1])
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
