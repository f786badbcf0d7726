"""Kind: a page that sends because of what the agent does. Nothing leaves unasked; what is approved leaves once."""

import asyncio
import os
import re
from contextlib import suppress
from pathlib import Path

import pytest

from orchestrator.domain.tool_calls import CallResult, HeldSend
from orchestrator.errors import ToolFailed
from tests.browser_fixtures import Desk, a_browser, ref_of
from tests.scenarios.test_browser_recovery import kill_children
from tests.world.chats.eventually import eventually
from tests.world.pages.conftest import Visit
from tests.world.pages.sending_page import DOCUMENTS, PAGES, WAYS
from tests.world.pages.world_site import Arrived, WorldSite, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTE = "Please wrap it"
UNTOLD = {"WebSocket of a worker", "service worker", "shared worker", "fetch that waits for the end", "ping of a link",
          "page loaded ahead"}  # fmt: skip
"""Ways that don't work at all, so nothing is held: the browser closes them."""
MAIN = ("form", "fetch", "XHR", "beacon", "WebSocket", "service worker", "beacon on unload", "image")
LOGINS = [None, pytest.param("crm", marks=pytest.mark.slow)]


async def opened(desk: Desk, site: WorldSite, login: str | None) -> str:
    seen = (await desk.do("browser_open", url=site.url(), login=login)).text
    return (await desk.do("browser_type", ref=ref_of(seen, "Note"), text=NOTE)).text and seen


def unasked(site: WorldSite) -> list[Arrived]:
    return [one for one in site.arrived if one.path not in DOCUMENTS or one.method != "GET"]


async def arrived(site: WorldSite, path: str) -> None:
    await eventually(lambda: site.at(path))


async def held_after(desk: Desk, result: CallResult) -> HeldSend:
    """What the page wants to send since then, however slowly."""
    async with asyncio.timeout(20):
        while not result.held:
            result = await desk.do("browser_snapshot")
    return result.held[0]


async def passed(desk: Desk, site: WorldSite, login: str | None) -> None:
    """Returns when everything that was under way could have arrived: a later request of the page has."""
    with suppress(ToolFailed):
        await desk.do("browser_wait", text="never there", seconds=0.5)
    await desk.do("browser_open", url=site.url("/b"), login=login)
    await arrived(site, "/b")


@pytest.mark.parametrize("login", LOGINS)
async def test_no_way_of_a_page_sends_unasked(visit: Visit, login: str | None, everything: bool) -> None:
    desk, site = await visit(PAGES)
    told: dict[str, CallResult] = {}
    for way in WAYS if everything else MAIN:
        seen = await opened(desk, site, login)
        told[way] = await desk.do("browser_click", ref=ref_of(seen, f"by {way}"))
        await passed(desk, site, login)
        assert unasked(site) == [], way
    seen = await opened(desk, site, login)
    await desk.do("browser_type", ref=ref_of(seen, "by Enter"), text="hello there", submit=True)
    await desk.do("browser_select", ref=ref_of(seen, "by choice"), options=["two"])
    await passed(desk, site, login)
    assert unasked(site) == []
    late = {"timer", "worker", "beacon on unload", "fetch on unload", "next page"}
    assert {way for way, result in told.items() if not result.held} - late <= UNTOLD


APPROVED = {
    "form": ("POST", "/form-order", "item=Mug&amount=2"),
    "fetch": ("POST", "/order", '{"item":"Mug","amount":2}'),
    "XHR": ("DELETE", "/items/7", ""),
    "beacon": ("POST", "/message", "hello"),
    "WebSocket": ("WS", "/live", '{"type":"order","item":"Mug"}'),
    "image": ("GET", "/p?d=Please%20wrap%20it", ""),
    "worker": ("POST", "/order", "item=7"),
}


