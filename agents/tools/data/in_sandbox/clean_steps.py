"""Runs the steps of a clean-up and counts what each changed."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, assert_never

from agents.tools.data.in_sandbox import step_schema as s
from agents.tools.data.in_sandbox.editable_table import Cleaning, Example, StepResult
from agents.tools.data.in_sandbox.non_data_rows import repeated_headers, totals_rows
from agents.tools.data.in_sandbox.parse_dates import date_in, in_words
from agents.tools.data.in_sandbox.parse_durations import MEANING, are_durations, hours
from agents.tools.data.in_sandbox.parse_values import NOTHING, decimal_of, is_empty, level, read_number
from agents.tools.data.in_sandbox.refusal import CannotDo
from orchestrator.domain.plural import counted


def do(work: Cleaning, step: s.Step) -> None:
    """Raises CannotDo for a missing column, or a step that makes no sense."""
    work.log.append(_done(work, step))


def _done(work: Cleaning, step: s.Step) -> StepResult:
    match step:
        case s.Trim():
            change = StepResult(f"Spaces trimmed in {_of(step.columns)}")
            return work.each(work.numbers(step.columns), change, _trimmed)
        case s.Case():
            return work.each(
                work.numbers(step.columns), StepResult(f"{_of(step.columns)}: {step.to} case"), _cased(step.to)
            )
        case s.Empty():
            return _emptied(work, step)
        case s.Number():
            return _numbered(work, step)
        case s.Date():
            return _dated(work, step)
        case s.Map():
            return _mapped(work, step)
        case s.ReplaceValues():
            pattern = _pattern(step.pattern)
            change = StepResult(f"{_of(step.columns)}: {step.pattern!r} replaced by {step.by!r}")
            return work.each(work.numbers(step.columns), change, lambda v: _replaced(pattern, step.by, v))
        case s.Fill():
            return _filled(work, step)
        case s.Split():
            return _split(work, step)
        case s.Rename():
            return _renamed(work, step)
        case s.DropColumns():
            return _columns_dropped(work, step)
        case s.DropRows():
            return _rows_dropped(work, step)
        case s.Dedupe():
            return _deduped(work, step)
        case _:
            assert_never(step)


def _of(columns: list[str]) -> str:
    return ", ".join(columns) if columns else "all columns"


def _trimmed(value: Any) -> Any:
    return (" ".join(value.split()) or None) if isinstance(value, str) else value


def _cased(to: str) -> Callable[[Any], Any]:
    cases: dict[str, Callable[[str], str]] = {
        "lower": str.lower, "upper": str.upper, "title": _title, "sentence": lambda t: t[:1].upper() + t[1:].lower(),
    }  # fmt: skip
    return lambda value: cases[to](value) if isinstance(value, str) else value


def _title(text: str) -> str:
    """Capitalises the first letter of every word, also in names with punctuation."""
    return re.sub(r"[^\W\d_]+('[^\W\d_]+)?", lambda m: m[0][:1].upper() + m[0][1:].lower(), text)


def _emptied(work: Cleaning, step: s.Empty) -> StepResult:
    words = {w.strip().casefold() for w in step.values} or NOTHING
    change = StepResult(f"Placeholders emptied in {_of(step.columns)}")
    nothing: Callable[[Any], Any] = lambda v: None if isinstance(v, str) and v.strip().casefold() in words else v  # noqa: E731
    return work.each(work.numbers(step.columns), change, nothing)


def _numbered(work: Cleaning, step: s.Number) -> StepResult:
    change = StepResult(f"Text converted to numbers in {_of(step.columns)}")
    for n in work.numbers(step.columns):
        texts = [v for v in work.table.values(n) if isinstance(v, str)]
        mark = decimal_of(texts) if step.decimal == "auto" else step.decimal
        if are_durations(work.columns[n], [t for t in texts if t.strip().casefold() not in NOTHING]):
            _read(work, n, change, hours, empty=step.unreadable == "empty")
            change.note = f"durations became {MEANING}"
            continue
        meant = dict(zip(texts, level(texts), strict=True))
        _read(
            work, n, change, lambda v, mark=mark, meant=meant: read_number(meant.get(v, v), mark),
            empty=step.unreadable == "empty",
        )  # fmt: skip
    return change


def _dated(work: Cleaning, step: s.Date) -> StepResult:
    change = StepResult(
        f"Text converted to dates in {_of(step.columns)}, as {', '.join(in_words(f) for f in step.formats)}"
    )
    either = 0

    def read(text: str) -> Any:
        nonlocal either
        fits = [d for f in step.formats if (d := date_in(text, f)) is not None]
        either += len(set(map(str, fits))) > 1
        return fits[0] if fits else None

    for n in work.numbers(step.columns):
        _read(work, n, change, read, empty=step.unreadable == "empty")
    if either:
        change.note = f"{either} match two of the formats; the first was used"
    return change


def _read(work: Cleaning, n: int, change: StepResult, meaning: Callable[[str], Any], *, empty: bool) -> None:
    """Converts text to what it means; anything else stays or is emptied, and is recorded either way."""
    for row, at in zip(work.rows, work.places, strict=True):
        value = row[n]
        if isinstance(value, str) and value.strip() and meaning(value) is None:
            change.left.append(Example(at, work.columns[n], value, None if empty else value))

    def new(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        found = meaning(value)
        return found if found is not None else None if empty or not value.strip() else value

    work.each([n], change, new)


def _mapped(work: Cleaning, step: s.Map) -> StepResult:
    known = {k.strip().casefold(): v for k, v in step.values.items()}
    change = StepResult(f"{step.column}: {counted(len(known), 'value')} mapped")
    there = {str(v).strip().casefold() for v in work.table.values(work.number(step.column)) if v is not None}
    if missing := [k for k in step.values if k.strip().casefold() not in there]:
        change.note = f"not found: {', '.join(map(repr, missing[:6]))}"
    return work.each(
        [work.number(step.column)], change, lambda v: known.get(str(v).strip().casefold(), v) if v is not None else v
    )


def _replaced(pattern: re.Pattern[str], by: str, value: Any) -> Any:
    try:
        return pattern.sub(by, value) if isinstance(value, str) else value
    except re.error as error:
        raise CannotDo(f"The replacement {by!r} doesn't fit its pattern: {error}.") from error


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise CannotDo(
            f"The pattern {text!r} isn't a valid regular expression: {error}. Escape special characters."
        ) from error


def _filled(work: Cleaning, step: s.Fill) -> StepResult:
    if step.above == (step.value is not None):
        raise CannotDo(f"The 'fill' step for {_of(step.columns)} needs either 'value' or 'above': true.")
    how = "the value above" if step.above else repr(step.value)
    change = StepResult(f"Empty cells in {_of(step.columns)} filled with {how}")
    for n in work.numbers(step.columns):
        last: Any = None

        def new(value: Any) -> Any:
            nonlocal last
            if not is_empty(value):
                last = value
                return value
            return last if step.above else step.value

        work.each([n], change, new)
    return change


def _split(work: Cleaning, step: s.Split) -> StepResult:
    n = work.number(step.column)
    if taken := [name for name in step.into if name in work.columns]:
        raise CannotDo(
            f"The 'split' step can't create the column {taken[0]!r} because it already exists. Choose another name."
        )
    change = StepResult(f"{step.column} split at {step.at!r} into {', '.join(step.into)}", columns=len(step.into))
    for row, at in zip(work.rows, work.places, strict=True):
        text = row[n]
        pieces = [p.strip() for p in text.split(step.at, len(step.into) - 1)] if isinstance(text, str) else [text]
        if isinstance(text, str) and len(pieces) == len(step.into):
            change.cells += 1
        elif not is_empty(text):
            change.left.append(Example(at, step.column, text, text))
        row[n + 1 : n + 1] = [*pieces, *([None] * (len(step.into) - len(pieces)))]
    work.columns[n + 1 : n + 1] = step.into
    return change


def _renamed(work: Cleaning, step: s.Rename) -> StepResult:
    numbers = {work.number(old): new.strip() for old, new in step.names.items()}
    names = [numbers.get(n, name) for n, name in enumerate(work.columns)]
    if twice := [name for name in names if names.count(name) > 1 or not name]:
        raise CannotDo(
            f"The 'rename' step would create two columns {twice[0]!r}, or one without a name. Choose other names."
        )
    work.origin |= {new: work.origin.pop(old, old) for old, new in zip(work.columns, names, strict=True) if old != new}
    work.columns = names
    return StepResult("Renamed: " + ", ".join(f"{a} → {b}" for a, b in step.names.items()), columns=len(numbers))


def _columns_dropped(work: Cleaning, step: s.DropColumns) -> StepResult:
    void = [n for n in range(len(work.columns)) if all(is_empty(row[n]) for row in work.rows)]
    gone = set(work.numbers(step.columns)) if step.columns else set(void)
    names = [work.columns[n] for n in sorted(gone)]
    if len(gone) == len(work.columns):
        raise CannotDo("The 'drop_columns' step would leave no columns. Drop fewer.")
    filled = sum(not is_empty(row[n]) for row in work.rows for n in gone)
    work.columns = [c for n, c in enumerate(work.columns) if n not in gone]
    work.rows = [[v for n, v in enumerate(row) if n not in gone] for row in work.rows]
    note = f"they had {filled} non-empty cells" if filled else "they were empty"
    return StepResult(f"Columns dropped: {', '.join(names) or 'none'}", columns=len(gone), note=note if gone else "")


def _rows_dropped(work: Cleaning, step: s.DropRows) -> StepResult:
    table = work.table
    match step.which:
        case "empty":
            found = [i for i, row in enumerate(work.rows) if all(is_empty(v) for v in row)]
        case "repeated_headers":
            found = repeated_headers(table)
        case "totals":
            found = totals_rows(table)
        case "matching":
            if not (step.column and step.pattern):
                raise CannotDo("The 'drop_rows' step with 'matching' needs a 'column' and a 'pattern'.")
            n, pattern = work.number(step.column), _pattern(step.pattern)
            found = [i for i, row in enumerate(work.rows) if pattern.search(_written(row[n]))]
    why = {"empty": "empty row", "repeated_headers": "repeated header", "totals": "totals row"}
    words = why.get(step.which, f"{step.column} matches {step.pattern!r}")
    return work.drop(StepResult(f"Rows dropped: {words}"), dict.fromkeys(found, words))


def _written(value: Any) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _deduped(work: Cleaning, step: s.Dedupe) -> StepResult:
    numbers = work.numbers(step.keys)
    first: dict[tuple[str, ...], int] = {}
    gone: dict[int, str] = {}
    order = range(len(work.rows)) if step.keep == "first" else range(len(work.rows) - 1, -1, -1)
    differ = 0
    for i in order:
        key = tuple(_written(work.rows[i][n]) for n in numbers)
        if step.keys and all(not part.strip() for part in key):
            continue  # rows without a key aren't duplicates
        if (kept := first.setdefault(key, i)) != i:
            gone[i] = f"repeats {work.unit} {work.places[kept]}"
            if work.rows[i] != work.rows[kept]:
                differ += 1
                gone[i] += ", other cells differ"
    change = work.drop(StepResult(f"Duplicates dropped by {_of(step.keys)}, keeping the {step.keep} one"), gone)
    if differ:
        change.note += f"; {differ} of them differed in other columns"
    return change
