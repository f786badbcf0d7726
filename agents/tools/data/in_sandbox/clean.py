"""Answers data_clean: writes a new file, lists what each step changed and what is left to check."""

from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from agents.tools.data.in_sandbox import derivation_record, save
from agents.tools.data.in_sandbox.clean_steps import do
from agents.tools.data.in_sandbox.editable_table import Cleaning, Example, StepResult
from agents.tools.data.in_sandbox.parse_values import is_empty
from agents.tools.data.in_sandbox.profile import profile, shown, suspicions
from agents.tools.data.in_sandbox.read_tables import place, read
from agents.tools.data.in_sandbox.refusal import CannotDo
from agents.tools.data.in_sandbox.saved_file_answer import Saved
from agents.tools.data.in_sandbox.step_schema import Step
from agents.tools.data.in_sandbox.table import DataTable
from agents.tools.data.in_sandbox.workbook import Sheet, save_sheets
from orchestrator.domain.plural import counted

_STEPS: TypeAdapter[list[Step]] = TypeAdapter(list[Step])
_MOST_SUSPICIONS, _MOST_DROPPED = 20, 5000


def run(request: dict[str, Any]) -> Saved:
    """`request`: file, save_as, steps, encoding. Raises CannotDo without having written anything."""
    path = save.target(request["save_as"])
    if path == place(request["file"]).path:
        raise CannotDo(f"{request['save_as']!r} is the input file, which must stay unchanged. Choose another name.")
    before = read(request["file"], encoding=request.get("encoding", ""), copies=request.get("copies"))
    work = Cleaning.of(before)
    for number, step in enumerate(_STEPS.validate_python(request["steps"]), 1):
        try:
            do(work, step)
        except CannotDo as error:
            raise CannotDo(f"Nothing was written because step {number} ({step.do}) failed: {error}") from error
    of = derivation_record.files({request["file"]: before})
    if path.suffix.lower() == ".xlsx":
        save_sheets(path, _sheets(of[0], before, work))
        beside = "its sheets 'What was changed', 'Rows dropped', and 'Before and after' list the changes"
    else:
        save.save_plain(path, work.columns, work.rows)
        log = path.with_name(f"{path.stem}.changes.csv")
        rows = _changes(work)
        save.save_plain(log, _CHANGES, rows)
        beside = f"{Path(request['save_as']).with_name(log.name)} lists the changes"
    steps = [f"{c.words} ({counts})" for c in work.log if (counts := _counts(c))]
    return Saved(_told(request, before, work, beside), derivation_record.cleaned(of, steps, len(work.rows)))


def _told(request: dict[str, Any], before: DataTable, work: Cleaning, beside: str) -> str:
    cells = sum(c.cells for c in work.log)
    head = (
        f"{request['save_as']}: {counted(len(work.rows), 'row')} and {counted(len(work.columns), 'column')}"
        f" (before: {counted(len(before.rows), 'row')} and {counted(len(before.columns), 'column')}); "
        f"{request['file']!r} is unchanged; {counted(cells, 'cell')} changed, {counted(len(work.dropped), 'row')} "
        f"dropped; {beside}."
    )
    lines = [head, *(f"{n}. {_line(change, work.unit)}" for n, change in enumerate(work.log, 1))]
    left = list(islice(suspicions(work.table), _MOST_SUSPICIONS))
    lines += ["Still to check:", *(f"- {words}" for words in left)] if left else ["No problems left."]
    span = f"{before.unit}s {before.places[0]}-{before.places[-1]}" if before.places else "no rows"
    lines.append(
        f"For share_finding: source_file={request['file']!r}, locator='{span}, cleaned in {request['save_as']}'."
    )
    return "\n".join(lines)


def _line(change: StepResult, unit: str) -> str:
    words = f"{change.words}: {_counts(change) or 'nothing to do'}"
    if change.examples:
        words += "; " + ", ".join(f"{shown(e.before)!r} → {shown(e.after)!r}" for e in change.examples[:2])
    if change.left:
        words += f"; NOT READ: {len(change.left)}, {_left(change.left, unit)}"
    return words + (f" ({change.note})" if change.note else "")


def _counts(change: StepResult) -> str:
    counts = ((change.cells, "cell"), (change.rows, "row"), (change.columns, "column"))
    return ", ".join(f"{n:,} {word}{'s' if n > 1 else ''}" for n, word in counts if n)


def _left(left: list[Example], unit: str) -> str:
    said = ", ".join(f"{str(e.before)[:30]!r} ({e.column}, {unit} {e.place})" for e in left[:4])
    return said + (" …" if len(left) > 4 else "")


_CHANGES = ("Step", "What was done", "Cells", "Rows", "Columns", "Examples", "Unreadable", "Note")


def _changes(work: Cleaning) -> list[list[Any]]:
    return [
        [
            n, c.words, c.cells or None, c.rows or None, c.columns or None,
            "; ".join(_example(e, work.unit) for e in c.examples),
            _left(c.left, work.unit), c.note,
        ]
        for n, c in enumerate(work.log, 1)
    ]  # fmt: skip


def _example(one: Example, unit: str) -> str:
    return f"{unit} {one.place}: {shown(one.before) or 'empty'} → {shown(one.after) or 'empty'}"


def _sheets(file: dict[str, Any], before: DataTable, work: Cleaning) -> list[Sheet]:
    source = f"{work.unit.capitalize()} in source"
    rows = [[*row, at] for row, at in zip(work.rows, work.places, strict=True)]
    widths = {"What was done": 48.0, "Examples": 52.0, "Unreadable": 36.0, "Note": 36.0}
    rows_kept = (
        f"{counted(len(before.rows), 'row')} of {file['name']}; {len(work.rows):,} remain. The original is unchanged."
    )
    which = f"The SHA-256 of {file['name']} was {file['sha256']}."
    sheets = [
        Sheet("Data", [*work.columns, source], rows, quiet=frozenset({source})),
        Sheet("What was changed", _CHANGES, _changes(work), "What was changed", (rows_kept, which), widths=widths),
        Sheet("Before and after", _COMPARED, _compared(before, work), "Before and after", (rows_kept,)),
    ]
    if work.dropped:
        gone = [[d.place, d.why, " | ".join(shown(v) for v in d.row if not is_empty(v))] for d in work.dropped]
        said = (f"Removed {counted(len(work.dropped), 'row')} from the data.",)
        held = Sheet(
            "Rows dropped",
            (source, "Why", "Content"),
            gone[:_MOST_DROPPED],
            "Rows dropped",
            said,
            widths={"Content": 90.0},
        )
        sheets.insert(2, held)
    return sheets


_COMPARED = ("Column", "Type before", "Type now", "Empty before", "Empty now", "Distinct before", "Distinct now",
             "Smallest now", "Largest now", "Mean now")  # fmt: skip


def _compared(before: DataTable, work: Cleaning) -> list[list[Any]]:
    """Returns columns that still exist beside what they were; renamed ones are followed."""
    was = {c.name: c for c in profile(before)}
    found: list[list[Any]] = []
    for now in profile(work.table):
        old = was.get(work.origin.get(now.name, now.name))
        found.append([
            now.name, old.type if old else "new", now.type, old.empty if old else None, now.empty,
            old.distinct if old else None, now.distinct, now.smallest, now.largest, now.mean,
        ])  # fmt: skip
    gone = set(was) - {work.origin.get(c, c) for c in work.columns}
    found += [
        [c.name, c.type, "dropped", c.empty, None, c.distinct, None, "", "", ""] for c in was.values() if c.name in gone
    ]
    return found
