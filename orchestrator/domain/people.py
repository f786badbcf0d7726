"""Who speaks, and where."""

from typing import Literal

from orchestrator.domain.ids import PersonId, Sha
from orchestrator.domain.value import Value


class Person(Value):
    """Somebody who can ask, press and read. `id` is unique over platforms, e.g. `web:ada`.

    `guest`: let in with limits. `outsider`: of another team, met in a shared channel.
    """

    id: PersonId
    name: str
    kind: Literal["member", "guest", "outsider", "bot"] = "member"


class Place(Value):
    """Where a task lives. `thread` is the platform's own name of the thread; `private`: a person alone with the bot."""

    platform: str
    channel: str
    thread: str
    private: bool = False


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
