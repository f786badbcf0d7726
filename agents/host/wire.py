"""Defines the messages between hub and host, and their encoding on a byte stream. Pure.

A frame is two lengths of 4 bytes (header, payload), a JSON header, and the payload. Only `put` and `seen` have a
payload: a piece of a file, a picture. `n` numbers the hub's requests on one connection; a call is known by its own id.
"""

import struct
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from agents.host.config import HostConfig
from orchestrator.domain import clean_outside_text
from orchestrator.domain.base_value import Value
from orchestrator.domain.ids import CallId, Sha, SubtaskId, TaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.skill_content import SkillFile
from orchestrator.domain.takeover import PageView, Touch
from orchestrator.domain.tool_calls import CallResult, HostCall, ToolSpec
from orchestrator.errors import BrokeRule, HostFailed

VERSION = 5
MOST_HEADER = 16 << 20
MOST_FROM_HOST = 1 << 20
"""Bytes of a header that a host sends: its results are short, unlike what it has to write."""
MOST_CARRIED = 200
"""Files of one result."""
MOST_LINES, MOST_LINE = 10_000, 300
"""Lines of progress of one call, and characters of each."""
MOST_SENTENCE = 2000
"""Characters of a reason."""
MOST_PAYLOAD = 1 << 20
MOST_FILE = 512 << 20
_LENGTHS = struct.Struct(">II")
LENGTHS = _LENGTHS.size


class Hello(Value):
    """Hub: the first frame, with the host's whole configuration."""

    type: Literal["hello"] = "hello"
    version: int = VERSION
    config: HostConfig


class Welcome(Value):
    """Host: ready. `notices` are sentences for the owner, such as why nothing can be executed."""

    type: Literal["welcome"] = "welcome"
    tools: tuple[ToolSpec, ...]
    notices: tuple[str, ...] = ()


class Sorry(Value):
    """Host: it can't start, and why."""

    type: Literal["sorry"] = "sorry"
    words: str


class Run(Value):
    """Hub: run this call, or answer it from the journal."""

    type: Literal["run"] = "run"
    call: HostCall


class Cancel(Value):
    """Hub: cancel this call; nobody is waiting for its result anymore."""

    type: Literal["cancel"] = "cancel"
    id: CallId


class Result(Value):
    """Host: how a call ended. Its files were put before."""

    type: Literal["result"] = "result"
    id: CallId
    result: CallResult


class NotDone(Value):
    """Host: a call that was not started. `refused`: by the host policy or the journal; otherwise the host failed."""

    type: Literal["not-done"] = "not-done"
    id: CallId
    words: str
    refused: bool


class Progress(Value):
    """Host: a progress line of a running call."""

    type: Literal["progress"] = "progress"
    id: CallId
    words: str


class Give(Value):
    """Hub: put this file into a workspace. Host: `want` if it lacks the content, finally `done`."""

    type: Literal["give"] = "give"
    n: int
    task: TaskId
    file: FileRef
    path: str


class Lend(Value):
    """Hub: keep the skill with this digest for sandboxed code. Host: `want` for each content it lacks, finally
    `done`."""

    type: Literal["lend"] = "lend"
    n: int
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    files: tuple[SkillFile, ...]


class Want(Value):
    """Host: send that content, for request `n`."""

    type: Literal["want"] = "want"
    n: int
    sha: Sha


class Offer(Value):
    """Host: these files follow, for that call or request; the answer comes after them. Nothing else may be `put`."""

    type: Literal["offer"] = "offer"
    key: int | CallId
    files: tuple[FileRef, ...]


class Put(Value):
    """Either: the next piece of the content with that hash, in the payload. `first`: forget what came before."""

    type: Literal["put"] = "put"
    sha: Sha = Field(pattern=r"^[0-9a-f]{64}$")
    name: str = "file"
    first: bool = True
    last: bool = True


class Take(Value):
    """Hub: send me this workspace file."""

    type: Literal["take"] = "take"
    n: int
    task: TaskId
    path: str