@pytest.mark.parametrize("login", LOGINS)
async def test_what_is_approved_goes_out_as_it_was_held_and_once(
    visit: Visit, login: str | None, everything: bool
) -> None:
    desk, site = await visit(PAGES)
    for way, arrival in APPROVED.items() if everything else [*APPROVED.items()][:3]:
        seen = await opened(desk, site, login)
        site.arrived.clear()
        held = await held_after(desk, await desk.do("browser_click", ref=ref_of(seen, f"by {way}")))
        sent = await desk.do("browser_send", send=True, message=held.id)
        assert "It was sent" in sent.text, way
        await passed(desk, site, login)
        with pytest.raises(ToolFailed, match="already sent"):
            await desk.do("browser_send", send=True, message=held.id)
        assert unasked(site) == [Arrived(*arrival)], way


async def test_nothing_goes_out_without_an_approval_or_by_another_name(visit: Visit) -> None:
    desk, site = await visit(PAGES)
    (held,) = (await desk.do("browser_click", ref=ref_of(await opened(desk, site, None), "by fetch"))).held
    with pytest.raises(ToolFailed, match="Nobody approved"):
        await desk.do("browser_send", message=held.id)
    with pytest.raises(ToolFailed, match="Nothing is held"):
        await desk.do("browser_send", send=True, message=site.url("/order"))
    assert unasked(site) == []


async def test_the_same_again_is_held_once_and_told_again(visit: Visit) -> None:
    desk, site = await visit(PAGES)
    button = ref_of(await opened(desk, site, None), "by fetch")
    first, second = [(await desk.do("browser_click", ref=button)).held for _ in range(2)]
    assert first == second != ()


async def test_what_else_the_page_sends_while_one_message_goes_out_stays_held(visit: Visit) -> None:
    then = "fetch('/order', {method: 'POST', body: '1'}).then(() => fetch('/then', {method: 'POST', body: '2'}))"
    desk, site = await visit({"/": f'<title>Two</title><button onclick="{then}">Order</button>'})
    seen = (await desk.do("browser_open", url=site.url())).text
    (first,) = (await desk.do("browser_click", ref=ref_of(seen, "Order"))).held
    (second,) = (await desk.do("browser_send", send=True, message=first.id)).held
    assert second.words.endswith("/then: 2")
    assert [one.path for one in site.sends()] == ["/order"]


@pytest.mark.slow
async def test_a_held_message_goes_out_from_its_copy_once_the_page_is_gone(visit: Visit) -> None:
    """Also what a page sends while it closes: there is only ever a copy of that."""
    desk, site = await visit(PAGES)
    for way, arrival in {
        "fetch": Arrived(*APPROVED["fetch"]),
        "form": Arrived(*APPROVED["form"]),
        "beacon on unload": Arrived("POST", "/bye", "order"),
        "fetch on unload": Arrived("POST", "/bye", "order"),
    }.items():
        seen = await opened(desk, site, None)
        clicked = (await desk.do("browser_click", ref=ref_of(seen, f"by {way}"))).held
        held = (*clicked, *(await desk.do("browser_open", url=site.url("/b"))).held)
        site.arrived.clear()
        sent = await desk.do("browser_send", send=True, message=held[0].id)
        assert "It was sent" in sent.text, way
        assert unasked(site) == [arrival], way


async def test_a_closed_connection_says_so_and_sends_nothing(visit: Visit) -> None:
    desk, site = await visit(PAGES)
    (held,) = (await desk.do("browser_click", ref=ref_of(await opened(desk, site, None), "by WebSocket"))).held
    await desk.do("browser_open", url=site.url("/b"))
    with pytest.raises(ToolFailed, match="closed that connection, so nothing was sent"):
        await desk.do("browser_send", send=True, message=held.id)
    assert unasked(site) == []


