"""Posts our messages once, edits them, and finds them by the nonce in their metadata."""

import json
from typing import Any, cast

from bot.chat_platform import FileItem, Item, PictureItem, Posted, Read
from bot.slack import missed_messages
from bot.slack.blocks import SlackMessage
from bot.slack.files import SlackFiles, SlackUpload
from bot.slack.parse import channel_of
from bot.slack.render import message
from bot.slack.web_api import SlackWebApi
from orchestrator.domain.people import Place
from orchestrator.errors import OutcomeUnknown, PlatformFailed, PlatformRefused

POST = "threadwork_post"
MOST_DIRECT = 200
"""Messages of a conversation with a person among which a new one is looked for."""
_QUIET = {"unfurl_links": False, "unfurl_media": False, "link_names": False, "parse": "none"}


class SlackPosts:
    """`me`: the bot's own user id. `read` returns the bytes of what is uploaded; `most` is the largest file to send."""

    def __init__(self, web: SlackWebApi, files: SlackFiles, read: Read, *, me: str, most: int) -> None:
        self._web, self._files, self._read, self._me, self._most = web, files, read, me, most

    async def post(self, place: Place, item: Item, nonce: str) -> Posted:
        """The message about a file is posted with the ids of its uploaded, still invisible files; then they are shared.
        Whatever is lost in between, `find` reads from the message which files to look for; they are shared at most
        once."""
        titles: dict[str, str] = {}
        if isinstance(item, FileItem | PictureItem):
            titles = await self._uploaded(item)
        posted = await self._say(place, message(item), {"nonce": nonce, "files": json.dumps(titles)})
        if titles:
            await self._share(posted, titles)
        return posted

    async def edit(self, posted: Posted, item: Item) -> None:
        shown = message(item)
        await self._web.write(
            "chat.update",
            "editing a message",
            channel=channel_of(posted.place),
            ts=posted.message,
            text=shown.text,
            blocks=list(shown.blocks),
            link_names=False,
            parse="none",
        )

    async def find(self, place: Place, nonce: str) -> Posted | None:
        """A message whose files Slack doesn't show is deleted with them: then nothing was posted."""
        channel, seen = channel_of(place), 0
        if channel.startswith(("U", "W")):  # a person's id: Slack posts to it, but reads only the conversation's own
            channel = await missed_messages.direct(self._web, channel)
        if not channel:
            return None
        async for row in missed_messages.said(self._web, channel, place.thread):
            seen += 1
            if seen > MOST_DIRECT and channel != channel_of(place):
                return None
            about = cast("dict[str, Any]", row.get("metadata") or {})
            carried = cast("dict[str, Any]", about.get("event_payload") or {})
            if row.get("user") != self._me or about.get("event_type") != POST or carried.get("nonce") != nonce:
                continue
            posted = Posted(place=_threaded(place, row), message=str(row["ts"]))
            titles = cast("dict[str, str]", json.loads(carried.get("files") or "{}"))
            if titles and not await self._files.settled(titles, hurry=3):
                await self._withdraw(posted, titles)
                return None
            return posted
        return None

    async def _withdraw(self, posted: Posted, titles: dict[str, str]) -> None:
        """The files first: a share that is only late must not appear beside a new one."""
        await self._files.withdraw(titles)
        try:
            channel = channel_of(posted.place)
            await self._web.write("chat.delete", "deleting a message", channel=channel, ts=posted.message)
        except PlatformRefused as error:
            if error.code != "gone":
                raise

    async def _say(self, place: Place, shown: SlackMessage, carried: dict[str, Any]) -> Posted:
        said = await self._web.write(
            "chat.postMessage",
            "posting a message",
            once=True,
            channel=channel_of(place),
            text=shown.text,
            blocks=list(shown.blocks),
            metadata={"event_type": POST, "event_payload": carried},
            **({"thread_ts": place.thread} if place.thread else {}),
            **_QUIET,
        )
        return Posted(place=_threaded(place, said), message=str(said["ts"]))

    async def _share(self, posted: Posted, titles: dict[str, str]) -> None:
        """From here on the message is in the thread: whatever fails, `find` it to continue."""
        try:
            await self._files.share(titles, channel=channel_of(posted.place), thread=posted.place.thread)
        except PlatformFailed as error:
            raise OutcomeUnknown(
                f"The message about the file was posted, but the file hasn't arrived yet: {error}"
            ) from error

    async def _uploaded(self, item: FileItem | PictureItem) -> dict[str, str]:
        """Returns the ids and titles of what was sent: the file, unless a link replaces it, and its first page."""
        parts: list[SlackUpload] = []
        if isinstance(item, PictureItem):
            part = SlackUpload(item.picture.name, item.picture.name, await self._read(item.picture), item.text[:1_000])
            return {await self._files.upload(part): part.title}
        line = item.line
        if line.previews:
            page = line.previews[0]
            alt = f"First page of {line.file.name}: {line.words}"
            parts.append(SlackUpload(page.name, f"First page of {line.file.name}", await self._read(page), alt))
        if not item.link:
            if line.file.size > self._most:
                raise PlatformFailed(
                    f"The file {line.file.name!r} is larger than Slack's limit of {self._most // 10**6} MB."
                )
            parts.append(SlackUpload(line.file.name, line.file.name, await self._read(line.file)))
        return {await self._files.upload(part): part.title for part in parts}


def _threaded(place: Place, row: dict[str, Any]) -> Place:
    return place if place.thread else place.model_copy(update={"thread": str(row["ts"])})
