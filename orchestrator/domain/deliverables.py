"""Files that are handed to people."""

from pydantic import JsonValue

from orchestrator.domain.ids import DeliverableId, FindingId, SubtaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.value import Value


class Check(Value):
    """One automatic check of a file: what was looked at, whether it held, and a sentence."""

    name: str
    ok: bool
    words: str = ""


class Deliverable(Value):
    """A file of one version. The same name handed in again is the next version and replaces it.

    `provenance` is the content of its provenance.json: where each figure came from. `path` is where it lies in the
    workspace; empty in what earlier versions wrote.
    """

    id: DeliverableId
    subtask: SubtaskId
    file: FileRef
    version: int
    words: str = ""
    checks: tuple[Check, ...] = ()
    previews: tuple[FileRef, ...] = ()
    findings: tuple[FindingId, ...] = ()
    provenance: FileRef | None = None
    path: str = ""


class Provenance(Value):
    """One traced place in a file: where it is (cell, paragraph), what it shows, and which findings it rests on."""

    place: str
    shows: JsonValue
    findings: tuple[FindingId, ...]


class Inspection(Value):
    """What the host found when a file was handed in: the answer of the host tool `inspect_deliverable`, as JSON."""

    file: FileRef
    checks: tuple[Check, ...]
    previews: tuple[FileRef, ...] = ()
    provenance: FileRef | None = None
    findings: tuple[FindingId, ...] = ()
