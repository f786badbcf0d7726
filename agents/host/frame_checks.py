"""Checks that a host sends only what was asked for, each thing once and within limits. No I/O.

Takes one connection's frames in order. A host that breaks a rule is cut off, and people see which rule: it may be
compromised, and must not fill the hub's disk, memory or file descriptors.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from agents.host import wire
from agents.host.wire import HubRequest, RequestKey
from orchestrator.domain.ids import Sha
from orchestrator.domain.tool_calls import MOST_TEXT
from orchestrator.errors import BrokeRule

MOST_OFFERED = 2 << 30
"""Total bytes of the files of one answer."""
MOST_TOOLS, MOST_NOTICES, MOST_NOTICE = 500, 50, 4000
LONGEST_PAUSE = 60.0
"""Longest pause between two pieces of one file, in seconds."""
_SLACK = 200
"""Characters of the sentence that says what was left out of a long result."""


@dataclass
class _Asked:
    """A request on this connection. It may be asked and answered twice if it was withdrawn in between."""

    message: HubRequest
    answers: int = 0
    lines: int = 0
    wants: int = 0
    offers: int = 0


@dataclass
class _Half:
    """A partially received file."""

    sha: Sha
    left: int
    at: float


class FrameChecks:
    """Tracks one connection. `now`: a clock in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._asked: dict[RequestKey, _Asked] = {}
        self._coming: Counter[tuple[Sha, int]] = Counter()  # over all requests: two may offer the same file
        self._half: _Half | None = None

    def ask(self, message: HubRequest) -> None:
        """Records a request being sent."""
        asked = self._asked.setdefault(_key(message), _Asked(message))
        asked.answers += 1
        asked.wants += len(wire.given_in(message))
        asked.offers += 1

    def heard(self, frame: wire.Frame) -> bool:
        """Returns whether the frame matters; the answer to a withdrawn request doesn't. Raises BrokeRule."""
        message = frame.message
        if frame.payload and not isinstance(message, wire.Put | wire.Seen):
            raise BrokeRule(f"it sent a payload with {message.type!r}")
        if self._half and self._now() - self._half.at > LONGEST_PAUSE:
            raise BrokeRule(f"it left a file half-sent for more than {LONGEST_PAUSE:g} seconds")
        match message:
            case wire.Put():
                self._piece(message, len(frame.payload))
            case wire.Offer():
                self._offer(message)
            case wire.Progress():
                self._line(message)
            case wire.Want():
                self._want(message)
            case wire.Result() | wire.NotDone() | wire.Done() | wire.Failed() | wire.Seen():
                return self._answer(message)
            case wire.Sorry():
                pass
            case _:
                raise BrokeRule(f"it sent {message.type!r}, which is only valid from the hub or as the first frame")
        return True

    def taken(self) -> None:
        """Records that the last frame was processed; that time doesn't count as the host's pause."""
        if self._half:
            self._half.at = self._now()

    def asked(self, n: int) -> HubRequest:
        """Returns the request that a `want` is about."""
        return self._asked[n].message

    def _piece(self, put: wire.Put, size: int) -> None:
        if put.first:
            if self._half:
                raise BrokeRule("it started a file before finishing the previous one")
            self._half = _Half(put.sha, self._announced(put.sha), self._now())
        half = self._half
        if half is None or half.sha != put.sha:
            raise BrokeRule("it sent a piece of a file that it hadn't started")
        half.left -= size
        if half.left < 0 or (put.last and half.left):
            raise BrokeRule("it sent a file whose size differs from the announced one")
        if not put.last and not (size and half.left):
            raise BrokeRule("it sent an empty piece of a file")
        if put.last:
            self._half = None

    def _announced(self, sha: Sha) -> int:
        found = next((key for key in self._coming if key[0] == sha), None)
        if found is None:
            raise BrokeRule("it sent a file that wasn't requested")
        self._coming[found] -= 1
        self._coming += Counter()  # drops what has all arrived
        return found[1]

    def _offer(self, offer: wire.Offer) -> None:
        asked = self._open(offer, offer.key)
        runs, takes = isinstance(asked.message, wire.Run), isinstance(asked.message, wire.Take)
        most = wire.MOST_CARRIED if runs else int(takes)
        asked.offers -= 1
        if asked.offers < 0 or not 0 < len(offer.files) <= most:
            raise BrokeRule(f"it announced {len(offer.files)} files (at most {most} are allowed), or announced twice")
        sizes = [file.size for file in offer.files]
        if min(sizes) < 0 or max(sizes) > wire.MOST_FILE or sum(sizes) > MOST_OFFERED:
            raise BrokeRule(f"it announced {sum(sizes):,} bytes of files, which is out of range")
        self._coming.update((file.sha, file.size) for file in offer.files)
        if self._coming.total() > wire.MOST_CARRIED * len(self._asked):
            raise BrokeRule("it announced files and never sent them")

    def _line(self, progress: wire.Progress) -> None:
        asked = self._open(progress, progress.id)
        asked.lines += 1
        if asked.lines > wire.MOST_LINES * asked.answers or len(progress.words) > wire.MOST_LINE:
            raise BrokeRule(f"it reported more than {wire.MOST_LINES:,} lines of progress, or one that is too long")

    def _want(self, want: wire.Want) -> None:
        asked = self._open(want, want.n)
        asked.wants -= 1
        if asked.wants < 0 or want.sha not in [file.sha for file in wire.given_in(asked.message)]:
            raise BrokeRule("it requested a file that it wasn't given, or requested it twice")

    def _answer(self, message: wire.Result | wire.NotDone | wire.Done | wire.Failed | wire.Seen) -> bool:
        key = message.id if isinstance(message, wire.Result | wire.NotDone) else message.n
        asked = self._open(message, key)
        if not _fits(message, asked.message):
            raise BrokeRule(f"it answered {asked.message.type!r} with {message.type!r}")
        if isinstance(message, wire.Result):
            _check_result(message)
        elif isinstance(message, wire.NotDone | wire.Failed) and len(message.words) > wire.MOST_SENTENCE:
            raise BrokeRule(f"it sent a reason of {len(message.words):,} characters, which is too long")
        asked.answers -= 1
        if not asked.answers:
            del self._asked[key]
        return not asked.answers

    def _open(self, message: wire.Message, key: RequestKey) -> _Asked:
        asked = self._asked.get(key)
        if asked is None:
            raise BrokeRule(f"it sent {message.type!r} for a request that wasn't made or has already been answered")
        return asked


