"""Sessions of the web workspace: where they end, and who may end them."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from bot.bootstrap.open_desk import ledger_desk
from bot.platforms import load
from bot.terminal import sessions
from bot.web.auth import TokenSigner, cookie_name, hashed
from bot.web.sign_in import door, enter, invite, person_named, room_of
from orchestrator.errors import NotFound
from tests.scenarios.web_workspace import HOST, SECRET, House, Visitor, use


def cookie_of(visitor: Visitor) -> str:
    return visitor.http.cookies[cookie_name(8321)]


async def asks(home: House, cookie: str, path: str = "/people") -> int:
    return (await home.stranger().get(path, headers={"cookie": f"{cookie_name(8321)}={cookie}"})).status_code


async def test_leaving_ends_the_session_on_the_server(home: House) -> None:
    visitor = await home.visitor()
    cookie = cookie_of(visitor)
    assert await asks(home, cookie) == 200
    await visitor.post("/leave", {})
    assert await asks(home, cookie) == 401


async def test_no_use_of_a_login_link_makes_another_session_after_leaving(home: House) -> None:
    link, client, use_ = await home.link(), home.stranger(), "a" * 32
    assert (await client.post(link, data={"session": use_})).status_code == 303
    cookie = client.cookies[cookie_name(8321)]
    assert use_ not in cookie
    page = (await client.get("/people")).text
    token = re.search(r'data-csrf="([0-9a-f]+)"', page)
    assert token
    await client.post("/leave", data={"csrf": token.group(1)})
    for value in (use_, cookie[:32]):
        assert (await home.stranger().post(link, data={"session": value})).status_code == 403


async def test_a_double_click_on_a_login_link_is_one_session(home: House) -> None:
    link = await home.link()
    answers = await asyncio.gather(*(home.stranger().post(link, data={"session": "b" * 32}) for _ in range(2)))
    assert {a.status_code for a in answers} == {303}
    assert len({a.cookies[cookie_name(8321)] for a in answers}) == 1


async def test_the_ledger_holds_no_session_token(home: House) -> None:
    visitor = await home.visitor()
    records = str(await home.desk.room("web"))
    assert cookie_of(visitor) not in records and hashed(cookie_of(visitor)) in records


async def test_one_port_never_reads_the_cookie_of_another(home: House) -> None:
    visitor = await home.visitor()
    assert list(visitor.http.cookies) == ["threadwork-8321"]


async def test_people_end_their_own_sessions_and_the_owner_every_one(home: House) -> None:
    ada, bob, eve = await home.visitor(), await home.visitor("Bob"), await home.visitor("Eve")
    page = (await bob.http.get("/people")).text
    assert page.count('action="/sessions/end"') == 1
    assert (await bob.post("/sessions/end", {"session": hashed(cookie_of(eve))})).status_code == 404
    assert await asks(home, cookie_of(eve)) == 200
    assert (await ada.http.get("/people")).text.count('action="/sessions/end"') == 3
    assert (await ada.post("/sessions/end", {"session": hashed(cookie_of(eve))})).status_code == 200
    assert await asks(home, cookie_of(eve)) == 401
    assert (await bob.post("/sessions/end", {"session": hashed(cookie_of(bob))})).status_code == 200
    assert await asks(home, cookie_of(bob)) == 401


async def test_who_is_removed_is_out_at_once_and_their_links_too(home: House) -> None:
    ada, bob = await home.visitor(), await home.visitor("Bob")
    link = await invite(home.desk, person_named("Bob"), home.desk.clock)
    assert (await bob.post("/people/remove", {"person": "web:ada-lovelace"})).status_code == 403
    assert (await ada.post("/people/remove", {"person": "web:ada-lovelace"})).status_code == 422
    assert (await ada.post("/people/remove", {"person": "web:bob"})).status_code == 200
    assert await asks(home, cookie_of(bob)) == 401
    assert (await home.stranger().get(link)).status_code == 403
    again = home.stranger()
    await use(again, await home.link("Bob"))
    assert (await again.get("/people")).status_code == 200


async def test_an_open_stream_ends_with_its_session(home: House) -> None:
    visitor = await home.visitor()
    reading = asyncio.create_task(visitor.http.get("/live?channel=general"))
    streams = home.app.state.streams
    async with asyncio.timeout(60):
        while not streams.opened:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        other = httpx.AsyncClient(
            transport=httpx.ASGITransport(home.app), base_url=f"http://{HOST}", cookies=dict(visitor.http.cookies),
            headers=dict(visitor.http.headers),
        )  # fmt: skip
        await Visitor(other, visitor.csrf).post("/leave", {})
        await streams.all_gone()
        await reading


async def test_the_terminal_lists_and_ends_sessions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings, seal = load(environment={}, home=tmp_path / "home"), TokenSigner(SECRET)
    async with ledger_desk(settings) as desk:
        for name in ("Ada", "Bob"):
            token = (await invite(desk, person_named(name), desk.clock)).removeprefix("/enter/")
            await enter(desk, door(await room_of(desk), token, desk.clock), "u", seal, desk.clock, browser="Lynx/2")
        stay = next(s for s in (await room_of(desk)).stays.values() if s.person == "web:bob")
    await sessions.listed(settings)
    assert stay.short in (shown := capsys.readouterr().out) and "Lynx/2" in shown
    await sessions.end_one(settings, stay.short)
    await sessions.remove_person(settings, "bob")
    capsys.readouterr()
    await sessions.listed(settings)
    assert "Ada" in (shown := capsys.readouterr().out) and "Bob" not in shown
    with pytest.raises(NotFound):
        await sessions.end_one(settings, stay.short)
