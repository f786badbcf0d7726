"""Receives files from forms and serves them by hash: only what a task's own facts name, never as a page."""

from collections.abc import Sequence
from typing import NamedTuple

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from bot.inbox.download import MOST_FILE
from bot.inbox.incoming_files import MOST_FILES, MOST_NAMED, too_large, too_many
from bot.web.request_context import RequestContext
from orchestrator.domain.ids import Sha, TaskId
from orchestrator.domain.people import FileRef
from orchestrator.errors import NotFound
from orchestrator.ports import Shelf

MOST_UPLOADS = 200
"""Files that a form may carry; those beyond the limit of a message are named."""
LIMITS = f"a message can have up to {MOST_FILES} files of {MOST_FILE // 1024**2} MB each, 58 MB in total."
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


class FileRoutes:
    """A file's two addresses."""

    def __init__(self, visits: RequestContext) -> None:
        self._visits = visits

    async def of_task(self, request: Request) -> Response:
        """Serves a file that one of this task's facts names."""
        own_desk = await self._visits.own_desk(request)
        story = await self._visits.stories.of(own_desk, TaskId(request.path_params["task"]))
        sha = Sha(request.path_params["sha"])
        return await self._serve(story.files.get(sha), inline=sha in story.pictures)

    async def of_channel(self, request: Request) -> Response:
        """Serves a file that was sent to this channel."""
        name, sha = request.path_params["channel"], request.path_params["sha"]
        messages = (await self._visits.room()).messages
        found = (f for n in messages if n.channel == name for f in n.files if f.sha == sha)
        return await self._serve(next(found, None), inline=False)

    async def _serve(self, file: FileRef | None, *, inline: bool) -> Response:
        if file is None:
            raise NotFound("That file wasn't found.")
        path = await self._visits.shelf.path(file.sha)
        headers = {"cache-control": "private, max-age=31536000, immutable"}
        if inline and (media := picture_kind((await self._visits.shelf.get(file.sha))[:8])):
            return FileResponse(path, media_type=media, headers=headers)
        headers["content-security-policy"] = "default-src 'none'; sandbox"
        return FileResponse(
            path, media_type="application/octet-stream", filename=file.name, content_disposition_type="attachment",
            headers=headers,
        )  # fmt: skip


def picture_kind(head: bytes) -> str | None:
    """Returns a PNG's or JPEG's media type by its first bytes; nothing else is ever shown in the page."""
    return next((media for magic, media in _MAGIC if head.startswith(magic)), None)


class SentFiles(NamedTuple):
    """A form's files on the shelf, and a sentence about each that was left out."""

    files: tuple[FileRef, ...]
    problems: tuple[str, ...]


async def keep(form: FormData, shelf: Shelf) -> SentFiles:
    """Puts the form's files on the shelf, as many as fit. `left_out`: names of files that the page didn't send."""
    uploads = [u for u in form.getlist("files") if isinstance(u, UploadFile) and u.filename]
    names = [_bare(u.filename) for u in uploads]
    large = {n: words for n, u in enumerate(uploads) if (words := too_large(names[n], u.size or 0))}
    chosen = [n for n in range(len(uploads)) if n not in large]
    kept = chosen[:MOST_FILES]
    unsent = [_bare(name) for name in form.getlist("left_out") if isinstance(name, str)]
    problems = [*large.values(), *too_many([names[n] for n in chosen[MOST_FILES:]])]
    if unsent:
        problems.append(f"{', '.join(map(repr, unsent[:MOST_NAMED]))} left out: {LIMITS}")
    refs = [await shelf.put(await uploads[n].read(), name=names[n], media=uploads[n].content_type) for n in kept]
    return SentFiles(tuple(refs), tuple(problems))


def fields_of(form: FormData) -> dict[str, Sequence[str]]:
    """Returns the form's texts; a name may have several."""
    return {name: [v for v in form.getlist(name) if isinstance(v, str)] for name in form}


def _bare(name: str | None) -> str:
    bare = (name or "").replace("\\", "/").rpartition("/")[2]
    clean = "".join(c for c in bare if c.isprintable()).strip(". ")
    return clean[-120:] or "file"