def check_welcome(welcome: wire.Welcome) -> None:
    """Raises BrokeRule."""
    if len(welcome.tools) > MOST_TOOLS or len(welcome.notices) > MOST_NOTICES:
        raise BrokeRule(
            f"it started with {len(welcome.tools)} tools and {len(welcome.notices)} notices, which is too many"
        )
    if any(len(words) > MOST_NOTICE for words in welcome.notices):
        raise BrokeRule("it started with a notice that is too long")


def _key(message: HubRequest) -> RequestKey:
    return message.call.id if isinstance(message, wire.Run) else message.n


def _fits(answer: wire.Message, asked: HubRequest) -> bool:
    match answer:
        case wire.Result() | wire.NotDone():
            return isinstance(asked, wire.Run)
        case wire.Seen():
            return isinstance(asked, wire.See)
        case wire.Done(file=file):
            return not isinstance(asked, wire.Run | wire.See) and isinstance(asked, wire.Take) == (file is not None)
        case _:
            return not isinstance(asked, wire.Run)


def _check_result(message: wire.Result) -> None:
    result = message.result
    if len(result.text) > MOST_TEXT + _SLACK:
        raise BrokeRule(f"it sent a result of {len(result.text):,} characters; at most {MOST_TEXT:,} are allowed")
    if len(result.carried) > wire.MOST_CARRIED:
        raise BrokeRule(f"it sent a result with {len(result.carried)} files; at most {wire.MOST_CARRIED} are allowed")
