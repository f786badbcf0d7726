"""Who speaks, and where."""

from typing import Literal

from orchestrator.domain.ids import PersonId, Sha
from orchestrator.domain.value import Value


class Person(Value):
    """Somebody who can ask, press and read. `id` is unique over platforms, e.g. `web:ada`."""

    id: PersonId
    name: str
    kind: Literal["member", "guest", "bot"] = "member"


class Place(Value):
    """Where a task lives. `thread` is the platform's own name of the thread."""

    platform: str
    channel: str
    thread: str


class FileRef(Value):
    """A file on the shelf. `name` is what people see, a bare file name without folders."""

    name: str
    sha: Sha
    size: int
    media: str = "application/octet-stream"


class Request(Value):
    """What somebody asked for."""

    text: str
    by: Person
    place: Place
    files: tuple[FileRef, ...] = ()