@pytest.mark.slow
async def test_nothing_is_repeated_after_the_browser_and_its_host_died(tmp_path: Path) -> None:
    """Before the approval only the copy is left; after it nothing is."""
    async with serving(WorldSite(PAGES)) as site:
        first = a_browser(tmp_path / "browser")
        desk = Desk(first, tmp_path, (site.domain,))
        clicked = await desk.do("browser_click", ref=ref_of(await opened(desk, site, None), "by fetch"))
        (held,) = clicked.held
        kill_children(os.getpid(), "chrom")
        await first.close()
        desk.browser = second = a_browser(tmp_path / "browser")
        assert "It was sent" in (await desk.do("browser_send", send=True, message=held.id)).text
        await second.close()
        desk.browser = third = a_browser(tmp_path / "browser")
        with pytest.raises(ToolFailed, match="already sent"):
            await desk.do("browser_send", send=True, message=held.id)
        assert unasked(site) == [Arrived(*APPROVED["fetch"])]
        await third.close()


async def test_a_password_in_what_would_be_sent_is_masked(visit: Visit) -> None:
    fields = "<input name=user><input type=password name=word><button>In</button>"
    desk, site = await visit({"/": f"<title>In</title><form method=post action=/in>{fields}</form>"})
    await desk.do("browser_open", url=site.url())
    user, word = re.findall(r"\[(\S+) textbox", await desk.see())
    await desk.do("browser_type", ref=word, text="correct horse")
    (held,) = (await desk.do("browser_type", ref=user, text="ada", submit=True)).held
    assert "user: ada" in held.words and "correct" not in held.words and "••" in held.words


async def test_one_approval_covers_what_a_page_with_a_login_reads_at_an_endpoint(visit: Visit) -> None:
    """Kind: a signed-in application that loads everything by GraphQL queries."""
    script = "for (const n of ['one', 'two']) fetch('/graphql', {method: 'POST', "
    script += "body: JSON.stringify({query: `{ ${n} }`})})"
    load = f"{script}.then(r => r.text()).then(t => document.body.append(n + ' came'))"
    desk, site = await visit({"/": f"<title>App</title><script>{load}</script>"})
    opened = await desk.do("browser_open", url=site.url(), login="app")
    assert not site.sends() and len(opened.held) == 2
    held = opened.held[0]
    assert held.endpoint.startswith("queries to ") and held.endpoint == opened.held[1].endpoint
    shown = (await desk.do("browser_send", send=True, message=held.id)).text
    assert "one came" in shown and "two came" in shown
    desk.endpoints = (held.endpoint,)
    again = await desk.do("browser_open", url=site.url(), login="app")
    assert again.held == () and "two came" in again.text


async def test_no_tool_follows_an_address_that_acts_unasked(visit: Visit) -> None:
    desk, site = await visit({"/": "<title>Shop</title><a href='/cart/add?id=7'>Mug</a>"})
    opened = await desk.do("browser_open", url=site.url("/unsubscribe?token=x1"))
    assert not opened.ok and opened.held[0].words.endswith("/unsubscribe: token: x1")
    seen = (await desk.do("browser_open", url=site.url())).text
    for what in (site.url("/items/7/delete"), ref_of(seen, "Mug")):
        result = await desk.do("browser_download", url_or_ref=what, path="x")
        assert not result.ok and len(result.held) == 1
    assert not [one for one in site.arrived if one.path not in ("/", "/favicon.ico")]
    await desk.do("browser_send", send=True, message=opened.held[0].id)
    assert len(site.at("/unsubscribe")) == 1


async def test_no_rule_of_a_page_loads_others_ahead(visit: Visit) -> None:
    """Kind: a site whose rules have the browser load links before they are followed."""
    rules = '{"prefetch": [{"source": "list", "urls": ["/unsubscribe?token=x1"], "eagerness": "immediate"}]}'
    desk, site = await visit({"/": f"<title>A</title><script type=speculationrules>{rules}</script>", "/b": "B"})
    await desk.do("browser_open", url=site.url())
    await passed(desk, site, None)
    assert not site.at("/unsubscribe")
