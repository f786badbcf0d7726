"""The egress proxy: only what was granted, only public addresses, the same one that was judged."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.egress.allowed_targets import Grant, Target, address, grantable, public, target
from agents.egress.parse_proxy_request import ProxyRefused, parsed
from agents.egress.proxy import Proxy
from agents.egress.proxy_listeners import at_port, at_socket

GRANTED = (
    "allowed.test",
    "*.wild.test",
    "port.test:8443",
    "203.0.113.9",
    "two.test",
    "rebound.test",
    "xn--bcher-kva.test",
)
NAMES = {  # what the name server says
    "allowed.test": ["8.8.8.8"], "a.wild.test": ["2606:4700::1"], "deep.a.wild.test": ["8.8.8.8"],
    "port.test": ["8.8.8.8"], "xn--bcher-kva.test": ["8.8.8.8"], "wild.test": ["8.8.8.8"], "evil.test": ["8.8.8.8"],
    "private.wild.test": ["10.1.2.3"], "home.wild.test": ["192.168.1.1"], "meta.wild.test": ["169.254.169.254"],
    "loop.wild.test": ["127.0.0.1"], "loop6.wild.test": ["::1"], "mapped.wild.test": ["::ffff:127.0.0.2"],
    "nat64.wild.test": ["64:ff9b::7f00:1"], "six.wild.test": ["2002:7f00:1::"], "unique.wild.test": ["fd00::1"],
    "link.wild.test": ["fe80::1"], "zero.wild.test": ["0.0.0.0"], "shared.wild.test": ["100.64.0.1"],
    "many.wild.test": ["224.0.0.1"], "two.test": ["8.8.8.8", "10.0.0.1"], "teredo.wild.test": ["2001::1"],
}  # fmt: skip
OPEN = {
    "allowed.test:443", "ALLOWED.Test:443", "allowed.test.:443", "allowed.test:80", "a.wild.test:443",
    "deep.a.wild.test:443", "port.test:8443", "xn--bcher-kva.test:443",
}  # fmt: skip
REFUSED = (
    # another host that only looks like it
    "evil.test:443", "wild.test:443", "evilallowed.test:443", "allowed.test.evil.test:443", "sub.allowed.test:443",
    "xwild.test:443", "*.wild.test:443", "bücher.test:443",
    # ports
    "allowed.test:22", "allowed.test:8443", "port.test:443", "allowed.test:0", "allowed.test:65979", "allowed.test",
    "allowed.test:+443", "allowed.test:443:443",
    # two readings
    "allowed.test@evil.test:443", "evil.test@allowed.test:443", "allowed.test/../evil.test:443",
    "allowed.test#evil:443",
    "allowed.test%2eevil.test:443", "allowed.test\\evil.test:443", "allowed.test..:443", ".allowed.test:443",
    # addresses
    "127.0.0.1:443", "[::1]:443", "[::ffff:127.0.0.1]:443", "2130706433:80", "0x7f.1:80", "0177.0.0.1:80", "127.1:80",
    "8.8.8.8:443", "[2606:4700::1]:443", "[fe80::1%eth0]:443", "::1:443", "203.0.113.9:443", "localhost:80",
    # what names lead to
    *(f"{name}:443" for name in NAMES if name not in ("allowed.test", "port.test") and f"{name}:443" not in OPEN),
)  # fmt: skip


async def answered(way: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    writer.write(request)
    writer.write_eof()
    async with asyncio.timeout(60):
        said = await way.read(-1)
    writer.close()
    await writer.wait_closed()
    return said


class Origin:
    """A real server; remembers what each connection said and answers each with the same words."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        piece = await reader.read(100_000)
        self.heard.append(piece)
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        async with await asyncio.start_server(self._one, "127.0.0.1", 0) as server:
            yield server.sockets[0].getsockname()[1]


async def names(wanted: Target) -> Sequence[str]:
    if wanted.host in NAMES:
        return NAMES[wanted.host]
    if address(wanted.host) is None:
        raise socket.gaierror(-2, "Name or service not known")
    return [wanted.host]


def verdict_of(authority: str) -> str:
    """What a proxy with these grants and that name server says before it would connect; empty: it would."""
    try:
        wanted = parsed(f"CONNECT {authority} HTTP/1.1\r\nHost: x\r\n\r\n".encode()).to
    except ProxyRefused as refused:
        return str(refused)
    grant = Grant(GRANTED)
    if not grant.names(wanted):
        return "not granted"
    return grant.refused(wanted, NAMES.get(wanted.host, [wanted.host]))


@pytest.mark.parametrize("authority", sorted(OPEN))
def test_what_was_granted_is_open(authority: str) -> None:
    assert verdict_of(authority) == ""


