"""MCP clients at the workspace's address: whose token it is decides what they may do."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.mcpserver import Context

from bot.bootstrap.open_desk import ledger_desk
from bot.config.hub_lock import hub_lock
from bot.mcp_server.http_endpoint import McpDoor
from bot.platforms import load
from bot.terminal import mcp
from bot.terminal.desk_with_hub import WorkingDesk
from bot.web import mcp_client_tokens
from bot.web.asgi_app import web_app
from bot.web.mcp_client_tokens import ClientDesks
from bot.web.server import bound, served
from bot.web.sign_in import invite, person_named, remove, room_of
from orchestrator.domain import commands as c
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person
from orchestrator.errors import NotAllowed, NotFound, Refused
from tests.scenarios.memory_desk import MemoryDesk, memory_desk

ADA, BOB = PersonId("web:ada"), PersonId("web:bob")
LISTING = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPTS = {"accept": "application/json, text/event-stream"}


@pytest.fixture
async def desk(tmp_path: Path) -> MemoryDesk:
    """A workspace with Ada and Bob."""
    made = memory_desk(tmp_path / "shelf")
    for name in ("Ada", "Bob"):
        await invite(made, person_named(name), made.clock)
    return made


@asynccontextmanager
async def workspace(desk: MemoryDesk) -> AsyncGenerator[str]:
    """The address at which clients connect."""
    door = McpDoor(ClientDesks(desk).behind, "http://workspace.test")
    app = web_app(desk, secret=b"x" * 32, clock=desk.clock, public_hosts={"workspace.test"}, doors=[door.route])
    running = asyncio.create_task(door.run())
    try:
        listening = bound("127.0.0.1", 0)
        async with served(app, listening):
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    finally:
        running.cancel()


def headers(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize("era", ["legacy", "auto"])
async def test_a_client_works_as_its_tokens_person(desk: MemoryDesk, era: Literal["legacy", "auto"]) -> None:
    token = await mcp_client_tokens.add(desk, "editor", BOB)
    async with (
        workspace(desk) as address,
        httpx2.AsyncClient(headers=headers(token)) as http,
        Client(streamable_http_client(address, http_client=http), mode=era) as client,
    ):
        said = await client.call_tool("ask", {"request": "Dig", "wait": 0})
        assert not said.is_error
    (opened,) = desk.submitted
    assert isinstance(opened, c.OpenTask) and opened.by.id == BOB


async def test_a_session_belongs_to_the_person_who_opened_it(desk: MemoryDesk) -> None:
    ada, bob = await mcp_client_tokens.add(desk, "a", ADA), await mcp_client_tokens.add(desk, "b", BOB)
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    async with workspace(desk) as address, httpx.AsyncClient(headers=ACCEPTS) as http:
        opening = {**LISTING, "method": "initialize", "params": hello}
        begun = await http.post(address, json=opening, headers=headers(ada))
        session = {"mcp-session-id": begun.headers["mcp-session-id"]}
        assert (await http.post(address, json=LISTING, headers={**headers(bob), **session})).status_code == 404
        assert (await http.post(address, json=LISTING, headers={**headers(ada), **session})).status_code == 200


async def test_without_a_token_and_from_another_site_nothing_is_served(desk: MemoryDesk) -> None:
    token = await mcp_client_tokens.add(desk, "editor", ADA)
    async with workspace(desk) as address, httpx.AsyncClient(headers=ACCEPTS) as http:
        assert (await http.post(address, json=LISTING)).status_code == 401
        assert (await http.post(address, json=LISTING, headers=headers("twmcp_guess"))).status_code == 401
        foreign = {**headers(token), "origin": "https://evil.test"}
        assert (await http.post(address, json=LISTING, headers=foreign)).status_code == 403
        root = address.removesuffix("/mcp")
        page = await http.get(f"{root}/people", headers={"host": "workspace.test", "cookie": f"threadwork={token}"})
        assert page.status_code == 401


async def test_a_token_ends_when_it_is_removed_when_it_expires_and_with_its_person(desk: MemoryDesk) -> None:
    desks = ClientDesks(desk)
    one = await mcp_client_tokens.add(desk, "one", ADA)
    two = await mcp_client_tokens.add(desk, "two", BOB)
    three = await mcp_client_tokens.add(desk, "three", ADA, timedelta(days=1))
    assert (await desks.behind(three)).viewer.owner
    await mcp_client_tokens.remove(desk, "one", Person(id=ADA, name="Ada"))
    await remove(desk, await room_of(desk), BOB, Person(id=ADA, name="Ada"))
    desk.clock.move(timedelta(days=2).total_seconds())
    for token in (one, two, three):
        with pytest.raises(NotAllowed):
            await desks.behind(token)
    with pytest.raises(NotFound):
        await mcp_client_tokens.remove(desk, "one", Person(id=ADA, name="Ada"))


async def test_tokens_are_for_people_of_the_workspace_and_their_names_differ(desk: MemoryDesk) -> None:
    await mcp_client_tokens.add(desk, "editor", ADA)
    with pytest.raises(Refused):
        await mcp_client_tokens.add(desk, "editor", BOB)
    with pytest.raises(NotFound):
        await mcp_client_tokens.add(desk, "other", PersonId("web:eve"))
    with pytest.raises(Refused):
        await mcp_client_tokens.add(desk, " ", ADA)


async def test_the_terminal_adds_lists_and_removes_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = load(environment={}, home=tmp_path / "home")
    async with ledger_desk(settings) as desk:
        await invite(desk, person_named("Bob"), desk.clock)
    await mcp.add_token(settings, "editor", who="Bob", days=7)
    token = capsys.readouterr().out.partition("Bearer ")[2].split()[0]
    await mcp.list_tokens(settings)
    listed = capsys.readouterr().out
    assert "editor" in listed and "Bob" in listed and token not in listed
    async with ledger_desk(settings) as desk:
        assert (await ClientDesks(desk).behind(token)).viewer.person.id == BOB
    await mcp.remove_token(settings, "editor")
    capsys.readouterr()
    await mcp.list_tokens(settings)
    assert capsys.readouterr().out == "There are no tokens.\n"


async def test_a_local_client_is_told_that_the_hub_beside_it_was_stopped(desk: MemoryDesk, tmp_path: Path) -> None:
    settings = load(environment={}, home=tmp_path / "home")
    local = mcp.LocalCaller(settings, WorkingDesk(desk, "http://127.0.0.1:1"))
    with hub_lock(settings):
        assert (await local.of(Context())).workspace == "http://127.0.0.1:1"
    with pytest.raises(Refused, match="was stopped"):
        await local.of(Context())
