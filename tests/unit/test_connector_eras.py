"""Both eras of the protocol and both transports, with a server of the library: the same answers everywhere."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agents.connectors.call_types import (
    ConnectorFailed,
    FormAsked,
    PersonReply,
    ServerRequest,
)
from agents.connectors.connection import ConnectorConnection
from agents.connectors.open_connection import connection_to
from agents.connectors.settings_file import Connector
from tests.connector_sample import hosted, sample
from tests.connector_stand import inside
from tests.loopback_app import on_loopback
from tests.unit.test_connector_connection import Watched

WAYS = pytest.mark.parametrize("way", ["in process", "http", "http json"])


@asynccontextmanager
async def at(way: str, tmp_path: Path, headers: dict[str, str] | None = None) -> AsyncGenerator[ConnectorConnection]:
    if way == "in process":
        async with living(inside(sample())) as connection:
            yield connection
        return
    async with hosted(json="json" in way) as url:
        connector = Connector(name="sample", url=url, headers=headers or {})
        async with living(connection_to(connector, tmp_path, ())) as connection:
            yield connection


@asynccontextmanager
async def living(connection: ConnectorConnection) -> AsyncGenerator[ConnectorConnection]:
    task = asyncio.create_task(connection.live())
    try:
        yield connection
    finally:
        connection.close()
        await task


@WAYS
async def test_tools_resources_prompts_and_progress(way: str, tmp_path: Path) -> None:
    watched = Watched()
    requests = [
        ServerRequest("tool", "add", {"a": 1, "b": 2}),
        ServerRequest("tool", "slow", {}),
        ServerRequest("list_resources", "list_resources", {}),
        ServerRequest("read_resource", "read_resource", {"uri": "notes://today"}),
        ServerRequest("list_prompts", "list_prompts", {}),
        ServerRequest("get_prompt", "get_prompt", {"name": "greet", "arguments": {"name": "Ada"}}),
        ServerRequest("tool", "add", {"a": "one"}),
    ]
    async with at(way, tmp_path) as connection:
        offered = await connection.offered()
        answers = [await connection.call(request, watched.hooks, seconds=30) for request in requests]
    assert [tool.name for tool in offered.tools] == ["add", "travel", "much", "slow", "mixed"]
    assert [tool.hint for tool in offered.tools] == [True, False, False, False, False]
    assert offered.resources and offered.prompts
    texts = [answer.text for answer in answers]
    assert texts[:2] == ["3", "done"]
    assert texts[2] == "- notes://today: today – The notes of today."
    assert texts[3] == "[notes://today]\nBuy kettles."
    assert texts[4] == "- greet(name): Greets somebody."
    assert texts[5] == "user: Say hello to Ada."
    assert [answer.failed for answer in answers] == [False] * 6 + [True]
    assert watched.progress == ([] if "json" in way else ["25% a quarter"])  # one JSON answer has no room for it


@WAYS
async def test_a_form_reaches_a_person_in_the_newer_protocol_too(way: str, tmp_path: Path) -> None:
    watched = Watched(PersonReply("accept", {"city": "Ulm"}))
    async with at(way, tmp_path) as connection:
        answer = await connection.call(ServerRequest("tool", "travel", {}), watched.hooks, seconds=30)
    assert answer.text == "Off to Ulm."
    (asked,) = watched.asked
    assert isinstance(asked, FormAsked) and asked.message == "Which city?"


@pytest.mark.parametrize("way", ["http", "http json"])
async def test_a_hosted_servers_answer_is_capped_before_it_is_parsed(way: str, tmp_path: Path) -> None:
    async with at(way, tmp_path) as connection:
        answer = await connection.call(ServerRequest("tool", "much", {"megabytes": 3}), Watched().hooks, seconds=60)
    assert answer.failed and ("larger than 1 MB" in answer.text or "size" in answer.text)


async def test_pictures_and_links_are_named_in_the_text(tmp_path: Path) -> None:
    async with at("in process", tmp_path) as connection:
        answer = await connection.call(ServerRequest("tool", "mixed", {}), Watched().hooks, seconds=30)
    assert answer.text.splitlines() == [
        "Here it is.",
        "[a picture (image/png)]",
        "[a picture (image/png)]",
        "[a resource: notes://today: notes – Notes; read it with this connector's read_resource]",
    ]
    assert [picture.media for picture in answer.pictures] == ["image/png", "image/png"]


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "it requires a key or a sign-in"), (403, "it rejected the key"), (404, "nothing is at that address"),
     (500, "its status is 500")],
)  # fmt: skip
async def test_a_refusing_address_says_why(status: int, said: str, tmp_path: Path) -> None:
    from aiohttp import web

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", refuse)
    async with on_loopback(app) as url:
        connection = connection_to(Connector(name="sample", url=f"{url}/mcp"), tmp_path, ())
        async with living(connection):
            with pytest.raises(ConnectorFailed, match=said):
                await connection.opened()


async def test_an_address_where_nobody_listens_is_one_sentence(tmp_path: Path) -> None:
    connection = connection_to(Connector(name="sample", url="http://127.0.0.1:9/mcp"), tmp_path, ())
    async with living(connection):
        with pytest.raises(ConnectorFailed, match="onnect"):
            await connection.opened()


async def test_a_compressed_answer_is_refused(tmp_path: Path) -> None:
    import gzip

    from aiohttp import web

    async def bomb(_: web.Request) -> web.Response:
        headers = {"content-encoding": "gzip", "content-type": "application/json"}
        return web.Response(body=gzip.compress(b" " * (30 << 20)), headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", bomb)
    async with on_loopback(app) as url:
        connection = connection_to(Connector(name="sample", url=f"{url}/mcp"), tmp_path, ())
        async with living(connection):
            with pytest.raises(ConnectorFailed, match="the answer is compressed"):
                await connection.opened()
