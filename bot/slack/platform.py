"""Slack as a chat platform: one workspace."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from bot.chat_platform import (
    Connected,
    Inbound,
    Item,
    Mentioned,
    Posted,
    QuotedMessages,
    Read,
    RemoteFile,
    Sign,
    Take,
    Wrote,
    untold,
)
from bot.slack import missed_messages, parse
from bot.slack.add_message_details import MessageCompletion
from bot.slack.bolt_app import BoltApp
from bot.slack.event_handler import NOBODY, SlackEventHandler
from bot.slack.files import SlackFiles
from bot.slack.linked_files import SlackLinkedFiles
from bot.slack.linked_messages import SlackLinkedMessages
from bot.slack.lookups import Conversations, Groups, People
from bot.slack.parse import PLATFORM, BotIdentity, channel_of, team_of
from bot.slack.posts import SlackPosts
from bot.slack.private_answers import Asked, PrivateAnswers
from bot.slack.rate_limits import LARGEST
from bot.slack.thread_reader import SlackThreadReader
from bot.slack.web_api import SlackWebApi, connection
from orchestrator.domain.people import Person, Place
from orchestrator.errors import PlatformRefused, ThreadworkError

log = logging.getLogger(__name__)

Since = Callable[[str], Awaitable[str]]
"""`<team>/<channel>` -> the ts of the last message taken there, or anywhere; empty: nothing was ever received."""

MARGIN = 120.0
"""Seconds before the last sign of life that are read again: messages under way then may not have been taken."""
_MOST_PAUSE = 30.0
_MARKS: dict[Sign, str] = {"seen": "eyes", "done": "white_check_mark", "failed": "x"}


class SlackPlatform:
    """Implements `ChatPlatform`. `team`: the workspace's id, if the account is one of several. `bolt`: the app of all
    accounts, run by the caller; without it this listens over Socket Mode with `app_token`. `ping`: seconds between
    signs of life. `patience`: seconds to wait for a shared file to become visible. `most`: bytes of the largest file to
    send. A custom `api_url` is called without a proxy."""

    def __init__(
        self,
        *,
        bot_token: str,
        app_token: str = "",
        read: Read,
        since: Since,
        api_url: str = "",
        ping: float = 10.0,
        patience: float = 30.0,
        most: int = LARGEST,
        team: str = "",
        bolt: BoltApp | None = None,
        connected: Connected = untold,
    ) -> None:
        self._read, self._since, self._most, self._team = read, since, most, team
        self._began = time.time()
        self._shared = bolt is not None
        self._bolt = bolt or BoltApp(app_token=app_token, api_url=api_url, ping=ping)
        self._own = urlsplit(api_url).netloc
        self._web = SlackWebApi(connection(bot_token, api_url))
        self._files = SlackFiles(self._web, bot_token, patience=patience)
        self._people, self._rooms = People(self._web), Conversations(self._web)
        self._completion = MessageCompletion(self._web, self._people, self._rooms, Groups(self._web))
        self._me: BotIdentity | None = None
        self._connected, self._where, self._site = connected, "", ""
        # Held while `auth.test` runs, so that it runs once.
        self._asking = asyncio.Lock()

    @property
    def name(self) -> str:
        return PLATFORM

    @property
    def account(self) -> str:
        return f"{PLATFORM}/{self._team}" if self._team else PLATFORM

    def serves(self, place: Place) -> bool:
        return place.platform == PLATFORM and self._team in ("", team_of(place))

    async def welcome(self) -> bool:
        """Returns whether the workspace still lets us in. Raises PlatformFailed if that can't be checked."""
        try:
            await self._who()
        except PlatformRefused as error:
            if error.code != "token":  # one that will never work again
                raise
            log.warning("Stopped serving %s: %s", self.account, error)
            return False
        return True

    async def run(self, take: Take) -> None:
        """Listens until canceled. Messages since `since` are also taken, at the start and after each gap."""
        me = await self._who()
        starts = await self._marks(me)  # before anything new arrives, which would move them
        async with asyncio.TaskGroup() as group:

            def later(doing: Coroutine[Any, Any, None]) -> None:
                try:
                    group.create_task(doing)
                except RuntimeError:  # the run is ending
                    doing.close()

            answers = PrivateAnswers(self._web, me=me.user)
            listener = SlackEventHandler(
                me, self._people, self._rooms, self._completion, answers, take, later
            )  # fmt: skip
            with self._bolt.joined(listener) as gaps:
                if not self._shared:
                    group.create_task(self._bolt.run())
                while True:
                    alive = await gaps.get()
                    self._connected(self._where)
                    while alive is not None and not gaps.empty():
                        gaps.get_nowait()  # the oldest gap includes the later ones
                    await self._catch_up(listener, me, starts, alive)

    async def post(self, place: Place, item: Item, *, nonce: str) -> Posted:
        return await (await self._posts()).post(place, item, nonce)

    async def edit(self, posted: Posted, item: Item) -> None:
        await (await self._posts()).edit(posted, item)

    async def find(self, place: Place, *, nonce: str) -> Posted | None:
        return await (await self._posts()).find(place, nonce)

    async def direct(self, person: Person) -> Place:
        """Slack opens the conversation with the first message to the person's id."""
        at = Place(platform=PLATFORM, channel=f"{person.id.partition(':')[2]}", thread="", private=True)
        if not at.channel.rpartition("/")[2]:
            raise PlatformRefused("Slack didn't say who that is.")
        return at

    async def react(self, place: Place, message: str, mark: Sign) -> None:
        method, name = ("reactions.remove", "seen") if mark == "unseen" else ("reactions.add", mark)
        try:
            await self._web.write_flat(
                method, "adding a reaction", channel=channel_of(place), timestamp=message, name=_MARKS[name]
            )
        except PlatformRefused as error:
            if error.code != "already":
                raise

    async def thinking(self, place: Place, *, on: bool) -> None:
        """Slack removes it with our next message, or after two minutes; an edit isn't a message."""
        if place.thread:
            await self._web.write(
                "assistant.threads.setStatus", "showing the typing indicator", channel_id=channel_of(place),
                thread_ts=place.thread, status="is thinking…" if on else "",
            )  # fmt: skip

    async def fetch(self, file: RemoteFile) -> bytes:
        return await self._files.fetch(file, own=self._own)

    async def quoted(self, it: Mentioned | Wrote) -> QuotedMessages:
        me = await self._who()
        reader = SlackThreadReader(self._web, self._people, self._completion, me)
        files = SlackLinkedFiles(self._web, self._people, self._rooms, me)
        linked = await SlackLinkedMessages(reader, files, self._rooms, self._site).of(it)
        if isinstance(it, Mentioned) and it.in_thread and it.message:
            return (await reader.before(it)).plus(linked)
        return linked

    async def close(self) -> None:
        """Nothing stays open: each call has its own connection, and `run` closes its socket when canceled."""

    async def _posts(self) -> SlackPosts:
        return SlackPosts(self._web, self._files, self._read, me=(await self._who()).user, most=self._most)

    async def _who(self) -> BotIdentity:
        """Returns who we are. Asked once."""
        async with self._asking:
            if self._me is None:
                said = await self._web.read("auth.test", "signing in")
                self._site = urlsplit(str(said.get("url") or "")).netloc
                self._where = f"to {said.get('team', self._team)!r} as @{said.get('user', said['user_id'])}"
                self._me = BotIdentity(str(said["team_id"]), str(said["user_id"]), str(said.get("bot_id") or ""))
            return self._me

    async def _marks(self, me: BotIdentity, alive: float | None = None) -> dict[str, str]:
        """Returns where to continue reading, by channel: a while before the last message taken and the last sign of
        life or, if nothing was ever received, before our start."""
        marks: dict[str, str] = {}
        rows = await missed_messages.channels(self._web)
        self._rooms.listed(rows)
        for channel in (str(row["id"]) for row in rows):
            newest = await self._since(f"{me.team}/{channel}")
            known = [float(newest)] if newest else []
            if alive is not None:
                known.append(alive)
            marks[channel] = f"{min(known, default=self._began) - MARGIN:.6f}"
        return marks

    async def _catch_up(
        self, listener: SlackEventHandler, me: BotIdentity, starts: dict[str, str], alive: float | None
    ) -> None:
        """Retries until everything is read: a message taken twice has the same id."""
        left, pause = starts if alive is None else None, 1.0
        while left is None or left:
            try:
                left = dict(await self._marks(me, alive) if left is None else left)
                while left:
                    channel, mark = next(iter(left.items()))
                    await self._read_on(listener, me, channel, mark)
                    del left[channel]
            except ThreadworkError as error:
                log.warning("Missed messages can't be read yet: %s", error)
                await asyncio.sleep(pause)
                pause = min(_MOST_PAUSE, pause * 2)

    async def _read_on(self, listener: SlackEventHandler, me: BotIdentity, channel: str, mark: str) -> None:
        try:
            async for row in missed_messages.missed(self._web, channel, mark):
                await self._take_missed(listener, me, channel, row)
        except PlatformRefused as error:
            log.warning("Missed messages in %s can't be read: %s", channel, error)

    async def _take_missed(
        self, listener: SlackEventHandler, me: BotIdentity, channel: str, row: dict[str, Any]
    ) -> None:
        """Slack doesn't say who deleted a message."""

        def understood(row: dict[str, Any], by: Person) -> list[Inbound]:
            each = (parse.changed(row, by, me, channel=channel), parse.message(row, by, me, channel=channel))
            return [one for one in each if one is not None]

        who = parse.actor({"event": row, "team_id": me.team}, me)
        if not understood(row, NOBODY) or (who is None and row.get("subtype") != "tombstone"):
            return
        try:
            by = await self._people.of(who, me) if who else NOBODY
        except PlatformRefused as error:
            log.warning("A message in %s was skipped: %s", channel, error)
            return
        row = dict(await self._completion.of(row, me))
        for inbound in understood(row, by):
            await listener.heard(inbound, Asked(user=who.user if who else "", place=inbound.place))
