"""Gathers what a message builds on, within what fits: the thread before it, quoted, forwarded and linked messages."""

import json
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from bot.chat_platform import Mentioned, Quote, QuotedMessages, RemoteFile, Wrote
from bot.inbox.incoming_files import FileFetcher, MessageParts
from bot.inbox.linked_tasks import linked_tasks
from orchestrator.desk import PersonalDesk
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import FileRef, MessageBackground, QuotedMessage

MOST_TEXT = 20_000
"""Bytes of all quoted messages together, with their names."""
MOST_MESSAGE, MOST_PROBLEMS, MOST_PROBLEM = 6_000, 20, 400
MOST_EVENT = 52_000
"""Bytes of the message with everything that it builds on; the ledger takes a little more."""
OVERHEAD, FILE_OVERHEAD = 160, 400
MOST_FILES, MOST_FILE_BYTES = 30, 200 * 1024 * 1024

Quoted = Callable[[Mentioned | Wrote], Awaitable[QuotedMessages]]


async def nothing_quoted(it: Mentioned | Wrote) -> QuotedMessages:
    """For a platform whose messages never build on others."""
    return QuotedMessages()


class BackgroundReader:
    """Reads on one platform. `workspace`: the address of the web workspace, or empty."""

    def __init__(self, incoming: FileFetcher, quoted: Quoted, workspace: str = "") -> None:
        self._incoming, self._quoted, self._host = incoming, quoted, urlsplit(workspace).netloc

    async def of(self, it: Mentioned | Wrote, own_desk: PersonalDesk, *, within: TaskId | None = None) -> MessageParts:
        """Fetches everything that can be; each thing that can't becomes a problem of the background. `within`: the
        task in which it is said."""
        own = await self._incoming.possible(it.files)
        found = await self._quoted(it)
        tasks = await linked_tasks(own_desk, it.text, self._host, but=within)
        room = (
            MOST_EVENT
            - len(tasks.model_dump_json().encode())
            - len(json.dumps(it.text, ensure_ascii=False).encode())
            - FILE_OVERHEAD * len(own.files)
        )
        kept = fitting(_once([*it.quotes, *found.quotes]), min(MOST_TEXT, max(0, room)))
        left_out = len(_thread(found.quotes)) - len(_thread(kept)) + found.left_out
        wanted, unwanted = _affordable([file for one in reversed(kept) for file in one.files])
        arrived = await self._incoming.possible(wanted, most=MOST_FILES)
        by_id = {file.id: ref for file, ref in zip(wanted, arrived.each, strict=False) if ref is not None}
        problems = (*own.problems, *found.problems, *tasks.problems, *arrived.problems, *unwanted)
        return MessageParts(
            own.files,
            MessageBackground(
                title=found.title,
                quoted=(*(_quoted(one, by_id) for one in kept), *tasks.quoted),
                left_out=max(0, left_out),
                problems=tuple(problem[:MOST_PROBLEM] for problem in dict.fromkeys(problems))[:MOST_PROBLEMS],
            ),
        )


def fitting(quotes: Sequence[Quote], most: int) -> list[Quote]:
    """Returns those that fit into `most` bytes, in order: what was quoted on purpose first, then the thread from its
    newest message back. Long messages are cut."""
    short = [one.model_copy(update={"text": _cut(one.text)}) for one in quotes]
    chosen: set[int] = set()
    for n in [*(n for n, q in enumerate(short) if q.how != "thread"), *_newest_first(short)]:
        size = _size(short[n])
        if size > most:
            break
        most -= size
        chosen.add(n)
    return [one for n, one in enumerate(short) if n in chosen]


def _newest_first(quotes: Sequence[Quote]) -> list[int]:
    return [n for n, q in reversed(list(enumerate(quotes))) if q.how == "thread"]


def _size(one: Quote) -> int:
    return len(json.dumps([one.by, one.text, one.where], ensure_ascii=False).encode()) + OVERHEAD + (
        FILE_OVERHEAD * len(one.files)
    )  # fmt: skip


def _cut(text: str) -> str:
    gone = len(text) - MOST_MESSAGE
    return text if gone <= 0 else f"{text[:MOST_MESSAGE]}\n[{gone} more characters were left out]"


def _once(quotes: Sequence[Quote]) -> list[Quote]:
    """What is quoted on purpose isn't repeated as part of the thread, and what was read isn't repeated as the preview
    that the message carries."""
    last = {one.message: n for n, one in enumerate(quotes) if one.how != "thread" and one.message}
    return [one for n, one in enumerate(quotes) if last.get(one.message, n) == n]


def _thread(quotes: Sequence[Quote]) -> list[Quote]:
    return [one for one in quotes if one.how == "thread"]


def _affordable(files: Sequence[RemoteFile]) -> tuple[list[RemoteFile], list[str]]:
    """Splits off the files that are too much together."""
    wanted: dict[str, RemoteFile] = {}
    unwanted: list[str] = []
    left = MOST_FILE_BYTES
    for file in files:
        if file.id in wanted:
            continue
        if file.size > left:
            unwanted.append(
                f"The file {file.name!r} from an earlier message was left out: together, the files are too large."
            )
            continue
        left -= file.size
        wanted[file.id] = file
    return list(wanted.values()), unwanted


def _quoted(one: Quote, files: dict[str, FileRef]) -> QuotedMessage:
    known = tuple(files[file.id] for file in one.files if file.id in files)
    return QuotedMessage(how=one.how, by=one.by, text=one.text, files=known, at=one.at, where=one.where)
