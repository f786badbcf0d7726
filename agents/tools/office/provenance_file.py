"""Keeps provenance beside a file while it grows: which places use which findings."""

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import PurePosixPath

from pydantic import Field, ValidationError

from agents.tool import CallContext, Workspace
from orchestrator.domain.base_value import Value
from orchestrator.domain.deliverables import Made, Origins, Part, Provenance, Stretch
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId
from orchestrator.errors import ToolFailed

NOTES = "notes"
"""The place of a slide's notes, after the slide's own."""
_FOLDER = ".threadwork/provenance"


class PrintSettings(Value):
    """Print settings that a person asked for."""

    landscape: bool = True
    one_page: bool = False
    repeat_rows: str | None = None


class Sidecar(Value):
    """One file's sidecar: its traced places, the findings behind them, and which parts we may style."""

    file: str
    places: tuple[Provenance, ...] = ()
    findings: tuple[Finding, ...] = ()
    sheets: tuple[str, ...] = ()
    """Sheets we made, so that we style them."""
    edited: tuple[str, ...] = ()
    """Cells that an agent wrote into people's sheets, as `Sheet!A1:B2`."""
    told: tuple[str, ...] = ()
    """What people were told about their own file with an earlier version."""
    sources_sheet: str | None = None
    widths: dict[str, float] = Field(default_factory=dict[str, float])
    """Requested column widths, by `Sheet!A`."""
    freezes: dict[str, str] = Field(default_factory=dict[str, str])
    """The requested first cell that scrolls, by sheet."""
    typed: bool = False
    """An agent wrote all of it, so a figure without a finding is its own."""
    made: Made | None = None
    """For a file that a data tool made."""
    original: bytes = Field(default=b"", exclude=True, repr=False)
    """What that tool wrote, for comparison; see `made_from`."""
    board: tuple[Finding, ...] = Field(default=(), exclude=True, repr=False)
    """Every finding with a number that the task has now, to recompute what the file claims."""
    titles: tuple[Stretch, ...] = ()
    """For a PDF: the title and the subtitle of its source."""
    drawn: tuple[Part, ...] = ()
    """The figures behind pictures of charts that the file shows."""
    printed: Origins | None = None
    """For a PDF: what its source file showed at that moment."""
    pages: dict[str, PrintSettings] = Field(default_factory=dict[str, PrintSettings])


def stale_places(sidecar: Sidecar, superseded_ids: Collection[str]) -> tuple[Provenance, ...]:
    """Returns the places that rest on a superseded finding and have to be written again."""
    return tuple(place for place in sidecar.places if any(i in superseded_ids for i in place.findings))


def resolve(room: CallContext, ids: Iterable[FindingId]) -> tuple[Finding, ...]:
    """Returns the findings behind `ids`, each once. Raises ToolFailed for an id that isn't on the board."""
    known = {finding.id: finding for finding in room.call.findings}
    wanted = dict.fromkeys(ids)
    for i in wanted:
        if i not in known:
            raise ToolFailed(f"There's no finding {i!r}. Call read_findings to list them.")
    return tuple(known[i] for i in wanted)


def load(workspace: Workspace, path: str) -> Sidecar:
    """Returns the sidecar of the file at `path`; an empty one if the file has none or it can't be read."""
    place = beside(path)
    if not workspace.exists(place):
        return Sidecar(file=path)
    try:
        return Sidecar.model_validate_json(workspace.read(place))
    except ValidationError:
        # A damaged sidecar must not stop the work: whatever is written from now on is traced again.
        return Sidecar(file=path)


def drawn_in(workspace: Workspace, pictures: Iterable[str]) -> tuple[Part, ...]:
    """Returns the figures behind those pictures that are charts of ours."""
    return tuple(part for path in pictures if path for part in load(workspace, path).drawn)


def sidecars(workspace: Workspace) -> list[Sidecar]:
    """Returns those of all existing files, by name."""
    try:
        beside = [path for path, _ in workspace.files(_FOLDER)]
    except ToolFailed:  # nothing was written yet
        return []
    files = [path.removeprefix(f"{_FOLDER}/").removesuffix(".json") for path in beside]
    return [load(workspace, file) for file in files if workspace.exists(file)]


def save(workspace: Workspace, sidecar: Sidecar) -> None:
    """Writes the sidecar if it has changed; findings that no place uses are dropped."""
    used = {i for place in sidecar.places for i in place.findings}
    lean = sidecar.model_copy(update={"findings": tuple(f for f in sidecar.findings if f.id in used)})
    if not (workspace.exists(beside(sidecar.file)) and load(workspace, sidecar.file) == lean):
        workspace.write(beside(sidecar.file), (lean.model_dump_json(indent=1) + "\n").encode())


def retrace(
    sidecar: Sidecar, gone: Callable[[str], bool], places: Sequence[Provenance], findings: Sequence[Finding]
) -> Sidecar:
    """Returns `sidecar` after places were rewritten: those that `gone` matches are replaced by `places`."""
    kept = [p for p in sidecar.places if not gone(p.place)]
    known = {f.id: f for f in sidecar.findings} | {f.id: f for f in findings}
    return sidecar.model_copy(update={"places": (*kept, *places), "findings": tuple(known.values())})


def beside(path: str) -> str:
    """Returns where the sidecar of the file at `path` is, if our tools made the file."""
    return f"{_FOLDER}/{PurePosixPath(path)}.json"
