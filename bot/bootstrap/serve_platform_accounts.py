"""Serves a platform's accounts, which may come and go."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from bot.bootstrap.chat_account_status import watched
from bot.platform_registration import Accounts
from orchestrator.engine.running_flows import kept_going


async def serve_each(accounts: Accounts, serve: Callable[[str], Awaitable[None]], *, pause: float) -> None:
    """Serves each account for as long as it is known. One in doubt is restarted, which checks it; one that fails is
    restarted after `pause` seconds. The others aren't affected."""
    served: dict[str, tuple[object, asyncio.Task[None]]] = {}
    doubted: set[str] = set()
    async with asyncio.TaskGroup() as group:
        while True:
            known = dict(accounts.known)
            for name, (account, task) in list(served.items()):
                if known.get(name) != account or name in doubted:
                    task.cancel()
                    await asyncio.wait({task})
                    del served[name]
            for name, account in known.items():
                if name not in served:
                    work = watched(partial(serve, name), _quiet)
                    served[name] = account, group.create_task(kept_going(work, pause=pause))
            doubted = await accounts.news()


def _quiet(why: str) -> None:
    """It's in the log; it isn't a problem for the person who started the hub."""