class Leave(Value):
    """Hub: this subtask, or the whole task, has ended."""

    type: Literal["leave"] = "leave"
    n: int
    task: TaskId
    subtask: str | None


class TakeOver(Value):
    """Hub: a person takes over this subtask's page and may open these domains; sent again to change them."""

    type: Literal["take-over"] = "take-over"
    n: int
    task: TaskId
    subtask: SubtaskId
    domains: tuple[str, ...]


class See(Value):
    """Hub: show the taken-over page once it is newer than view `after`."""

    type: Literal["see"] = "see"
    n: int
    task: TaskId
    subtask: SubtaskId
    after: int


class Do(Value):
    """Hub: the person did this on the page."""

    type: Literal["do"] = "do"
    n: int
    task: TaskId
    subtask: SubtaskId
    touches: tuple[Touch, ...]


class LetGo(Value):
    """Hub: the takeover ended."""

    type: Literal["let-go"] = "let-go"
    n: int
    task: TaskId
    subtask: SubtaskId


class Seen(Value):
    """Host: the answer to `see`, with a JPEG in the payload. Sent only on request, so pictures never pile up."""

    type: Literal["seen"] = "seen"
    n: int
    view: PageView


class Done(Value):
    """Host: request `n` is done. `file` with `take`."""

    type: Literal["done"] = "done"
    n: int
    file: FileRef | None = None


class Failed(Value):
    """Host: request `n` failed. `full`: because the disk is full."""

    type: Literal["failed"] = "failed"
    n: int
    words: str
    full: bool = False


class Ping(Value):
    """Hub: are you there?"""

    type: Literal["ping"] = "ping"


class Pong(Value):
    """Host: yes."""

    type: Literal["pong"] = "pong"


HubRequest = Run | Give | Lend | Take | Leave | TakeOver | See | Do | LetGo
"""What the hub may ask of a host."""
RequestKey = CallId | int
"""A call's id, or the number of any other request."""
Message = (
    Hello | Welcome | Sorry | Run | Cancel | Result | NotDone | Progress | Give | Lend | Want | Offer | Put | Take
    | Leave | TakeOver | See | Do | LetGo | Seen | Done | Failed | Ping | Pong
)  # fmt: skip
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def given_in(request: HubRequest) -> tuple[FileRef, ...]:
    """Returns the files whose content the host may want for this request."""
    match request:
        case Give(file=file):
            return (file,)
        case Lend(files=files):
            return tuple({one.file.sha: one.file for one in files}.values())
        case _:
            return ()


class Frame(NamedTuple):
    message: Message
    payload: bytes


def packed(message: Message, payload: bytes = b"") -> bytes:
    """Encodes the frame, its text cleaned. Raises HostFailed if it can't be sent or is too large."""
    try:
        header = clean_outside_text.value(message).model_dump_json(exclude_defaults=False).encode()
    except clean_outside_text.Unfit as error:
        raise HostFailed(f"A {message.type!r} message can't be sent over the host link: it's {error}.") from error
    _check(len(header), len(payload))
    return _LENGTHS.pack(len(header), len(payload)) + header + payload


def sizes(lengths: bytes, *, most_header: int = MOST_HEADER) -> tuple[int, int]:
    """Returns the bytes of a frame's header and of its payload, from its first LENGTHS bytes. Raises BrokeRule."""
    header, payload = _LENGTHS.unpack(lengths)
    _check(header, payload, most_header)
    return header, payload


def unpacked(header: bytes, payload: bytes) -> Frame:
    """Decodes the frame. Raises BrokeRule."""
    try:
        return Frame(_MESSAGE.validate_json(header), payload)
    except ValidationError as error:
        kind = error.errors()[0]["type"]
        raise BrokeRule(f"The host link received an unknown message ({kind}) and was closed.") from error


def _check(header: int, payload: int, most_header: int = MOST_HEADER) -> None:
    if header > most_header or payload > MOST_PAYLOAD:
        raise BrokeRule(
            f"The host link received a frame of {header:,} + {payload:,} bytes (the limit is {most_header:,} + "
            f"{MOST_PAYLOAD:,}) and was closed."
        )
