"""What a host that was taken over may send, and the rule that each attack breaks."""

import hashlib
import json
import struct
from collections.abc import Callable, Iterable

from agents.host import wire
from orchestrator.domain.ids import CallId, Sha
from orchestrator.domain.people import FileRef
from orchestrator.domain.takeover import PageView
from orchestrator.domain.tool_calls import CallResult

CONTENT = b"0123456789"
SHA = Sha(hashlib.sha256(CONTENT).hexdigest())
OTHER = Sha(hashlib.sha256(b"other").hexdigest())
FILE = FileRef(name="f", sha=SHA, size=len(CONTENT))
STRANGER = CallId("never-asked")
Attack = Callable[[CallId], Iterable[bytes]]


def _put(piece: bytes = CONTENT, *, sha: Sha = SHA, first: bool = True, last: bool = True) -> bytes:
    return wire.packed(wire.Put(sha=sha, first=first, last=last), piece)


def _offer(call: CallId, *files: FileRef) -> bytes:
    return wire.packed(wire.Offer(key=call, files=files or (FILE,)))


def _result(call: CallId, text: str = "x", files: tuple[FileRef, ...] = ()) -> bytes:
    return wire.packed(wire.Result(id=call, result=CallResult(ok=True, text=text, files=files)))


def _raw(header: bytes, payload: bytes = b"") -> bytes:
    return struct.pack(">II", len(header), len(payload)) + header + payload


def _many(count: int) -> tuple[FileRef, ...]:
    return tuple(FileRef(name="f", sha=Sha(f"{n:064x}"), size=1) for n in range(count))


ATTACKS: dict[str, tuple[Attack, str]] = {
    "a whole file unasked": (lambda c: [_put()], "wasn't requested"),
    "halves of 1,500 files": (lambda c: [_put(sha=f.sha, last=False) for f in _many(1500)], "wasn't requested"),
    "two halves at once": (
        lambda c: [
            _offer(c, FILE, FileRef(name="o", sha=OTHER, size=9)),
            _put(b"01", last=False),
            _put(b"oth", sha=OTHER, last=False),
        ],
        "before finishing the previous one",
    ),
    "an announced file twice": (lambda c: [_offer(c), _put(), _put()], "wasn't requested"),
    "more than announced": (lambda c: [_offer(c), _put(CONTENT + b"!")], "size differs"),
    "less than announced": (lambda c: [_offer(c), _put(b"0123")], "size differs"),
    "a piece of nothing": (lambda c: [_offer(c), _put(b"", last=False)], "empty piece"),
    "the middle of a file": (lambda c: [_offer(c), _put(first=False)], "hadn't started"),
    "two announcements": (lambda c: [_offer(c), _offer(c)], "twice"),
    "too many announced": (lambda c: [_offer(c, *_many(wire.MOST_CARRIED + 1))], "at most 200"),
    "no file announced": (lambda c: [wire.packed(wire.Offer(key=c, files=()))], "announced 0 files"),
    "too large announced": (lambda c: [_offer(c, FILE.model_copy(update={"size": 1 << 40}))], "bytes of files"),
    "less than nothing announced": (lambda c: [_offer(c, FILE.model_copy(update={"size": -1}))], "bytes of files"),
    "files for another call": (lambda c: [_offer(STRANGER)], "wasn't made"),
    "a result nobody asked for": (lambda c: [_result(STRANGER)], "wasn't made"),
    "a result twice": (lambda c: [_result(c), _result(c)], "already been answered"),
    "a result of 60,000 characters": (lambda c: [_result(c, "x" * 60_000)], "at most 48,000"),
    "a result of 15 MB": (lambda c: [_result(c, "x" * 15_000_000)], "a frame of 15,"),
    "a result with too many files": (lambda c: [_result(c, files=_many(201))], "with 201 files"),
    "a reason without end": (
        lambda c: [wire.packed(wire.NotDone(id=c, words="x" * 3000, refused=True))],
        "a reason of 3,000",
    ),
    "done for a call": (lambda c: [_raw(json.dumps({"type": "done", "n": 1}).encode())], "wasn't made"),
    "failed out of turn": (lambda c: [wire.packed(wire.Failed(n=9, words="no"))], "wasn't made"),
    "a picture unasked": (
        lambda c: [wire.packed(wire.Seen(n=9, view=PageView(number=1, title="", url="")), b"j")],
        "wasn't made",
    ),
    "a wish out of turn": (lambda c: [wire.packed(wire.Want(n=9, sha=SHA))], "wasn't made"),
    "a pong too many": (lambda c: [wire.packed(wire.Pong())] * 50, "a ping that wasn't sent"),
    "a second welcome": (lambda c: [wire.packed(wire.Welcome(tools=()))], "'welcome'"),
    "a hub's frame": (lambda c: [wire.packed(wire.Ping())], "'ping'"),
    "a hub's cancel": (lambda c: [wire.packed(wire.Cancel(id=c))], "'cancel'"),
    "progress of a stranger": (lambda c: [wire.packed(wire.Progress(id=STRANGER, words="x"))], "wasn't made"),
    "progress without end": (
        lambda c: [wire.packed(wire.Progress(id=c, words="x"))] * (wire.MOST_LINES + 1),
        "lines of progress",
    ),
    "a line without end": (lambda c: [wire.packed(wire.Progress(id=c, words="x" * 301))], "too long"),
    "a payload in the wrong place": (
        lambda c: [wire.packed(wire.Progress(id=c, words="x"), b"payload")],
        "a payload with",
    ),
    "lengths without end": (lambda c: [b"\xff" * 8], "a frame of 4,294,967,295"),
    "a payload too large": (lambda c: [struct.pack(">II", 2, 2 << 20)], "a frame of 2 + 2,097,152"),
    "no JSON": (lambda c: [_raw(b"\xff{")], "unknown message"),
    "an unknown kind": (lambda c: [_raw(b'{"type":"take-over"}')], "unknown message"),
    "JSON too deep": (lambda c: [_raw(b'{"type":"pong","x":' + b"[" * 100_000)], "unknown message"),
    "a hash that leads elsewhere": (lambda c: [_raw(b'{"type":"put","sha":"../../etc"}')], "unknown message"),
    "half a surrogate": (
        lambda c: [_raw(json.dumps({"type": "progress", "id": c, "words": "\ud800"}).encode())],
        "unknown message",
    ),
}
