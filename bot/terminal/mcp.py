"""`threadwork mcp`: other assistants and editors hand us work, over stdio here or with a token at the workspace."""

import asyncio
from datetime import timedelta

from rich.console import Console
from rich.table import Table

from bot.bootstrap.hub import open_hub
from bot.bootstrap.open_desk import ledger_desk
from bot.config.hub_lock import hub_running
from bot.config.settings import Settings
from bot.mcp_server.caller import McpCaller
from bot.mcp_server.http_address import PATH
from bot.mcp_server.server import mcp_server
from bot.mcp_server.tools import Call
from bot.terminal import draw_card
from bot.terminal.desk_with_hub import WorkingDesk, working_desk
from bot.terminal.local_person import own_desk_of, person
from bot.web import mcp_client_tokens
from bot.web.sign_in import person_named, room_of
from orchestrator.errors import Refused

GONE = "threadwork was stopped, so its tasks aren't running. Start it with `threadwork up`, and restart this server."


async def mcp(settings: Settings) -> int:
    """Serves this machine's person over standard input and output until the client ends."""
    async with working_desk(settings, open_hub) as working:
        await mcp_server(LocalCaller(settings, working).of).run_stdio_async()
    return 0


class LocalCaller:
    """The person at this machine, as long as a hub works on their tasks."""

    def __init__(self, settings: Settings, working: WorkingDesk) -> None:
        self._settings = settings
        self._caller = McpCaller(own_desk_of(working.desk), settings.web.url or working.url)

    async def of(self, ctx: Call) -> McpCaller:
        """Returns them. Raises Refused if no hub is left."""
        if await asyncio.to_thread(hub_running, self._settings) is None:
            raise Refused(GONE)
        return self._caller


async def add_token(settings: Settings, name: str, *, who: str | None, days: int) -> int:
    """Creates a token, and prints it once."""
    async with ledger_desk(settings) as desk:
        owner = person_named(who or person().name)
        token = await mcp_client_tokens.add(desk, name, owner.id, timedelta(days=days))
    url = settings.web.url or hub_running(settings) or f"http://{settings.web.host}:{settings.web.port}"
    _say(f"Its client acts for {owner.name} at {url.rstrip('/')}{PATH}, for {days} days, with this header:")
    Console(highlight=False).print(f"  Authorization: Bearer {token}", style="bold", markup=False, soft_wrap=True)
    _say("It isn't shown again.")
    return 0


async def list_tokens(settings: Settings) -> int:
    """Lists the tokens, newest first."""
    table = Table(box=None, pad_edge=False)
    for column in ("token", "person", "since", "until"):
        table.add_column(column, no_wrap=True)
    async with ledger_desk(settings) as desk:
        people, now = (await room_of(desk)).people, desk.clock.now()
        for it in await mcp_client_tokens.known(desk):
            until = f"{it.until:%d %b %Y}" if now < it.until else "expired"
            table.add_row(
                draw_card.clean(it.name), draw_card.clean(people[it.person].name), f"{it.since:%d %b %H:%M}", until
            )
    Console(highlight=False).print(table if table.row_count else "There are no tokens.")
    return 0


async def remove_token(settings: Settings, name: str) -> int:
    """Removes the token of that name."""
    async with ledger_desk(settings) as desk:
        await mcp_client_tokens.remove(desk, name, person())
    _say(f"The token {name!r} was removed; its client is refused from now on.")
    return 0


def _say(words: str) -> None:
    Console(highlight=False).print(words, soft_wrap=True, markup=False)
