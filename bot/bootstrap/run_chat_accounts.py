"""Runs the configured chat accounts on a desk."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypedDict

from bot.bootstrap.chat_account_status import AccountStatus, News, watched
from bot.bootstrap.serve_platform_accounts import serve_each
from bot.chat_platform import ChatPlatform
from bot.config.settings import Settings
from bot.inbox.admission import Admission
from bot.inbox.home_page import About
from bot.inbox.inbox import Inbox
from bot.inbox.known_inputs import KnownInputs
from bot.inbox.parse_connect_command import Connect, no_connectors
from bot.outbox.outbox import Outbox
from bot.outbox.rate_limits import Limit
from bot.outbox.record_posted_messages import PostedMessages
from bot.outbox.reminders import Reminders
from bot.outbox.typing_indicator import TypingIndicator
from bot.platform_registration import Accounts, Platform, SharedEndpoint, Wiring
from bot.platforms import PLATFORMS, Platforms
from orchestrator.desk import Desk
from orchestrator.domain.people import FileRef

AGAIN = 20.0
"""Seconds until an account that failed, e.g. because of a refused token, is retried."""

Work = Callable[[], Awaitable[None]]
Endpoints = Mapping[str, SharedEndpoint]
"""By the platform's name: how it reaches us, if its account doesn't connect on its own."""


def _nobody(_: News) -> None:
    """Nobody listens."""


async def open_endpoints(settings: Settings, rows: Platforms = PLATFORMS) -> Endpoints:
    """Opens one for each platform that is configured and needs one."""
    found: dict[str, SharedEndpoint] = {}
    for row in _served(settings, rows):
        service = await asyncio.to_thread(row.service)
        if (endpoint := await service.endpoint(settings.platforms[row.name], settings.home)) is not None:
            found[row.name] = endpoint
    return found


def chats(
    settings: Settings, desk: Desk, url: str, endpoints: Endpoints | None = None, *, rows: Platforms = PLATFORMS,
    tell: Callable[[News], None] = _nobody, connect: Connect = no_connectors,
) -> tuple[Work, ...]:  # fmt: skip
    """Returns one piece of work per platform; each runs until it is canceled or the platform refuses it, and may be
    restarted.
    `url`: the web workspace. `endpoints`: what `open_endpoints` made. `tell`: gets the status. `connect`: for people
    who sign in to connectors."""
    works: list[Work] = []
    for row in _served(settings, rows):
        telling = AccountStatus(row.title, tell)
        chat = _Chat(settings, desk, url, row, telling, (endpoints or {}).get(row.name), connect)
        works.append(watched(chat.run, telling.trouble))
    return tuple(works)


def _served(settings: Settings, rows: Platforms) -> Platforms:
    return [row for row in rows if (it := settings.platforms.get(row.name)) is not None and it.serves]


class _Chat:
    """Runs a platform's account or accounts."""

    def __init__(
        self,
        settings: Settings,
        desk: Desk,
        url: str,
        row: Platform[Any],
        telling: AccountStatus,
        endpoint: SharedEndpoint | None,
        connect: Connect,
    ) -> None:
        self._settings, self._desk, self._url, self._connect = settings, desk, url, connect
        self._row, self._telling, self._endpoint = row, telling, endpoint

    async def run(self) -> None:
        accounts = self._endpoint.accounts if self._endpoint else None
        if accounts is None:
            known, wiring = self._wired("")
            await self._talk(await self._one(wiring), known)
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(accounts.run())
            group.create_task(serve_each(accounts, partial(self._one_of, accounts), pause=AGAIN))

    async def _one(self, wiring: Wiring) -> ChatPlatform:
        if self._endpoint is not None:
            return await self._endpoint.open(wiring)
        service = await asyncio.to_thread(self._row.service)
        return service.open(self._settings.platforms[self._row.name], wiring)

    async def _one_of(self, accounts: Accounts, name: str) -> None:
        known, wiring = self._wired(name)
        if (platform := await accounts.open(name, wiring)) is not None:
            await self._talk(platform, known)

    def _wired(self, name: str) -> tuple[KnownInputs, Wiring]:
        known = KnownInputs(self._desk, self._row.name)

        async def read(file: FileRef) -> bytes:
            return await self._desk.shelf.get(file.sha)

        return known, Wiring(read, known.since, known.channels, partial(self._telling.connected, name))

    async def _talk(self, platform: ChatPlatform, known: KnownInputs) -> None:
        try:
            await _talk(
                self._desk, platform, self._row.limits, known=known, link=self._url, large=self._row.largest,
                thinking=self._row.thinking, connect=self._connect, **_house(self._settings, self._url),
            )  # fmt: skip
        finally:
            await platform.close()


async def _talk(
    desk: Desk, platform: ChatPlatform, limits: Sequence[Limit], *, known: KnownInputs,
    admission: Admission | None = None, about: About | None = None, link: str = "", large: int = 0, thinking: float = 0,
    mention: bool = True, remind: bool = True, connect: Connect = no_connectors,
) -> None:  # fmt: skip
    """Runs until canceled. `known` is filled first, so the platform may ask it for `since` while it runs.

    `link`: base address of the web workspace; files of more than `large` bytes get a link to it. `thinking`: seconds
    for which the platform shows the typing indicator, 0 for never. Raises what `platform.run` raises.
    """
    posts = PostedMessages(desk, platform.name)
    outbox = Outbox(desk, platform, posts, limits, link=link, large=large, mention=mention, message_of=known.message_of)
    inbox = Inbox(
        desk, platform.name, fetch=platform.fetch, tell=outbox.tell, posts=posts, known=known, account=platform.account,
        serves=platform.serves, admission=admission, about=about, reshow=outbox.look_again,
        quoted=platform.quoted, seen=outbox.seen, gone=outbox.gone, connect=connect,
    )  # fmt: skip
    try:
        await inbox.begin()
        async with asyncio.TaskGroup() as group:
            group.create_task(outbox.run())
            if thinking:
                group.create_task(TypingIndicator(desk, platform, every=thinking).run())
            if remind:
                group.create_task(Reminders(desk, platform, outbox.tell, link=link).run())
            group.create_task(platform.run(inbox.take))
    finally:
        await inbox.close()


class _House(TypedDict):
    admission: Admission
    about: About
    mention: bool
    remind: bool


def _house(settings: Settings, url: str) -> _House:
    rules, models = settings.chats, settings.models
    return {
        "admission": Admission(who=rules.who, people=frozenset(rules.people), channels=frozenset(rules.channels)),
        "about": About(
            model=models.chosen or "", planner=models.planner or "", host=settings.host.name, link=url
        ),
        "mention": rules.mention,
        "remind": rules.remind,
    }  # fmt: skip