@pytest.mark.parametrize("authority", REFUSED)
async def test_a_proxy_refuses_what_was_not_granted_or_is_not_public(authority: str) -> None:
    async with at_port(Proxy(Grant(GRANTED), resolve=names)) as port:
        ends = await asyncio.open_connection("127.0.0.1", port)
        said = await answered(*ends, f"CONNECT {authority} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert said.split(b" ")[1] in (b"400", b"403")


@given(st.ip_addresses())
def test_no_private_address_is_public_however_it_is_wrapped(found: IPv4Address | IPv6Address) -> None:
    if public(str(found)):
        assert not (found.is_private or found.is_loopback or found.is_link_local or found.is_multicast)
    if isinstance(found, IPv4Address):
        for wrapped in (int(found) | 0xFFFF << 32, int(found), int(found) << 80 | 0x2002 << 112):
            assert not public(str(IPv6Address(wrapped)))
        assert public(str(IPv6Address(0x64_FF9B << 96 | int(found)))) == public(str(found))


@given(st.text(alphabet="ab.:[]@%\\/#? -0\x00é", max_size=20))
def test_whatever_is_granted_can_be_read_in_one_way_only(text: str) -> None:
    found = target(text, 443)
    if found is not None:
        assert found == target(str(found), 80 if found.port == 80 else 443)
        assert not set(found.host) & set("@%\\/#? []\x00é")


@pytest.mark.parametrize(
    ("pattern", "fine"),
    [("a.test", True), ("*.a.test", True), ("a.test:8443", True), ("10.0.0.1:80", True), ("*", False), ("*.com", False),
     ("https://a.test", False), ("a.test/x", False), ("u@a.test", False), ("", False), ("a.*.test", False)],
)  # fmt: skip
def test_a_grant_is_a_host_and_never_everything(pattern: str, fine: bool) -> None:
    assert grantable(pattern) is fine


@asynccontextmanager
async def through_a_proxy(proxy: Proxy) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    async with at_socket(proxy) as path:
        yield await asyncio.open_unix_connection(str(path))


async def test_http_and_tunnels_reach_a_near_host_that_was_named() -> None:
    origin = Origin()
    async with origin.serving() as port:
        near = f"near.test:{port}"

        async def here(wanted: Target) -> Sequence[str]:
            return ["127.0.0.1"]

        proxy = Proxy(Grant((near,), (near,)), resolve=here)
        head = f"GET http://NEAR.test:{port}/a?b=1 HTTP/1.1\r\nHost: evil.test\r\nProxy-Connection: x\r\nA: b\r\n\r\n"
        async with through_a_proxy(proxy) as ends:
            assert (await answered(*ends, head.encode())).endswith(b"hello")
        assert origin.heard == [
            f"GET /a?b=1 HTTP/1.1\r\nHost: near.test:{port}\r\nA: b\r\nConnection: close\r\n\r\n".encode()
        ]
        async with through_a_proxy(proxy) as (reader, writer):
            writer.write(f"CONNECT {near} HTTP/1.1\r\n\r\n".encode())
            assert b"200" in await reader.readuntil(b"\r\n\r\n")
            assert (await answered(reader, writer, b"anything")).endswith(b"hello")
        far = Proxy(Grant((near,)), resolve=here)
        async with through_a_proxy(far) as ends:
            assert b"isn't a public address" in await answered(*ends, head.encode())
        assert far.refusals == [f"near.test:{port} resolves to 127.0.0.1, which isn't a public address."]


async def test_a_name_is_asked_once_and_the_judged_address_is_the_one_connected_to() -> None:
    """Rebinding: a name server that says a public address first, and a private one to whoever asks again."""
    asked: list[Target] = []

    async def turncoat(wanted: Target) -> Sequence[str]:
        asked.append(wanted)
        return ["192.0.2.1"] if len(asked) > 1 else ["127.0.0.1"]

    origin = Origin()
    async with origin.serving() as port:
        named = f"rebound.test:{port}"
        async with through_a_proxy(Proxy(Grant((named,), (named,)), resolve=turncoat)) as ends:
            said = await answered(*ends, f"GET http://{named}/ HTTP/1.1\r\n\r\n".encode())
    assert said.endswith(b"hello")
    assert len(asked) == 1


@pytest.mark.parametrize(
    "head",
    [
        "GET / HTTP/1.1", "GET http://a.test/ HTTP/2", "GET ftp://a.test/ HTTP/1.1", "GET http://u@a.test/ HTTP/1.1",
        "GET http://a.test\\@b.test/ HTTP/1.1", "GET http://[::1/ HTTP/1.1", "GET  http://a.test/ HTTP/1.1",
        "GET http://a.test/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2", "GET http://a.test/é HTTP/1.1",
        "POST http://a.test/ HTTP/1.1\r\nTransfer-Encoding: chunked", "GET http://a.test/ HTTP/1.1\r\n folded: x",
        "GET http://a.test/ HTTP/1.1\r\nContent-Length: -1", "GET http://a.test/ HTTP/1.1\r\nA: b\nB: c",
        "CONNECT a.test HTTP/1.1", "CONNECT http://a.test:443 HTTP/1.1", "rubbish",
    ],
)  # fmt: skip
def test_a_request_that_could_be_read_in_two_ways_is_refused(head: str) -> None:
    with pytest.raises(ProxyRefused):
        parsed(f"{head}\r\n\r\n".encode())


async def test_more_than_may_be_sent_is_cut_off_and_said() -> None:
    origin = Origin()
    async with origin.serving() as port:
        near = f"127.0.0.1:{port}"
        proxy = Proxy(Grant((near,), (near,)), upload=1000)
        head = f"POST http://{near}/ HTTP/1.1\r\nContent-Length: 5000\r\n\r\n".encode()
        async with through_a_proxy(proxy) as ends:
            await answered(*ends, head + b"x" * 5000)
    assert proxy.refusals == ["The upload limit was exceeded."]
    assert sum(len(piece) for piece in origin.heard) < 1000


async def test_a_second_request_behind_the_first_is_never_passed_on() -> None:
    origin = Origin()
    async with origin.serving() as port:
        near = f"127.0.0.1:{port}"
        head = f"GET http://{near}/one HTTP/1.1\r\n\r\n".encode()
        async with through_a_proxy(Proxy(Grant((near,), (near,)))) as ends:
            await answered(*ends, head + b"GET /two HTTP/1.1\r\nHost: other.test\r\n\r\n")
    assert len(origin.heard) == 1
    assert b"two" not in origin.heard[0]


def test_the_table_has_more_than_thirty_forms() -> None:
    assert len(OPEN) + len(REFUSED) >= 60
    assert ip_address("203.0.113.9").is_private  # documentation: granted by its address, and still not public
