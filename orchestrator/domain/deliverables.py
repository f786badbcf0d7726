"""Files that are delivered to people."""

from pydantic import JsonValue

from orchestrator.domain.base_value import Value
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import DeliverableId, FindingId, SubtaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.skills import UsedSkill

UNSOURCED = "without a source"
"""How a check says that a figure has no source."""


AS_FOUND = "as found"
"""How a claim follows that only repeats its finding."""


class Check(Value):
    """One automatic check of a file: what was checked, whether it passed, and a sentence.

    `told`: nothing is wrong, but the person who gets the file should know it.
    """

    name: str
    ok: bool
    words: str = ""
    told: bool = False


class Deliverable(Value):
    """One version of a file. Delivering the same name again makes the next version, which replaces it.

    `provenance` is the content of its provenance.json: where each figure came from. `path` is its place in the
    workspace; empty in records of earlier versions. `skills`: those that its agent had read by then.
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
    skills: tuple[UsedSkill, ...] = ()


class Provenance(Value):
    """One traced place in a file: where it is (cell, paragraph), what it shows, and which findings it is based on."""

    place: str
    shows: JsonValue
    findings: tuple[FindingId, ...]


class Claim(Value):
    """A piece of a place's text that claims something, everything it rests on, and how it follows from that.

    Without findings it's the author's own view. `start`: where the piece begins in the text.
    """

    place: str
    start: int
    words: str
    findings: tuple[FindingId, ...] = ()
    how: str = ""


class Computed(Value):
    """A formula, and the names of the places it reads in the file."""

    place: str
    formula: str
    reads: tuple[str, ...] = ()


class Stretch(Value):
    """A piece of a file as a reader sees it: a cell, a paragraph, a bullet."""

    place: str
    shows: JsonValue


class Part(Value):
    """A sheet, a section, a table or a slide: rows of pieces; in text, each row is one. `more`: it continues."""

    name: str = ""
    table: bool = False
    rows: tuple[tuple[Stretch, ...], ...] = ()
    more: bool = False


class MadeOf(Value):
    """A file that data was made of, as it was then, and how many rows of it were read."""

    name: str
    sha256: str
    rows: int


class Made(Value):
    """How a data tool made a file: from which files, by which steps (or its SQL), and how many rows it has.

    `changed`: figures that were changed or removed since.
    """

    of: tuple[MadeOf, ...]
    by: tuple[str, ...]
    rows: int
    query: bool = False
    changed: int = 0

    @property
    def words(self) -> str:
        """Returns all of it in one sentence without its full stop."""
        read = f"{sum(f.rows for f in self.of):,} rows read, {self.rows:,} {'in the result' if self.query else 'kept'}"
        since = f"; {self.changed:,} {'figure' if self.changed == 1 else 'figures'} changed or removed since"
        files = " and ".join(f.name for f in self.of)
        return f"made from {files} by: {'; '.join(self.by)}; {read}{since if self.changed else ''}"


class Origins(Value):
    """The content of provenance.json: which place is based on which findings, and the beginning of the file to point
    at.

    `unsourced`: places with a figure that has no source; only some of them if there are many.
    """

    file: str = ""
    sha256: str = ""
    places: tuple[Provenance, ...] = ()
    findings: tuple[Finding, ...] = ()
    unsourced: tuple[Stretch, ...] = ()
    unsourced_count: int = 0
    formulas: tuple[Computed, ...] = ()
    parts: tuple[Part, ...] = ()
    made: Made | None = None
    skills: tuple[UsedSkill, ...] = ()
    """The skills that its agent had read."""
    claims: tuple[Claim, ...] = ()
    """What the text claims, piece by piece."""


class Inspection(Value):
    """What the host found when a file was delivered: the answer of the host tool `inspect_deliverable`, as JSON."""

    file: FileRef
    checks: tuple[Check, ...]
    previews: tuple[FileRef, ...] = ()
    provenance: FileRef | None = None
    findings: tuple[FindingId, ...] = ()
