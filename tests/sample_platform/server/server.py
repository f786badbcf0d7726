"""A line-based chat over TCP with one hall and one room. It refuses what it doesn't know.

It sends an event again whenever the bot comes back, until the bot has said that it got it.
"""

import asyncio
import base64
import json
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

TOKEN, HALL, ROOM, BOT = "lines-token-1", "main", "general", "threadwork"
TEXT, BUTTONS, LABEL, NAME, PIECE, LINE = 4_000, 20, 60, 200, 30_000, 1 << 17
MOST, SECONDS = 10, 10.0
"""So many posts and edits in a room in so many seconds."""
KEYS = {
    "hello": {"token"}, "history": {"channel", "after"}, "answer": {"event", "words", "form", "buttons"},
    "post": {"channel", "thread", "text", "buttons", "files", "nonce"}, "edit": {"message", "text", "buttons"},
    "find": {"channel", "nonce"}, "mark": {"message", "mark", "on"}, "file": {"name", "size"},
    "piece": {"file", "at", "data"}, "read": {"file", "at"},
}  # fmt: skip

Row = dict[str, Any]


class Refused(Exception):
    """The chat's no, with its code."""


class Slow(Exception):
    """Too many: wait so many seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


class Someone(NamedTuple):
    id: str
    name: str
    kind: str


@dataclass
class File:
    name: str
    size: int
    content: bytearray = field(default_factory=bytearray)


@dataclass
class Server:
    """`refusals` and `limited` are what a good client leaves empty. `now` counts the minutes of the limits."""

    now: Callable[[], float] = time.monotonic
    port: int = 0
    messages: dict[str, Row] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    answers: dict[str, Row] = field(default_factory=dict)
    whispers: list[tuple[str, str]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    limited: list[str] = field(default_factory=list)
    refuse: int = 0
    """So many of the next posts and edits come too soon, whatever the limit says."""
    writer: asyncio.StreamWriter | None = None
    _open: dict[str, Row] = field(default_factory=dict)
    _events: dict[str, Row] = field(default_factory=dict)
    _spent: deque[float] = field(default_factory=deque)
    _count: int = 0

    def new(self) -> str:
        """Ids grow with time."""
        self._count += 1
        return str(self._count)

    def tell(self, event: str, by: Someone, message: Row, **more: Any) -> str:
        """Something happened; the bot hears it now or when it comes back."""
        it = {"event": event, "id": f"e{self.new()}", "by": by._asdict(), "hall": HALL, "room": ROOM,
              "thread": message["thread"], "message": message["id"], **more}  # fmt: skip
        self._events[it["id"]] = self._open[it["id"]] = it
        if self.writer is not None:
            self.writer.write(json.dumps(it).encode() + b"\n")
        return str(it["id"])

    def says(self, by: Someone, text: str, thread: str, files: list[str]) -> Row:
        row: Row = {"id": self.new(), "thread": thread, "by": by, "text": text, "buttons": [], "files": files}
        self.messages[row["id"]] = row
        self.tell("said", by, row, text=text, files=[self.shown(f) for f in files])
        return row

    def upload(self, name: str, content: bytes) -> str:
        made = f"f{self.new()}"
        self.files[made] = File(name, len(content), bytearray(content))
        return made

    def shown(self, file: str) -> Row:
        return {"id": file, "name": self.files[file].name, "size": self.files[file].size}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, which has to say hello first."""
        try:
            while line := await reader.readline():
                it = json.loads(line)
                if it["do"] == "got":
                    self._open.pop(it["id"], None)
                    continue
                if it["do"] != "hello" and writer is not self.writer:
                    self.refusals.append("no hello")
                    return
                writer.write(json.dumps({"n": it["n"], **self._answered(it, writer)}).encode() + b"\n")
                if it["do"] == "hello" and writer is self.writer:
                    for event in self._open.values():
                        writer.write(json.dumps(event).encode() + b"\n")
        except ConnectionError:
            pass  # the bot is gone
        except ValueError as error:
            self.refusals.append(repr(error))
        finally:
            self.writer = None if self.writer is writer else self.writer
            writer.close()

    def _answered(self, it: Row, writer: asyncio.StreamWriter) -> Row:
        do = str(it["do"])
        more = {name: value for name, value in it.items() if name not in ("n", "do")}
        try:
            if do not in KEYS or set(more) != KEYS[do]:
                raise Refused(f"unknown: {do} {sorted(more)}")
            if do == "hello":
                return {"ok": self._hello(writer, **more)}
            return {"ok": getattr(self, f"_{do}")(**more) or {}}
        except Refused as refused:
            self.refusals.append(f"{do}: {refused}")
            return {"no": str(refused)}
        except Slow as slow:
            self.limited.append(do)
            return {"no": "slow", "wait": slow.wait}

    def _hello(self, writer: asyncio.StreamWriter, token: str) -> Row:
        if token != TOKEN:
            raise Refused("token")
        self.writer = writer
        return {"me": BOT, "newest": {f"{HALL}/{ROOM}": next(reversed(self.messages), "0")}}

    def _history(self, channel: str, after: str) -> Row:
        self._known(channel)
        found = [e for e in self._events.values() if e["event"] == "said" and int(e["message"]) > int(after)]
        return {"events": found[:20]}

    def _post(self, channel: str, thread: str, text: str, buttons: list[Row], files: list[str], nonce: str) -> Row:
        self._known(channel)
        self._checked(text, buttons)
        if thread not in self.messages:
            raise Refused("gone")
        if any(row.get("nonce") == nonce for row in self.messages.values()):
            raise Refused("already")
        if any(len(self.files[file].content) != self.files[file].size for file in files):
            raise Refused("a file is not whole")
        self._paced()
        row = {"id": self.new(), "thread": thread, "by": None, "text": text, "buttons": buttons, "files": files}
        self.messages[row["id"]] = {**row, "nonce": nonce}
        return {"message": row["id"]}

    def _edit(self, message: str, text: str, buttons: list[Row]) -> None:
        self._checked(text, buttons)
        if message not in self.messages or self.messages[message]["by"] is not None:
            raise Refused("gone")
        self._paced()
        self.messages[message].update(text=text, buttons=buttons)

    def _find(self, channel: str, nonce: str) -> Row:
        self._known(channel)
        return {"message": next((row["id"] for row in self.messages.values() if row.get("nonce") == nonce), None)}

    def _mark(self, message: str, mark: str, on: bool) -> None:
        if message not in self.messages or mark not in ("seen", "done", "failed"):
            raise Refused("gone")
        marks = self.messages[message].setdefault("marks", set())
        (marks.add if on else marks.discard)(mark)

    def _file(self, name: str, size: int) -> Row:
        made = f"f{self.new()}"
        self.files[made] = File(name, size)
        return {"file": made}

    def _piece(self, file: str, at: int, data: str) -> None:
        content = base64.b64decode(data, validate=True)
        if file not in self.files or at != len(self.files[file].content) or not 0 < len(content) <= PIECE:
            raise Refused("a piece that does not fit")
        self.files[file].content += content

    def _read(self, file: str, at: int) -> Row:
        if file not in self.files:
            raise Refused("gone")
        return {"data": base64.b64encode(self.files[file].content[at : at + PIECE]).decode()}

    def _answer(self, event: str, words: str, form: Row | None, buttons: list[Row]) -> None:
        if event not in self._events or event in self.answers:
            raise Refused("already")
        self._checked(words, buttons)
        self.answers[event] = {"words": words, "form": form, "buttons": buttons}
        if words:
            self.whispers.append((self._events[event]["by"]["id"], words))

    def _known(self, channel: str) -> None:
        if channel != f"{HALL}/{ROOM}":
            raise Refused("gone")

    def _checked(self, text: str, buttons: list[Row]) -> None:
        bare = text.replace("\\\\", "").replace("\\@", "")
        if len(text) > TEXT or "@" in bare or "\\" in bare or not all(c == "\n" or c.isprintable() for c in bare):
            raise Refused(f"a text that is not allowed: {text[:80]!r}")
        names = [one["name"] for one in buttons]
        short = all(0 < len(b["label"]) <= LABEL and len(b["name"]) <= NAME and len(b) == 2 for b in buttons)
        if len(buttons) > BUTTONS or len(set(names)) != len(names) or not short:
            raise Refused(f"buttons that are not allowed: {names}")

    def _paced(self) -> None:
        now = self.now()
        while self._spent and now - self._spent[0] >= SECONDS:
            self._spent.popleft()
        if self.refuse:
            self.refuse -= 1
            raise Slow(0.2)
        if len(self._spent) >= MOST:
            raise Slow(self._spent[0] + SECONDS - now)
        self._spent.append(now)


@asynccontextmanager
async def serving(*, now: Callable[[], float] = time.monotonic) -> AsyncGenerator[Server]:
    """On a free port of this machine."""
    it = Server(now)
    async with await asyncio.start_server(it.serve, "127.0.0.1", 0, limit=LINE) as listening:
        it.port = listening.sockets[0].getsockname()[1]
        try:
            yield it
        finally:
            if it.writer is not None:
                it.writer.close()
