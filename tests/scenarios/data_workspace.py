"""A real host with its sandbox, for the data and developer tools; messy files, made byte by byte."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from openpyxl import Workbook
from pydantic import JsonValue

from agents.host.child_process_host import StdioHost
from agents.host.config import HostConfig
from agents.host.hub_side_host_link import LinkedHost
from orchestrator.domain.tool_calls import CallResult
from orchestrator.ledger.file_shelf import FolderShelf
from tests.host_fixtures import TASK, a_call, open_folder


class Bench:
    """Calls tools in one workspace through the host's process. `files` is put there before the first call."""

    def __init__(self, host: LinkedHost, home: Path) -> None:
        self.host, self.folder = host, home / "host" / "workspaces" / TASK
        self.shelf = home / "shelf"

    async def call(self, tool: str, **args: JsonValue) -> CallResult:
        return await self.host.call(a_call(tool, **args))

    async def told(self, tool: str, **args: JsonValue) -> str:
        result = await self.call(tool, **args)
        assert result.ok, result.text
        return result.text

    async def refused(self, tool: str, **args: JsonValue) -> str:
        result = await self.call(tool, **args)
        assert not result.ok, result.text
        return result.text

    def put(self, name: str, content: bytes | str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(0o666)


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    with open_folder() as folder:
        async with StdioHost(HostConfig(home=str(folder / "host")), FolderShelf(folder / "shelf")) as host:
            if host.notices:
                pytest.fail(f"this machine has no working sandbox: {host.notices}")
            one = Bench(host, folder)
            await one.told("write_file", path="begun", content="")  # the host makes its own workspace
            one.folder.chmod(0o777)
            yield one


MESSY_HEADER = "Bestell-Nr;Kunde;Datum;Betrag;Land;;Notiz"
"""Seven columns, one without a name, two of them empty throughout."""


def messy() -> bytes:
    """A sales export of 60 orders that three offices wrote: encodings, decimal marks and dates differ; rows repeat."""
    names = ["Müller GmbH", "Café Noir", "Ångström AB", "Bolt & Co", "Zoë Traders"]
    lines: list[bytes] = [b"Export of the sales office;;;;;;", b"", MESSY_HEADER.encode()]
    for n in range(1, 61):
        name = names[n % 5]
        name = {0: name, 1: name.upper(), 2: f"  {name} "}[n % 3] if n % 5 == 3 else name
        day, month = 1 + n % 27, 1 + n % 12
        date = (f"{day:02}.{month:02}.2026", f"2026-{month:02}-{day:02}", f"{month:02}/{day + 0:02}/2026")[n % 3]
        amount = f"{1000 + n * 37.5:.2f}"
        amount = f"{float(amount):,.2f}".replace(",", "_").replace(".", ",").replace("_", ".") if n % 4 else amount
        amount = {11: "n/a", 23: "€ 1.862,50"}.get(n, amount)
        row = f"A-{n:03};{name};{date};{amount};{('DE', 'FR', 'de')[n % 3]};;"
        lines.append(row.encode("cp1252" if n % 7 == 0 else "utf-8"))
        if n in (20, 40):
            lines.append(MESSY_HEADER.encode())
        if n in (15, 45):
            lines.append(row.encode())
    lines.append(b"Total;;;129.187,50;;;")
    return b"\r\n".join(lines) + b"\r\n"


def book() -> bytes:
    """Two sheets; in the first the header stands in row 3."""
    made = Workbook()
    one = made.active
    assert one is not None
    one.title = "Prices"
    for row in (["Price list"], [], ["Item", "Price", "Since"], ["Bolt", 1.5, "2026-01-02"], ["Nut", 0.5, None]):
        one.append(row)
    made.create_sheet("Stock").append(["Item", "Pieces"])
    made["Stock"].append(["Bolt", 40])
    from io import BytesIO

    out = BytesIO()
    made.save(out)
    return out.getvalue()


def base(path: Path) -> None:
    """Customers and their orders."""
    with sqlite3.connect(path) as made:
        made.executescript(
            "CREATE TABLE customer (id INTEGER, name TEXT); INSERT INTO customer VALUES (1,'Acme'),(2,'Bolt');"
            "CREATE TABLE orders (customer INTEGER, amount REAL); INSERT INTO orders VALUES (1,10.5),(1,4.5),(2,7);"
        )
    made.close()
